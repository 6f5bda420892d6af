package check_test

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/compose-spec/compose-go/v2/cli"
	apps "k8s.io/api/apps/v1"
	scaling "k8s.io/api/autoscaling/v2"
	core "k8s.io/api/core/v1"
	networking "k8s.io/api/networking/v1"
	policy "k8s.io/api/policy/v1"
	kyaml "k8s.io/apimachinery/pkg/util/yaml"
	"sigs.k8s.io/yaml"
)

// kinds are those of the manifests, as Kubernetes itself defines them.
func kinds() map[string]func() any {
	return map[string]func() any{
		"v1 Namespace":                           func() any { return new(core.Namespace) },
		"v1 ServiceAccount":                      func() any { return new(core.ServiceAccount) },
		"v1 Service":                             func() any { return new(core.Service) },
		"apps/v1 Deployment":                     func() any { return new(apps.Deployment) },
		"policy/v1 PodDisruptionBudget":          func() any { return new(policy.PodDisruptionBudget) },
		"autoscaling/v2 HorizontalPodAutoscaler": func() any { return new(scaling.HorizontalPodAutoscaler) },
		"networking.k8s.io/v1 NetworkPolicy":     func() any { return new(networking.NetworkPolicy) },
	}
}

// manifests decodes every manifest that kustomize takes: an unknown key, or a value of
// another type, fails.
func manifests(t *testing.T) []any {
	t.Helper()
	var kustomization struct {
		Resources []string `json:"resources"`
	}
	if err := yaml.Unmarshal(read(t, "kustomization.yaml"), &kustomization); err != nil {
		t.Fatal(err)
	}
	var all []any
	for _, name := range kustomization.Resources {
		for r := kyaml.NewYAMLReader(bufio.NewReader(bytes.NewReader(read(t, name)))); ; {
			document, err := r.Read()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			var kind struct{ APIVersion, Kind string }
			if err := yaml.Unmarshal(document, &kind); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			make := kinds()[kind.APIVersion+" "+kind.Kind]
			if make == nil {
				t.Fatalf("%s: nobody knows %s %s", name, kind.APIVersion, kind.Kind)
			}
			object := make()
			if err := yaml.UnmarshalStrict(document, object); err != nil {
				t.Errorf("%s: %v", name, err)
			}
			all = append(all, object)
		}
	}
	return all
}

// The manifests are what Kubernetes takes, name each other rightly, and keep the promises
// of an image that may do nothing.
func TestManifests(t *testing.T) {
	t.Parallel()
	var deployment *apps.Deployment
	var selectors []map[string]string
	for _, object := range manifests(t) {
		switch o := object.(type) {
		case *apps.Deployment:
			deployment = o
			selectors = append(selectors, o.Spec.Selector.MatchLabels)
		case *core.Service:
			selectors = append(selectors, o.Spec.Selector)
		case *policy.PodDisruptionBudget:
			selectors = append(selectors, o.Spec.Selector.MatchLabels)
		case *networking.NetworkPolicy:
			selectors = append(selectors, o.Spec.PodSelector.MatchLabels)
		case *scaling.HorizontalPodAutoscaler:
			if o.Spec.ScaleTargetRef.Name != "bauta" || o.Spec.ScaleTargetRef.Kind != "Deployment" {
				t.Errorf("the autoscaler scales %v", o.Spec.ScaleTargetRef)
			}
		}
	}
	if deployment == nil || len(selectors) != 5 {
		t.Fatalf("there are %d objects that select pods", len(selectors))
	}
	pod := deployment.Spec.Template
	for _, s := range selectors {
		for name, value := range s {
			if pod.Labels[name] != value {
				t.Errorf("a selector asks for %s=%s, the pods have %v", name, value, pod.Labels)
			}
		}
	}
	c := pod.Spec.Containers[0]
	if s := c.SecurityContext; !*s.ReadOnlyRootFilesystem || *s.AllowPrivilegeEscalation || !slices.Equal(s.Capabilities.Drop, []core.Capability{"ALL"}) {
		t.Errorf("the container may do too much: %v", s)
	}
	if s := pod.Spec.SecurityContext; *s.RunAsUser != 65532 || !*s.RunAsNonRoot {
		t.Errorf("the pod is not run by the image's user: %v", s)
	}
	ports := map[string]bool{}
	for _, p := range c.Ports {
		ports[p.Name] = true
	}
	for _, probe := range []*core.Probe{c.LivenessProbe, c.ReadinessProbe, c.StartupProbe} {
		if !ports[probe.HTTPGet.Port.String()] {
			t.Errorf("a probe asks at port %s, the container has %v", probe.HTTPGet.Port.String(), ports)
		}
	}
	if grace, needed := *pod.Spec.TerminationGracePeriodSeconds, c.Lifecycle.PreStop.Sleep.Seconds+120+30; grace < needed {
		t.Errorf("a pod has %d s to end, and may need %d", grace, needed)
	}
	for _, m := range c.VolumeMounts {
		if m.SubPath != "" || !m.ReadOnly {
			t.Errorf("%s is mounted so that it follows no change, or can be written", m.MountPath)
		}
	}
}

// The compose file is what the specification takes, and its bounds are those of the image.
func TestComposeFile(t *testing.T) {
	t.Parallel()
	options, err := cli.NewProjectOptions([]string{"../compose/compose.yaml"})
	if err != nil {
		t.Fatal(err)
	}
	project, err := options.LoadProject(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	b := project.Services["bauta"]
	if !b.ReadOnly || b.User != "65532:65532" || !slices.Equal(b.CapDrop, []string{"ALL"}) || len(b.Secrets) != 6 {
		t.Errorf("bauta may do too much, or lacks secrets: %+v", b)
	}
	for _, p := range b.Ports {
		if p.HostIP != "127.0.0.1" {
			t.Errorf("port %d is open to everybody", p.Target)
		}
	}
	if _, err := os.Stat(filepath.Join(b.Build.Context, b.Build.Dockerfile)); err != nil {
		t.Errorf("what it is built by: %v", err)
	}
	if !project.Networks["store"].Internal || len(project.Services["redis"].Ports) > 0 {
		t.Error("others can reach Redis")
	}
}

// The image ends with nothing but the program, run by nobody, and its instructions are in
// the form that needs no shell.
func TestDockerfile(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../Dockerfile")
	if err != nil {
		t.Fatal(err)
	}
	_, last, found := strings.Cut(string(text), "\nFROM scratch\n")
	if !found {
		t.Fatal("the image is not from scratch")
	}
	for line := range strings.Lines(last) {
		word, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
		switch word {
		case "", "#", "EXPOSE":
		case "COPY":
			if !strings.HasPrefix(rest, "--from=build ") {
				t.Errorf("COPY %s: from where it was built", rest)
			}
		case "USER":
			if rest != "65532:65532" {
				t.Errorf("USER %s", rest)
			}
		case "ENTRYPOINT", "CMD":
			if !strings.HasPrefix(rest, "[") {
				t.Errorf("%s %s: there is no shell", word, rest)
			}
		case "HEALTHCHECK":
			if !strings.HasSuffix(rest, `CMD ["/bauta", "healthcheck"]`) {
				t.Errorf("HEALTHCHECK %s", rest)
			}
		default:
			t.Errorf("%s has no place in the image", word)
		}
	}
}

func read(t *testing.T, name string) []byte {
	t.Helper()
	content, err := os.ReadFile(filepath.Join("../kubernetes", name))
	if err != nil {
		t.Fatal(err)
	}
	return content
}

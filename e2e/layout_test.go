package e2e

import (
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// module is the prefix of our own import paths.
const module = "bauta/"

// listed is what go list says of a package.
type listed struct {
	ImportPath, Dir           string
	GoFiles, Imports, Deps    []string
	TestImports, XTestImports []string
}

// name is the path within the module.
func (p listed) name() string { return strings.TrimPrefix(p.ImportPath, module) }

// layoutRule says what packages may import of ours. A name that ends in /...
// covers what is below it too; the most exact rule counts.
type layoutRule struct {
	pkg    string
	may    []string
	reason string
}

// layoutRules are the import directions of ARCHITECTURE.md: the authority on
// them, of which the linter is a quick hint.
func layoutRules() []layoutRule {
	return []layoutRule{
		{"masking", []string{"masking/jsontree"}, "the privacy core knows no platform; its JSON tree is a part of it"},
		{"masking/...", []string{"masking/..."}, "parts of the privacy core know each other and nothing else"},
		{"webhook/meta", []string{"masking/..."}, "the wire format hands positions to the rewriter as data"},
		{"webhook", []string{"masking/...", "webhook/meta"}, "the domain declares interfaces; others implement them"},
		{"webhook/outbound", []string{"webhook", "webhook/meta", "masking/..."}, "the way back is as much domain as the way in, and as pure"},
		{"webhook/access", []string{"webhook"}, "tokens are the domain's grants, signed"},
		{"webhook/reply", []string{"webhook", "webhook/meta", "webhook/outbound", "webhook/graph", "webhook/access", "webhook/notice", "masking", "masking/sharing"}, "the business's side hands calls to the domain and to the platform"},
		{"webhook/manage", []string{"webhook", "webhook/access", "webhook/operate", "webhook/notice", "masking", "masking/sharing"}, "the management API tells and changes what the domain decides"},
		{"webhook/operate", []string{"webhook", "webhook/access", "masking", "masking/sharing"}, "what operators see and do is as much domain as the way in, and as pure"},
		{"webhook/errand", []string{"webhook", "webhook/meta", "webhook/graph", "webhook/notice", "masking", "masking/sharing"}, "Bauta's own messages go to the platform for the domain"},
		{"webhook/notice", nil, "when something is told again is nobody's affair"},
		{"webhook/receive", []string{"webhook/notice"}, "the platform's side hands bytes on and needs to know nothing of them"},
		{"webhook/forward", []string{"webhook", "webhook/egress"}, "delivery knows the domain and guards its dial"},
		{"webhook/tracing", []string{"webhook", "webhook/meta", "webhook/notice"}, "spans wrap the domain's ports"},
		{"webhook/limits", nil, "how full is too full needs numbers only"},
		{"webhook/egress", nil, "the dial guard judges addresses only"},
		{"webhook/graph", []string{"webhook", "webhook/meta", "masking/...", "webhook/egress"}, "the platform's API is an adapter of the domain"},
		{"webhook/console", []string{"webhook", "webhook/access", "webhook/operate", "webhook/pages"}, "the console is a face of what operators see and do"},
		{"webhook/pages", nil, "the shared look draws what it is handed and knows nobody"},
		{"webhook/playground", []string{"webhook", "webhook/meta", "webhook/pages", "webhook/simulator"}, "the page shows what the pipeline explains; whoever starts Bauta for it is handed in"},
		{"webhook/simulator", nil, "the stand-in shares no code with what it is to prove"},
		{"ads", []string{"webhook", "masking/..."}, "decides for the domain; does not know the store"},
		{"redis/figures", []string{"redis/...", "webhook", "webhook/operate"}, "counts for the desk"},
		{"redis/jobs", []string{"redis/...", "webhook", "webhook/operate"}, "keeps work for the desk"},
		{"redis/...", []string{"redis/...", "webhook", "webhook/meta", "masking/..."}, "stores for the domain; does not know ads nor HTTP"},
		{"cmd/bauta/app/config", []string{"webhook", "masking/..."}, "the configuration becomes domain types; what it names is opened by app"},
		{"cmd/bauta/app", []string{"cmd/bauta/app/...", "webhook/...", "masking/...", "ads", "redis/..."}, "the wiring knows everybody"},
		{"cmd/bauta", []string{"cmd/bauta/app"}, "main is signals in and exit code out"},
		{"e2e", []string{"..."}, "looks at the whole program"},
		{"e2e/browser", nil, "looks at the program as it is built, from outside"},
		{"e2e/speed", []string{"webhook/simulator"}, "what measures shares nothing with what is measured"},
	}
}

// owners are libraries and standard packages that only some of ours may import,
// tests included.
func owners() []layoutRule {
	io := []string{"webhook/receive", "webhook/forward", "webhook/egress", "webhook/graph", "webhook/simulator", "webhook/reply", "webhook/manage", "webhook/errand", "webhook/pages", "webhook/playground", "webhook/console", "webhook/tracing", "ads", "redis/...", "cmd/...", "e2e", "e2e/speed", "e2e/browser"}
	return []layoutRule{
		{"github.com/redis/go-redis/v9", []string{"redis/...", "e2e", "e2e/speed"}, "the store speaks our verbs, so that nothing else depends on the client"},
		{"github.com/labstack/echo/v4", []string{"webhook/receive", "webhook/reply", "webhook/manage", "cmd/bauta/app", "e2e", "e2e/speed"}, "the domain has no framework"},
		{"github.com/alicebob/miniredis/v2", []string{"redis/...", "e2e"}, "the embedded store is a store"},
		{"cel.dev/cel-go/cel", []string{"ads"}, "rules are evaluated in one place"},
		{"github.com/goccy/go-yaml", []string{"cmd/bauta/app/config"}, "configuration is read in one place"},
		{"github.com/golang-jwt/jwt/v5", []string{"webhook/access", "masking/sharing"}, "tokens are signed and read in two places: those of callers, and those of buttons and ledgers"},
		{"golang.org/x/time/rate", []string{"webhook/access", "webhook/errand"}, "callers are slowed down in one place, Bauta's own messages in another"},
		{"go.opentelemetry.io/otel/trace", []string{"webhook/tracing"}, "spans are made in one place, where it is seen what stands in them"},
		{"github.com/spf13/cobra", []string{"cmd/bauta/app"}, "commands are in one place"},
		{"net/http", io, "masking, the wire format and the domain do no I/O"},
	}
}

// covers tells whether a pattern names the package.
func covers(pattern, name string) bool {
	prefix, deep := strings.CutSuffix(pattern, "...")
	if !deep {
		return pattern == name
	}
	return prefix == "" || name == strings.TrimSuffix(prefix, "/") || strings.HasPrefix(name, prefix)
}

func coveredBy(patterns []string, name string) bool {
	return slices.ContainsFunc(patterns, func(p string) bool { return covers(p, name) })
}

// ruleFor is the most exact rule.
func ruleFor(rules []layoutRule, name string) (best layoutRule, ok bool) {
	for _, rule := range rules {
		if covers(rule.pkg, name) && len(rule.pkg) >= len(best.pkg) {
			best, ok = rule, true
		}
		if rule.pkg == name {
			return rule, true
		}
	}
	return best, ok
}

// listPackages asks go list.
func listPackages(t *testing.T, args ...string) []listed {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", append([]string{"list", "-e", "-json"}, args...)...)
	cmd.Dir = ".."
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	var packages []listed
	for decoder := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p listed
		switch err := decoder.Decode(&p); {
		case errors.Is(err, io.EOF):
			return packages
		case err != nil:
			t.Fatal(err)
		}
		packages = append(packages, p)
	}
}

func ownPackages(t *testing.T) []listed {
	t.Helper()
	packages := listPackages(t, "./...")
	if len(packages) < 10 {
		t.Fatalf("only %d packages were found", len(packages))
	}
	return packages
}

// forTests tells a package of test helpers: redistest, lanestest.
func forTests(name string) bool { return strings.HasSuffix(name, "test") }

func TestPackagesImportInTheirDirections(t *testing.T) {
	t.Parallel()
	rules, packages := layoutRules(), ownPackages(t)
	for _, rule := range rules {
		if !slices.ContainsFunc(packages, func(p listed) bool { return covers(rule.pkg, p.name()) }) {
			t.Errorf("the rule for %s matches no package: remove it", rule.pkg)
		}
	}
	for _, p := range packages {
		rule, ok := ruleFor(rules, p.name())
		if !ok {
			t.Errorf("%s has no rule in layoutRules: say what it may import, and why", p.name())
			continue
		}
		for _, path := range p.Imports {
			name, ours := strings.CutPrefix(path, module)
			switch {
			case !ours:
			case forTests(name) && !forTests(p.name()):
				t.Errorf("%s imports %s, which is for tests", p.name(), name)
			case !coveredBy(rule.may, name):
				t.Errorf("%s may not import %s: %s", p.name(), name, rule.reason)
			}
		}
	}
}

func TestAppIsImportedByMainOnly(t *testing.T) {
	t.Parallel()
	for _, p := range ownPackages(t) {
		if covers("cmd/...", p.name()) || p.name() == "e2e" {
			continue
		}
		for _, path := range slices.Concat(p.Imports, p.TestImports, p.XTestImports) {
			if strings.HasPrefix(path, module+"cmd/") {
				t.Errorf("%s imports %s: only cmd/bauta and e2e may", p.name(), path)
			}
		}
	}
}

func TestLibrariesHaveOwners(t *testing.T) {
	t.Parallel()
	packages := ownPackages(t)
	for _, rule := range owners() {
		used := false
		for _, p := range packages {
			if !slices.Contains(slices.Concat(p.Imports, p.TestImports, p.XTestImports), rule.pkg) {
				continue
			}
			used = true
			if !coveredBy(rule.may, p.name()) {
				t.Errorf("%s may not import %s: %s", p.name(), rule.pkg, rule.reason)
			}
		}
		if !used {
			t.Errorf("nobody imports %s any more: remove its rule", rule.pkg)
		}
	}
}

func TestNoTestCodeIsLinkedIn(t *testing.T) {
	t.Parallel()
	for _, p := range listPackages(t, "./cmd/bauta") {
		for _, path := range p.Deps {
			if path == "testing" || forTests(strings.TrimPrefix(path, module)) && strings.HasPrefix(path, module) ||
				strings.HasPrefix(path, "pgregory.net/rapid") || strings.HasPrefix(path, "github.com/google/go-cmp") {
				t.Errorf("%s is linked into the program: it is for tests", path)
			}
		}
	}
}

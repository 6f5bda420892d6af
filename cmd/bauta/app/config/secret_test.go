package config_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"

	"bauta/cmd/bauta/app/config"
)

// holder holds secrets in every way a struct can.
type holder struct {
	Open    config.Secret
	pointer *config.Secret
	hidden  config.Secret
	list    []config.Secret
	table   map[string]config.Secret
}

func TestASecretPrintsNowhere(t *testing.T) {
	t.Parallel()
	const clear = "s3cr3t-value"
	s := config.NewSecret(clear)
	h := holder{Open: s, pointer: &s, hidden: s, list: []config.Secret{s}, table: map[string]config.Secret{"k": s}}
	var out bytes.Buffer
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%t", "%T", "%U", "%p"} {
		for _, value := range []any{s, &s, h, &h, []any{s, h}, map[config.Secret]int{s: 1}} {
			fmt.Fprintf(&out, verb+"\n", value)
		}
	}
	for _, handler := range []slog.Handler{slog.NewTextHandler(&out, nil), slog.NewJSONHandler(&out, nil)} {
		slog.New(handler).Info("said", "secret", s, "holder", h, "pointer", &h)
	}
	for _, value := range []any{s, &s, h, map[config.Secret]int{s: 1}} {
		encoded, err := json.Marshal(value)
		if err != nil {
			t.Fatal(err)
		}
		out.Write(encoded)
	}
	encoded, err := yaml.Marshal(map[string]any{"secret": s, "holder": h})
	if err != nil {
		t.Fatal(err)
	}
	out.Write(encoded)
	text := strings.ToLower(out.String())
	for _, form := range []string{clear, fmt.Sprintf("%x", clear), fmt.Sprintf("%q", []byte(clear))} {
		if strings.Contains(text, strings.ToLower(form)) {
			t.Errorf("the secret is printed as %q in:\n%s", form, out.String())
		}
	}
	if !strings.Contains(text, "[secret]") || s.Reveal() != clear {
		t.Error("nothing was printed, or the secret is lost")
	}
}

func TestAParsedConfigurationPrintsNoSecret(t *testing.T) {
	t.Parallel()
	c, err := parse(t, example(t))
	if err != nil {
		t.Fatal(err)
	}
	text := fmt.Sprintf("%v %+v %#v", c, *c, *c)
	for _, name := range []string{"META_VERIFY_TOKEN", "META_APP_SECRET", "CRM_SECRET"} {
		if value, _ := environment(name); strings.Contains(text, value) {
			t.Errorf("the value of %s is printed", name)
		}
	}
}

func FuzzParse(f *testing.F) {
	seeds := []string{example(f), "a: [", "apps: {}", "businesses: [{}]", "? {a: b}\n: c", "\xff", "a: &x [*x]"}
	for _, seed := range seeds {
		f.Add(seed)
	}
	if len(seeds) == 0 {
		f.Fatal("no seeds")
	}
	f.Fuzz(func(t *testing.T, text string) {
		c, err := config.Parse("bauta.yaml", []byte(text), environment)
		if (c == nil) == (err == nil) {
			t.Fatalf("neither a configuration nor faults, or both: %v", err)
		}
		if err == nil && len(c.Apps[0].AppSecrets) == 0 {
			t.Fatal("an app without a secret was taken")
		}
	})
}

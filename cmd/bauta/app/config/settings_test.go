package config_test

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"bauta/cmd/bauta/app/config"
)

// hush stands in every value of the configuration below that can hold a secret.
const hush = "h0sh-n0b0dy-m1y-kn0w"

// loud has a secret in every place: written out, from the environment, and in URLs.
const loud = `
redis: {url: "rediss://user:` + hush + `@redis.example:6379/0?master_name=` + hush + `"}
tracing: {endpoint: "http://127.0.0.1:4318", headers: "authorization=` + hush + `"}
apps:
  - {id: main, verify_token: "${HUSH}", app_secrets: ["` + hush + `", "${HUSH}-2"]}
businesses:
  - id: acme
    app: main
    wabas: ["1"]
    access_token: ` + hush + `
    marketing_token: ${HUSH}
    sharing: {languages: {}, keywords: {share: [share]}}
    endpoints:
      - {id: crm, url: "https://crm.example:8443/` + hush + `/?key=` + hush + `", secrets: ["` + hush + `"], timeout: 7s}
      - {id: bot, url: "${HUSH_URL}", secrets: ["` + whsec + `", "${HUSH}"]}
`

// secrets are the keys of all secrets that there are, by the types, each list with one in it.
func secrets(t reflect.Type, path string) (keys []string) {
	switch {
	case t == reflect.TypeFor[config.Secret]():
		return []string{path}
	case t.Kind() == reflect.Pointer:
		return secrets(t.Elem(), path)
	case t.Kind() == reflect.Slice:
		return secrets(t.Elem(), path+"[0]")
	case t.Kind() == reflect.Map:
		return secrets(t.Elem(), path+".*")
	case t.Kind() == reflect.Struct:
		for f := range t.Fields() {
			if name, _, _ := strings.Cut(f.Tag.Get("yaml"), ","); name != "" {
				keys = append(keys, secrets(f.Type, strings.TrimPrefix(path+"."+name, "."))...)
			}
		}
	}
	return keys
}

func TestSettingsShowNoSecret(t *testing.T) {
	t.Parallel()
	c, err := config.Parse("bauta.yaml", []byte(loud), func(name string) (string, bool) {
		value, ok := map[string]string{"HUSH": hush, "HUSH_URL": "https://bot.example/" + hush}[name]
		return value, ok
	})
	if err != nil {
		t.Fatal(err)
	}
	shown := map[string]config.Setting{}
	for _, s := range c.Settings() {
		if text := fmt.Sprintf("%+v", s); strings.Contains(text, hush) || strings.Contains(text, whsec) {
			t.Errorf("%s is shown: %s", s.Key, text)
		}
		if s.Meaning == "" {
			t.Errorf("nobody says what %s means", s.Key)
		}
		shown[s.Key] = s
	}
	for _, w := range c.Warnings() {
		if strings.Contains(w.String(), hush) {
			t.Errorf("a warning tells it: %s", w.String())
		}
	}
	all := secrets(reflect.TypeFor[config.Config](), "")
	if len(all) < 7 || !slices.Contains(all, "businesses[0].endpoints[0].secrets[0]") {
		t.Fatalf("the secrets are %q", all)
	}
	for _, key := range append(all, "apps[0].app_secrets[1]", "businesses[0].endpoints[1].secrets[1]") {
		if s := shown[key]; s.Value != "[secret]" || s.Line == 0 {
			t.Errorf("%s is shown as %+v: plant a secret in it, and see that it is hidden", key, s)
		}
	}
	for key, want := range map[string]config.Setting{
		"businesses[0].endpoints[0].url":     {Value: "https://crm.example:8443/...", Line: 14},
		"businesses[0].endpoints[1].url":     {Value: "https://bot.example/...", Line: 15},
		"businesses[0].endpoints[0].timeout": {Value: "7s", Line: 14},
		"businesses[0].endpoints[1].timeout": {Value: "10s"},
		"tracing.endpoint":                   {Value: "http://127.0.0.1:4318", Line: 3},
		"retention.held":                     {Value: "7d"},
	} {
		if got := shown[key]; got.Value != want.Value || got.Line != want.Line {
			t.Errorf("%s is %q in line %d, want %q in line %d", key, got.Value, got.Line, want.Value, want.Line)
		}
	}
}

func TestSettingsAreThoseOfTheReference(t *testing.T) {
	t.Parallel()
	c, err := parse(t, example(t))
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, s := range c.Settings() {
		if seen[s.Key] {
			t.Errorf("%s stands there twice", s.Key)
		}
		seen[s.Key] = true
	}
	for _, key := range []string{"listen", "redis.url", "apps[0].id", "businesses[0].hiding.default", "businesses[0].endpoints[0].retry.schedule[0]"} {
		if !seen[key] {
			t.Errorf("%s is missing", key)
		}
	}
	if c.Name() != "bauta.yaml" || c.ReadAt().IsZero() {
		t.Errorf("read of %q at %v", c.Name(), c.ReadAt())
	}
}

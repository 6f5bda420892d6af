package config_test

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"bauta/cmd/bauta/app/config"
)

func warned(t *testing.T, text string) string {
	t.Helper()
	c, err := parse(t, text)
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	for _, w := range c.Warnings() {
		out.WriteString(w.String() + "\n")
	}
	return out.String()
}

// Who is not hidden has no handle, and with deny there is no other way to them.
func TestDenyIsWarnedOfWhereSomebodyCanBeVisible(t *testing.T) {
	t.Parallel()
	const deny, hidden, group = "    raw_recipients: deny\n    groups:", "default: hidden", `name: "Lisbon runners"`
	for name, row := range map[string]struct {
		text string
		want bool
	}{
		"who comes without an ad":  {example(t, "    groups:", deny), true},
		"nobody":                   {example(t, "    groups:", deny, "default: visible", hidden), false},
		"a rule shows":             {example(t, "    groups:", deny, "default: visible", hidden, "hide: true", "hide: false"), true},
		"a rule would have shown":  {example(t, "    groups:", deny, "default: visible", hidden, "hide: true", "hide: false, mode: report"), false},
		"history makes some known": {example(t, "    groups:", deny, "default: visible", hidden+"\n      known_until: 2026-11-30"), true},
		"a group shows":            {example(t, "    groups:", deny, "default: visible", hidden, group, group+", hide: false"), true},
		"known is allowed":         {example(t), false},
	} {
		got := warned(t, row.text)
		want := "businesses[0].raw_recipients: a customer who is not hidden has no handle: this business cannot answer them"
		if strings.Contains(got, want) != row.want || !row.want && got != "" {
			t.Errorf("%s: it says %q", name, got)
		}
	}
}

func TestAPublicURLInClearIsWarnedOf(t *testing.T) {
	t.Parallel()
	for url, want := range map[string]bool{
		"https://bauta.example": false, "http://127.0.0.1:8080": false, "http://localhost:8080": false, "http://[::1]": false,
		"http://bauta.example": true, "http://10.0.0.7:8080": true,
	} {
		got := warned(t, example(t, "keys: keys.json", "keys: keys.json\npublic_url: \""+url+"\""))
		if strings.Contains(got, "bauta.yaml:7:13: public_url: is not https") != want || !want && got != "" {
			t.Errorf("%s: it says %q", url, got)
		}
	}
}

func TestBusinessesThatCannotAnswer(t *testing.T) {
	t.Parallel()
	const none = "    access_token: ${ACME_META_TOKEN}\n"
	for name, row := range map[string]struct {
		text, business string
		want           int
	}{
		"a token":                   {example(t), "", 0},
		"no token":                  {example(t, none, ""), "", 1},
		"no token of the business":  {example(t, none, ""), "acme", 1},
		"of another business":       {example(t, none, ""), "other", 0},
		"no token, nobody is asked": {example(t, none, "    sharing: {ask: never}\n"), "", 1},
		"a key without a value":     {example(t, none, "    access_token:\n"), "", 1},
	} {
		c, err := parse(t, row.text)
		if err != nil {
			t.Fatal(err)
		}
		got := c.CannotAnswer(row.business)
		if len(got) != row.want {
			t.Errorf("%s: %v", name, got)
		}
		if len(got) == 1 && !strings.Contains(got[0].String(), "businesses[0].access_token: is missing: this business cannot answer through Bauta") {
			t.Errorf("%s: %v", name, got)
		}
		asks := strings.Contains(row.text, "ask: never")
		if len(got) == 1 && strings.Contains(got[0].String(), "and Bauta cannot ask its customers for their numbers") == asks {
			t.Errorf("%s: %v", name, got)
		}
		if len(c.Warnings()) > 0 {
			t.Errorf("%s: whoever only receives is warned: %v", name, c.Warnings())
		}
	}
}

// A secret that a command does not need may be missing from its environment, and
// nothing else may.
func TestSecretsThatAreNotNeeded(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "bauta.yaml")
	text := example(t, "redis://127.0.0.1:6379/0", "redis://:${PASSWORD}@127.0.0.1:6379/0", "${CRM_SECRET}", "file:absent", "fields: [messages]", "concurrency: ${WORKERS}")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	faulty := func(needed config.Secrets, set ...string) string {
		c, faults, err := config.Draft(path, func(name string) (string, bool) {
			if slices.Contains(set, name) {
				return environment(name)
			}
			return "", false
		}, needed)
		if err != nil {
			t.Fatal(err)
		}
		var keys []string
		for _, f := range faults {
			keys = append(keys, f.Key)
		}
		if len(keys) == 0 && len(c.CannotAnswer("")) > 0 {
			t.Error("an access token that was not read counts as none")
		}
		return strings.Join(keys, " ")
	}
	for name, row := range map[string]struct{ got, want string }{
		"the store's":               {faulty(config.StoreSecrets, "PASSWORD", "WORKERS"), ""},
		"the store's, not there":    {faulty(config.StoreSecrets, "WORKERS"), "redis.url"},
		"what is no secret":         {faulty(config.StoreSecrets, "PASSWORD"), "businesses[0].endpoints[0].concurrency"},
		"those of calls":            {faulty(config.CallingSecrets, "PASSWORD", "WORKERS", "ACME_META_TOKEN"), ""},
		"those of calls, not there": {faulty(config.CallingSecrets, "PASSWORD", "WORKERS"), "businesses[0].access_token"},
		"all": {
			faulty(config.AllSecrets, "PASSWORD", "WORKERS"),
			"apps[0].verify_token apps[0].app_secrets[0] businesses[0].access_token businesses[0].endpoints[0].secrets[0]",
		},
	} {
		if row.got != row.want {
			t.Errorf("%s: faults at %q, want %q", name, row.got, row.want)
		}
	}
	if _, err := config.Load(path, environment); err == nil {
		t.Error("Load takes a secret that cannot be had")
	} else if _, ok := errors.AsType[config.Faults](err); !ok {
		t.Error(err)
	}
}

func TestWhoLetsHidingBeUndoneIsWarned(t *testing.T) {
	t.Parallel()
	const text = `apps: [{id: main, verify_token: v, app_secrets: [s]}]
businesses:
  - id: acme
    app: main
    wabas: ["1"]
    raw_recipients: allow
    endpoints: [{id: crm, url: "https://crm.example", secrets: ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"]}]
`
	c, err := config.Parse("x.yaml", []byte(text), func(string) (string, bool) { return "", false })
	if err != nil {
		t.Fatal(err)
	}
	if w := c.Warnings(); len(w) != 1 || !strings.Contains(w[0].String(), "x.yaml:6:21: businesses[0].raw_recipients: hiding can be undone") {
		t.Errorf("warnings %v, want one that says that hiding can be undone", w)
	}
}

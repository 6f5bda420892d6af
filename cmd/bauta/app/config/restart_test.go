package config_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"bauta/cmd/bauta/app/config"
)

const running = `listen: ":8080"
log: {level: info}
redis: {url: "redis://127.0.0.1:6379/0"}
apps: [{id: main, verify_token: a, app_secrets: [b]}]
businesses:
  - id: acme
    app: main
    wabas: ["1"]
    endpoints: [{id: crm, url: "https://crm.example", secrets: [c]}]
`

func TestWhatActsOnlyAtAStart(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		from, to string
		want     []string
	}{
		"nothing":                        {"", "", nil},
		"a listener":                     {":8080", ":8081", []string{"listen"}},
		"a listener that is written out": {`listen: ":8080"`, "", nil},
		"the store, and how it is acknowledged": {
			`redis: {url: "redis://127.0.0.1:6379/0"}`, `redis: {url: "redis://127.0.0.2:6379/0", acknowledge: replica}`,
			[]string{"redis.url", "redis.acknowledge"},
		},
		"no proxies, said and unsaid": {"log:", "trusted_proxies: []\nlog:", nil},
		"proxies":                     {"log:", "trusted_proxies: [10.0.0.0/8]\nlog:", []string{"trusted_proxies"}},
		"certificates":                {"log:", "tls: {cert: a.pem, key: b.pem}\nlog:", []string{"tls.cert", "tls.key"}},
		"the level of the log":        {"level: info", "level: debug", nil},
		"its form":                    {"level: info", "format: text", []string{"log.format"}},
		"all of a business":           {`wabas: ["1"]`, `wabas: ["2"]`, nil},
		"secrets":                     {"app_secrets: [b]", "app_secrets: [x, b]", nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			parse := func(text string) *config.Config {
				c, err := config.Parse("bauta.yaml", []byte(text), func(string) (string, bool) { return "", false })
				if err != nil {
					t.Fatal(err)
				}
				return c
			}
			var got []string
			for _, fault := range parse(strings.Replace(running, row.from, row.to, 1)).NeedsRestart(parse(running)) {
				got = append(got, fault.Key)
				if fault.Line == 0 || !strings.Contains(fault.Advice, "restart") {
					t.Errorf("%s: line %d, advice %q", fault.Key, fault.Line, fault.Advice)
				}
			}
			if !slices.Equal(got, row.want) {
				t.Errorf("got %v, want %v", got, row.want)
			}
		})
	}
}

// Whoever was hidden under one business would be a stranger under another one: only who
// names all that had an account moves it.
func TestWhoseAnAccountMayBecome(t *testing.T) {
	t.Parallel()
	const fault = "businesses[0].wabas[0]: was so far the account of another business, "
	for name, row := range map[string]struct {
		now  string
		had  []string
		want string
	}{
		"nobody had it":                        {"acme", nil, ""},
		"it stays":                             {"acme", []string{"acme"}, ""},
		"it comes back":                        {"acme", []string{"acme", "globex"}, ""},
		"it goes to another one":               {"globex", []string{"acme"}, fault + "acme: "},
		"as it is meant":                       {"globex\n    moved_from: [acme]", []string{"acme"}, ""},
		"meant of one of two":                  {"globex\n    moved_from: [acme]", []string{"acme", "initech"}, fault + "initech: "},
		"meant of both":                        {"globex\n    moved_from: [acme, initech]", []string{"initech", "acme"}, ""},
		"meant of one that never had it":       {"globex\n    moved_from: [initech]", []string{"acme"}, fault + "acme: "},
		"a move that was meant once, repeated": {"globex", []string{"acme", "globex"}, ""},
	} {
		c, err := parse(t, strings.Replace(running, "acme", row.now, 1))
		if err != nil {
			t.Fatal(err)
		}
		got := c.Moved(map[string][]string{"1": row.had, "2": {"umbrella"}}).Error()
		if row.want == "" && got != "" || !strings.Contains(got, row.want) {
			t.Errorf("%s: it says %q, want %q", name, got, row.want)
		}
	}
	before, _ := parse(t, running)
	after, _ := parse(t, strings.Replace(running, "acme", "globex", 1))
	if got := after.NeedsRestart(before).Error(); !strings.HasPrefix(got, "bauta.yaml:8:13: "+fault+"acme: ") || strings.Contains(got, "\n") {
		t.Errorf("in a reload it says %q", got)
	}
	moved, _ := parse(t, strings.Replace(running, "acme", "globex\n    moved_from: [acme]", 1))
	if got := moved.NeedsRestart(before); len(got) > 0 {
		t.Errorf("in a reload that means it: %v", got)
	}
	if got := warned(t, strings.Replace(running, "acme", "globex\n    moved_from: [acme]", 1)); !strings.Contains(got, "businesses[0].moved_from[0]: whoever was hidden at that business is a stranger to this one, and may be shown") {
		t.Errorf("it warns of %q", got)
	}
}

// Files whose contents are part of the configuration: also those that are missing, since
// they may come.
func TestTheFilesOfAConfiguration(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "bauta.yaml")
	text := strings.Replace(running, "verify_token: a", "verify_token: file:token", 1)
	text = strings.Replace(text, "log:", "tls: {cert: a.pem, key: /etc/b.pem}\nlog:", 1)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	c, _, err := config.Draft(path, func(string) (string, bool) { return "", false }, config.AllSecrets)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"/etc/b.pem", filepath.Join(dir, "a.pem"), path, filepath.Join(dir, "token")}
	if got := c.Files(); !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

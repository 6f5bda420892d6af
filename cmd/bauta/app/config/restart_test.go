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
		"whose an account is":         {"acme", "globex", []string{"businesses[0].wabas[0]"}},
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

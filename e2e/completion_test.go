package e2e

import (
	"net"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// proposed is what the program tells a shell for a line, of which the last word is begun.
func proposed(t *testing.T, words ...string) []string {
	t.Helper()
	stdout, _, code := run(t, append([]string{"__complete"}, words...)...)
	lines := strings.Split(strings.TrimSpace(stdout), "\n")
	if code != 0 || !strings.HasPrefix(lines[len(lines)-1], ":") {
		t.Fatalf("%v: exit %d: %s", words, code, stdout)
	}
	out := []string{}
	for _, line := range lines[:len(lines)-1] {
		word, _, _ := strings.Cut(line, "\t")
		out = append(out, word)
	}
	return out
}

// Shells get files, closed sets and ids of the configuration, without any of its secrets;
// the store is not asked, so that nobody who is in it can be proposed.
func TestShellsCompleteWhatIsNoSecret(t *testing.T) {
	t.Parallel()
	store, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	asked := make(chan struct{})
	go func() {
		defer close(asked)
		if c, err := store.Accept(); err == nil {
			_ = c.Close()
			t.Error("the store was asked")
		}
	}()
	dir := t.TempDir()
	config := filepath.Join(dir, "bauta.yaml")
	write(t, config, `redis: {url: "redis://`+store.Addr().String()+`"}
apps: [{id: main, verify_token: "${NOWHERE}", app_secrets: ["file:nowhere"]}]
businesses:
  - {id: acme, app: main, wabas: ["1"], endpoints: [{id: crm, url: "https://crm.example/", secrets: ["${NOWHERE}"]}, {id: bot, url: "https://bot.example/", secrets: ["${NOWHERE}"]}]}
  - {id: zeta, app: main, wabas: ["2"], endpoints: [{id: desk, url: "https://desk.example/", secrets: ["${NOWHERE}"]}]}
`)
	for line, want := range map[string][]string{
		"endpoints resume --config CONFIG --business ":                 {"acme", "zeta"},
		"endpoints resume --config CONFIG --business acme --endpoint ": {"crm", "bot", "_platform"},
		"deadletters list --config CONFIG --endpoint ":                 {"crm", "bot", "desk", "_platform"},
		"token issue --config CONFIG --scope ":                         {"messages", "media", "contacts", "calls", "templates", "profile", "groups", "manage", "console"},
		"token issue --config CONFIG --scope media,":                   {"media,messages", "media,media", "media,contacts", "media,calls", "media,templates", "media,profile", "media,groups", "media,manage", "media,console"},
		"keys rotate --config CONFIG --purpose ":                       {"wrap", "lookup"},
		"consents export --config CONFIG --format ":                    {"jsonl", "csv"},
		"demo --shape ":   {"bsuid", "phone"},
		"serve --config ": {"yaml", "yml"},
		"keys ":           {"init", "list", "rotate"},
		"customers export --config CONFIG --business acme --handle ":              {},
		"customers erase --config CONFIG --business acme ":                        {},
		"token revoke --config CONFIG --business acme --id ":                      {},
		"deadletters replay --config CONFIG --business acme --id ":                {},
		"endpoints resume --config no-such-file.yaml --business ":                 {},
		"endpoints resume --config CONFIG --business nobody-of-these --endpoint ": {"_platform"},
	} {
		words := strings.Split(strings.Replace(line, "CONFIG", config, 1), " ")
		if diff := cmp.Diff(want, proposed(t, words...)); diff != "" {
			t.Errorf("bauta %s: %s", line, diff)
		}
	}
	_ = store.Close()
	<-asked
}

// The scripts are for four shells; the one that is here reads its own.
func TestShellsGetTheirScripts(t *testing.T) {
	t.Parallel()
	for _, shell := range []string{"bash", "zsh", "fish", "powershell"} {
		stdout, stderr, code := run(t, "completion", shell)
		if code != 0 || stderr != "" || !strings.Contains(stdout, "bauta") {
			t.Errorf("%s: exit %d: %s", shell, code, stderr)
		}
		if shell == "bash" {
			check := exec.CommandContext(t.Context(), "bash", "-n")
			check.Stdin = strings.NewReader(stdout)
			if out, err := check.CombinedOutput(); err != nil {
				t.Errorf("bash does not read its script: %v: %s", err, out)
			}
		}
	}
	if got := proposed(t, "completion", ""); !slices.Equal(got, []string{"bash", "fish", "powershell", "zsh"}) {
		t.Errorf("bauta completion proposes %v", got)
	}
}

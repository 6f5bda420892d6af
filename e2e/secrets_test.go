package e2e

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"bauta/redis/redistest"
	"bauta/webhook/simulator"
)

// secretsOf are all secrets of a scenario that calls the platform, by what they are:
// those of its configuration and every key of its key file, as they are written there
// and as the bytes that they mean.
func secretsOf(t *testing.T, dir string) map[string]string {
	t.Helper()
	known := map[string]string{
		"the app secret": appSecret, "the verify token": "a-verify-token", "the access token": "the-business-s-own-token",
		"the endpoint's secret": strings.TrimPrefix(crmSecret, "whsec_"),
	}
	data, err := os.ReadFile(filepath.Join(dir, "keys.json"))
	if err != nil {
		t.Fatal(err)
	}
	var file any
	if err := json.Unmarshal(data, &file); err != nil {
		t.Fatal(err)
	}
	var walk func(v any)
	walk = func(v any) {
		switch v := v.(type) {
		case map[string]any:
			for _, inner := range v {
				walk(inner)
			}
		case []any:
			for _, inner := range v {
				walk(inner)
			}
		case string:
			if raw, err := base64.StdEncoding.DecodeString(v); err == nil && len(raw) >= 16 {
				known[fmt.Sprintf("key %d", len(known))] = v
			}
		}
	}
	walk(file)
	if len(known) < 4+3 {
		t.Fatalf("%d secrets were found: the key file has another form", len(known))
	}
	for name, text := range known {
		if raw, err := base64.StdEncoding.DecodeString(text); err == nil {
			known[name+", decoded"] = string(raw)
		}
	}
	return known
}

func tellsNone(t *testing.T, where, text string, secrets map[string]string) {
	t.Helper()
	for name, secret := range secrets {
		if strings.Contains(text, secret) {
			t.Errorf("%s is in %s", name, where)
		}
	}
}

// No secret is in the command line, in the log at its most talkative, in an answer or in
// a dump of what every goroutine does, whatever goes wrong; and the kernel writes no core.
func TestSecretsAreToldNowhere(t *testing.T) {
	t.Parallel()
	// A platform that quotes what it was sent.
	platform := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusBadRequest)
		_, _ = fmt.Fprintf(w, `{"error":{"message":%q,"type":"OAuthException","code":100,"error_data":{"details":%q}}}`,
			r.Header.Get("Authorization"), r.Header.Get("Authorization"))
	}))
	t.Cleanup(platform.Close)
	s := start(t, setup{Log: "debug", Graph: platform.URL})
	secrets := secretsOf(t, s.dir)
	stdout, stderr, code := run(t, "token", "issue", "--config", filepath.Join(s.dir, "bauta.yaml"), "--business", "acme")
	if code != 0 {
		t.Fatalf("token issue: %s", stderr)
	}
	token := strings.TrimSpace(stdout)
	tellsNone(t, "what token issue prints", stdout+stderr, secrets)
	secrets["the business's token"] = token

	var answers strings.Builder
	take := func(a answer) {
		fmt.Fprintf(&answers, "%d %v %s\n", a.status, a.header, a.body)
	}
	s.send(t, says(ada(), "3A0D01", "hello", ctwa()))
	s.crm.answer(http.StatusInternalServerError)
	s.send(t, says(ada(), "3A0D02", "to an endpoint that fails", nil))
	s.crm.attempts(t, 2)
	take(knock(t, http.MethodPost, s.public+"/webhooks/main", []byte("{}"), map[string]string{"X-Hub-Signature-256": simulator.Sign("another", []byte("{}"))}))
	take(knock(t, http.MethodGet, s.public+"/webhooks/main?hub.mode=subscribe&hub.verify_token=another&hub.challenge=1", nil, nil))
	for _, shown := range []string{token, token[:len(token)-2] + "xx", appSecret} {
		header := map[string]string{"Authorization": "Bearer " + shown, "Content-Type": "application/json"}
		take(knock(t, http.MethodPost, s.public+"/v25.0/106540352242922/messages", []byte(`{"messaging_product":"whatsapp","to":"IT.1","type":"text","text":{"body":"x"}}`), header))
		take(knock(t, http.MethodGet, s.public+"/v25.0/106540352242922/whatsapp_business_profile", nil, header))
		take(knock(t, http.MethodGet, s.admin+"/v1/customers/IT.1", nil, header))
	}
	for _, page := range []string{"/metrics", "/readyz", "/healthz"} {
		take(knock(t, http.MethodGet, s.admin+page, nil, nil))
	}
	tellsNone(t, "an answer", answers.String(), secrets)

	line, err := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", s.cmd.Process.Pid))
	if err != nil {
		t.Fatal(err)
	}
	tellsNone(t, "the command line", string(line), secrets)
	limits, err := os.ReadFile(fmt.Sprintf("/proc/%d/limits", s.cmd.Process.Pid))
	if err != nil {
		t.Fatal(err)
	}
	for row := range strings.Lines(string(limits)) {
		if rest, ok := strings.CutPrefix(row, "Max core file size"); ok && strings.Fields(rest)[0] != "0" {
			t.Errorf("a core may be written: %s", row)
		}
	}

	_ = s.cmd.Process.Signal(syscall.SIGQUIT)
	<-s.exited
	if !strings.Contains(s.log(), "goroutine 1 ") {
		t.Error("the dump of the goroutines is missing")
	}
	tellsNone(t, "the log or the dump", s.log(), secrets)
}

// What is wrong with a secret is said without it.
func TestErrorsOfSecretsDoNotQuoteThem(t *testing.T) {
	t.Parallel()
	const secret = "s3cr3t-of-the-operator"
	server := redistest.Standalone(t)
	if err := server.Client.ConfigSet(t.Context(), "requirepass", "another").Err(); err != nil {
		t.Fatal(err)
	}
	_, port, _ := strings.Cut(server.Address, ":")
	good := setup{Redis: server.URL, CRM: "https://crm.example/hook", Wait: "0s"}
	for name, row := range map[string]struct {
		command string
		change  func(text string) string
	}{
		"a password that Redis does not take": {"serve", replacing(server.URL, "redis://:"+secret+"@127.0.0.1:"+port)},
		"a URL of Redis that is none":         {"config check", replacing(server.URL, "redis://:"+secret+"@127.0.0.1:port")},
		"a password with a slash":             {"config check", replacing(server.URL, "redis://:"+secret+"/@127.0.0.1")},
		"an endpoint's URL with a password":   {"config check", replacing("https://crm.example/hook", "https://user:"+secret+"@crm.example/hook")},
		"an endpoint's URL that is none":      {"config check", replacing("https://crm.example/hook", "https://crm.example:"+secret+"/hook")},
		"an endpoint's secret that is none":   {"config check", replacing("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_"+secret+"!")},
		"a secret for the name of a file":     {"config check", replacing("a-verify-token", "file:"+secret)},
		"a secret for a variable":             {"config check", replacing("a-verify-token", "${"+secret+"}")},
		"a secret where a list belongs":       {"config check", replacing(`app_secrets: ["test_app_secret"]`, `app_secrets: {a: "`+secret+`"}`)},
		"a secret where none belongs":         {"config check", replacing("verify_token: a-verify-token", "verify_token: a-verify-token\n    app_secrets: "+secret+"\n   x")},
		"a quote that does not end":           {"config check", replacing("verify_token: a-verify-token", `verify_token: "`+secret)},
		"a graph_url with a password":         {"config check", replacing("keys: keys.json", "keys: keys.json\nplatform: {graph_url: \"https://a:"+secret+"@graph.facebook.com\"}")},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := configure(t, good)
			path := filepath.Join(dir, "bauta.yaml")
			text, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			changed := row.change(string(text))
			if changed == string(text) {
				t.Fatal("nothing was changed")
			}
			if err := os.WriteFile(path, []byte(changed), 0o600); err != nil {
				t.Fatal(err)
			}
			stdout, stderr, code := run(t, append(strings.Fields(row.command), "--config", path)...)
			if code == 0 {
				t.Errorf("it passes: %s%s", stdout, stderr)
			}
			if strings.Contains(stdout+stderr, secret) {
				t.Errorf("it says: %s%s", stdout, stderr)
			}
		})
	}
}

// replacing changes a part of a configuration.
func replacing(from, to string) func(string) string {
	return func(text string) string { return strings.ReplaceAll(text, from, to) }
}

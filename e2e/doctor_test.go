package e2e

import (
	"encoding/json"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"bauta/redis/redistest"
	"bauta/webhook/simulator"
)

// patient is an installation for the doctor: a platform, a Redis and an endpoint.
type patient struct {
	dir    string
	graph  *simulator.Graph
	crm    *crm
	server *redistest.Server
}

// admit sets an installation up that is well; ahead is by how much the platform's clock is.
func admit(t *testing.T, s setup, ahead time.Duration) patient {
	t.Helper()
	sender := &simulator.Sender{Secret: appSecret}
	p := patient{crm: newCRM(t), server: redistest.Standalone(t), graph: simulator.NewGraph(simulator.GraphOptions{
		Accounts: []simulator.Account{{Business: business(), Name: "Acme"}}, AccessToken: accessToken, Sender: sender,
		Now: func() time.Time { return time.Now().Add(ahead) },
	})}
	platform := httptest.NewServer(p.graph)
	t.Cleanup(platform.Close)
	s.Graph, s.Redis = platform.URL, p.server.URL
	if s.CRM == "" {
		s.CRM = p.crm.server.URL
	}
	sender.URL = "https://bauta.example/webhooks/main"
	p.dir = configure(t, s)
	return p
}

// diagnosis is what the doctor says, by level.
type diagnosis map[string]string

// examine runs the doctor.
func (p patient) examine(t *testing.T, flags ...string) (diagnosis, int) {
	t.Helper()
	stdout, stderr, code := run(t, append([]string{"doctor", "--config", filepath.Join(p.dir, "bauta.yaml"), "--json"}, flags...)...)
	var list []struct{ Level, Check, Says, Do string }
	if err := json.Unmarshal([]byte(stdout), &list); err != nil {
		t.Fatalf("exit %d: %v: %s%s", code, err, stdout, stderr)
	}
	by := diagnosis{}
	for _, f := range list {
		by[f.Level] += f.Check + ": " + f.Says + " -> " + f.Do + "\n"
		if f.Level != "good" && f.Do == "" {
			t.Errorf("it does not say what to do about %q", f.Says)
		}
	}
	for name, secret := range map[string]string{"the access token": accessToken, "the app secret": appSecret, "the endpoint's address": p.crm.server.URL, "a callback": "elsewhere.example"} {
		if strings.Contains(stdout+stderr, secret) {
			t.Errorf("%s is printed: %s%s", name, stdout, stderr)
		}
	}
	return by, code
}

func TestTheDoctorFindsWhatIsWrong(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		setup setup
		ahead time.Duration
		do    func(t *testing.T, p patient)
		level string // "" for nothing bad
		want  string
	}{
		"all is well": {},
		"another app is subscribed": {do: func(_ *testing.T, p patient) {
			p.graph.Subscribe(waba, simulator.SubscribedApp{ID: "1", Name: "Another"})
		}, level: "bad", want: "2 apps get the raw webhooks"},
		"a callback of the account's own": {do: func(_ *testing.T, p patient) {
			p.graph.Subscribe(waba, simulator.SubscribedApp{ID: "1", Override: "https://elsewhere.example/"})
		}, level: "warning", want: "override_callback_uri"},
		"a callback of a number's own": {do: func(_ *testing.T, p patient) {
			p.graph.SetCallback(business().PhoneNumberID, "https://elsewhere.example/")
		}, level: "warning", want: "webhook_configuration"},
		"the app is not subscribed to messages": {do: func(_ *testing.T, p patient) {
			p.graph.SetSubscription(&simulator.Subscription{Callback: "https://bauta.example/webhooks/main", Fields: []string{"calls"}})
		}, level: "warning", want: "not subscribed to messages"},
		"the app's callback is somebody else's": {do: func(_ *testing.T, p patient) {
			p.graph.SetSubscription(&simulator.Subscription{Callback: "https://elsewhere.example/hooks", Fields: []string{"messages"}})
		}, level: "bad", want: "callback URL is not Bauta's"},
		"the app has no webhooks": {do: func(_ *testing.T, p patient) { p.graph.SetSubscription(nil) }, level: "bad", want: "subscribed to no webhooks"},
		"the app secret is another app's": {do: func(t *testing.T, p patient) {
			change(t, p.dir, `app_secrets: ["test_app_secret"]`, `app_secrets: ["another"]`)
		}, level: "bad", want: "none of its app_secrets"},
		"the access token ran out": {do: func(t *testing.T, p patient) {
			change(t, p.dir, "access_token: "+accessToken, "access_token: old")
		}, level: "bad", want: "renew access_token"},
		"the platform cannot be reached": {do: func(t *testing.T, p patient) {
			change(t, p.dir, `graph_url: "http://127.0.0.1:`, `graph_url: "http://127.0.0.1:1/x`)
		}, level: "bad", want: "no connection"},
		"the platform's clock is another": {ahead: -10 * time.Minute, level: "bad", want: "clock of the platform: differs"},
		"the endpoint is not there":       {setup: setup{CRM: "http://127.0.0.1:1/"}, level: "bad", want: "endpoint acme/crm: cannot be connected to"},
		"Redis evicts": {do: func(t *testing.T, p patient) {
			if err := p.server.Client.ConfigSet(t.Context(), "maxmemory-policy", "allkeys-lru").Err(); err != nil {
				t.Fatal(err)
			}
		}, level: "bad", want: "maxmemory-policy is allkeys-lru"},
		"Redis is nearly full": {do: func(t *testing.T, p patient) {
			if err := p.server.Client.ConfigSet(t.Context(), "maxmemory", "1mb").Err(); err != nil {
				t.Fatal(err)
			}
		}, level: "warning", want: "of maxmemory are used"},
		"Redis is not there": {do: func(t *testing.T, p patient) { change(t, p.dir, p.server.URL, "redis://127.0.0.1:1/0") }, level: "bad", want: "redis: "},
		"others can read the keys": {do: func(t *testing.T, p patient) {
			if err := os.Chmod(filepath.Join(p.dir, "keys.json"), 0o644); err != nil {
				t.Fatal(err)
			}
		}, level: "bad", want: "other users of this machine can open"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := admit(t, row.setup, row.ahead)
			if row.do != nil {
				row.do(t, p)
			}
			got, code := p.examine(t)
			if row.level == "" {
				if code != 0 || got["bad"] != "" {
					t.Errorf("exit %d, bad: %s", code, got["bad"])
				}
				return
			}
			if !strings.Contains(got[row.level], row.want) {
				t.Errorf("%s: no %q in %v", row.level, row.want, got)
			}
			if (got["bad"] != "") != (code == 1) {
				t.Errorf("exit %d with bad: %s", code, got["bad"])
			}
		})
	}
}

// What is said to one question is not said again to the next ones.
func TestTheDoctorSaysALostConnectionOnce(t *testing.T) {
	t.Parallel()
	p := admit(t, setup{}, 0)
	change(t, p.dir, `graph_url: "http://127.0.0.1:`, `graph_url: "http://127.0.0.1:1/x`)
	got, _ := p.examine(t)
	if said, want := got["bad"], "business acme, WABA "+waba+": Meta could not be asked about its subscribed apps (unreachable): no connection -> check graph_url, the network and the proxy\n"; said != want {
		t.Errorf("it says\n%swant\n%s", said, want)
	}
}

// The way in is asked as the platform asks it.
func TestTheDoctorAsksThePublicURL(t *testing.T) {
	t.Parallel()
	p := admit(t, setup{}, 0)
	node := serve(t, p.dir)
	change(t, p.dir, "listen:", `public_url: "`+node.public+`"`+"\nlisten:")
	got, _ := p.examine(t)
	if !strings.Contains(got["good"], "answers the platform's handshake for the app main") {
		t.Errorf("of a public_url that leads to Bauta: %v", got)
	}
	change(t, p.dir, "a-verify-token", "another-token")
	if got, code := p.examine(t); code != 1 || !strings.Contains(got["bad"], "public_url: is answered 403") {
		t.Errorf("of another verify token: exit %d, %v", code, got)
	}
	change(t, p.dir, node.public, newCRM(t).server.URL)
	if got, code := p.examine(t); code != 1 || !strings.Contains(got["bad"], "public_url: is answered 200") {
		t.Errorf("of a public_url that leads elsewhere: exit %d, %v", code, got)
	}
}

// delivered is what the endpoint got, but for the questions whether it is there.
func (p patient) delivered() []delivery {
	return slices.DeleteFunc(slices.Clone(p.crm.all()), func(d delivery) bool { return len(d.body) == 0 })
}

// A test event goes the whole way in of the Bauta that runs, is counted there, and no
// business gets it; what stands in its way is said.
func TestTheDoctorSendsATestEvent(t *testing.T) {
	t.Parallel()
	p := admit(t, setup{}, 0)
	if got, code := p.examine(t, "--send-test-event"); code != 1 || !strings.Contains(got["bad"], "listen does not say where Bauta is") {
		t.Errorf("without a port: exit %d, %v", code, got)
	}
	node := serve(t, p.dir)
	change(t, p.dir, "listen:", `public_url: "`+node.public+`"`+"\nlisten:")
	got, _ := p.examine(t, "--send-test-event")
	if !strings.Contains(got["good"], "test event, app main: was taken, with its signature") {
		t.Errorf("of a Bauta that runs: %v", got)
	}
	node.wantMetric(t, `bauta_test_events_total{app="main"}`, "1")
	node.wantMetric(t, `bauta_unknown_waba_total{app="main"}`, "0")
	if !strings.Contains(node.log(), "a test event came in") {
		t.Errorf("the log does not say so:\n%s", node.log())
	}
	p.examine(t)
	node.wantMetric(t, `bauta_test_events_total{app="main"}`, "1")
	change(t, p.dir, `app_secrets: ["test_app_secret"]`, `app_secrets: ["another_one"]`)
	if got, code := p.examine(t, "--send-test-event"); code != 1 || !strings.Contains(got["bad"], "answered 401: its signature is refused") {
		t.Errorf("with another secret: exit %d, %v", code, got)
	}
	change(t, p.dir, node.public, "http://127.0.0.1:1")
	if got, code := p.examine(t, "--send-test-event"); code != 1 || !strings.Contains(got["bad"], "test event, app main: Bauta cannot be connected to") {
		t.Errorf("of a Bauta that does not run: exit %d, %v", code, got)
	}
}

// Endpoints get a test event only where that is asked for: signed, and about nobody.
func TestTheDoctorTestsEndpoints(t *testing.T) {
	t.Parallel()
	p := admit(t, setup{}, 0)
	got, _ := p.examine(t, "--send-test-event")
	if n := len(p.delivered()); n != 0 || strings.Contains(got["good"], "test event to endpoint") {
		t.Errorf("without being asked: %d deliveries, %v", n, got)
	}
	got, _ = p.examine(t, "--test-endpoints")
	if !strings.Contains(got["good"], "test event to endpoint acme/crm: was taken (endpoint_test, signed)") {
		t.Errorf("of an endpoint that takes it: %v", got)
	}
	all := p.delivered()
	if len(all) != 1 || !strings.Contains(all[0].body, `"type":"endpoint_test"`) || all[0].header.Get("X-Hub-Signature-256") == "" {
		t.Errorf("the endpoint got %v", all)
	}
	change(t, p.dir, p.crm.server.URL, "http://127.0.0.1:1")
	if got, code := p.examine(t, "--test-endpoints"); code != 1 || !strings.Contains(got["bad"], "test event to endpoint acme/crm: was not taken") {
		t.Errorf("of an endpoint that is not there: exit %d, %v", code, got)
	}
}

// A person reads marks, and a mistake in the configuration is one.
func TestTheDoctorPrintsAList(t *testing.T) {
	t.Parallel()
	p := admit(t, setup{CRM: "http://127.0.0.1:1/"}, 0)
	stdout, stderr, code := run(t, "doctor", "--config", filepath.Join(p.dir, "bauta.yaml"))
	if code != 1 || !strings.Contains(stdout, "✓ redis: ") || !strings.Contains(stdout, "✗ endpoint acme/crm: ") || !strings.Contains(stderr, "1 thing is bad") {
		t.Errorf("exit %d: %s%s", code, stdout, stderr)
	}
	change(t, p.dir, "businesses:", "firms:")
	if _, stderr, code = run(t, "doctor", "--config", filepath.Join(p.dir, "bauta.yaml")); code != 2 || !strings.Contains(stderr, "firms: unknown key") {
		t.Errorf("exit %d: %s", code, stderr)
	}
}

// change replaces a piece of a configuration, once.
func change(t *testing.T, dir, was, is string) {
	t.Helper()
	path := filepath.Join(dir, "bauta.yaml")
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(text), was) {
		t.Fatalf("the configuration has no %q", was)
	}
	if err := os.WriteFile(path, []byte(strings.Replace(string(text), was, is, 1)), 0o600); err != nil {
		t.Fatal(err)
	}
}

package e2e

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"

	"bauta/redis/redistest"
	"bauta/webhook/simulator"
)

// reloads is how many configurations came to an outcome.
func (b *bauta) reloads(t testing.TB, outcome string) float64 {
	t.Helper()
	_, page := b.get(t, b.admin+"/metrics")
	return metric(page, `bauta_config_reloads_total{outcome="`+outcome+`"}`)
}

// reload asks the node to read its configuration again, and wants an outcome.
func (b *bauta) reload(t *testing.T, outcome string) {
	t.Helper()
	before := b.reloads(t, outcome)
	b.signal(t, syscall.SIGHUP)
	b.becomes(t, outcome, before+1)
}

// becomes waits until so many configurations came to an outcome.
func (b *bauta) becomes(t *testing.T, outcome string, n float64) {
	t.Helper()
	eventually(t, fmt.Sprintf("%.0f configurations are %s", n, outcome), func(context.Context) bool {
		return b.reloads(t, outcome) >= n //nolint:contextcheck // the page is read within the test
	})
	if got := b.reloads(t, outcome); got != n {
		t.Fatalf("%.0f configurations are %s, want %.0f:\n%s", got, outcome, n, b.log())
	}
}

// shakes tells how the platform's check of the callback URL is answered.
func (b *bauta) shakes(t *testing.T, token string) int {
	t.Helper()
	return knock(t, http.MethodGet, b.public+"/webhooks/main?hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token="+token, nil, nil).status
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// A configuration with a mistake is refused as a whole: nothing of it is in force, also
// not what is right in it, and the log says where the mistake is and what to do.
func TestARefusedConfigurationChangesNothing(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct{ from, to, says string }{
		"no YAML":                           {`  - id: acme`, `  - id: [acme`, `bauta\.yaml:\d+:\d+: it is not YAML`},
		"an unknown key":                    {`    wabas:`, `    wabaz:`, `bauta\.yaml:\d+:\d+: businesses\[0\]\.wabaz: unknown key`},
		"a rule that does not compile":      {`rules: []`, `rules: [{name: odd, when: "ad.presnt", hide: true}]`, `bauta\.yaml:\d+:\d+: businesses\[0\]\.hiding\.rules\[0\]\.when: `},
		"a secret that cannot be read":      {`["test_app_secret"]`, `["file:not-there"]`, `bauta\.yaml:\d+:\d+: apps\[0\]\.app_secrets\[0\]: the file cannot be read`},
		"an endpoint that is refused":       {`allow_http: true`, `allow_http: false`, `bauta\.yaml:\d+:\d+: businesses\[0\]\.endpoints\[0\]\.url: must be https`},
		"another listener":                  {`admin_listen: "127.0.0.1:0"`, `admin_listen: "127.0.0.1:1"`, `bauta\.yaml:2:15: admin_listen: differs from what is in force.*restart`},
		"another way to the store":          {`wait_on_start: 10s`, `wait_on_start: 11s`, `bauta\.yaml:\d+:\d+: redis\.wait_on_start: differs`},
		"another key file":                  {`keys: keys.json`, `keys: ./keys.json`, `bauta\.yaml:\d+:\d+: keys: differs`},
		"another form of the log":           {`format: json`, `format: text`, `bauta\.yaml:\d+:\d+: log\.format: differs`},
		"no businesses, as half a file has": {`businesses:`, `# businesses:`, `bauta\.yaml:\d+:\d+: `},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := start(t, setup{})
			path := filepath.Join(s.dir, "bauta.yaml")
			before := content(t, path)
			edit(t, s.dir, "a-verify-token", "another-token")
			edit(t, s.dir, row.from, row.to)
			s.reload(t, "refused")
			if !regexp.MustCompile(row.says).MatchString(s.log()) || !strings.Contains(s.log(), "the configuration was refused, the one from before stays in force") {
				t.Errorf("the log does not say %s:\n%s", row.says, s.log())
			}
			if old, other := s.shakes(t, "a-verify-token"), s.shakes(t, "another-token"); old != http.StatusOK || other != http.StatusForbidden {
				t.Errorf("the verify token from before: %d, that of the refused file: %d", old, other)
			}
			s.send(t, says(ada(), "3A0601", "still here", ctwa()))
			s.crm.wait(t, 1)
			s.ready(t, http.StatusOK, "configuration_refused: ")
			s.wantMetric(t, "bauta_config_refused", "1")

			// It is mended, and nobody says so: the files are looked at.
			applied := s.reloads(t, "applied")
			write(t, path, strings.Replace(before, "a-verify-token", "a-third-token", 1))
			s.becomes(t, "applied", applied+1)
			s.wantMetric(t, "bauta_config_refused", "0")
			if status := s.shakes(t, "a-third-token"); status != http.StatusOK {
				t.Errorf("the new verify token is answered %d", status)
			}
			if _, body := s.get(t, s.admin+"/readyz"); strings.Contains(body, "configuration_refused") {
				t.Errorf("/readyz still warns: %s", body)
			}
		})
	}
}

// secondBusiness is written below the first one's endpoints.
const secondBusiness = `
  - id: globex
    app: main
    wabas: ["102290129340399"]
    sharing: {ask: never}
    endpoints:` + secondEndpoint

const secondEndpoint = `
      - id: desk
        url: "%s"
        secrets: [whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw]
        allow_private: true
        allow_http: true
        retry: {schedule: [200ms]}
`

func toGlobex(p simulator.Person, stanza, text string) []byte {
	return []byte(strings.Replace(string(says(p, stanza, text, ctwa())), waba, "102290129340399", 1))
}

// A business comes, goes while its events wait, and comes back: its events wait, are told
// of, and are delivered in order.
func TestBusinessesComeAndGo(t *testing.T) {
	t.Parallel()
	s := start(t, setup{})
	desk := newCRM(t)
	path := filepath.Join(s.dir, "bauta.yaml")
	alone := content(t, path)
	both := alone + fmt.Sprintf(secondBusiness, desk.server.URL)

	s.send(t, toGlobex(ada(), "3A0610", "nobody's"))
	s.wantMetric(t, `bauta_unknown_waba_total{app="main"}`, "1")
	write(t, path, both)
	s.reload(t, "applied")
	s.send(t, toGlobex(ada(), "3A0611", "first"))
	desk.wait(t, 1)

	desk.answer(http.StatusServiceUnavailable)
	s.send(t, toGlobex(ada(), "3A0612", "second"))
	s.send(t, toGlobex(ada(), "3A0613", "third"))
	desk.attempts(t, 2)
	write(t, path, alone)
	s.reload(t, "applied")
	s.ready(t, http.StatusOK, "waiting_for_unconfigured: globex/desk: 2 events")
	s.wantMetric(t, "bauta_lane_unconfigured_events", "2")
	if _, said, code := run(t, "config", "check", "--store", "--config", path); code != 0 || !strings.Contains(said, "globex/desk: 2 events") {
		t.Errorf("config check --store: exit %d, says %q", code, said)
	}
	s.send(t, toGlobex(ada(), "3A0614", "nobody's again"))
	s.wantMetric(t, `bauta_unknown_waba_total{app="main"}`, "2")
	s.send(t, says(ada(), "3A0615", "acme's", ctwa()))
	s.crm.wait(t, 1)

	desk.answer(http.StatusOK)
	tried, _ := desk.attempts(t, 2)
	write(t, path, both)
	s.reload(t, "applied")
	s.send(t, toGlobex(ada(), "3A0616", "fourth"))
	got := desk.wait(t, 4)
	for i, text := range []string{"first", "second", "third", "fourth"} {
		if !strings.Contains(got[i].body, `"`+text+`"`) {
			t.Errorf("delivery %d is not %q: %s", i, text, got[i].body)
		}
	}
	if now, _ := desk.attempts(t, len(tried)+3); len(now) < len(tried)+3 {
		t.Errorf("%d attempts", len(now))
	}
	s.sweepAll(t, ada().Number)
}

// Every key that can change without a restart does: rules, shapes, limits of tokens, the
// level of the log.
func TestSettingsAreInForceAtOnce(t *testing.T) {
	t.Parallel()
	s := start(t, setup{})
	s.send(t, says(someone(1), "3A0621", "before", nil))
	if d := s.crm.wait(t, 1)[0]; d.header.Get("Bauta-Visibility") != "visible" {
		t.Fatalf("who comes without an ad is %s", d.header.Get("Bauta-Visibility"))
	}
	if !strings.Contains(s.log(), `"level":"DEBUG"`) {
		t.Fatal("nothing is logged at debug level")
	}
	edit(t, s.dir, "default: visible", "default: hidden")
	edit(t, s.dir, "level: debug", "level: info")
	edit(t, s.dir, "rules: []", `rules: [{name: friends, when: 'ad.id == "7"', hide: false}]`)
	s.reload(t, "applied")
	quiet := strings.Count(s.log(), `"level":"DEBUG"`)
	s.send(t, says(someone(2), "3A0622", "after", nil))
	s.send(t, says(someone(3), "3A0623", "by the ad", &simulator.Ad{Type: "ad", ID: "7", ClickID: "Aff-abc"}))
	s.send(t, says(someone(1), "3A0624", "as decided", nil))
	for i, d := range s.crm.wait(t, 4)[1:] {
		for _, want := range []struct{ text, visibility string }{{"after", "hidden"}, {"by the ad", "visible"}, {"as decided", "visible"}} {
			if strings.Contains(d.body, `"`+want.text+`"`) && d.header.Get("Bauta-Visibility") != want.visibility {
				t.Errorf("delivery %d, %s: %s, want %s", i, want.text, d.header.Get("Bauta-Visibility"), want.visibility)
			}
		}
	}
	if got := strings.Count(s.log(), `"level":"DEBUG"`); got != quiet {
		t.Errorf("%d lines at debug level, %d when it was switched off", got, quiet)
	}
}

// Whoever was hidden stays hidden, whatever a configuration says that comes later: only
// they themselves lift the mask.
func TestAReloadShowsNobodyWhoWasHidden(t *testing.T) {
	t.Parallel()
	s := start(t, setup{
		Default: "hidden", Groups: `{id: "` + declaredGroup + `", name: Runners, hide: true}`,
		Rules: `{name: all, when: "true", hide: true}`, Extra: ", foreign_numbers: mask",
	})
	direct, member := someone(1), someone(2)
	handles := map[string]string{}
	round := func(stanza string) {
		t.Helper()
		seen := len(s.crm.all())
		s.send(t, says(direct, "3A066"+stanza, "here I am, +"+direct.Number, ctwa()))
		s.send(t, inGroup(member, "3A067"+stanza, declaredGroup))
		for _, d := range s.crm.wait(t, seen+2)[seen:] {
			place, handle := "direct", d.header.Get("Bauta-Handle")
			if strings.Contains(d.body, "to the group") {
				place = "group"
			}
			if handles[place] == "" {
				handles[place] = handle
			}
			told := fmt.Sprint(d.body, d.header)
			if d.header.Get("Bauta-Visibility") != "hidden" || handle == "" || handle != handles[place] || strings.Contains(told, direct.Number) || strings.Contains(told, member.Number) {
				t.Errorf("%s, in the %s chat: %s under %q, before under %q\n%s", stanza, place, d.header.Get("Bauta-Visibility"), handle, handles[place], d.body)
			}
		}
	}
	round("1")
	edit(t, s.dir, "default: hidden", "default: visible")
	edit(t, s.dir, `when: "true", hide: true`, `when: "true", hide: false`)
	edit(t, s.dir, "name: Runners, hide: true", "name: Runners, hide: false")
	s.reload(t, "applied")
	round("2")
	edit(t, s.dir, `{name: all, when: "true", hide: false}`, "")
	edit(t, s.dir, "foreign_numbers: mask", "foreign_numbers: pass")
	s.reload(t, "applied")
	round("3")
	edit(t, s.dir, `{id: "`+declaredGroup+`", name: Runners, hide: false}`, "")
	s.reload(t, "applied")
	round("4")
}

// What changes while a node starts, after it read its configuration, is a change: it
// waits for its store here.
func TestAChangeDuringTheStartIsTakenOver(t *testing.T) {
	t.Parallel()
	server := redistest.Standalone(t)
	dir := configure(t, setup{Redis: server.URL, CRM: newCRM(t).server.URL, Wait: "1m"})
	server.Kill()
	path, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	b, listening := starting(t, dir, exec.Command(path, "serve", "--config", filepath.Join(dir, "bauta.yaml")))
	eventually(t, "it waits for its store", func(context.Context) bool { return strings.Contains(b.log(), "waiting for redis") })
	edit(t, dir, "a-verify-token", "another-token")
	server.Start(t)
	b.listens(t, listening)
	b.becomes(t, "applied", 1)
	if status := b.shakes(t, "another-token"); status != http.StatusOK {
		t.Errorf("the verify token that was written meanwhile is answered %d", status)
	}
}

// Kubernetes puts a link to a folder of the new version in the place of the old one: what
// it leads to counts, also that of files of secrets.
func TestAConfigMapIsFollowed(t *testing.T) {
	t.Parallel()
	endpoint := newCRM(t)
	s := start(t, setup{}) // its store, and a folder to begin with
	dir := t.TempDir()
	version := func(name, token, secret string) {
		t.Helper()
		if err := os.Mkdir(filepath.Join(dir, name), 0o700); err != nil {
			t.Fatal(err)
		}
		text := strings.Replace(content(t, filepath.Join(s.dir, "bauta.yaml")), "a-verify-token", "file:verify-token", 1)
		text = strings.Replace(text, "schedule: [200ms]", "schedule: ["+secret+"]", 1)
		write(t, filepath.Join(dir, name, "bauta.yaml"), strings.Replace(text, s.crm.server.URL, endpoint.server.URL, 1))
		write(t, filepath.Join(dir, name, "verify-token"), token+"\n")
		write(t, filepath.Join(dir, name, "keys.json"), content(t, filepath.Join(s.dir, "keys.json")))
		pointTo(t, name, filepath.Join(dir, "..data"))
	}
	version("..1", "token-1", "200ms")
	for _, file := range []string{"bauta.yaml", "verify-token", "keys.json"} {
		pointTo(t, filepath.Join("..data", file), filepath.Join(dir, file))
	}
	b := serve(t, dir)
	if status := b.shakes(t, "token-1"); status != http.StatusOK {
		t.Fatalf("the first verify token is answered %d", status)
	}
	version("..2", "token-2", "200ms") // of the files only that of a secret is another
	b.becomes(t, "applied", 1)
	version("..3", "token-2", "300ms") // only the configuration
	b.becomes(t, "applied", 2)
	if status := b.shakes(t, "token-2"); status != http.StatusOK {
		t.Errorf("the second verify token is answered %d", status)
	}
}

// pointTo makes a symbolic link in one step, also in the place of another.
func pointTo(t *testing.T, to, path string) {
	t.Helper()
	if err := os.Symlink(to, path+".new"); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(path+".new", path); err != nil {
		t.Fatal(err)
	}
}

// Endpoints change, come and go under load, with refused configurations between: no
// webhook is refused, and every event is delivered, once and in order.
func TestReloadsUnderLoad(t *testing.T) {
	t.Parallel()
	s, desk := start(t, setup{Endpoint: "concurrency: 8"}), newCRM(t)
	f := &fleet{nodes: []*bauta{s.bauta, serve(t, s.dir)}, stop: make(chan struct{})}
	for n, node := range f.nodes {
		f.urls[n].Store(node.public)
	}
	f.secret.Store(appSecret)
	path := filepath.Join(s.dir, "bauta.yaml")
	as := content(t, path)
	f.send(t)
	for i := range 12 {
		s.crm.wait(t, len(s.crm.all())+20)
		outcome, text := "applied", strings.Replace(as, "concurrency: 8", fmt.Sprintf("concurrency: %d", 1+i), 1)
		switch i % 4 {
		case 1:
			text = strings.Replace(text, `timeout: 5s`, `timeout: 20s`, 1)
		case 2: // until the next one
			text += fmt.Sprintf(secondEndpoint, desk.server.URL)
		case 3:
			outcome, text = "refused", strings.Replace(text, "wabas:", "wabaz:", 1)
		}
		write(t, path, text)
		for _, node := range f.nodes {
			node.reload(t, outcome)
		}
	}
	write(t, path, as+fmt.Sprintf(secondEndpoint, desk.server.URL))
	f.reload(t, s.dir)
	close(f.stop)
	f.platformSending.Wait()
	s.complete(t, f)
	eventually(t, "nothing waits for the endpoint that came and went", func(context.Context) bool {
		_, page := s.get(t, s.admin+"/metrics") //nolint:contextcheck // the page is read within the test
		return metric(page, `bauta_lane_events{business="acme",endpoint="desk"}`) == 0
	})
	if got := len(inTurn(t, desk)); got < 40 {
		t.Errorf("it got %d events", got)
	}
}

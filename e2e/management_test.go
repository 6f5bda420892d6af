package e2e

import (
	"context"
	"fmt"
	"net/http"
	"os/exec"
	"regexp"
	"strings"
	"testing"

	"bauta/webhook/simulator"
)

// The documented calls of operators.
const (
	operating  = ` -H "Authorization: Bearer $BAUTA_OPERATOR_TOKEN"`
	curlCount  = `curl 'http://127.0.0.1:9090/v1/dead-letters/count?business=acme&endpoint=crm'` + operating
	curlReplay = `curl -X POST 'http://127.0.0.1:9090/v1/jobs?business=acme' -H 'Idempotency-Key: replay-17' -H 'Content-Type: application/json' -d '{"endpoint": "crm", "work": "replay", "rate": 20}'` + operating
	curlJobs   = `curl 'http://127.0.0.1:9090/v1/jobs?business=acme'` + operating
	curlPause  = `curl -X POST 'http://127.0.0.1:9090/v1/endpoints/crm/pause?business=acme' -H 'Content-Type: application/json' -d '{"seconds": 1800}'` + operating
	curlResume = `curl -X POST 'http://127.0.0.1:9090/v1/endpoints/crm/resume?business=acme'` + operating
)

// operator is a script of an operator's, and all that it was answered.
type operator struct {
	scenario

	token string
	heard []string
}

// operates issues a token with the scope console, of one business or of all ("").
func (s scenario) operates(t *testing.T, business string) *operator {
	t.Helper()
	args := []string{"token", "issue", "--scope", "console", "--expires", "1h"}
	if business != "" {
		args = append(args, "--business", business)
	}
	token := regexp.MustCompile(`eyJ[\w-]+\.[\w-]+\.[\w-]+`).FindString(s.operate(t, args...))
	if token == "" {
		t.Fatal("no token was issued")
	}
	return &operator{scenario: s, token: token}
}

// calls makes a call and wants its status.
func (o *operator) calls(t *testing.T, status int, method, path string) string {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, o.admin+path, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+o.token)
	got := do(t, request)
	o.heard = append(o.heard, got.body)
	if got.status != status {
		t.Fatalf("%s %s: %d, want %d: %s", method, path, got.status, status, got.body)
	}
	return got.body
}

func (o *operator) reads(t *testing.T, path string) string {
	t.Helper()
	return o.calls(t, http.StatusOK, http.MethodGet, path)
}

// types does what a document says, word for word but for the address.
func (o *operator) types(t *testing.T, command string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "sh", "-c", strings.ReplaceAll(command, "http://127.0.0.1:9090", o.admin)+" --fail-with-body --silent --show-error")
	cmd.Env = append(cmd.Environ(), "BAUTA_OPERATOR_TOKEN="+o.token)
	out, err := cmd.CombinedOutput()
	o.heard = append(o.heard, string(out))
	if err != nil {
		t.Fatalf("%s: %v: %s", command, err, out)
	}
	return string(out)
}

// becomes waits until what a path answers has a value somewhere.
func (o *operator) becomes(t *testing.T, path, want string, at ...any) {
	t.Helper()
	eventually(t, fmt.Sprintf("%s has %s at %v", path, want, at), func(context.Context) bool {
		return in(t, o.reads(t, path), at...) == want //nolint:contextcheck // the call is made within the test
	})
}

// An operator's script: what the console does, by the management API alone.
func TestAScriptOperates(t *testing.T) {
	t.Parallel()
	s := start(t, setup{Unknown: "hold", Retry: "schedule: [100ms], refused_attempts: 1", Endpoint: "own_events: false"})
	s.crm.judge = func(body string) int {
		if strings.Contains(body, "unwanted") {
			return http.StatusUnprocessableEntity
		}
		return http.StatusOK
	}
	o := s.operates(t, "")
	t.Run("a dead letter is counted, and replayed by a job", o.replays)                 //nolint:paralleltest // one step after the other
	t.Run("a held event is released, once the configuration takes it", o.releases)      //nolint:paralleltest // one step after the other
	t.Run("an endpoint is paused and resumed", o.rests)                                 //nolint:paralleltest // one step after the other
	t.Run("everything was noted, and nothing is told that must not be", o.looksBack)    //nolint:paralleltest // one step after the other
	t.Run("a token of one business sees that one", s.operates(t, "acme").keepsToItsOwn) //nolint:paralleltest // one step after the other
}

func (o *operator) replays(t *testing.T) {
	if got := in(t, o.types(t, curlCount), "count"); got != "0" {
		t.Errorf("%s dead letters before anything came", got)
	}
	o.send(t, says(ada(), "3A0701", "unwanted", ctwa()))
	o.send(t, says(ada(), "3A0702", "wanted", nil))
	o.crm.wait(t, 1)
	o.becomes(t, "/v1/dead-letters/count?business=acme&reason=refused&status=422", "1", "count")
	if got := in(t, o.reads(t, "/v1/dead-letters/count?business=acme&status=404"), "count"); got != "0" {
		t.Errorf("%s dead letters of another status", got)
	}
	letters := o.reads(t, "/v1/dead-letters?business=acme&endpoint=crm")
	if in(t, letters, "dead_letters", 0, "reason") != "refused" || in(t, letters, "dead_letters", 0, "kind") != "message" {
		t.Errorf("the dead letter: %s", letters)
	}
	o.crm.answer(http.StatusOK)
	job := o.types(t, curlReplay)
	if again := o.types(t, curlReplay); again != job {
		t.Errorf("the same call began another job: %s", again)
	}
	o.becomes(t, "/v1/jobs/"+in(t, job, "id")+"?business=acme", "ended", "state")
	ended := o.types(t, curlJobs)
	if in(t, ended, "jobs", 0, "done") != "1" || in(t, ended, "jobs", 0, "total") != "1" || in(t, ended, "jobs", 0, "rate") != "20" {
		t.Errorf("the job: %s", ended)
	}
	if got := o.crm.wait(t, 2); !strings.Contains(got[1].body, "unwanted") {
		t.Errorf("replayed: %s", got[1].body)
	}
	o.becomes(t, "/v1/dead-letters/count?business=acme&endpoint=crm", "0", "count")
}

func (o *operator) releases(t *testing.T) {
	o.send(t, fmt.Appendf(nil, `{"object":"whatsapp_business_account","entry":[{"id":"%s","changes":[{"value":{"greeting":"hello"},"field":"next_year"}]}]}`, waba))
	o.becomes(t, "/v1/held-events?business=acme", "unknown_field", "held_events", 0, "reason")
	release := "/v1/held-events/" + in(t, o.reads(t, "/v1/held-events?business=acme"), "held_events", 0, "id") + "/release?business=acme"
	if got := in(t, o.calls(t, http.StatusOK, http.MethodPost, release), "outcome"); got != "still_held" {
		t.Errorf("under the old configuration it is %s", got)
	}
	edit(t, o.dir, "unknown_fields: hold", "unknown_fields: perhaps")
	refused := o.calls(t, http.StatusConflict, http.MethodPost, "/v1/configuration/reload")
	if !strings.Contains(refused, "configuration-refused") || !strings.Contains(in(t, refused, "faults", 0), "unknown_fields") {
		t.Errorf("a configuration that is wrong: %s", refused)
	}
	edit(t, o.dir, "unknown_fields: perhaps", "unknown_fields: scrub")
	o.calls(t, http.StatusOK, http.MethodPost, "/v1/configuration/reload")
	if !strings.Contains(o.reads(t, "/v1/configuration"), `{"key":"unknown_fields","value":"scrub"`) {
		t.Errorf("in force: %s", o.reads(t, "/v1/configuration"))
	}
	if got := in(t, o.calls(t, http.StatusOK, http.MethodPost, release), "outcome"); got != "released" {
		t.Errorf("under the new configuration it is %s", got)
	}
	if got := o.crm.wait(t, 3)[2]; got.header.Get("Bauta-Held") != "true" {
		t.Errorf("released: %v %s", got.header, got.body)
	}
	if got := o.calls(t, http.StatusNotFound, http.MethodPost, release); !strings.Contains(got, "unknown-name") {
		t.Errorf("what is gone: %s", got)
	}
}

func (o *operator) rests(t *testing.T) {
	if got := in(t, o.types(t, curlPause), "state"); got != "paused" {
		t.Errorf("a paused endpoint is %s", got)
	}
	o.send(t, says(ada(), "3A0703", "patient", nil))
	o.becomes(t, "/v1/endpoints/crm?business=acme", "1", "waiting")
	lanes := o.reads(t, "/v1/endpoints/crm/lanes?business=acme")
	lane := o.reads(t, "/v1/endpoints/crm/lanes/"+in(t, lanes, "lanes", 0, "lane")+"?business=acme")
	if in(t, lane, "waiting") != "1" || in(t, lane, "events", 0, "kind") != "message" {
		t.Errorf("the lane: %s", lane)
	}
	handle := o.crm.all()[0].header.Get("Bauta-Handle")
	under := o.reads(t, "/v1/customers/"+handle+"/deliveries?business=acme")
	if in(t, under, "lanes", 0, "events", 0, "event") != in(t, lane, "events", 0, "event") || in(t, under, "tried", 0, "lane") != in(t, lane, "lane") {
		t.Errorf("under the handle: %s", under)
	}
	if n := len(o.crm.all()); n != 3 {
		t.Errorf("a paused endpoint got %d deliveries", n-3)
	}
	if trial := o.calls(t, http.StatusOK, http.MethodPost, "/v1/endpoints/crm/test?business=acme"); in(t, trial, "status") != "200" {
		t.Errorf("a test event while it is paused: %s", trial)
	}
	if got := in(t, o.types(t, curlResume), "state"); got != "delivering" {
		t.Errorf("a resumed endpoint is %s", got)
	}
	if got := o.crm.wait(t, 5); !strings.Contains(got[4].body, "patient") {
		t.Errorf("after the pause: %s", got[4].body)
	}
}

func (o *operator) looksBack(t *testing.T) {
	for what, path := range map[string]string{
		"dead_letter_replay done": "/v1/actions?business=acme", "held_release refused": "/v1/actions?business=acme", "held_release done": "/v1/actions?business=acme",
		"endpoint_pause done": "/v1/actions?business=acme", "endpoint_resume done": "/v1/actions?business=acme", "endpoint_test done": "/v1/actions?business=acme",
		"reload refused": "/v1/actions", "reload done": "/v1/actions",
	} {
		act, outcome, _ := strings.Cut(what, " ")
		if !regexp.MustCompile(`"what":"` + act + `","on":"[^"]*","outcome":"` + outcome + `"`).MatchString(o.reads(t, path)) {
			t.Errorf("%s is not in the log of actions: %s", what, o.reads(t, path))
		}
	}
	if total := o.reads(t, "/v1/balance?business=acme&by=total"); in(t, total, "rows", 0, "delivered") != "4" || in(t, total, "rows", 0, "lost") != "0" {
		t.Errorf("the balance: %s", total)
	}
	for _, path := range []string{"/v1/overview", "/v1/businesses", "/v1/endpoints", "/v1/attempts", "/v1/jobs", "/v1/tokens", "/v1/decisions?business=acme", "/v1/sharing?business=acme"} {
		o.reads(t, path)
	}
	secrets := []string{ada().Number, ada().UserID, simulator.MessageID(ada(), false, "3A0701"), "patient", crmSecret, "test_app_secret", o.token}
	for _, body := range o.heard {
		sweep(t, "an answer of the management API", body, secrets...)
	}
	sweep(t, "the log at debug level", o.log(), o.token)
}

func (o *operator) keepsToItsOwn(t *testing.T) {
	if got := o.reads(t, "/v1/endpoints/crm"); in(t, got, "business") != "acme" {
		t.Errorf("without a name: %s", got)
	}
	for path, status := range map[string]int{
		"/v1/endpoints?business=other": http.StatusNotFound, "/v1/held-events?business=_main": http.StatusNotFound,
		"/v1/configuration": http.StatusForbidden, "/v1/customers/IT.9041174520836617350284": http.StatusForbidden,
	} {
		o.calls(t, status, http.MethodGet, path)
	}
}

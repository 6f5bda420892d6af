package manage_test

import (
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"bauta/webhook/operate"
)

// What is another business's is answered as what is not there, on every route of operators.
func TestAnotherBusinesssThingsAreNotThere(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	empty := map[string]string{
		"consents": `"lines":[`, "consents_head": `"seq":0`, "audit": `"reversals":[]`, "actions": `"actions":[]`, "balance": `"rows":[]`,
		"businesses": `"other"`, "overview": `"other"`, "decisions": `"rules":[]`, "sharing": `"asked":0`, "endpoints": `"their-crm"`,
		"attempts": `"tried":[]`, "held_events": `"held_events":[]`, "dead_letters": "", "dead_letters_count": `"count":0`, "jobs": `"jobs":[]`, "tokens": `"token-of-other"`,
	}
	all := r.everyRoute()
	for _, name := range slices.Sorted(maps.Keys(all)) { // what was done comes first
		c := all[name]
		if c.bearer == ofAll || strings.Contains(c.path, "/customers/") && name != "deliveries" {
			continue // these have tests of their own
		}
		foreign := c
		foreign.bearer = ofOther
		foreign.path = with(c.path, "business=acme")
		wantProblem(t, r.do(t, foreign), http.StatusNotFound, "unknown-name")
		foreign.path = with(c.path, "business=")
		wantProblem(t, r.do(t, foreign), http.StatusNotFound, "unknown-name")
		foreign.path = c.path
		got := r.do(t, foreign)
		if mark, ok := empty[name]; ok && got.status == http.StatusOK {
			if !strings.Contains(got.body, mark) || strings.Contains(got.body, "acme") || strings.Contains(got.body, "evt_1") {
				t.Errorf("%s: %s", name, got.body)
			}
			continue
		}
		if got.status != http.StatusNotFound {
			t.Errorf("%s of another business: %d %s", name, got.status, got.body)
		}
	}
	r.stock.mu.Lock()
	defer r.stock.mu.Unlock()
	for _, n := range r.stock.noted {
		if n.Business != "other" {
			t.Errorf("somebody else's token left a line at %s: %+v", n.Business, n.Action)
		}
	}
	if len(r.stock.gone) > 0 || r.stock.pause.Paused || len(r.stock.shown) > 0 || r.stock.job.State != operate.Running {
		t.Errorf("it changed something: %v %v %v", r.stock.gone, r.stock.pause, r.stock.job.State)
	}
}

// with is a path with one more parameter.
func with(path, parameter string) string {
	if strings.Contains(path, "?") {
		return path + "&" + parameter
	}
	return path + "?" + parameter
}

// A token of all businesses names one where a call is about one, and sees all where not.
func TestATokenOfAllBusinessesNamesOne(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.idle()
	all := []string{"actions", "businesses", "overview", "endpoints", "attempts", "jobs", "tokens"}
	for name, c := range r.everyRoute() {
		if c.bearer == ofAll || strings.Contains(c.path, "/customers/") && name != "deliveries" {
			continue
		}
		c.bearer = ofAll
		got := r.do(t, c)
		if slices.Contains(all, name) {
			if got.status != http.StatusOK {
				t.Errorf("%s of all: %d %s", name, got.status, got.body)
			}
		} else {
			wantProblem(t, got, http.StatusBadRequest, "bad-parameter")
		}
		nobodys := c
		nobodys.path = with(c.path, "business=nobody")
		wantProblem(t, r.do(t, nobodys), http.StatusNotFound, "unknown-name")
		r.stock.mu.Lock()
		clear(r.stock.gone)
		r.stock.job.ID, r.stock.job.State = jobID, operate.Ended
		r.stock.mu.Unlock()
		c.path = with(c.path, "business=acme")
		if got := r.do(t, c); got.status >= 300 {
			t.Errorf("%s of acme: %d %s", name, got.status, got.body)
		}
	}
	for path, want := range map[string]int{"/v1/held-events?business=_main": 200, "/v1/balance?business=_main": 200, "/v1/dead-letters?business=_main": 404, "/v1/held-events?business=_": 404} {
		if got := r.do(t, call{path: path, bearer: ofAll}); got.status != want {
			t.Errorf("%s: %d %s", path, got.status, got.body)
		}
	}
	for _, path := range []string{"/v1/configuration", "/v1/configuration/reload"} {
		method := http.MethodGet
		if strings.HasSuffix(path, "reload") {
			method = http.MethodPost
		}
		wantProblem(t, r.do(t, call{method: method, path: path}), http.StatusForbidden, "all-businesses-only")
	}
}

func TestCursorsAreOfOneListAndBusiness(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.do(t, r.everyRoute()["endpoint_pause"])
	next := map[string]string{}
	lists := map[string]string{"held_events": "/v1/held-events", "dead_letters": "/v1/dead-letters", "lanes": "/v1/endpoints/crm/lanes", "actions": "/v1/actions"}
	for name, path := range lists {
		var page struct{ Next *string }
		got := r.do(t, call{path: with(path, "limit=1")})
		if err := json.Unmarshal([]byte(got.body), &page); err != nil || page.Next == nil {
			t.Fatalf("%s: %v %s", name, err, got.body)
		}
		next[name] = *page.Next
		if got := r.do(t, call{path: with(path, "after="+*page.Next)}); got.status != http.StatusOK {
			t.Errorf("%s: the next page: %d %s", name, got.status, got.body)
		}
	}
	for name, path := range lists {
		for of, cursor := range next {
			if of != name {
				wantProblem(t, r.do(t, call{path: with(path, "after="+cursor)}), http.StatusBadRequest, "bad-cursor")
			}
		}
		if name != "lanes" {
			wantProblem(t, r.do(t, call{path: with(path, "after="+next[name]), bearer: ofOther}), http.StatusBadRequest, "bad-cursor")
		}
		wantProblem(t, r.do(t, call{path: with(path, "after="+cursor(name+"/acme/", "made-up"))}), http.StatusBadRequest, "bad-cursor")
	}
	wantProblem(t, r.do(t, call{path: "/v1/endpoints/_platform/lanes?after=" + next["lanes"]}), http.StatusBadRequest, "bad-cursor")
}

// What operators did is read from either end.
func TestActionsAreReadFromEitherEnd(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.do(t, r.everyRoute()["endpoint_pause"])
	r.do(t, r.everyRoute()["endpoint_resume"])
	want := []string{"endpoint_pause begun", "endpoint_pause done", "endpoint_resume begun", "endpoint_resume done"}
	for _, order := range []string{"", "oldest", "newest"} {
		path := "/v1/actions?limit=3"
		if order != "" {
			path += "&order=" + order
		}
		var got []string
		for more := ""; ; {
			var page struct {
				Actions []struct{ What, Outcome string }
				Next    *string
			}
			if err := json.Unmarshal([]byte(r.do(t, call{path: path + more}).body), &page); err != nil {
				t.Fatal(err)
			}
			for _, a := range page.Actions {
				got = append(got, a.What+" "+a.Outcome)
			}
			if page.Next == nil {
				break
			}
			more = "&after=" + *page.Next
		}
		if order == "newest" {
			slices.Reverse(got)
		}
		if !slices.Equal(got, want) {
			t.Errorf("%q: %q", order, got)
		}
	}
	wantProblem(t, r.do(t, call{path: "/v1/actions?order=random"}), 400, "bad-parameter")
}

func TestHostileBodiesAndNames(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	const post, pause, jobs = http.MethodPost, "/v1/endpoints/crm/pause", "/v1/jobs"
	for name, row := range map[string]struct {
		call   call
		status int
		want   string
	}{
		"a member twice":             {call{method: post, path: pause, body: `{"seconds":1,"seconds":2}`}, 400, "bad-body"},
		"another spelling":           {call{method: post, path: pause, body: `{"Seconds":1}`}, 400, "bad-body"},
		"an unknown member":          {call{method: post, path: pause, body: `{"` + number + `":1}`}, 400, "bad-body"},
		"another type":               {call{method: post, path: pause, body: `{"seconds":"` + number + `"}`}, 400, "bad-body"},
		"a fraction":                 {call{method: post, path: pause, body: `{"seconds":1.5}`}, 400, "bad-body"},
		"nothing of a time":          {call{method: post, path: pause, body: `{"seconds":0}`}, 400, "bad-body"},
		"a time before":              {call{method: post, path: pause, body: `{"seconds":-1}`}, 400, "bad-body"},
		"31 days":                    {call{method: post, path: pause, body: `{"seconds":2678400}`}, 400, "bad-body"},
		"a time that overflows":      {call{method: post, path: pause, body: `{"seconds":9223372036854775807}`}, 400, "bad-body"},
		"no UTF-8":                   {call{method: post, path: "/v1/endpoints/crm/handshake", body: "{\"verify_token\":\"\xff\"}"}, 400, "bad-body"},
		"a long token":               {call{method: post, path: "/v1/endpoints/crm/handshake", body: `{"verify_token":"` + strings.Repeat("x", 257) + `"}`}, 400, "bad-body"},
		"not whole":                  {call{method: post, path: jobs, body: `{"endpoint":"crm"`}, 400, "bad-body"},
		"two documents":              {call{method: post, path: jobs, body: `{"endpoint":"crm","work":"drop"}{}`}, 400, "bad-body"},
		"a list":                     {call{method: post, path: jobs, body: `[]`}, 400, "bad-body"},
		"too deep":                   {call{method: post, path: jobs, body: strings.Repeat(`{"a":`, 12000)}, 400, "bad-body"},
		"too large":                  {call{method: post, path: jobs, body: `{"reason":"` + strings.Repeat("x", 64<<10) + `"}`}, 413, "too-large"},
		"another media type":         {call{method: post, path: jobs, body: `{"endpoint":"crm","work":"drop"}`, kind: "text/plain"}, 415, "bad-media-type"},
		"no work":                    {call{method: post, path: jobs, body: `{"endpoint":"crm"}`}, 400, "bad-body"},
		"another work":               {call{method: post, path: jobs, body: `{"endpoint":"crm","work":"` + number + `"}`}, 400, "bad-body"},
		"no endpoint":                {call{method: post, path: jobs, body: `{"work":"drop"}`}, 400, "bad-body"},
		"no rate":                    {call{method: post, path: jobs, body: `{"endpoint":"crm","work":"drop","rate":0}`}, 400, "bad-body"},
		"too much":                   {call{method: post, path: jobs, body: `{"endpoint":"crm","work":"drop","rate":1001}`}, 400, "bad-body"},
		"no status of HTTP":          {call{method: post, path: jobs, body: `{"endpoint":"crm","work":"drop","status":99}`}, 400, "bad-body"},
		"no time":                    {call{method: post, path: jobs, body: `{"endpoint":"crm","work":"drop","since":"yesterday"}`}, 400, "bad-body"},
		"a job beside another":       {call{method: post, path: jobs, body: `{"endpoint":"crm","work":"drop"}`}, 409, "job-under-way"},
		"an unknown endpoint":        {call{method: post, path: "/v1/endpoints/" + number + "/pause"}, 404, "unknown-name"},
		"another's endpoint":         {call{method: post, path: "/v1/endpoints/their-crm/pause"}, 404, "unknown-name"},
		"a job at another's":         {call{method: post, path: jobs, body: `{"endpoint":"their-crm","work":"drop"}`}, 404, "unknown-name"},
		"the platform is not tried":  {call{method: post, path: "/v1/endpoints/_platform/test"}, 400, "bad-body"},
		"an unknown lane":            {call{path: "/v1/endpoints/crm/lanes/" + number}, 404, "unknown-name"},
		"a held event's id":          {call{method: post, path: "/v1/dead-letters/" + heldID + "/drop"}, 404, "unknown-name"},
		"a dead letter's id":         {call{method: post, path: "/v1/held-events/" + letterID + "/drop"}, 404, "unknown-name"},
		"another's dead letter":      {call{method: post, path: "/v1/dead-letters/other:their-crm:1789027200000-evt_1:7/replay"}, 404, "unknown-name"},
		"an id that is none":         {call{method: post, path: "/v1/held-events/%2B" + number + "%0A/release"}, 404, "unknown-name"},
		"a number for an id":         {call{method: post, path: "/v1/dead-letters/" + number + "/replay"}, 404, "unknown-name"},
		"a long id":                  {call{method: post, path: "/v1/held-events/" + strings.Repeat("9", 300) + "/release"}, 404, "unknown-name"},
		"a job of another name":      {call{path: "/v1/jobs/" + number}, 404, "unknown-name"},
		"a handle of nobody":         {call{path: "/v1/customers/" + number + "/deliveries"}, 404, "unknown-handle"},
		"a status that is none":      {call{path: "/v1/dead-letters?status=99"}, 400, "bad-parameter"},
		"a status in words":          {call{path: "/v1/dead-letters/count?status=x"}, 400, "bad-parameter"},
		"a time that is none":        {call{path: "/v1/dead-letters/count?since=" + number}, 400, "bad-parameter"},
		"an endpoint that is none":   {call{path: "/v1/dead-letters?endpoint=" + number}, 404, "unknown-name"},
		"a list where there is none": {call{path: "/v1/dead-letters/count?limit=1"}, 400, "bad-parameter"},
		"a step of half a minute":    {call{path: "/v1/overview?step_seconds=90"}, 400, "bad-parameter"},
		"too many steps":             {call{path: "/v1/overview?step_seconds=60&from=2026-09-01T00:00:00Z&to=2026-09-08T00:00:00Z"}, 400, "bad-parameter"},
		"a span that is too long":    {call{path: "/v1/sharing?from=2026-09-01T00:00:00Z&to=2026-09-10T00:00:00Z"}, 400, "bad-parameter"},
		"a span from its end":        {call{path: "/v1/decisions?from=2026-09-10T00:00:00Z&to=2026-09-09T00:00:00Z"}, 400, "bad-parameter"},
		"a business of the path":     {call{path: "/v1/configuration?business=acme", bearer: ofAll}, 400, "bad-parameter"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			wantProblem(t, r.do(t, row.call), row.status, row.want)
		})
	}
	t.Cleanup(func() {
		for _, n := range r.stock.noted {
			if strings.Contains(n.On, number) {
				t.Errorf("the log of actions took what somebody made up: %+v", n.Action)
			}
		}
		if len(r.stock.gone) > 0 || r.stock.pause.Paused || r.stock.job.State != operate.Running {
			t.Errorf("it changed something: %v %v %v", r.stock.gone, r.stock.pause, r.stock.job.State)
		}
	})
}

func TestOperatorsAct(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	wantBody(t, r.do(t, r.everyRoute()["held_event_release"]), `{"outcome":"released"}`)
	wantProblem(t, r.do(t, r.everyRoute()["held_event_drop"]), 404, "unknown-name")
	wantBody(t, r.do(t, r.everyRoute()["dead_letter_replay"]), `{"outcome":"replayed"}`)
	wantProblem(t, r.do(t, r.everyRoute()["dead_letter_drop"]), 404, "unknown-name")
	r.stock.still = true
	clear(r.stock.gone)
	wantBody(t, r.do(t, r.everyRoute()["held_event_release"]), `{"outcome":"still_held"}`)
	if got := r.do(t, call{method: http.MethodPost, path: "/v1/endpoints/crm/pause"}); !strings.Contains(got.body, `"state":"off"`) {
		t.Errorf("a pause without an end: %s", got.body)
	}
	if got := r.do(t, r.everyRoute()["endpoint_pause"]); !strings.Contains(got.body, `"state":"paused","reason":"operator","until":"`) || r.stock.pause.Pause.Left != 30*time.Minute {
		t.Errorf("a pause of half an hour: %s, %s", r.stock.pause.Pause.Left, got.body)
	}
	if got := r.do(t, r.everyRoute()["endpoint_resume"]); !strings.Contains(got.body, `"state":"delivering","reason":null,"until":null`) {
		t.Errorf("resumed: %s", got.body)
	}
	r.do(t, r.everyRoute()["endpoint_handshake"])
	if !slices.Equal(r.stock.shown, []string{verifying}) {
		t.Errorf("hands were shaken by %q", r.stock.shown)
	}
	if got := r.do(t, r.everyRoute()["job_cancel"]); !strings.Contains(got.body, `"state":"cancelled"`) {
		t.Errorf("cancelled: %s", got.body)
	}
	begun := r.do(t, r.everyRoute()["job_begin"])
	if begun.status != http.StatusAccepted || !strings.Contains(begun.body, `"rate":20`) || !strings.Contains(begun.body, `"total":1`) {
		t.Errorf("begun: %d %s", begun.status, begun.body)
	}
	r.stock.faults = []string{"bauta.yaml:12:7: businesses[0].hiding.default: write visible or hidden"}
	refused := r.do(t, r.everyRoute()["configuration_reload"])
	wantProblem(t, refused, http.StatusConflict, "configuration-refused")
	if !strings.Contains(refused.body, `"faults":["bauta.yaml:12:7: businesses[0]`) {
		t.Errorf("%s", refused.body)
	}
}

// Under one Idempotency-Key an act is done once, and its body is a part of it.
func TestActsAreDoneOnce(t *testing.T) {
	t.Parallel()
	for name, c := range newRig(t).everyRoute() {
		if c.method != http.MethodPost || strings.Contains(c.path, "/customers/") {
			continue
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			r.idle()
			c := under("k", r.everyRoute()[name])
			first, again := r.do(t, c), r.do(t, c)
			if first.status >= 300 || again.status != first.status || again.body != first.body || again.header.Get("Idempotency-Replayed") != "true" {
				t.Errorf("first %d %s\nagain %d %v %s", first.status, first.body, again.status, again.header, again.body)
			}
			if n := len(r.stock.noted); n != 2 {
				t.Errorf("the log of actions has %d lines, want that it was begun and what came of it", n)
			}
			other := c
			other.body = " null "
			if c.body != "" {
				wantProblem(t, r.do(t, other), http.StatusConflict, "key-reused")
			}
			if c.bearer == "" {
				other = c
				other.bearer, other.path = ofAll, with(c.path, "business=acme")
				if got := r.do(t, other); got.header.Get("Idempotency-Replayed") == "true" {
					t.Errorf("another token's key: %d %s", got.status, got.body)
				}
			}
		})
	}
}

// Without the log of actions nothing is done.
func TestWithoutTheLogOfActionsNothingIsDone(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.stock.fail(errDown)
	wantProblem(t, r.do(t, r.everyRoute()["endpoint_resume"]), 503, "unavailable")
	wantProblem(t, r.do(t, r.everyRoute()["held_event_drop"]), 503, "unavailable")
	if len(r.stock.gone) > 0 {
		t.Error("it was done")
	}
}

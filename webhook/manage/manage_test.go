package manage_test

import (
	"cmp"
	"net/http"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"bauta/webhook"
	"bauta/webhook/access"
	"bauta/webhook/manage"
)

// everyRoute that needs a token, by its name: of acme, its hidden customer, its endpoint
// and what the stock has.
func (r *rig) everyRoute() map[string]call {
	const post = http.MethodPost
	c := "/v1/customers/IT." + r.people.hidden.Long
	return map[string]call{
		"customer":             {path: c},
		"share_request":        {method: post, path: c + "/share-requests", body: "{}"},
		"withdraw":             {method: http.MethodDelete, path: c + "/sharing"},
		"erase":                {method: http.MethodDelete, path: c},
		"consents":             {path: "/v1/consents"},
		"consents_head":        {path: "/v1/consents/head"},
		"audit":                {path: "/v1/audit"},
		"actions":              {path: "/v1/actions"},
		"balance":              {path: "/v1/balance"},
		"businesses":           {path: "/v1/businesses"},
		"overview":             {path: "/v1/overview"},
		"decisions":            {path: "/v1/decisions"},
		"sharing":              {path: "/v1/sharing"},
		"endpoints":            {path: "/v1/endpoints"},
		"endpoint":             {path: "/v1/endpoints/crm"},
		"endpoint_pause":       {method: post, path: "/v1/endpoints/crm/pause", body: `{"seconds":1800}`},
		"endpoint_resume":      {method: post, path: "/v1/endpoints/crm/resume"},
		"endpoint_test":        {method: post, path: "/v1/endpoints/crm/test"},
		"endpoint_handshake":   {method: post, path: "/v1/endpoints/crm/handshake", body: `{"verify_token":"` + verifying + `"}`},
		"lanes":                {path: "/v1/endpoints/crm/lanes"},
		"lane":                 {path: "/v1/endpoints/crm/lanes/" + webhook.LaneHash(r.prf, conversation())},
		"attempts":             {path: "/v1/attempts?endpoint=crm"},
		"deliveries":           {path: c + "/deliveries"},
		"held_events":          {path: "/v1/held-events"},
		"held_event_release":   {method: post, path: "/v1/held-events/" + heldID + "/release"},
		"held_event_drop":      {method: post, path: "/v1/held-events/" + heldID + "/drop"},
		"dead_letters":         {path: "/v1/dead-letters?endpoint=crm&reason=refused&status=422"},
		"dead_letters_count":   {path: "/v1/dead-letters/count"},
		"dead_letter_replay":   {method: post, path: "/v1/dead-letters/" + letterID + "/replay"},
		"dead_letter_drop":     {method: post, path: "/v1/dead-letters/" + letterID + "/drop"},
		"jobs":                 {path: "/v1/jobs"},
		"job_begin":            {method: post, path: "/v1/jobs", body: `{"endpoint":"crm","work":"replay","rate":20}`},
		"job":                  {path: "/v1/jobs/" + jobID},
		"job_cancel":           {method: post, path: "/v1/jobs/" + jobID + "/cancel"},
		"tokens":               {path: "/v1/tokens"},
		"configuration":        {path: "/v1/configuration", bearer: ofAll},
		"configuration_reload": {method: post, path: "/v1/configuration/reload", bearer: ofAll},
	}
}

// idle has no job at acme's endpoint.
func (r *rig) idle() {
	r.stock.mu.Lock()
	defer r.stock.mu.Unlock()
	r.stock.job.State = "ended"
}

func TestEveryRouteAsksWhoCalls(t *testing.T) {
	t.Parallel()
	for name := range newRig(t).everyRoute() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			c := r.everyRoute()[name]
			right := cmp.Or(c.bearer, ofAcme)
			with := func(bearer string) answer {
				c := c
				c.bearer = bearer
				return r.do(t, c)
			}
			if name == "job_begin" {
				r.idle()
			}
			wantProblem(t, with("none"), 401, "unauthorized")
			wantProblem(t, with("made-up"), 401, "unauthorized")
			wantProblem(t, with(ofNobody), 401, "unauthorized")
			refused := with(unscoped)
			wantProblem(t, refused, 403, "wrong-scope")
			scope := "console"
			if name == "customer" || name == "share_request" || name == "withdraw" || name == "erase" {
				scope = "manage"
				wantProblem(t, with(ofOther), 404, "unknown-handle")
				wantProblem(t, with(ofAll), 403, "wrong-scope")
			} else {
				// What tells of all at once, and what operators do, is the operator's.
				wantProblem(t, with(managing), 403, "wrong-scope")
			}
			if says := refused.header.Get("WWW-Authenticate"); !strings.Contains(says, `scope="`+scope+`"`) {
				t.Errorf("it needs %s, and says %s", scope, says)
			}
			for _, break_ := range []func(error){r.people.fail, r.lists.fail, r.stock.fail} {
				break_(errDown)
			}
			// These are in memory.
			if memory := []string{"businesses", "attempts", "configuration"}; !slices.Contains(memory, name) {
				got := with(right)
				wantProblem(t, got, 503, "unavailable")
				if got.header.Get("Retry-After") == "" {
					t.Error("it does not say when to come again")
				}
			}
			r.people.fail(nil)
			r.lists.fail(nil)
			r.stock.fail(nil)
			r.tokens.fail(errDown)
			wantProblem(t, with(right), 503, "unavailable")
			r.tokens.fail(nil)
			if n := len(r.people.acts()); n != 0 {
				t.Errorf("%d acts of callers who may not", n)
			}
			if got := with(right); got.status != 200 && got.status != 202 || got.header.Get("Content-Type") != "application/json" {
				t.Errorf("%d %s", got.status, got.body)
			}
		})
	}
}

// Whoever shows no right token gets one answer, wherever they look.
func TestStrangersLearnNothing(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	plain := func(a answer) (int, http.Header, string) {
		trace := a.header.Get("Bauta-Trace")
		h := a.header.Clone()
		h.Del("Bauta-Trace")
		return a.status, h, strings.ReplaceAll(a.body, trace, "")
	}
	status, header, body := plain(r.do(t, call{path: "/v1/customers/x", bearer: "none"}))
	if header.Get("WWW-Authenticate") != "Bearer" {
		t.Errorf("%v", header)
	}
	for _, path := range []string{"/v1/customers/IT." + r.people.hidden.Long, "/v1/consents?limit=x", "/v1/nothing", "/v1/", "/v1/customers//", "/v1/..%2f", "/v1/audit?%zz"} {
		for _, method := range []string{http.MethodPost, http.MethodPut, http.MethodDelete, http.MethodOptions, http.MethodPatch, "BREW"} {
			for _, bearer := range []string{"none", "made-up", strings.Repeat("x", 5000), ofNobody} {
				s, h, b := plain(r.do(t, call{method: method, path: path, bearer: bearer, body: "{"}))
				if s != status || b != body || gocmp.Diff(header, h) != "" {
					t.Errorf("%s %s: %d %v %s", method, path, s, h, b)
				}
			}
		}
	}
}

func TestATokenStandsInTheHeaderOnce(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	right, other := "Bearer "+r.bearers[ofAcme], "Bearer "+r.bearers[ofOther]
	for name, row := range map[string]struct {
		headers []string
		path    string
		want    int
	}{
		"once":                   {[]string{right}, "/v1/consents/head", 200},
		"written small":          {[]string{"bearer " + r.bearers[ofAcme]}, "/v1/consents/head", 200},
		"twice, the same":        {[]string{right, right}, "/v1/consents/head", 200},
		"twice, two":             {[]string{right, other}, "/v1/consents/head", 401},
		"by another scheme":      {[]string{"Basic " + r.bearers[ofAcme]}, "/v1/consents/head", 401},
		"empty":                  {[]string{"Bearer "}, "/v1/consents/head", 401},
		"in the query":           {nil, "/v1/consents/head?access_token=" + r.bearers[ofAcme], 401},
		"in header and in query": {[]string{right}, "/v1/consents/head?access_token=" + r.bearers[ofAcme], 400},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			request := r.made(t.Context(), call{path: row.path, bearer: "none"})
			request.Header["Authorization"] = row.headers
			if got := r.send(request); got.status != row.want {
				t.Errorf("%d, want %d: %s", got.status, row.want, got.body)
			}
		})
	}
}

func TestCallersAreSlowedDown(t *testing.T) {
	t.Parallel()
	r := newRig(t, func(o *manage.Options) {
		o.Limiter = access.NewLimiter(access.Limits{TokenRate: 1e-6, TokenBurst: 2, SourceRate: 1e-6, SourceBurst: 2})
	})
	head := call{path: "/v1/consents/head"}
	for range 2 {
		wantProblem(t, r.do(t, call{path: head.path, bearer: "made-up"}), 401, "unauthorized")
	}
	wantProblem(t, r.do(t, call{path: head.path, bearer: "made-up"}), 429, "rate-limited")
	for range 2 {
		if got := r.do(t, head); got.status != 200 {
			t.Fatalf("a right token from a closed source: %d", got.status)
		}
	}
	got := r.do(t, head)
	wantProblem(t, got, 429, "rate-limited")
	if got.header.Get("Retry-After") != "1" {
		t.Errorf("Retry-After %q", got.header.Get("Retry-After"))
	}
	if got := r.do(t, call{path: head.path, bearer: ofOther}); got.status != 200 {
		t.Errorf("another token suffers: %d", got.status)
	}
}

func TestMethodsAndPaths(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	c := "/v1/customers/IT." + r.people.hidden.Long
	for _, row := range []struct {
		method, path, allow string
		status              int
	}{
		{http.MethodPut, c, "DELETE, GET, HEAD, OPTIONS", 405},
		{"BREW", c, "DELETE, GET, HEAD, OPTIONS", 405},
		{http.MethodOptions, c, "DELETE, GET, HEAD, OPTIONS", 204},
		{http.MethodGet, c + "/share-requests", "OPTIONS, POST", 405},
		{http.MethodHead, c + "/sharing", "DELETE, OPTIONS", 405},
		{http.MethodPost, "/v1/consents", "GET, HEAD, OPTIONS", 405},
		{http.MethodHead, "/v1/consents", "", 200},
		{http.MethodHead, c, "", 200},
		{http.MethodGet, "/v1/consents/", "", 200},
		{http.MethodGet, "/v1", "", 200},
		{http.MethodGet, "/v1/", "", 200},
		{http.MethodPost, "/v1", "GET, HEAD, OPTIONS", 405},
		{http.MethodGet, "/v1/customers", "", 404},
		{http.MethodGet, "/v1/customers//sharing", "", 404},
		{http.MethodGet, c + "/sharing/more", "", 404},
		{http.MethodOptions, "/v1/nothing", "", 404},
		{http.MethodGet, "/v1/Consents", "", 404},
	} {
		got := r.do(t, call{method: row.method, path: row.path})
		if got.status != row.status || got.header.Get("Allow") != row.allow {
			t.Errorf("%s %s: %d, Allow %q: %s", row.method, row.path, got.status, got.header.Get("Allow"), got.body)
		}
		if row.method == http.MethodHead && got.body != "" {
			t.Errorf("HEAD %s has a body", row.path)
		}
		if got.header.Get("Access-Control-Allow-Origin") != "" || got.header.Get("Cache-Control") != "no-store" {
			t.Errorf("%v", got.header)
		}
	}
}

func TestBodiesAndQueriesThatNoCallTakes(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	c := "/v1/customers/IT." + r.people.hidden.Long
	ask := c + "/share-requests"
	for name, row := range map[string]struct {
		call   call
		status int
		want   string
	}{
		"not JSON":                    {call{method: "POST", path: ask, body: "{"}, 400, "bad-body"},
		"two documents":               {call{method: "POST", path: ask, body: "{}{}"}, 400, "bad-body"},
		"not an object":               {call{method: "POST", path: ask, body: `["` + number + `"]`}, 400, "bad-body"},
		"an unknown member":           {call{method: "POST", path: ask, body: `{"` + number + `":1}`}, 400, "bad-body"},
		"deep":                        {call{method: "POST", path: ask, body: strings.Repeat("[", 60000)}, 400, "bad-body"},
		"too large":                   {call{method: "POST", path: ask, body: strings.Repeat(" ", 64<<10) + "{}"}, 413, "too-large"},
		"a form":                      {call{method: "POST", path: ask, body: "a=b", kind: "application/x-www-form-urlencoded"}, 415, "bad-media-type"},
		"a member for an erasure":     {call{method: "DELETE", path: c, body: `{"handle":1}`}, 400, "bad-body"},
		"a parameter":                 {call{path: c + "?q=" + number}, 400, "bad-parameter"},
		"a parameter of a list":       {call{path: "/v1/consents?" + number + "=1"}, 400, "bad-parameter"},
		"a parameter twice":           {call{path: "/v1/audit?limit=1&limit=2"}, 400, "bad-parameter"},
		"no query":                    {call{path: "/v1/audit?%zz"}, 400, "bad-parameter"},
		"a long query":                {call{path: "/v1/audit?after=" + strings.Repeat("x", 9000)}, 400, "bad-parameter"},
		"no page":                     {call{path: "/v1/audit?limit=0"}, 400, "bad-parameter"},
		"a page below nothing":        {call{path: "/v1/audit?limit=-1"}, 400, "bad-parameter"},
		"a page that is too large":    {call{path: "/v1/audit?limit=501"}, 400, "bad-parameter"},
		"a page beyond numbers":       {call{path: "/v1/audit?limit=99999999999999999999"}, 400, "bad-parameter"},
		"an empty cursor":             {call{path: "/v1/audit?after="}, 400, "bad-cursor"},
		"a cursor that is none":       {call{path: "/v1/audit?after=" + number}, 400, "bad-cursor"},
		"another list's cursor":       {call{path: "/v1/consents?after=" + cursor("audit/acme/", "1")}, 400, "bad-cursor"},
		"a cursor with a place apart": {call{path: "/v1/consents?after=" + cursor("consents/acme/", "x")}, 400, "bad-cursor"},
		"a place of no page":          {call{path: "/v1/audit?after=" + cursor("audit/acme/", "1.1.1")}, 400, "bad-cursor"},
		"a key with a space":          {call{method: "DELETE", path: c, key: "a b"}, 400, "bad-idempotency-key"},
		"a long key":                  {call{method: "DELETE", path: c, key: strings.Repeat("a", 256)}, 400, "bad-idempotency-key"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			wantProblem(t, r.do(t, row.call), row.status, row.want)
		})
	}
	t.Cleanup(func() {
		if acts := r.people.acts(); len(acts) != 0 {
			t.Errorf("they led to %v", acts)
		}
	})
	for name, c := range map[string]call{
		"an empty object where none is needed": {method: "DELETE", path: c + "/sharing", body: "{}", kind: "text/plain"},
		"null":                                 {method: "DELETE", path: c + "/sharing", body: " null\n"},
	} {
		if got := r.do(t, c); got.status != 200 {
			t.Errorf("%s: %d %s", name, got.status, got.body)
		}
	}
}

func TestACompressedBodyIsNotGuessedAt(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	request := r.made(t.Context(), r.everyRoute()["share_request"])
	request.Header.Set("Content-Encoding", "gzip")
	wantProblem(t, r.send(request), 415, "bad-media-type")
}

func TestAPanicIsAProblem(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.people.panics = true
	for _, c := range []call{r.everyRoute()["customer"], r.everyRoute()["erase"]} {
		wantProblem(t, r.do(t, c), 500, "internal")
	}
	if !strings.Contains(r.log.String(), "panicked") {
		t.Error("the log says nothing")
	}
}

func TestOptionsAreChecked(t *testing.T) {
	t.Parallel()
	_, err := manage.New(manage.Options{})
	if err == nil || strings.Count(err.Error(), "is missing") != 12 {
		t.Errorf("%v", err)
	}
}

func TestTheOperatorIsToldOnce(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.lists.fail(errDown)
	for range 3 {
		r.do(t, call{path: "/v1/consents"})
	}
	if n := strings.Count(r.log.String(), "level=WARN"); n != 1 {
		t.Errorf("%d warnings", n)
	}
}

func TestCallsAreCounted(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.do(t, call{path: "/v1/consents"})
	r.do(t, call{path: "/v1/customers/x"})
	r.do(t, call{path: "/v1/secret-path"})
	r.do(t, call{path: "/v1/consents", bearer: "none"})
	families, err := r.registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, f := range families {
		for _, m := range f.GetMetric() {
			var labels []string
			for _, l := range m.GetLabel() {
				labels = append(labels, l.GetValue())
			}
			if m.GetCounter().GetValue() > 0 {
				got = append(got, f.GetName()+" "+strings.Join(labels, " "))
			}
		}
	}
	slices.Sort(got)
	want := []string{
		"bauta_manage_auth_failures_total missing",
		"bauta_manage_requests_total acme consents 2xx",
		"bauta_manage_requests_total acme customer 4xx",
		"bauta_manage_requests_total acme none 4xx",
	}
	if diff := gocmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

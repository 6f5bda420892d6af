package reply_test

import (
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"bauta/webhook"
	"bauta/webhook/access"
)

func messages() string { return "/v25.0/" + phone + "/messages" }

func (r *rig) text() string {
	return `{"messaging_product":"whatsapp","to":"` + r.store.handle(hiddenPerson(), webhook.Direct) + `","type":"text","text":{"body":"ciao"}}`
}

func TestATokenStandsWhereThePlatformTakesIt(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	form := url.Values{
		"messaging_product": {"whatsapp"}, "to": {r.store.handle(hiddenPerson(), webhook.Direct)}, "type": {"text"}, "text": {`{"body":"ciao"}`},
	}.Encode()
	const kind = "application/x-www-form-urlencoded; charset=utf-8"
	for name, row := range map[string]struct {
		call call
		want int
	}{
		"in the header":                              {call{path: messages(), body: r.text()}, 200},
		"in the header, written small":               {call{path: messages(), body: r.text(), bearer: "none", header: map[string]string{"Authorization": "bearer " + token}}, 200},
		"in the query":                               {call{path: messages() + "?access_token=" + token, body: r.text(), bearer: "none"}, 200},
		"in a form":                                  {call{path: messages(), body: form + "&access_token=" + token, kind: kind, bearer: "none"}, 200},
		"in a form, its name escaped":                {call{path: messages(), body: "access%5Ftoken=" + token + "&" + form, kind: kind, bearer: "none"}, 200},
		"in all places, the same one":                {call{path: messages() + "?access_token=" + token, body: form + "&access_token=" + token, kind: kind}, 200},
		"in two places, two":                         {call{path: messages() + "?access_token=" + otherToken, body: r.text()}, 401},
		"in the query twice, two":                    {call{path: messages() + "?access_token=" + token + "&access_token=" + otherToken, body: r.text(), bearer: "none"}, 401},
		"in header and form, two":                    {call{path: messages(), body: form + "&access_token=" + otherToken, kind: kind}, 401},
		"in the header by another scheme":            {call{path: messages(), body: r.text(), bearer: "none", header: map[string]string{"Authorization": "Basic " + token}}, 401},
		"nowhere":                                    {call{path: messages(), body: r.text(), bearer: "none"}, 401},
		"empty in the query":                         {call{path: messages() + "?access_token=", body: r.text(), bearer: "none"}, 401},
		"longer than any token":                      {call{path: messages(), body: r.text(), bearer: strings.Repeat("x", 5<<10)}, 401},
		"nowhere, with a form that is too large":     {call{path: messages(), body: strings.Repeat("x", 2<<20), kind: kind, bearer: "none"}, 401},
		"nowhere, with a form that is none":          {call{path: messages(), body: "access_token=%zz", kind: kind, bearer: "none"}, 401},
		"right, with a form that is only the token":  {call{method: http.MethodGet, path: "/" + phone, body: "access_token=" + token, kind: kind, bearer: "none"}, 200},
		"right, and the body is in chunks":           {call{path: messages(), body: r.text(), header: map[string]string{"Transfer-Encoding": "chunked"}}, 200},
		"right, and the version is missing":          {call{path: "/" + phone + "/messages", body: r.text()}, 200},
		"right, and the version is as long as it is": {call{path: "/v123.45/" + phone + "/messages", body: r.text()}, 200},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := r.do(t, row.call); got.status != row.want {
				t.Errorf("%d, want %d: %s", got.status, row.want, got.body)
			}
		})
	}
	t.Cleanup(func() {
		calls, bodies := r.platformCalls()
		for i := range calls {
			if all := calls[i].URL.String() + bodies[i]; strings.Contains(all, token) || strings.Contains(all, "access_token") {
				t.Errorf("the business's token reaches the platform: %s", all)
			}
		}
	})
}

// Whoever shows no right token gets one answer, wherever they look.
func TestStrangersLearnNothing(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	want := r.do(t, call{method: http.MethodGet, path: "/", bearer: "none"})
	wantFault(t, want, 401, 190, "unauthorized")
	for _, path := range []string{
		"/", "/v25.0", messages(), "/v25.0/" + waba + "/message_templates?limit=1", "/" + groupID, "//", "/../etc", "/a/b/c/d/e/f", "/%2f",
		"/webhooks", "/webhooks/main/x", "/v1/customers", "/x?%zz", "/x?" + strings.Repeat("x", 9<<10), "/v25.0/" + waba + "/subscribed_apps",
	} {
		for _, method := range []string{http.MethodGet, http.MethodPost, http.MethodPut, http.MethodDelete, http.MethodOptions, http.MethodPatch, "BREW"} {
			for _, bearer := range []string{"none", "made-up"} {
				got := r.do(t, call{method: method, path: path, bearer: bearer, body: "{}"})
				if got.status != want.status || withoutTrace(got) != withoutTrace(want) {
					t.Errorf("%s %s: %d %s", method, path, got.status, got.body)
				}
				if diff := cmp.Diff(plainHeader(want.header), plainHeader(got.header)); diff != "" {
					t.Errorf("%s %s: %s", method, path, diff)
				}
			}
		}
	}
	if head := r.do(t, call{method: http.MethodHead, path: messages(), bearer: "none"}); head.status != 401 || head.body != "" {
		t.Errorf("HEAD: %d %q", head.status, head.body)
	}
}

// plainHeader is a header without what differs by nature.
func plainHeader(h http.Header) http.Header {
	h = h.Clone()
	h.Del("Bauta-Trace")
	h.Del("Date")
	return h
}

func TestWrongTokensCloseASource(t *testing.T) {
	t.Parallel()
	r := newRig(t, func(s *settings) {
		s.options.Limiter = access.NewLimiter(access.Limits{SourceRate: 1e-6, SourceBurst: 3})
	})
	profile := call{method: http.MethodGet, path: "/" + phone}
	for range 10 {
		if got := r.do(t, profile); got.status != 200 {
			t.Fatalf("right tokens cost something: %d", got.status)
		}
		r.do(t, call{method: http.MethodGet, path: "/", bearer: "none"})
	}
	for range 3 {
		wantFault(t, r.do(t, call{path: "/", bearer: "made-up"}), 401, 190, "unauthorized")
	}
	got := r.do(t, call{path: "/", bearer: "made-up"})
	wantFault(t, got, 429, 4, "rate_limited")
	wantFault(t, r.do(t, call{path: "/", bearer: "none"}), 429, 4, "rate_limited")
	if right := r.do(t, profile); right.status != 200 {
		t.Errorf("a right token from a closed source is answered %d: others there are locked out", right.status)
	}
	if got.header.Get("Retry-After") == "" {
		t.Error("it does not say when to come again")
	}
}

func TestATokenHasALimit(t *testing.T) {
	t.Parallel()
	r := newRig(t, func(s *settings) {
		s.options.Limiter = access.NewLimiter(access.Limits{TokenRate: 1e-6, TokenBurst: 2})
	})
	profile := call{method: http.MethodGet, path: "/" + phone}
	for range 2 {
		if got := r.do(t, profile); got.status != 200 {
			t.Fatalf("%d %s", got.status, got.body)
		}
	}
	got := r.do(t, profile)
	wantFault(t, got, 429, 4, "rate_limited")
	if got.header.Get("Retry-After") != "1" {
		t.Errorf("Retry-After %q", got.header.Get("Retry-After"))
	}
	profile.bearer = "only-profile"
	if got := r.do(t, profile); got.status != 200 {
		t.Errorf("another token suffers: %d", got.status)
	}
}

func TestAStoreThatFailsIsSaid(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	broken := errors.New("redis: connection refused")
	r.tokens.fail(broken)
	wantRetry(t, r.do(t, call{path: messages(), body: r.text()}))
	r.tokens.fail(nil)
	r.store.fail(broken)
	wantRetry(t, r.do(t, call{path: messages(), body: r.text()}))
	wantRetry(t, r.do(t, call{method: http.MethodDelete, path: "/" + mediumID}))
	r.store.fail(nil)
	if got := r.do(t, call{path: messages(), body: r.text()}); got.status != 200 {
		t.Errorf("%d %s", got.status, got.body)
	}
	if n := strings.Count(r.log.String(), "level=WARN"); n != 2 {
		t.Errorf("%d warnings, want one for tokens and one for the business:\n%s", n, r.log)
	}
}

func wantRetry(t *testing.T, got answer) {
	t.Helper()
	wantFault(t, got, 503, 2, "unavailable")
	if got.header.Get("Retry-After") == "" {
		t.Error("it does not say when to come again")
	}
}

package console_test

import (
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"bauta/webhook"
)

// action is one that a page offers.
type action struct {
	path string
	form url.Values
	done []string
	// said is where it leads, or what the answer says.
	said string
}

func actions() []action {
	named := url.Values{"of": {"acme"}, "endpoint": {"crm"}}
	with := func(base url.Values, pairs ...string) url.Values {
		out := url.Values{}
		maps.Copy(out, base)
		for i := 0; i < len(pairs); i += 2 {
			out.Add(pairs[i], pairs[i+1])
		}
		return out
	}
	picks := url.Values{"id": {"acme/one:1", "_main/two"}}
	filter := url.Values{"business": {"acme"}, "endpoint": {"crm"}, "reason": {"refused"}, "status": {"404"}, "rate": {"7"}}
	return []action{
		{"endpoints/pause", with(named, "for", "30m"), []string{"_ pauses acme/crm for 30m0s"}, "said=paused"},
		{"endpoints/pause", named, []string{"_ pauses acme/crm for 0s"}, "said=paused"},
		{"endpoints/pause", with(named, "for", "soon"), nil, "said=pause_length"},
		{"endpoints/pause", with(named, "for", "-1h"), nil, "said=pause_length"},
		{"endpoints/resume", named, []string{"_ resumes acme/crm"}, "said=resumed"},
		{"endpoints/test", named, []string{"tests acme/crm"}, "It answered 502 after 12 ms."},
		{"endpoints/handshake", with(named, "verify_token", "v"), []string{"shakes hands with acme/crm by v"}, "The handshake works."},
		{"held/release", picks, []string{"releases one:1 of acme", "releases two of _main"}, "n=2&said=released"},
		{"held/release", nil, nil, "said=gone"},
		{"held/drop", picks, nil, "Drop 2 held events for good?"},
		{"held/drop", with(picks, "sure", "yes"), []string{"drops held one:1 of acme", "drops held two of _main"}, "n=2&said=dropped"},
		{"dead-letters/replay", picks, []string{"replays one:1 of acme", "replays two of _main"}, "n=2&said=replayed"},
		{"dead-letters/drop", picks, nil, "Drop 2 dead letters for good?"},
		{"dead-letters/drop", with(picks, "sure", "yes"), []string{"drops one:1 of acme", "drops two of _main"}, "said=dropped"},
		{"dead-letters/begin", filter, nil, "Replay 42 dead letters?"},
		{"dead-letters/begin", with(filter, "work", "drop"), nil, "Drop 42 dead letters for good?"},
		{"dead-letters/begin", with(filter, "sure", "yes"), []string{"begins to replay acme/crm reason=refused status=404 at 7"}, "said=begun"},
		{"dead-letters/begin", with(filter, "work", "drop", "sure", "yes"), []string{"begins to drop acme/crm reason=refused status=404 at 7"}, "said=begun"},
		{"dead-letters/begin", url.Values{"business": {"acme"}, "rate": {"fast"}}, nil, "said=rate"},
		{"dead-letters/cancel", url.Values{"of": {"acme"}, "job": {"J1"}}, []string{"cancels J1 of acme"}, "said=cancelled"},
		{"configuration/reload", nil, []string{"reloads"}, "Not reloaded: the old configuration stays in force."},
	}
}

func TestEveryActionIsDoneOnceAndSaid(t *testing.T) {
	t.Parallel()
	for _, a := range actions() {
		t.Run(a.path, func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			b := r.loggedIn(webhook.AllBusinesses)
			got := b.act(a.path, a.form)
			if done := r.desk.acts(); !slices.Equal(done, a.done) {
				t.Errorf("it did %q, not %q", done, a.done)
			}
			where := got.header.Get("Location")
			if where == "" && got.code != http.StatusOK || !strings.Contains(where+got.body, a.said) {
				t.Errorf("it was answered %d to %q without %q: %s", got.code, where, a.said, got.body)
			}
			if where != "" {
				safe(t, a.path, b.get(strings.TrimPrefix(where, "/console/")))
			}
		})
	}
}

func TestNoOtherPageCanAct(t *testing.T) {
	t.Parallel()
	for name, forge := range map[string]func(*browser, url.Values){
		"without the session's word":           func(_ *browser, f url.Values) { f.Del("form") },
		"with another session's word":          func(b *browser, f url.Values) { f.Set("form", b.loggedIn(webhook.AllBusinesses).word()) },
		"from another site, as Sec-Fetch says": func(b *browser, _ url.Values) { b.header.Set("Sec-Fetch-Site", "cross-site") },
		"from another site of the same domain": func(b *browser, _ url.Values) { b.header.Set("Sec-Fetch-Site", "same-site") },
		"from another origin":                  func(b *browser, _ url.Values) { b.header.Set("Origin", "https://evil.example") },
		"under a name that is not Bauta's":     func(b *browser, _ url.Values) { b.header.Set("Host", "evil.example:9090") },
		"as a GET":                             func(b *browser, _ url.Values) { b.header.Set("Bauta-Test-Method", http.MethodGet) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			for _, a := range actions() {
				b := r.loggedIn(webhook.AllBusinesses)
				form := url.Values{"form": {b.word()}, "sure": {"yes"}}
				maps.Copy(form, a.form)
				forge(b, form)
				method := http.MethodPost
				path := a.path
				if b.header.Get("Bauta-Test-Method") != "" {
					method, path = http.MethodGet, a.path+"?"+form.Encode()
				}
				got := b.do(method, path, form)
				page, _, _ := strings.Cut(a.path, "/")
				if toPage := got.code == http.StatusSeeOther && got.header.Get("Location") == "/console/"+page; got.code < 400 && (method != http.MethodGet || !toPage) {
					t.Errorf("%s was answered %d to %q", a.path, got.code, got.header.Get("Location"))
				}
				if done := r.desk.acts(); len(done) > 0 {
					t.Errorf("%s did %q", a.path, done)
				}
			}
		})
	}
}

func TestWhatWasDoneIsSaidAsItIs(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	b := r.loggedIn(webhook.AllBusinesses)
	picks := url.Values{"id": {"acme/1"}}
	r.desk.still = true
	if got := b.act("held/release", picks); !strings.Contains(got.header.Get("Location"), "still_held") {
		t.Errorf("what stays held is said as %q", got.header.Get("Location"))
	}
	word := url.Values{"form": {b.word()}, "id": {"acme/1"}, "sure": {"yes"}, "of": {"acme"}, "endpoint": {"crm"}, "job": {"J"}}
	r.desk.empty = true
	for path, said := range map[string]string{"held/drop": "gone", "held/release": "gone", "dead-letters/replay": "gone", "endpoints/resume": "not_paused", "dead-letters/cancel": "gone"} {
		if got := b.post(path, word); !strings.Contains(got.header.Get("Location"), "said="+said) {
			t.Errorf("%s where there is nothing is said as %q", path, got.header.Get("Location"))
		}
	}
}

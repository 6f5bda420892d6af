package manage_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"bauta/masking"
	"bauta/masking/sharing"
	"bauta/webhook"
	"bauta/webhook/manage"
)

func ask(h masking.Handle) call {
	return call{method: http.MethodPost, path: "/v1/customers/IT." + h.Long + "/share-requests"}
}

func withdraw(h masking.Handle) call {
	return call{method: http.MethodDelete, path: "/v1/customers/IT." + h.Long + "/sharing"}
}

func erase(h masking.Handle) call {
	return call{method: http.MethodDelete, path: "/v1/customers/IT." + h.Long}
}

// wantBody compares an answer with what callers build on: every member.
func wantBody(tb testing.TB, got answer, want string) {
	tb.Helper()
	var a, b any
	if err := json.Unmarshal([]byte(got.body), &a); err != nil {
		tb.Fatalf("%d %s", got.status, got.body)
	}
	if err := json.Unmarshal([]byte(want), &b); err != nil {
		tb.Fatal(err)
	}
	if diff := cmp.Diff(b, a); diff != "" || got.status != http.StatusOK {
		tb.Errorf("%d: %s", got.status, diff)
	}
}

func TestACustomerIsToldUnderEveryFormOfTheHandle(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	h := r.people.hidden
	want := `{"handle":"IT.` + h.Long + `","scope":"direct","visibility":"hidden","reason":"the default",
		"sharing":{"state":"unasked","since":null,"question":null,"askable":true}}`
	for _, form := range []string{"IT." + h.Long, "ZZ." + h.Long, h.Phone, "+" + h.Phone, "%2B" + h.Phone, "+IT." + h.Long, "IT%2E" + h.Long, "%49T." + h.Long + "/"} {
		wantBody(t, r.do(t, call{path: "/v1/customers/" + form}), want)
	}
}

func TestASharedNumberIsNotInTheAnswer(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	at := time.Date(2026, 9, 11, 10, 0, 0, 0, time.FixedZone("Rome", 7200))
	r.people.change(r.people.hidden.Key(), func(s *webhook.Seen) {
		s.Visibility, s.State, s.Since = webhook.Shared, sharing.Shared, at
		s.Question = webhook.Question{
			ID: "q1q1q1q1q1q1q1q1", By: "bauta", WordedBy: "bauta", Native: true, Language: "it", Version: "1", TextHash: "hash",
			Begun: at.Add(-3 * time.Hour), Sent: at.Add(-2 * time.Hour), Expires: at.Add(time.Hour), Stanza: "3EB0stanza",
		}
	})
	got := r.do(t, call{path: "/v1/customers/" + r.people.hidden.Phone})
	wantBody(t, got, `{"handle":"IT.`+r.people.hidden.Long+`","scope":"direct","visibility":"shared","reason":"the default",
		"sharing":{"state":"shared","since":"2026-09-11T08:00:00Z","askable":true,"question":{"id":"q1q1q1q1q1q1q1q1","by":"bauta","worded_by":"bauta",
		"native":true,"language":"it","begun":"2026-09-11T05:00:00Z","expires":"2026-09-11T09:00:00Z"}}}`)
	if strings.Contains(got.body, "3EB0") {
		t.Error("the answer leads to a message")
	}
}

// Whether one is pending in a group already is not told by the status either.
func TestEveryRequestInAGroupIsAnsweredTheSame(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	first, again := r.do(t, ask(r.people.grouped)), r.do(t, ask(r.people.grouped))
	if first.status != 202 || again.status != 202 || first.body != again.body || !strings.Contains(first.body, `"askable":null`) {
		t.Errorf("first %d %s\nagain %d %s", first.status, first.body, again.status, again.body)
	}
}

// Who was asked lately is not asked again, and the caller is told for how long.
func TestWhoWasAskedLatelyIsNotAskedAgain(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := bare(t, func(o *manage.Options) { o.Decisions = &slow{} })
		got := r.do(t, call{method: http.MethodPost, path: "/v1/customers/" + r.people.hidden.Phone + "/share-requests"})
		wantProblem(t, got, 409, "asked-lately")
		if wait := got.header.Get("Retry-After"); wait != "5400" {
			t.Errorf("Retry-After is %q", wait)
		}
	})
}

func TestAShareRequestIsMadeOnce(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	first, again := r.do(t, ask(r.people.hidden)), r.do(t, ask(r.people.hidden))
	if first.status != 202 || again.status != 200 || first.body != again.body || !strings.Contains(first.body, `"state":"asked"`) {
		t.Errorf("first %d %s\nagain %d %s", first.status, first.body, again.status, again.body)
	}
	if diff := cmp.Diff([]string{"asked"}, r.people.acts()); diff != "" {
		t.Error(diff)
	}
	wantProblem(t, r.do(t, ask(r.people.visible)), 409, "not-hidden")
}

func TestWhatAShareRequestIsAnswered(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		before  sharing.State
		askable bool
		status  int
		want    string
	}{
		{sharing.Unasked, true, 202, "asked"},
		{sharing.Unasked, false, 202, "not_askable"},
		{sharing.Asked, true, 200, "asked"},
		{sharing.Waiting, false, 200, "not_askable"},
		{sharing.Declined, true, 200, "declined"},
		{sharing.Shared, true, 200, "shared"},
	} {
		t.Run(row.before.String()+" becomes "+row.want, func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			r.people.change(r.people.hidden.Key(), func(s *webhook.Seen) { s.State, s.Askable = row.before, row.askable })
			if got := r.do(t, ask(r.people.hidden)); got.status != row.status || !strings.Contains(got.body, `"state":"`+row.want+`"`) {
				t.Errorf("%d %s", got.status, got.body)
			}
		})
	}
}

func TestAWithdrawalIsRecordedAsTheBusinesss(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	if got := r.do(t, withdraw(r.people.hidden)); got.status != 200 || !strings.Contains(got.body, `"visibility":"hidden"`) {
		t.Errorf("where nothing was shared: %d %s", got.status, got.body)
	}
	r.people.change(r.people.hidden.Key(), func(s *webhook.Seen) { s.State, s.Visibility = sharing.Shared, webhook.Shared })
	for range 2 {
		if got := r.do(t, withdraw(r.people.hidden)); got.status != 200 || !strings.Contains(got.body, `"visibility":"withdrawn"`) {
			t.Errorf("%d %s", got.status, got.body)
		}
	}
	if diff := cmp.Diff([]string{"withdrawn by business"}, r.people.acts()); diff != "" {
		t.Error(diff)
	}
	wantProblem(t, r.do(t, withdraw(r.people.visible)), 409, "not-hidden")
}

// The receipt of one scope does not join it with another.
func TestAReceiptNamesTheHandleThatWasErasedAlone(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	want := `{"business":"acme","erased_at":"2026-09-10T08:00:00Z","handles":["IT.` + r.people.hidden.Long + `"],"ledger":"signed","dumps":"after the next rotation"}`
	wantBody(t, r.do(t, erase(r.people.hidden)), want)
	wantProblem(t, r.do(t, erase(r.people.hidden)), 404, "unknown-handle")
	wantProblem(t, r.do(t, call{path: "/v1/customers/" + r.people.hidden.Phone}), 404, "unknown-handle")
	if diff := cmp.Diff([]string{"erased by business through management_api"}, r.people.acts()); diff != "" {
		t.Error(diff)
	}
}

// Erased, of another business, of nobody, and no handle at all: one answer.
func TestUnknownHandlesReadAlike(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	gone := r.people.grouped
	r.do(t, erase(gone))
	nobody, err := r.handles.Mint(strings.NewReader(strings.Repeat("7", 64)), "DE")
	if err != nil {
		t.Fatal(err)
	}
	plain := func(c call) (int, string, http.Header) {
		got := r.do(t, c)
		h := got.header.Clone()
		h.Del("Bauta-Trace")
		return got.status, strings.ReplaceAll(got.body, got.header.Get("Bauta-Trace"), ""), h
	}
	for _, kind := range []func(masking.Handle) call{ask, withdraw, erase, func(h masking.Handle) call { return call{path: "/v1/customers/IT." + h.Long} }} {
		status, body, header := plain(kind(nobody))
		if status != 404 {
			t.Fatalf("%d %s", status, body)
		}
		foreign := kind(r.people.hidden)
		foreign.bearer = ofOther
		for name, c := range map[string]call{"erased": kind(gone), "another business's": foreign, "a number": kind(masking.Handle{Long: number}), "nothing": kind(masking.Handle{})} {
			s, b, h := plain(c)
			if s != status || b != body || cmp.Diff(header, h) != "" {
				t.Errorf("%s: %d %v %s", name, s, h, b)
			}
		}
	}
}

// An id names each act: none is used twice, or the ledger would take the later line
// for the earlier one.
func TestEveryActHasAnIDOfItsOwn(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	for range 3 {
		r.people.change(r.people.hidden.Key(), func(s *webhook.Seen) { s.State = sharing.Unasked })
		r.do(t, ask(r.people.hidden))
		r.people.change(r.people.hidden.Key(), func(s *webhook.Seen) { s.State = sharing.Shared })
		r.do(t, withdraw(r.people.hidden))
	}
	seen := map[string]bool{}
	for _, id := range r.people.ids {
		if id == "" || seen[id] {
			t.Errorf("id %q", id)
		}
		seen[id] = true
	}
	if len(seen) != 6 {
		t.Errorf("%d acts", len(seen))
	}
}

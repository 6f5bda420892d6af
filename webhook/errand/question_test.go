package errand_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"bauta/masking/sharing"
	"bauta/webhook"
)

func TestAQuestionReachesTheCustomerOnce(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	got := r.carry("d1", ask())
	r.want("first", got, webhook.Delivered, "sent")
	if got.Fault || got.Untried {
		t.Errorf("%+v, want a platform that worked", got)
	}
	s := r.say()
	if s.To != "" || s.Recipient != ada().UserID || s.Callback != "bauta:question:"+question || s.Interactive.Type != "button" {
		t.Errorf("sent %+v, want buttons to ada's user id alone", s)
	}
	if !strings.Contains(s.Interactive.Body.Text, "Acme Shoes") {
		t.Errorf("the text %q does not name the business", s.Interactive.Body.Text)
	}
	if d := cmp.Diff([]string{"sent question"}, r.store.told()); d != "" || r.store.stanzas[0] != r.stanza() {
		t.Errorf("consents know stanza %q, want %q; told (-want +got):\n%s", r.store.stanzas[0], r.stanza(), d)
	}
	handle := r.store.customer.Scopes[webhook.Direct].Handle
	note := webhook.Reversal{At: r.Now(), Business: "acme", Handle: "IT." + handle.Long, By: "bauta", For: "question"}
	if d := cmp.Diff([]webhook.Reversal{note}, r.store.notes); d != "" {
		t.Errorf("audit (-want +got):\n%s", d)
	}
	r.want("again", r.carry("d1", ask()), webhook.Dropped, "unknown")
	r.want("by another errand", r.carry("d2", ask()), webhook.Dropped, "outdated")
	if n := len(r.reached()); n != 1 {
		t.Errorf("ada has %d messages, want 1", n)
	}
	const want = `
# HELP bauta_errands_total Attempts to do what Bauta itself has to do towards the platform, by what became of them.
# TYPE bauta_errands_total counter
bauta_errands_total{business="acme",kind="question",outcome="outdated"} 1
bauta_errands_total{business="acme",kind="question",outcome="sent"} 1
bauta_errands_total{business="acme",kind="question",outcome="unknown"} 1
`
	if err := testutil.GatherAndCompare(r.registry, strings.NewReader(want), "bauta_errands_total"); err != nil {
		t.Error(err)
	}
}

func TestTheButtonsAreOfThisCustomerScopeAndQuestion(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, scope, names string }{
		{"in the direct chat", webhook.Direct, "Acme Shoes"}, {"for a group, which is named", groupID, "Lisbon runners"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			e := ask()
			e.Scope = c.scope
			r.want("question", r.carry("d1", e), webhook.Delivered, "sent")
			s := r.say()
			if !strings.Contains(s.Interactive.Body.Text, c.names) {
				t.Errorf("text %q, want one that names %q", s.Interactive.Body.Text, c.names)
			}
			var actions []sharing.Action
			for _, b := range s.Interactive.Action.Buttons {
				button, ok := r.tokens.Read(b.Reply.ID)
				if !ok || b.Reply.Title == "" || button.Question != question || !button.Expires.Equal(r.Now().Add(72*time.Hour)) {
					t.Errorf("button %+v, ok %v; want this question's, for 72 hours", button, ok)
				}
				if !button.Of("acme", r.store.customer.Scopes[c.scope].Handle.Key(), c.scope) {
					t.Error("the button is not of this business, customer and scope")
				}
				actions = append(actions, button.Action)
			}
			if d := cmp.Diff([]sharing.Action{sharing.ActShare, sharing.ActDecline}, actions); d != "" {
				t.Errorf("buttons (-want +got):\n%s", d)
			}
		})
	}
}

func TestANativeQuestionIsThePlatformsOwnRequest(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.store.change(func(c *webhook.Customer) { c.Scopes[webhook.Direct].Sharing.Question.Native = true })
	r.want("question", r.carry("d1", ask()), webhook.Delivered, "sent")
	if s := r.say(); s.Interactive.Type != "request_contact_info" || len(s.Interactive.Action.Buttons) != 0 {
		t.Errorf("sent %+v, want request_contact_info without buttons", s.Interactive)
	}
}

func TestWhoHasNoUserIDIsWrittenToByNumber(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.store.change(func(c *webhook.Customer) { c.Links[1].Ended = r.now })
	r.want("question", r.carry("d1", ask()), webhook.Delivered, "sent")
	if s := r.say(); s.To != "+"+ada().Number || s.Recipient != "" {
		t.Errorf("sent to %q and %q, want the number with + (webhooks.md 6.1)", s.To, s.Recipient)
	}
}

func TestAQuestionIsNotSentWhenNobodyWantsItAnyMore(t *testing.T) {
	t.Parallel()
	direct := func(f func(s *webhook.Standing)) func(*webhook.Customer) {
		return func(c *webhook.Customer) { f(c.Scopes[webhook.Direct]) }
	}
	for _, c := range []struct {
		name   string
		change func(*webhook.Customer)
		reason string
		told   []string
	}{
		{"another question is the present one", direct(func(s *webhook.Standing) { s.Sharing.Question.ID = "another" }), "outdated", nil},
		{"it was sent", direct(func(s *webhook.Standing) { s.Sharing.Question.Sent = s.Sharing.Question.Begun }), "outdated", nil},
		{"its time is over", direct(func(s *webhook.Standing) { s.Sharing.Question.Expires = s.Sharing.Question.Begun }), "outdated", nil},
		{"the customer shared meanwhile", direct(func(s *webhook.Standing) { s.Visibility, s.Sharing.State = webhook.Shared, sharing.Shared }), "outdated", nil},
		{"the customer declined meanwhile", direct(func(s *webhook.Standing) { s.Sharing.State = sharing.Declined }), "outdated", nil},
		{"the customer is visible", direct(func(s *webhook.Standing) { s.Visibility = webhook.Visible }), "outdated", nil},
		{"the scope is gone", func(c *webhook.Customer) { delete(c.Scopes, webhook.Direct) }, "outdated", nil},
		{"the customer wrote a day ago", func(c *webhook.Customer) { c.InboundAt = c.InboundAt.Add(-24 * time.Hour) }, "window_closed", []string{"failed question 0"}},
		{"the customer never wrote", func(c *webhook.Customer) { c.InboundAt = time.Time{} }, "window_closed", []string{"failed question 0"}},
		{"nothing names the customer", func(c *webhook.Customer) { c.Links = nil }, "undeliverable", []string{"failed question 1"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			r.store.change(c.change)
			got := r.carry("d1", ask())
			r.want("question", got, webhook.Dropped, c.reason)
			if !got.Untried || len(r.arrived()) != 0 || len(r.store.notes) != 0 {
				t.Errorf("%+v, %d calls, %d lines of audit; want none", got, len(r.arrived()), len(r.store.notes))
			}
			if d := cmp.Diff(c.told, r.store.told()); d != "" {
				t.Errorf("consents (-want +got):\n%s", d)
			}
		})
	}
}

func TestAnErrandOfAnErasedCustomerIsDropped(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.store.erased = true
	r.want("question", r.carry("d1", ask()), webhook.Dropped, "customer_erased")
}

func TestAQuestionGoesOutFromWhereTheCustomerWroteTo(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	e := ask()
	e.PhoneNumberID = ""
	r.want("question", r.carry("d1", e), webhook.Delivered, "sent")
	r.store.change(func(c *webhook.Customer) { c.Inbound = "" })
	r.store.change(func(c *webhook.Customer) { c.Scopes[webhook.Direct].Sharing.Question.Sent = time.Time{} })
	r.pass(time.Minute)
	r.want("from nowhere", r.carry("d2", e), webhook.Dropped, "window_closed")
}

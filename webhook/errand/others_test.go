package errand_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"bauta/masking"
	"bauta/masking/sharing"
	"bauta/webhook"
	"bauta/webhook/errand"
	"bauta/webhook/graph"
	"bauta/webhook/simulator"
)

func shared(scope string) func(*webhook.Customer) {
	return func(c *webhook.Customer) {
		s := c.Scopes[scope]
		s.Visibility, s.Sharing.State, s.Sharing.Number = webhook.Shared, sharing.Shared, c.Number()
	}
}

func confirm() webhook.Errand {
	return webhook.Errand{Kind: webhook.ErrandConfirmation, Scope: groupID, Question: question, PhoneNumberID: phone}
}

func TestAConfirmationHasTheButtonThatWithdraws(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.store.change(shared(groupID))
	r.want("confirmation", r.carry("d1", confirm()), webhook.Delivered, "sent")
	s := r.say()
	if s.Callback != "bauta:confirmation:"+question || !strings.Contains(s.Interactive.Body.Text, "Lisbon runners") || len(s.Interactive.Action.Buttons) != 1 {
		t.Fatalf("sent %+v, want one button, and the group's name", s)
	}
	b, ok := r.tokens.Read(s.Interactive.Action.Buttons[0].Reply.ID)
	if !ok || b.Action != sharing.ActWithdraw || b.Question != question || !b.Expires.Equal(r.Now().Add(10*365*24*time.Hour)) ||
		!b.Of("acme", r.store.customer.Scopes[groupID].Handle.Key(), groupID) {
		t.Errorf("button %+v, want one that withdraws there, for ten years", b)
	}
	if d := cmp.Diff([]string{"sent confirmation"}, r.store.told()); d != "" || r.store.stanzas[0] != r.stanza() {
		t.Errorf("consents know %q, want %q:\n%s", r.store.stanzas[0], r.stanza(), d)
	}
}

func TestNothingButQuestionsTellsConsentsOfAFailure(t *testing.T) {
	t.Parallel()
	for _, e := range kinds()[1:4] {
		t.Run(string(e.Kind), func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			r.store.change(shared(groupID))
			r.pass(24 * time.Hour)
			r.want("outside the window", r.carry("d1", e), webhook.Dropped, "window_closed")
			if len(r.arrived()) != 0 || len(r.store.told()) != 0 {
				t.Errorf("%d calls, consents told %v; want none", len(r.arrived()), r.store.told())
			}
		})
	}
}

func TestAConfirmationOfWhatIsNotSharedAnyMoreIsNotSent(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*webhook.Customer){
		"withdrawn": func(c *webhook.Customer) {
			c.Scopes[groupID].Visibility, c.Scopes[groupID].Sharing.State = webhook.Withdrawn, sharing.Withdrawn
		},
		"another question": func(c *webhook.Customer) { c.Scopes[groupID].Sharing.Question.ID = "another" },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			r.store.change(shared(groupID))
			r.store.change(change)
			r.want("confirmation", r.carry("d1", confirm()), webhook.Dropped, "outdated")
		})
	}
}

func TestANoticeIsATextAndCountsAgainstThePace(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	notice := webhook.Errand{Kind: webhook.ErrandNotice, Text: string(sharing.TextDeclined), PhoneNumberID: phone}
	r.want("notice", r.carry("d1", notice), webhook.Delivered, "sent")
	s := r.say()
	want := r.business.Sharing.Texts.Notice("IT", sharing.TextDeclined, sharing.Params{Business: "Acme Shoes"}).Body
	if s.Type != "text" || s.Text.Body != want || s.Callback != "bauta:notice:" {
		t.Errorf("sent %+v, want the text %q", s, want)
	}
	for range 5 {
		r.pace.Spoke("acme", adaID)
	}
	got := r.carry("d2", notice)
	r.want("after five more messages", got, webhook.Again, "pace")
	if got.Verdict.After != 6*time.Second || got.Verdict.Counted || !got.Untried {
		t.Errorf("%+v, want 6 s, not counted", got)
	}
	r.pass(6 * time.Second)
	r.want("6 seconds later", r.carry("d2", notice), webhook.Delivered, "sent")
}

func TestAnOverviewNamesEveryScopeThatIsNotVisible(t *testing.T) {
	t.Parallel()
	notice := func(r *rig, name sharing.TextName, group string) string {
		return r.business.Sharing.Texts.Notice("IT", name, sharing.Params{Business: "Acme Shoes", Group: group}).Body
	}
	for _, c := range []struct {
		name   string
		change func(*webhook.Customer)
		lines  func(r *rig) []string
	}{
		{"nothing is shared", func(*webhook.Customer) {}, func(r *rig) []string {
			return []string{notice(r, sharing.TextNotShared, ""), notice(r, sharing.TextGroupNotShared, "Lisbon runners")}
		}},
		{"shared in the group alone", shared(groupID), func(r *rig) []string {
			return []string{notice(r, sharing.TextNotShared, ""), notice(r, sharing.TextGroupIsShared, "Lisbon runners")}
		}},
		{"shared in the direct chat, visible in the group", func(c *webhook.Customer) {
			shared(webhook.Direct)(c)
			c.Scopes[groupID].Visibility = webhook.Visible
		}, func(r *rig) []string { return []string{notice(r, sharing.TextIsShared, "")} }},
		{"left the group", func(c *webhook.Customer) { c.Scopes[groupID].Left = c.InboundAt }, func(r *rig) []string {
			return []string{notice(r, sharing.TextNotShared, "")}
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			r.store.change(c.change)
			r.want("overview", r.carry("d1", webhook.Errand{Kind: webhook.ErrandOverview}), webhook.Delivered, "sent")
			if d := cmp.Diff(strings.Join(c.lines(r), "\n"), r.say().Text.Body); d != "" {
				t.Errorf("text (-want +got):\n%s", d)
			}
		})
	}
	t.Run("who is visible everywhere gets none", func(t *testing.T) {
		t.Parallel()
		r := newRig(t)
		r.store.change(func(c *webhook.Customer) {
			c.Scopes[groupID].Visibility, c.Scopes[webhook.Direct].Visibility = webhook.Visible, webhook.Visible
		})
		r.want("overview", r.carry("d1", webhook.Errand{Kind: webhook.ErrandOverview}), webhook.Dropped, "outdated")
	})
}

func TestEverythingIsErasedWhateverBecomesOfTheMessage(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		setUp func(r *rig)
		sent  int
	}{
		{"the message arrives", func(*rig) {}, 1},
		{"the window is closed", func(r *rig) { r.pass(24 * time.Hour) }, 0},
		{"there is no access token", func(r *rig) { r.token = "" }, 0},
		{"nobody answers", func(r *rig) { r.platform.Fail(simulator.Silent) }, 1},
		{"the platform does not work", func(r *rig) { r.platform.Fail(simulator.Garbage) }, 1},
		{"the business is speaking", func(r *rig) { r.pace.Spoke("acme", adaID) }, 1},
		{"no phone number is known", func(r *rig) { r.store.change(func(c *webhook.Customer) { c.Inbound = "" }) }, 0},
		{"it was begun before", func(r *rig) { r.store.change(func(c *webhook.Customer) { c.Tried = "d1" }) }, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			c.setUp(r)
			r.want("erasure", r.carry("d1", webhook.Errand{Kind: webhook.ErrandErase}), webhook.Delivered, "done")
			if d := cmp.Diff([]string{"erased by customer keyword"}, r.store.told()); d != "" || len(r.reached()) != c.sent {
				t.Errorf("ada has %d messages, want %d; consents (-want +got):\n%s", len(r.reached()), c.sent, d)
			}
		})
	}
}

// What lay among the dead letters and is replayed is done only if it is wanted, and true,
// now.
func TestAReplayedErrandIsNotDoneWhenItIsOutdated(t *testing.T) {
	t.Parallel()
	const day = 24 * time.Hour
	say := func(name sharing.TextName) webhook.Errand {
		return webhook.Errand{Kind: webhook.ErrandNotice, Text: string(name), PhoneNumberID: phone}
	}
	overview := webhook.Errand{Kind: webhook.ErrandOverview, PhoneNumberID: phone}
	forget := webhook.Errand{Kind: webhook.ErrandForget, PhoneNumberID: phone}
	for name, c := range map[string]struct {
		errand webhook.Errand
		ago    time.Duration
		shares bool
		want   string
	}{
		"that it is hidden again, on the same day":              {say(sharing.TextWithdrawn), day - time.Second, false, "sent"},
		"that it is hidden again, a day later":                  {say(sharing.TextWithdrawn), day, false, "outdated"},
		"that it is hidden again, to somebody who shares again": {say(sharing.TextWithdrawn), time.Minute, true, "outdated"},
		"that nothing was shared, to somebody who shares":       {say(sharing.TextDeclined), time.Minute, true, "outdated"},
		"that a button has no effect, to somebody who shares":   {say(sharing.TextVoid), time.Minute, true, "sent"},
		"that a button has no effect, a day later":              {say(sharing.TextVoid), day, false, "outdated"},
		"what the business sees, a day later":                   {overview, day, false, "outdated"},
		"what the business sees, on the same day":               {overview, day - time.Second, true, "sent"},
		"the platform forgets, weeks later":                     {forget, 20 * day, false, "done"},
		"the platform forgets somebody who shares again":        {forget, time.Minute, true, "outdated"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			if c.shares {
				r.store.change(shared(webhook.Direct))
			}
			outcome := webhook.Delivered
			if c.want == "outdated" {
				outcome = webhook.Dropped
			}
			r.want("errand", r.replay("d1", c.errand, c.ago), outcome, c.want)
			if c.want == "outdated" && len(r.store.notes) != 0 {
				t.Errorf("%d lines of audit, want none", len(r.store.notes))
			}
		})
	}
}

func TestTheContactBookForgets(t *testing.T) {
	t.Parallel()
	forget := webhook.Errand{Kind: webhook.ErrandForget, PhoneNumberID: phone}
	t.Run("by the standard user id, as often as it takes", func(t *testing.T) {
		t.Parallel()
		r := newRig(t)
		var asked []graph.Request
		answers := []graph.Answer{{Status: 500}, {Status: 200, Body: []byte(`{"success":true,"deleted":true}`)}}
		r.build(platformFunc(func(_ context.Context, q graph.Request) (*graph.Answer, error) {
			asked = append(asked, q)
			return &answers[len(asked)-1], nil
		}))
		parent, _ := masking.ParseUserID("IT.ENT.11815799212886844830")
		r.store.change(func(c *webhook.Customer) {
			c.Links = append(c.Links, webhook.Link{Identity: masking.Identity{UserID: parent}})
		})
		got := r.carry("d1", forget)
		r.want("while the platform is down", got, webhook.Again, "down")
		if !got.Fault || !got.Verdict.Counted {
			t.Errorf("%+v, want a fault of the platform, by the endpoint's schedule", got)
		}
		r.want("again", r.carry("d1", forget), webhook.Delivered, "done")
		for _, q := range asked {
			if q.Method != "DELETE" || q.Object != phone || q.Edge != "contact_book" || q.Query.Get("bsuid") != ada().UserID || q.Query.Get("messaging_product") != "whatsapp" {
				t.Errorf("asked %s %s/%s, want the deletion of identity.md 2.3", q.Method, q.Object, q.Edge)
			}
		}
	})
	t.Run("the audit log names whose it was too", func(t *testing.T) {
		t.Parallel()
		r := newRig(t, func(b *webhook.Business) { b.Portfolio = []string{"beta", "gamma"} })
		r.want("errand", r.carry("d1", forget), webhook.Delivered, "done")
		if notes := r.store.notes; len(notes) != 1 || notes[0].For != "contact_book; contact book also of beta, gamma" {
			t.Errorf("noted %v", notes)
		}
	})
	t.Run("not without a user id", func(t *testing.T) {
		t.Parallel()
		r := newRig(t)
		r.store.change(func(c *webhook.Customer) { c.Links = c.Links[:1] })
		r.want("errand", r.carry("d1", forget), webhook.Dropped, "no_user_id")
	})
	t.Run("at the platform", func(t *testing.T) {
		t.Parallel()
		r := newRig(t)
		r.want("errand", r.carry("d1", forget), webhook.Delivered, "done")
		r.mu.Lock()
		defer r.mu.Unlock()
		if len(r.calls) != 1 || r.calls[0].Method != "DELETE" || r.calls[0].Status != 200 {
			t.Errorf("%d calls, want one that was taken", len(r.calls))
		}
	})
}

func TestTheContactBooksReceipt(t *testing.T) {
	t.Parallel()
	answer := func(status int, body string) errand.Platform {
		return platformFunc(func(context.Context, graph.Request) (*graph.Answer, error) {
			return &graph.Answer{Status: status, Body: []byte(body)}, nil
		})
	}
	for _, c := range []struct {
		want     string
		platform errand.Platform
		unknown  bool
	}{
		{"deleted", answer(200, `{"messaging_product":"whatsapp","success":true,"deleted":true}`), false},
		{"none", answer(200, `{"messaging_product":"whatsapp","success":true,"deleted":false}`), false},
		{"failed", answer(200, `<html>`), false},
		{"failed", answer(500, `{"error":{"code":2}}`), false},
		{"failed", platformFunc(func(context.Context, graph.Request) (*graph.Answer, error) {
			return nil, &graph.Error{Kind: graph.Unreachable}
		}), false},
		{"unknown_user_id", nil, true},
	} {
		r := newRig(t)
		customer := r.store.clone()
		if c.unknown {
			customer.Links = customer.Links[:1]
		}
		book := errand.ContactBook{Platform: c.platform, AccessToken: func(string) string { return token }}
		if got := book.Delete(t.Context(), r.business, customer); got != c.want {
			t.Errorf("%q, want %q", got, c.want)
		}
	}
}

func TestWhatIsNoErrandIsADeadLetter(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	for _, body := range []string{``, `[]`, `{}`, `{"kind":"other"}`} {
		said := r.runner.Carry(t.Context(), webhook.Lane{Business: "acme", Conversation: adaID}, &webhook.Delivery{ID: "d1", Body: []byte(body)})
		r.want(body, said, webhook.Dead, "unreadable")
	}
	said := r.runner.Carry(t.Context(), webhook.Lane{Business: "left", Conversation: adaID}, &webhook.Delivery{ID: "d1", Body: []byte(`{"kind":"notice"}`)})
	r.want("of a business that is not configured", said, webhook.Dead, "unreadable")
}

func TestAnErrandThatSteppedAsideFindsItsCustomer(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	lane := webhook.Lane{Business: "acme", Endpoint: webhook.PlatformEndpoint, Conversation: adaID + "~d1"}
	body := []byte(`{"kind":"question","question":"` + question + `","phone_number_id":"` + phone + `"}`)
	r.want("question", r.runner.Carry(t.Context(), lane, &webhook.Delivery{ID: "d1", Body: body, Aside: true}), webhook.Delivered, "sent")
}

func TestNewNamesEveryOptionThatIsMissing(t *testing.T) {
	t.Parallel()
	_, err := errand.New(errand.Options{})
	for _, name := range []string{
		"Businesses", "AccessToken", "Records", "Consents", "Audit", "Tokens", "Platform", "Pace", "Logger", "Now",
	} {
		if err == nil || !strings.Contains(err.Error(), "Options."+name+" is missing") {
			t.Errorf("%s is not in: %v", name, err)
		}
	}
}

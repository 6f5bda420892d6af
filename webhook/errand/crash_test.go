package errand_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"bauta/masking/sharing"
	"bauta/webhook"
	"bauta/webhook/graph"
)

// errCrash ends a node in the middle of a step.
var errCrash = errors.New("the node died")

// kinds are the errands that send a message.
func kinds() []webhook.Errand {
	return []webhook.Errand{
		ask(),
		{Kind: webhook.ErrandConfirmation, Scope: groupID, Question: question, PhoneNumberID: phone},
		{Kind: webhook.ErrandNotice, Text: "declined", PhoneNumberID: phone},
		{Kind: webhook.ErrandOverview, PhoneNumberID: phone},
		{Kind: webhook.ErrandErase, PhoneNumberID: phone},
	}
}

// At every step of an errand, before and after it is done: the step fails; its answer
// is lost; the node dies. However often the head of the lane comes back, never does
// more than one message arrive.
func TestACrashAtAnyStepSendsNothingTwice(t *testing.T) {
	t.Parallel()
	for _, e := range kinds() {
		for _, how := range []error{errStore, errLost, errCrash} {
			for n := 1; n <= 8; n++ {
				t.Run(fmt.Sprintf("%s, %v at step %d", e.Kind, how, n), func(t *testing.T) {
					t.Parallel()
					crash(t, e, how, n)
				})
			}
		}
	}
}

func crash(t *testing.T, e webhook.Errand, how error, at int) {
	t.Helper()
	r := newRig(t)
	r.store.change(func(c *webhook.Customer) {
		s := c.Scopes[groupID]
		s.Visibility, s.Sharing.State = webhook.Shared, sharing.Shared
	})
	count := 0
	r.store.step = func(string) error {
		if count++; count != at {
			return nil
		}
		if errors.Is(how, errCrash) {
			panic(errCrash)
		}
		return how
	}
	over := false
	for range 4 {
		said, died := r.survive(e)
		over = !died && said.Verdict.Outcome != webhook.Again && said.Verdict.Outcome != webhook.Aside
		if over {
			break
		}
		r.pass(time.Minute)
	}
	if !over {
		t.Error("the errand never ends")
	}
	// The verdict was lost too: the head comes once more.
	r.pass(time.Minute)
	r.survive(e)
	if got := len(r.reached()); got > 1 {
		t.Errorf("ada has %d messages", got)
	}
	if e.Kind == webhook.ErrandErase && !r.store.erased {
		t.Error("nothing was erased")
	}
}

// survive is an attempt of a node that may die in it.
func (r *rig) survive(e webhook.Errand) (said webhook.Carried, died bool) {
	defer func() {
		if v := recover(); v != nil {
			if err, ok := v.(error); !ok || !errors.Is(err, errCrash) {
				panic(v)
			}
			died = true
		}
	}()
	return r.carry("d1", e), false
}

// The node dies while the platform has the call: what it did is done.
func TestANodeThatDiesInTheCallSendsNothingTwice(t *testing.T) {
	t.Parallel()
	for _, e := range kinds() {
		t.Run(string(e.Kind), func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			r.store.change(func(c *webhook.Customer) {
				s := c.Scopes[groupID]
				s.Visibility, s.Sharing.State = webhook.Shared, sharing.Shared
			})
			sent := 0
			r.build(platformFunc(func(context.Context, graph.Request) (*graph.Answer, error) {
				sent++
				panic(errCrash)
			}))
			for range 3 {
				r.survive(e)
				r.pass(time.Minute)
			}
			if sent != 1 {
				t.Errorf("called %d times, want once", sent)
			}
			if e.Kind == webhook.ErrandErase && !r.store.erased {
				t.Error("nothing was erased")
			}
		})
	}
}

// Those that stepped aside run beside others of the same customer.
func TestAnErrandThatWasBegunIsNotForgottenForAnother(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	dies := true
	sent := 0
	r.build(platformFunc(func(context.Context, graph.Request) (*graph.Answer, error) {
		sent++
		if dies {
			panic(errCrash)
		}
		return &graph.Answer{Status: 200, Body: []byte(`{"messages":[{"id":"x"}]}`)}, nil
	}))
	notice := webhook.Errand{Kind: webhook.ErrandNotice, Text: "declined", PhoneNumberID: phone}
	r.survive(notice)
	dies = false
	for i := range 5 {
		r.pass(time.Minute)
		r.want("another", r.carry(fmt.Sprint("other", i), notice), webhook.Delivered, "sent")
	}
	r.pass(time.Minute)
	r.want("the first again", r.carry("d1", notice), webhook.Dropped, "unknown")
	if sent != 6 {
		t.Errorf("called %d times, want 6", sent)
	}
}

func TestAnotherWriterIsNotOverwritten(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name    string
		change  func(*webhook.Customer)
		outcome webhook.Outcome
		reason  string
		sent    int
	}{
		{"the question is still wanted", func(c *webhook.Customer) { c.Inbound = phone }, webhook.Delivered, "sent", 1},
		{"the customer became visible", func(c *webhook.Customer) { c.Scopes[webhook.Direct].Visibility = webhook.Visible }, webhook.Dropped, "outdated", 0},
		{"another node began it", func(c *webhook.Customer) { c.Tried = "d1" }, webhook.Dropped, "unknown", 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			first := true
			r.store.step = func(name string) error {
				if name == "rewrite" && first {
					first = false
					own := r.store.clone()
					c.change(own)
					own.Version++
					r.store.customer = own
				}
				return nil
			}
			r.want("question", r.carry("d1", ask()), c.outcome, c.reason)
			if n := len(r.reached()); n != c.sent {
				t.Errorf("ada has %d messages, want %d", n, c.sent)
			}
			if n := len(r.store.notes); n != 1 {
				t.Errorf("%d lines of audit for one attempt, want 1", n)
			}
		})
	}
	t.Run("it never stops writing", func(t *testing.T) {
		t.Parallel()
		r := newRig(t)
		r.store.step = func(name string) error {
			if name == "rewrite" {
				r.store.customer.Version++
			}
			return nil
		}
		r.want("question", r.carry("d1", ask()), webhook.Again, "store")
		if n := len(r.arrived()); n != 0 {
			t.Errorf("%d calls, want none", n)
		}
	})
}

// The rate gives one turn to an attempt, however often its record is read again.
func TestAnotherWriterCostsNoTurn(t *testing.T) {
	t.Parallel()
	r := newRig(t, func(b *webhook.Business) { b.Sharing.Rate = 1 })
	stale := 2
	r.store.step = func(name string) error {
		if name == "rewrite" && stale > 0 {
			stale--
			r.store.customer.Version++
		}
		return nil
	}
	r.want("question", r.carry("d1", ask()), webhook.Delivered, "sent")
}

// Whoever does not know whether the record says "begun" knows that nothing was sent.
func TestAQuestionIsNotLostWithTheAnswerOfTheStore(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	lost := true
	r.store.step = func(name string) error {
		if name == "rewrite" && lost {
			lost = false
			return errLost
		}
		return nil
	}
	r.want("first", r.carry("d1", ask()), webhook.Again, "store")
	r.want("again", r.carry("d1", ask()), webhook.Delivered, "sent")
}

func TestWhoIsErasedMeanwhileNeedsNoNote(t *testing.T) {
	t.Parallel()
	for _, e := range []webhook.Errand{ask(), {Kind: webhook.ErrandErase}} {
		r := newRig(t)
		r.store.step = func(name string) error {
			if name == "sent" || name == "erase" {
				return webhook.ErrErased
			}
			return nil
		}
		want := map[webhook.ErrandKind]string{webhook.ErrandQuestion: "sent", webhook.ErrandErase: "done"}[e.Kind]
		r.want(string(e.Kind), r.carry("d1", e), webhook.Delivered, want)
	}
}

// Whatever the platform answers: only an error that says so lets a message go again.
func FuzzAnswer(f *testing.F) {
	f.Add(200, 0, false, []byte(`{"messages":[{"id":"wamid.HBgL"}]}`))
	f.Add(400, 131056, true, []byte(`{"error":{"code":131056}}`))
	f.Add(500, 131000, false, []byte(`{}`))
	f.Add(206, 0, false, []byte(`{"messages":[{}]}`))
	f.Fuzz(func(t *testing.T, status, code int, unsent bool, body []byte) {
		r := newRig(t)
		calls := 0
		r.build(platformFunc(func(context.Context, graph.Request) (*graph.Answer, error) {
			calls++
			return &graph.Answer{Status: status, Code: code, Unsent: unsent, Body: body}, nil
		}))
		first := r.carry("d1", ask())
		r.pass(time.Hour)
		r.carry("d1", ask())
		kept := first.Verdict.Outcome == webhook.Again || first.Verdict.Outcome == webhook.Aside
		if !kept && calls != 1 {
			t.Errorf("called %d times after %+v", calls, first)
		}
		if kept && status < 400 && code == 0 {
			t.Errorf("%+v after status %d", first, status)
		}
	})
}

func TestWithoutTheAuditLogNobodyIsCalled(t *testing.T) {
	t.Parallel()
	for _, e := range append(kinds(), webhook.Errand{Kind: webhook.ErrandForget}) {
		t.Run(string(e.Kind), func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			r.store.change(func(c *webhook.Customer) {
				s := c.Scopes[groupID]
				s.Visibility, s.Sharing.State = webhook.Shared, sharing.Shared
			})
			r.store.step = func(name string) error {
				if name == "audit" {
					return errStore
				}
				return nil
			}
			got := r.carry("d1", e)
			r.want("errand", got, webhook.Again, "audit")
			if r.mu.Lock(); len(r.calls) != 0 || !got.Untried || !got.Verdict.Counted {
				t.Errorf("%d calls, %+v; want none, by the endpoint's schedule", len(r.calls), got)
			}
			r.mu.Unlock()
		})
	}
}

package webhook

import (
	"context"
	"slices"
	"strings"
	"time"

	"bauta/masking"
)

// Trace says which events of a customer are meant: those under their key in some
// conversations.
type Trace struct {
	Business string
	// Customers are the ids of the customer's record and of those it took over.
	Customers []string
	// Conversations in which they are looked for.
	Conversations []Conversation
	// Until is when the latest of them was accepted; zero: whenever it was.
	Until time.Time
	// Handles end with Until: what bears one is meant whenever it was accepted, and what is
	// still on its way into the lanes gets nowhere.
	Handles []masking.Handle
	// Endpoints of the business, those where nothing waits included.
	Endpoints []string
	// Errands counts those too. They lie in the direct chat's lane, whatever scope they
	// are for, and are let go by themselves where their scope is gone.
	Errands bool
}

// Holds tells that an event is one of them, by whose key it is under ("" for the
// business's), where it lies, when it was accepted and under which handle ("": none).
func (t *Trace) Holds(customer string, c Conversation, accepted time.Time, handle string) bool {
	return customer != "" && slices.Contains(t.Customers, customer) && slices.Contains(t.Conversations, c) &&
		(t.Until.IsZero() || !accepted.After(t.Until) || handle != "" && slices.ContainsFunc(t.Digits(), func(digits string) bool {
			return strings.HasSuffix(handle, digits)
		}))
}

// Digits are those by which Handles are known in either shape.
func (t *Trace) Digits() []string {
	var out []string
	for _, h := range t.Handles {
		for _, digits := range []string{h.Long, h.Phone} {
			if digits != "" {
				out = append(out, digits)
			}
		}
	}
	return out
}

// Traces are what one part of the store keeps of customers.
type Traces interface {
	// Forget deletes what a trace leads to, and tells how much. It can be repeated.
	Forget(ctx context.Context, t *Trace) (int, error)
}

// ConversationsOf are those in which a customer's events lie, in the scope that a handle
// is for (by its key): their own, and those of records that they took over.
// ErrUnknownHandle: it names nobody, or nobody any more.
func (s *Consents) ConversationsOf(ctx context.Context, b *Business, key string) ([]Conversation, error) {
	c, scope, err := s.find(ctx, b, key)
	if err != nil {
		return nil, err
	}
	return s.TraceIn(c, scope).Conversations, nil
}

// TraceOf leads to everything that is kept of a customer, and of those they took over, in all their scopes.
func (s *Consents) TraceOf(c *Customer) *Trace {
	e := Erasure{Business: c.Business, Customers: c.ids(), Whole: true}
	for scope := range c.Scopes {
		e.Scopes = append(e.Scopes, ErasedScope{Scope: scope})
	}
	return s.traceOf(&e)
}

// TraceIn leads to what is kept of them in one scope.
func (s *Consents) TraceIn(c *Customer, scope string) *Trace {
	return s.traceOf(&Erasure{Business: c.Business, Customers: c.ids(), Scopes: []ErasedScope{{Scope: scope}}})
}

// traceOf leads to what an erasure ends.
func (s *Consents) traceOf(e *Erasure) *Trace {
	t := &Trace{Business: e.Business, Customers: e.Customers, Errands: e.Whole}
	if !e.Whole {
		// Who returns there is another one, whose events are not meant.
		t.Until, t.Handles = e.At, e.handles()
	}
	if e.Whole || e.Scopes[0].Scope == Direct {
		for _, id := range e.Customers {
			t.Conversations = append(t.Conversations, Conversation(id))
		}
	}
	for _, erased := range e.Scopes {
		if erased.Scope != Direct {
			t.Conversations = append(t.Conversations, groupOf(s.PRF, e.Business, erased.Scope))
		}
	}
	return t
}

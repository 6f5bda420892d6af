package webhook

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"bauta/masking/sharing"
)

// ErrNotHidden says that a customer who is not hidden has nothing to share or withdraw.
var ErrNotHidden = errors.New("the customer is not hidden here")

// ErrAskNever says that the business's customers are asked by nobody (sharing.ask: never).
var ErrAskNever = errors.New("customers of this business are never asked for their number")

// Failure is why a question did not reach the customer.
type Failure uint8

// The failures.
const (
	// WindowClosed: the platform takes messages only after the customer wrote again.
	WindowClosed Failure = iota
	// Unreachable: the platform refused it for good.
	Unreachable
	// Uncounted: nothing was sent, and nobody knows of it: as if it was never asked.
	Uncounted
)

// ConsentOptions are what Consents need; every field but Courier is required.
type ConsentOptions struct {
	Records Records
	Handles Handles
	Ledger  Ledger
	Queue   Queue
	Rolls   Rolls
	PRF     PRF
	Minter  Minter
	Metrics *Metrics
	Logger  *slog.Logger
	Now     func() time.Time
	// Courier is offered lanes that were idle. Nil: nothing is delivered here.
	Courier Courier
	// Erasing is needed by EraseHandle and Erase alone.
	Erasing Erasing
}

// Consents carries out what is decided about customers, but for what their own events
// bring: that the Pipeline does, by the same rules. Safe for concurrent use.
type Consents struct {
	ConsentOptions

	// broken are the businesses whose ledger took no lines when it was last tried.
	broken sync.Map
	// behind is what nobody waits for.
	behind sync.WaitGroup
}

// NewConsents checks that nothing is missing.
func NewConsents(o ConsentOptions) (*Consents, error) {
	for _, need := range []struct {
		name string
		has  bool
	}{
		{"Records", o.Records != nil},
		{"Handles", o.Handles != nil},
		{"Ledger", o.Ledger != nil},
		{"Queue", o.Queue != nil},
		{"Rolls", o.Rolls != nil},
		{"PRF", o.PRF != nil},
		{"Minter", o.Minter != nil},
		{"Metrics", o.Metrics != nil},
		{"Logger", o.Logger != nil},
		{"Now", o.Now != nil},
	} {
		if !need.has {
			return nil, fmt.Errorf("webhook.NewConsents: ConsentOptions.%s is missing", need.name)
		}
	}
	return &Consents{ConsentOptions: o}, nil
}

// registrar works with times as the ledger writes them, so that an event and its line
// tell the same one.
func (s *Consents) registrar(b *Business, now time.Time) registrar {
	return registrar{business: b, prf: s.PRF, minter: s.Minter, now: now.Truncate(time.Millisecond)}
}

// View tells how the customer stands in the scope that the handle, by its key, is for.
// ErrUnknownHandle: it names nobody, or nobody any more.
func (s *Consents) View(ctx context.Context, b *Business, key string) (Seen, error) {
	c, scope, err := s.find(ctx, b, key)
	if err != nil {
		return Seen{}, err
	}
	return s.seen(b, c, scope), nil
}

// Request has the customer asked for the number, at once or when they may be written
// and nothing else is asked. Id is the call's: the same one asks once. ErrNotHidden:
// there is nothing to ask for. ErrAskNever: it is switched off. *LatelyError: they were
// asked, or answered, too short a time ago; never in a group, where the question waits.
func (s *Consents) Request(ctx context.Context, b *Business, key, id string) (Seen, error) {
	if b.Sharing.Ask == AskNever {
		return Seen{}, ErrAskNever
	}
	t := turning{input: sharing.AskForBusiness, by: ByBusiness, action: actionManagement, id: id}
	return s.change(ctx, b, key, t)
}

// Withdraw masks the number again, on the customer's behalf. By is who says so:
// ByBusiness or ByOperator. Where nothing is shared nothing changes.
func (s *Consents) Withdraw(ctx context.Context, b *Business, key, by, id string) (Seen, error) {
	t := turning{input: sharing.WithdrawForCustomer, by: by, action: actionManagement, id: id, ends: s.Now()}
	return s.change(ctx, b, key, t)
}

// change takes an input in for a handle, however often another writer is faster.
func (s *Consents) change(ctx context.Context, b *Business, key string, t turning) (Seen, error) {
	var out Seen
	err := s.again(ctx, func() error {
		c, scope, err := s.find(ctx, b, key)
		if err != nil {
			return err
		}
		if v := c.Scopes[scope].Visibility; v == Visible || v == Undecided {
			return ErrNotHidden
		}
		r := s.registrar(b, s.Now())
		t.asksAt = c.asksAt(r.now)
		// The caller is told no other handle than the one they know.
		handle := c.Scopes[scope].Handle.In(b.View)
		step, same, err := r.turn(c, scope, t)
		if err != nil {
			return err
		}
		if !same || len(c.Lines)+len(c.Due) > 0 {
			if err := s.save(ctx, r, c, occasion{scopes: []string{scope}}); err != nil {
				return err
			}
		}
		s.Metrics.act(b.ID, t, step, same)
		out = s.seen(b, c, scope)
		out.Handle = handle
		return nil
	})
	return out, err
}

// again repeats what another writer, or a taken handle, was in the way of.
func (s *Consents) again(ctx context.Context, do func() error) error {
	for try := 1; ; try++ {
		err := do()
		if !errors.Is(err, ErrStale) && !errors.Is(err, ErrHandleTaken) || try == staleTries || ctx.Err() != nil {
			return err
		}
	}
}

// save stores a changed record, then what follows from it.
func (s *Consents) save(ctx context.Context, r registrar, c *Customer, o occasion) error {
	if err := s.Records.Rewrite(ctx, c); err != nil {
		return fmt.Errorf("store a customer: %w", err)
	}
	if len(c.Lines) > 0 {
		recorded, err := s.record(ctx, c)
		if err != nil {
			return err
		}
		if recorded {
			err = s.Records.Rewrite(ctx, c)
		}
		if err != nil {
			return fmt.Errorf("store a customer: %w", err)
		}
	}
	return s.bring(ctx, r, c, o)
}

// record brings the lines of a record into the ledger, and takes them away from it.
// The record has to be stored then. A ledger that is broken keeps nobody waiting: the
// lines stay with the record, so that nothing of their scopes is shown, and the next
// event of the customer tries again.
func (s *Consents) record(ctx context.Context, c *Customer) (recorded bool, err error) {
	head, err := s.Ledger.Append(ctx, c.Business, c.Lines)
	if errors.Is(err, ErrLedger) {
		s.refused(ctx, c.Business, err)
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("write to the consent ledger: %w", err)
	}
	s.broken.Delete(c.Business)
	c.Lines = nil
	vouch(c.Due, head.Signed)
	return true, nil
}

// refused says loudly that a ledger took no lines.
func (s *Consents) refused(ctx context.Context, business string, err error) {
	s.broken.Store(business, true)
	s.Metrics.unledgered(business)
	s.Logger.ErrorContext(ctx, "the consent ledger takes no lines: nobody can share until it does; run bauta consents verify",
		slog.String("business", business), slog.String("error", err.Error()))
}

// Broken are the businesses whose ledger took no lines of late.
func (s *Consents) Broken() []string {
	var out []string
	s.broken.Range(func(business, _ any) bool {
		id, _ := business.(string)
		out = append(out, id)
		return true
	})
	return out
}

// bring puts what is due into its lanes.
func (s *Consents) bring(ctx context.Context, r registrar, c *Customer, o occasion) error {
	items, brought, err := r.items(c, o)
	if err != nil || len(brought) == 0 {
		return err
	}
	items = slices.DeleteFunc(items, func(i Item) bool { return len(i.Endpoints) == 0 })
	if len(items) > 0 {
		appended, err := s.Queue.Append(ctx, items)
		offer(s.Courier, items, appended)
		if err != nil {
			return fmt.Errorf("append what is due: %w", err)
		}
	}
	s.clear(ctx, c, brought)
	return nil
}

// clear forgets what is in its lanes. If it fails it is brought there again, and
// recognised.
func (s *Consents) clear(ctx context.Context, c *Customer, brought []string) {
	c.brought(brought)
	if err := s.Records.Rewrite(ctx, c); err != nil && !errors.Is(err, ErrStale) {
		s.Logger.WarnContext(ctx, "what was due for a customer is stored, and was not taken off the record",
			slog.String("business", c.Business), slog.String("error", err.Error()))
	}
}

// offer gives the courier what became leased with an append.
func offer(courier Courier, items []Item, appended []Appended) {
	if courier == nil {
		return
	}
	for i, a := range appended {
		for _, lease := range a.Leases {
			courier.Offer(Leased{Lease: lease, Delivery: items[i].Delivery})
		}
	}
}

// find is the customer whom a handle names, and in which scope.
func (s *Consents) find(ctx context.Context, b *Business, key string) (*Customer, string, error) {
	c, err := s.Handles.ByHandle(ctx, b.ID, key)
	if err != nil {
		return nil, "", fmt.Errorf("find a customer: %w", err)
	}
	scope, ok := c.ScopeOf(key)
	if !ok {
		return nil, "", ErrUnknownHandle
	}
	return c, scope, nil
}

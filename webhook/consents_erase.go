package webhook

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"bauta/masking"
	"bauta/masking/sharing"
)

// EraseHandle erases the customer whom a handle, by its key, names. A business that
// erases somebody who is in several scopes erases the one that it named: that the
// others end at the same moment would tell it who is who. The operator, and the
// customer, end all. Where the handle leads nowhere because an erasure broke off, that
// one is brought to its end.
func (s *Consents) EraseHandle(ctx context.Context, b *Business, key, by, action string) (Receipt, error) {
	var e *Erasure
	err := s.again(ctx, func() error {
		c, scope, err := s.find(ctx, b, key)
		if err != nil {
			return err
		}
		e = s.plan(b, c, scope, by, action)
		return s.erase(ctx, b, c, e)
	})
	switch {
	case errors.Is(err, ErrUnknownHandle) || errors.Is(err, ErrErased):
		return s.Resume(ctx, b, s.Borne(b, key))
	case err != nil:
		return Receipt{}, err
	}
	return s.receipt(e), s.close(ctx, e)
}

// Erase forgets a customer in every scope. After an error it can be repeated with the
// customer as they are then, and goes on by itself otherwise.
func (s *Consents) Erase(ctx context.Context, b *Business, c *Customer, by, action string) (Receipt, error) {
	e := s.decide(b, c, slices.Sorted(maps.Keys(c.Scopes)), by, action)
	if err := s.erase(ctx, b, c, e); err != nil {
		return Receipt{}, err
	}
	return s.receipt(e), s.close(ctx, e)
}

// plan is the erasure that somebody asks for who named a scope.
func (s *Consents) plan(b *Business, c *Customer, scope, by, action string) *Erasure {
	if by == ByBusiness && len(c.Scopes) > 1 {
		return s.decide(b, c, []string{scope}, by, action)
	}
	return s.decide(b, c, slices.Sorted(maps.Keys(c.Scopes)), by, action)
}

// decide is the erasure of some scopes; of all of them it is that of the customer.
func (s *Consents) decide(b *Business, c *Customer, scopes []string, by, action string) *Erasure {
	r := s.registrar(b, s.Now())
	e := &Erasure{
		ID: c.ID, Whole: len(scopes) == len(c.Scopes),
		Business: b.ID, Customers: c.ids(), By: by, Action: action, At: r.now.UTC(), Lines: slices.Clone(c.Lines),
	}
	for _, scope := range scopes {
		standing := c.Scopes[scope]
		e.Scopes = append(e.Scopes, ErasedScope{Scope: scope, Handle: standing.Handle, Former: standing.Former, Opened: standing.Opened})
		// Of what was asked nothing is repeated in the last line.
		bare := Customer{Scopes: map[string]*Standing{scope: {Handle: standing.Handle}}}
		r.line(&bare, scope, sharing.LineErased, turning{by: by, action: action, id: erasureID(standing.Handle)})
		e.Lines = append(e.Lines, bare.Lines...)
	}
	if !e.Whole {
		e.ID = e.Scopes[0].Handle.Key()
	}
	for _, l := range c.Links {
		if !l.Lost {
			e.Names = append(e.Names, s.Named(b, l.Identity))
		}
	}
	for _, h := range e.handles() {
		e.Names = append(e.Names, s.Borne(b, h.Key()))
	}
	return e
}

// erase carries out an erasure that was decided, of a customer as they are. From the
// first step on it is kept, until the last one is done.
func (s *Consents) erase(ctx context.Context, b *Business, c *Customer, e *Erasure) error {
	if err := s.absorbed(ctx, c, e); err != nil {
		return err
	}
	if err := s.Erasing.Erasures.Keep(ctx, e); err != nil {
		return fmt.Errorf("keep an erasure until its end: %w", err)
	}
	notes := make([]Reversal, len(e.Scopes))
	for i, scope := range e.Scopes {
		notes[i] = Reversal{At: e.At, Business: b.ID, Handle: longHandle(scope.Handle), By: e.By, For: b.bookUse("erasure")}
	}
	if err := s.Erasing.Audit.Note(ctx, notes); err != nil {
		return fmt.Errorf("write to the audit log: %w", err)
	}
	if err := s.ledgered(ctx, e); err != nil {
		return err
	}
	if err := s.end(ctx, b, c, e); err != nil {
		return err
	}
	return s.finish(ctx, b, e)
}

// absorbed finds the records, beside those that the customer's own names, that were about
// to become part of it: events from before lie under their keys.
func (s *Consents) absorbed(ctx context.Context, c *Customer, e *Erasure) error {
	for _, scope := range e.Scopes {
		bearers, err := s.bearers(ctx, c, scope)
		if err != nil {
			return err
		}
		for _, first := range bearers {
			if !slices.Contains(e.Customers, first.ID) {
				e.Customers = append(e.Customers, first.ID)
			}
		}
	}
	return nil
}

// bearers are the records that the names of a scope were drawn for, but for the
// customer's own.
func (s *Consents) bearers(ctx context.Context, c *Customer, scope ErasedScope) ([]*Customer, error) {
	var out []*Customer
	for _, h := range append([]masking.Handle{scope.Handle}, scope.Former...) {
		first, err := s.Handles.Bearer(ctx, c.Business, h.Key())
		if errors.Is(err, ErrUnknownHandle) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("find a customer: %w", err)
		}
		known := func(other *Customer) bool { return other.ID == first.ID }
		if !known(c) && !slices.ContainsFunc(out, known) {
			out = append(out, first)
		}
	}
	return out, nil
}

// ledgered brings the lines of an erasure into the ledger. Who wants to be forgotten
// does not wait until somebody mends it: the audit log has it, and the lines follow.
func (s *Consents) ledgered(ctx context.Context, e *Erasure) error {
	if e.Ledger != "" {
		return nil
	}
	head, err := s.Ledger.Append(ctx, e.Business, e.Lines)
	if errors.Is(err, ErrLedger) {
		s.refused(ctx, e.Business, err)
		return nil
	}
	if err != nil {
		return fmt.Errorf("write to the consent ledger: %w", err)
	}
	e.Ledger = head.Signed
	return nil
}

// end takes the customer, or the scope, out of the store.
func (s *Consents) end(ctx context.Context, b *Business, c *Customer, e *Erasure) error {
	// The platform's entry serves the other scopes too.
	e.ContactBook = "kept"
	if e.Whole {
		e.ContactBook = s.outOfBook(ctx, b, c, e.By)
	}
	// What nobody can tell afterwards.
	e.At = s.Now().UTC().Truncate(time.Millisecond)
	if err := s.Erasing.Erasures.Keep(ctx, e); err != nil {
		return fmt.Errorf("keep an erasure until its end: %w", err)
	}
	if !e.Whole {
		return s.leave(ctx, c, e)
	}
	if err := s.Erasing.Vault.Erase(ctx, c); err != nil {
		return fmt.Errorf("erase a customer: %w", err)
	}
	return nil
}

// outOfBook deletes the contact book's entry, and tells what became of it. A business is
// not kept waiting: it would learn from the time that this was the customer's last scope.
func (s *Consents) outOfBook(ctx context.Context, b *Business, c *Customer, by string) string {
	if by != ByBusiness {
		return s.Erasing.ContactBook.Delete(ctx, b, c)
	}
	was := *c
	s.behind.Go(func() { s.Erasing.ContactBook.Delete(context.WithoutCancel(ctx), b, &was) })
	return "asked"
}

// Wait returns when nothing is under way any more that nobody waits for: a deletion from
// the contact book, which is bounded in time.
func (s *Consents) Wait() { s.behind.Wait() }

// leave ends one scope of a customer who has others. Whatever scope they enter from now
// on, they start hidden. Errands stay: they find out by themselves that nobody wants
// them, and some are of other scopes.
func (s *Consents) leave(ctx context.Context, c *Customer, e *Erasure) error {
	scope := e.Scopes[0].Scope
	bearers, err := s.bearers(ctx, c, e.Scopes[0])
	if err != nil {
		return err
	}
	// First, because they are found by the names that the customer's record has.
	for _, first := range bearers {
		delete(first.Scopes, scope)
		if err := s.Records.Rewrite(ctx, first); err != nil {
			return fmt.Errorf("store a customer: %w", err)
		}
	}
	delete(c.Scopes, scope)
	c.returns()
	c.Due = slices.DeleteFunc(c.Due, func(d Due) bool { return d.Scope == scope && !d.Errand })
	if e.Ledger != "" {
		// They were among the erasure's.
		c.Lines = nil
		vouch(c.Due, e.Ledger)
	}
	if err := s.Records.Rewrite(ctx, c); err != nil {
		return fmt.Errorf("store a customer: %w", err)
	}
	return nil
}

// finish forgets what is left and tells the endpoints. It needs no record, and can be
// repeated.
func (s *Consents) finish(ctx context.Context, b *Business, e *Erasure) error {
	if !e.Whole {
		if err := s.Erasing.Vault.Free(ctx, e.Business, e.Customers, e.handles()); err != nil {
			return fmt.Errorf("free an erased customer's handles: %w", err)
		}
	}
	trace := s.traceOf(e)
	trace.Endpoints = b.endpoints(func(end *Endpoint) bool { return !end.Platform })
	for _, t := range s.Erasing.Traces {
		n, err := t.Forget(ctx, trace)
		if err != nil {
			return fmt.Errorf("forget what is kept of an erased customer: %w", err)
		}
		e.Forgotten += n
	}
	return s.tellErased(ctx, b, e)
}

// tellErased tells the endpoints, scope by scope, under the business's key: the
// customer's may be gone.
func (s *Consents) tellErased(ctx context.Context, b *Business, e *Erasure) error {
	key, err := s.Erasing.Keys.BusinessKey(ctx, b.ID)
	if err != nil {
		return fmt.Errorf("the business's data key: %w", err)
	}
	r, c := s.registrar(b, s.Now()), e.bare()
	var items []Item
	for _, erased := range e.Scopes {
		data := map[string]any{"handle": erased.Handle.In(b.View), "erased_at": e.At}
		if erased.Scope != Direct {
			data["group_id"] = erased.Scope
		}
		text, err := json.Marshal(data)
		if err != nil {
			return fmt.Errorf("write %s: %w", newsErased, err)
		}
		sum := r.prf.PRF("due", b.ID, erasureID(erased.Handle), newsErased, erased.Scope)
		id := base64.RawURLEncoding.EncodeToString(sum[:16])
		item, err := r.item(c, &Due{ID: id, Kind: newsErased, Scope: erased.Scope, At: e.At, Data: text}, nil)
		if err != nil {
			return err
		}
		item.Customer, item.Key, item.Delivery.Visibility, item.Delivery.Handle = "", key, "", ""
		if len(item.Endpoints) > 0 {
			items = append(items, item)
		}
	}
	if len(items) == 0 {
		return nil
	}
	appended, err := s.Queue.Append(ctx, items)
	offer(s.Courier, items, appended)
	if err != nil {
		return fmt.Errorf("append what is due: %w", err)
	}
	return nil
}

// close lets go of an erasure that is at its end. One whose lines are not in the ledger
// yet stays for them.
func (s *Consents) close(ctx context.Context, e *Erasure) error {
	if e.Ended = true; e.Ledger == "" {
		return s.Erasing.Erasures.Keep(ctx, e)
	}
	return s.Erasing.Erasures.Drop(ctx, e)
}

// erasureID names the erasure of a scope by its handle: repeated it is the same, and of
// whoever returns there it is another one.
func erasureID(h masking.Handle) string { return "erase:" + h.Key() }

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

	"bauta/masking/sharing"
)

// Erasing is what an erasure needs beside the records. All of it is required.
type Erasing struct {
	Vault Eraser
	Keys  BusinessKeys
	// Traces are what else is kept of a customer, each forgotten by itself.
	Traces []Traces
	// ContactBook is the platform's.
	ContactBook ContactBook
	Audit       Audit
	// Dumps says what becomes of dumps of the store from before a moment.
	Dumps func(erased time.Time) Dumps
}

// Dumps is what an erasure means for dumps of the store from before.
type Dumps struct {
	// Note says it in words.
	Note string
	// From is when they become unreadable; zero: no date is promised.
	From time.Time
}

// Eraser destroys records.
type Eraser interface {
	// Erase makes everything under the customer's key unreadable at once, and leaves
	// the markers of promise 9. It can be repeated.
	Erase(ctx context.Context, c *Customer) error
}

// Traces are what one part of the store keeps of customers.
type Traces interface {
	// Forget deletes what is found of a customer, and tells how much.
	Forget(ctx context.Context, business, customer string) (int, error)
}

// ContactBook is what the platform itself remembers for a business's portfolio.
type ContactBook interface {
	// Delete removes the customer's entry: "deleted", "none", "unknown_user_id" or
	// "failed". It never fails otherwise, and is bounded in time.
	Delete(ctx context.Context, b *Business, c *Customer) string
}

// Receipt says what became of an erasure.
type Receipt struct {
	Business string    `json:"business"`
	ErasedAt time.Time `json:"erased_at"`
	// Handles that the customer had, in their long form.
	Handles []string `json:"handles"`
	// Ledger is the signed head that holds the line of the erasure; "" if the ledger is
	// broken.
	Ledger string `json:"ledger"`
	// Forgotten is how many events were waiting, held or dead.
	Forgotten int `json:"forgotten"`
	// ContactBook is what became of the platform's contact-book entry: deleted, none,
	// unknown_user_id, failed, or kept for the customer's other scopes.
	ContactBook string `json:"contact_book"`
	// Dumps says when dumps of the store from before become unreadable.
	Dumps string `json:"dumps"`
	// DumpsUnreadableFrom is that date, zero if none is promised.
	DumpsUnreadableFrom time.Time `json:"dumps_unreadable_from,omitzero"`
}

// onlyThisScope is added for a business, which erases one scope and must not learn
// whether the customer has others.
const onlyThisScope = "; for somebody whom this business knows in other scopes too this holds once they are erased there"

// EraseHandle erases the customer whom a handle, by its key, names. A business that
// erases somebody who is in several scopes erases the one that it named: that the
// others end at the same moment would tell it who is who. The operator, and the
// customer, end all.
func (s *Consents) EraseHandle(ctx context.Context, b *Business, key, by, action string) (Receipt, error) {
	var out Receipt
	err := s.again(ctx, func() error {
		c, scope, err := s.find(ctx, b, key)
		if err != nil {
			return err
		}
		if by == ByBusiness && len(c.Scopes) > 1 {
			out, err = s.eraseScope(ctx, b, c, scope, action)
			return err
		}
		out, err = s.Erase(ctx, b, c, by, action)
		return err
	})
	return out, err
}

// Erase forgets a customer in every scope: contact book, then the line of the ledger,
// then the record with its key, then what else is kept, and tells the endpoints. It
// can be repeated after an error, with the same record.
func (s *Consents) Erase(ctx context.Context, b *Business, c *Customer, by, action string) (Receipt, error) {
	e := erasure{consents: s, r: s.registrar(b, s.Now()), customer: c, scopes: slices.Sorted(maps.Keys(c.Scopes))}
	if err := e.record(ctx, by, action); err != nil {
		return e.receipt, err
	}
	e.receipt.ContactBook = s.Erasing.ContactBook.Delete(ctx, b, c)
	if err := s.Erasing.Vault.Erase(ctx, c); err != nil {
		return e.receipt, fmt.Errorf("erase a customer: %w", err)
	}
	if err := e.forget(ctx); err != nil {
		return e.receipt, err
	}
	return e.receipt, e.tell(ctx)
}

// eraseScope ends one scope of a customer who has others. Whatever scope they enter
// from now on, they start hidden.
func (s *Consents) eraseScope(ctx context.Context, b *Business, c *Customer, scope, action string) (Receipt, error) {
	e := erasure{consents: s, r: s.registrar(b, s.Now()), customer: c, scopes: []string{scope}}
	handle := c.Scopes[scope].Handle
	if err := e.record(ctx, ByBusiness, action); err != nil {
		return e.receipt, err
	}
	// The platform's entry serves the other scopes too.
	e.receipt.ContactBook = "kept"
	delete(c.Scopes, scope)
	c.Links[0].Evidence = evidenceReturning
	c.Lines, c.Due = nil, slices.DeleteFunc(c.Due, func(d Due) bool { return d.Scope == scope })
	if err := s.Records.Rewrite(ctx, c); err != nil {
		return e.receipt, fmt.Errorf("store a customer: %w", err)
	}
	if scope == Direct {
		if err := e.forget(ctx); err != nil {
			return e.receipt, err
		}
	}
	c.Scopes[scope] = &Standing{Handle: handle}
	return e.receipt, e.tell(ctx)
}

// erasure is one under way.
type erasure struct {
	consents *Consents
	r        registrar
	customer *Customer
	scopes   []string
	receipt  Receipt
}

// record writes the erasure down, in the audit log and in the ledger.
func (e *erasure) record(ctx context.Context, by, action string) error {
	s, b, c := e.consents, e.r.business, e.customer
	dumps := s.Erasing.Dumps(e.r.now)
	e.receipt = Receipt{Business: b.ID, ErasedAt: e.r.now.UTC(), Dumps: dumps.Note, DumpsUnreadableFrom: dumps.From}
	if by == ByBusiness {
		e.receipt.Dumps += onlyThisScope
	}
	lines := c.Lines
	notes := make([]Reversal, len(e.scopes))
	for i, scope := range e.scopes {
		handle := longHandle(c.Scopes[scope].Handle)
		e.receipt.Handles = append(e.receipt.Handles, handle)
		notes[i] = Reversal{At: e.r.now, Business: b.ID, Handle: handle, By: by, For: e.r.business.bookUse("erasure")}
		// Of what was asked nothing is repeated in the last line.
		bare := Customer{Scopes: map[string]*Standing{scope: {Handle: c.Scopes[scope].Handle}}}
		e.r.line(&bare, scope, sharing.LineErased, turning{by: by, action: action, id: erasureID(c.Scopes[scope])})
		lines = append(lines, bare.Lines...)
	}
	if err := s.Erasing.Audit.Note(ctx, notes); err != nil {
		return fmt.Errorf("write to the audit log: %w", err)
	}
	head, err := s.Ledger.Append(ctx, b.ID, lines)
	if errors.Is(err, ErrLedger) {
		// Who wants to be forgotten does not wait until somebody mends the ledger. The
		// audit log has it.
		s.refused(ctx, b.ID, err)
		return nil
	}
	if err != nil {
		return fmt.Errorf("write to the consent ledger: %w", err)
	}
	e.receipt.Ledger = head.Signed
	return nil
}

// forget deletes what else is kept of the customer.
func (e *erasure) forget(ctx context.Context) error {
	for _, t := range e.consents.Erasing.Traces {
		n, err := t.Forget(ctx, e.r.business.ID, e.customer.ID)
		if err != nil {
			return fmt.Errorf("forget what is kept of an erased customer: %w", err)
		}
		e.receipt.Forgotten += n
	}
	return nil
}

// tell tells the endpoints, scope by scope, under the business's key: the customer's
// may be gone.
func (e *erasure) tell(ctx context.Context) error {
	s, r, c := e.consents, e.r, e.customer
	key, err := s.Erasing.Keys.BusinessKey(ctx, r.business.ID)
	if err != nil {
		return fmt.Errorf("the business's data key: %w", err)
	}
	var items []Item
	for _, scope := range e.scopes {
		data := map[string]any{"handle": c.Scopes[scope].Handle.In(r.business.View), "erased_at": r.now.UTC()}
		if scope != Direct {
			data["group_id"] = scope
		}
		text, err := json.Marshal(data)
		if err != nil {
			return fmt.Errorf("write %s: %w", newsErased, err)
		}
		sum := r.prf.PRF("due", r.business.ID, erasureID(c.Scopes[scope]), newsErased, scope)
		item, err := r.item(c, &Due{ID: base64.RawURLEncoding.EncodeToString(sum[:16]), Kind: newsErased, Scope: scope, At: r.now, Data: text}, nil)
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

// erasureID names the erasure of a scope: repeated it is the same, and of whoever
// returns there it is another one.
func erasureID(s *Standing) string { return "erase:" + s.Handle.Key() }

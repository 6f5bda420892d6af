package webhook

import (
	"context"
	"slices"
	"time"

	"bauta/masking"
	"bauta/masking/sharing"
)

// Erasing is what an erasure needs beside the records. All of it is required.
type Erasing struct {
	Vault    Eraser
	Erasures Erasures
	Keys     BusinessKeys
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
	// the markers of promise 9. It can be repeated, also with the id and the handles
	// alone.
	Erase(ctx context.Context, c *Customer) error
	// Free lets go of handles that lead to one of the customers' ids. It can be repeated.
	Free(ctx context.Context, business string, ids []string, handles []masking.Handle) error
}

// ContactBook is what the platform itself remembers for a business's portfolio.
type ContactBook interface {
	// Delete removes the customer's entry: "deleted", "none", "unknown_user_id" or
	// "failed". It never fails otherwise, and is bounded in time.
	Delete(ctx context.Context, b *Business, c *Customer) string
}

// Erasures keeps those that are not at their end. Safe for concurrent use.
type Erasures interface {
	// Keep stores an erasure, in the place of the one with its id.
	Keep(ctx context.Context, e *Erasure) error
	Drop(ctx context.Context, e *Erasure) error
	// Find are those of a business that a name leads to (Erasure.Names), and all for "";
	// beside an error those that could be read.
	Find(ctx context.Context, business, name string) ([]*Erasure, error)
}

// Erasure is one that was decided: kept from then on until all of it is done, so that
// it comes to its end whatever breaks, also when nothing leads to the customer any
// more. It names nobody.
type Erasure struct {
	// ID is the same for whoever decides the same again.
	ID       string
	Business string
	// Customers are the ids of the record and of those it took over.
	Customers []string
	// Whole: the customer ends, not these scopes alone.
	Whole  bool
	Scopes []ErasedScope
	// Names are keyed PRFs of the customer's identities, and of the handles that end: by
	// these it is found.
	Names      []string
	By, Action string
	At         time.Time
	// Lines are the ledger's: the erasure's own, and those that waited with the record.
	Lines []sharing.Line
	// Ledger is the signed head that holds them, "" if the ledger does not take them.
	Ledger string
	// ContactBook as in Receipt: of a business's erasure "asked" at most.
	ContactBook string
	// Forgotten is how many events were deleted, as far as that is known.
	Forgotten int
	// Ended: all is done, but for lines that the ledger does not take.
	Ended bool
}

// ErasedScope is one that ends.
type ErasedScope struct {
	Scope  string
	Handle masking.Handle
	Former []masking.Handle
	// Opened as in Standing.
	Opened time.Time
}

// handles are those that end.
func (e *Erasure) handles() []masking.Handle {
	var out []masking.Handle
	for _, s := range e.Scopes {
		out = append(append(out, s.Handle), s.Former...)
	}
	return out
}

// Bears tells that a handle, by its key, is one of those that end.
func (e *Erasure) Bears(key string) bool {
	return slices.ContainsFunc(e.handles(), func(h masking.Handle) bool { return h.Key() == key })
}

// answerTo has an erasure that is decided anew bear the handles that it was asked for by,
// and be found as before.
func (e *Erasure) answerTo(before *Erasure) {
	for _, name := range before.Names {
		if !slices.Contains(e.Names, name) {
			e.Names = append(e.Names, name)
		}
	}
	for _, was := range before.Scopes {
		for i := range e.Scopes {
			if now := &e.Scopes[i]; now.Scope == was.Scope && !e.Bears(was.Handle.Key()) {
				now.Former = append(slices.Clip(now.Former), was.Handle)
			}
		}
	}
}

// bare is the customer as far as an erasure knows them.
func (e *Erasure) bare() *Customer {
	c := &Customer{ID: e.Customers[0], Business: e.Business, Scopes: map[string]*Standing{}}
	for _, s := range e.Scopes {
		c.Scopes[s.Scope] = &Standing{Handle: s.Handle, Former: s.Former}
	}
	return c
}

// Receipt says what became of an erasure.
type Receipt struct {
	Business string    `json:"business"`
	ErasedAt time.Time `json:"erased_at"`
	// Handles that the customer had, in their long form.
	Handles []string `json:"handles"`
	// Ledger is the signed head that holds the line of the erasure; "" if the ledger is
	// broken, and gets the line when it is mended.
	Ledger string `json:"ledger"`
	// Forgotten is how many events were waiting, held or dead.
	Forgotten int `json:"forgotten"`
	// ContactBook is what became of the platform's contact-book entry: deleted, none,
	// unknown_user_id, failed, or kept for the customer's other scopes. Asked: it is
	// deleted after the answer, for a business must not learn from the time whether there
	// was anything to delete.
	ContactBook string `json:"contact_book"`
	// Resumed: an attempt from before broke off. What it deleted may be missing in
	// Forgotten.
	Resumed bool `json:"resumed,omitempty"`
	// Dumps says when dumps of the store from before become unreadable.
	Dumps string `json:"dumps"`
	// DumpsUnreadableFrom is that date, zero if none is promised.
	DumpsUnreadableFrom time.Time `json:"dumps_unreadable_from,omitzero"`
}

// onlyThisScope is added for a business, which erases one scope and must not learn
// whether the customer has others.
const onlyThisScope = "; for somebody whom this business knows in other scopes too this holds once they are erased there"

func (s *Consents) receipt(e *Erasure) Receipt {
	dumps := s.Erasing.Dumps(e.At)
	out := Receipt{
		Business: e.Business, ErasedAt: e.At, Ledger: e.Ledger, Forgotten: e.Forgotten, ContactBook: e.ContactBook,
		Dumps: dumps.Note, DumpsUnreadableFrom: dumps.From,
	}
	if e.By == ByBusiness {
		out.Dumps += onlyThisScope
	}
	for _, scope := range e.Scopes {
		out.Handles = append(out.Handles, longHandle(scope.Handle))
	}
	return out
}

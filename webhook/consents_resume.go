package webhook

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"time"

	"bauta/masking"
)

const (
	// resumeAfter is when nobody is at work on an erasure any more: calls that erase are
	// bounded to less.
	resumeAfter = 2 * time.Minute
	// receiptFor is how long an erasure that ended by itself is kept for whoever began
	// it, and asks again.
	receiptFor = 7 * 24 * time.Hour
)

// Named is the name of erasures of whoever has an identity.
func (s *Consents) Named(b *Business, i masking.Identity) string {
	i = i.Canonical()
	return s.nameOf("erasure", b, i.Number.Reveal(), i.UserID.Reveal())
}

// Borne is the name of erasures that end a handle, by its key.
func (s *Consents) Borne(b *Business, key string) string {
	return s.nameOf("erasure of handle", b, key)
}

func (s *Consents) nameOf(label string, b *Business, parts ...string) string {
	sum := s.PRF.PRF(label, append([]string{b.ID}, parts...)...)
	return base64.RawURLEncoding.EncodeToString(sum[:16])
}

// Resume brings an erasure to its end, by its name, that broke off after its customer was
// gone, or tells what became of it since. ErrUnknownHandle: there is none.
func (s *Consents) Resume(ctx context.Context, b *Business, name string) (Receipt, error) {
	found, err := s.Erasing.Erasures.Find(ctx, b.ID, name)
	if err != nil {
		return Receipt{}, fmt.Errorf("read erasures: %w", err)
	}
	if len(found) == 0 {
		return Receipt{}, ErrUnknownHandle
	}
	out, err := s.resume(ctx, b, found[len(found)-1])
	out.Resumed = err == nil
	return out, err
}

// ResumeAll brings a business's erasures to their end that broke off. What breaks keeps
// no other waiting; it is tried again with the next call.
func (s *Consents) ResumeAll(ctx context.Context, b *Business) error {
	all, err := s.Erasing.Erasures.Find(ctx, b.ID, "")
	faults := []error{err}
	for _, e := range all {
		age := s.Now().Sub(e.At)
		switch {
		case age < resumeAfter:
			continue
		case e.Ended && e.Ledger != "" && age > receiptFor:
			err = s.Erasing.Erasures.Drop(ctx, e)
		case e.Ended && e.Ledger != "":
			continue
		default:
			_, err = s.resume(ctx, b, e)
		}
		faults = append(faults, err)
	}
	return errors.Join(faults...)
}

// resume goes on where an erasure broke off, and keeps the outcome.
func (s *Consents) resume(ctx context.Context, b *Business, e *Erasure) (Receipt, error) {
	done := *e
	if !done.Ended {
		var err error
		if done, err = s.goOn(ctx, b, done); err != nil {
			return Receipt{}, err
		}
	}
	if err := s.ledgered(ctx, &done); err != nil {
		return Receipt{}, err
	}
	if done.Ended == e.Ended && done.Ledger == e.Ledger {
		return s.receipt(e), nil
	}
	if err := s.Erasing.Erasures.Keep(ctx, &done); err != nil {
		return Receipt{}, fmt.Errorf("keep an erasure until its end: %w", err)
	}
	if done.ID == e.ID {
		return s.receipt(&done), nil
	}
	return s.receipt(&done), s.Erasing.Erasures.Drop(ctx, e)
}

// goOn does what is left of an erasure. Where the record, or the scope, is still there
// it is decided anew, of the customer as they are.
func (s *Consents) goOn(ctx context.Context, b *Business, e Erasure) (Erasure, error) {
	err := s.again(ctx, func() error {
		c, err := s.Records.Customer(ctx, b.ID, e.Customers[0])
		if errors.Is(err, ErrErased) {
			return s.afterwards(ctx, b, &e)
		}
		if err != nil {
			return fmt.Errorf("find a customer: %w", err)
		}
		scope, there := c.ScopeOf(e.Scopes[0].Handle.Key())
		if !there {
			// The scope may not have ended: they withdrew, under a new handle. Of a customer
			// who was to end nothing did.
			scope = e.Scopes[0].Scope
			now := c.Scopes[scope]
			there = now != nil && (e.Whole || now.Opened.Equal(e.Scopes[0].Opened))
		}
		if e.By == ByBusiness && !there {
			// It has ended; whoever is there by now is another one.
			e.Whole = false
			return s.finish(ctx, b, &e)
		}
		anew := s.plan(b, c, scope, e.By, e.Action)
		anew.answerTo(&e)
		e = *anew
		return s.erase(ctx, b, c, &e)
	})
	e.Ended = err == nil
	return e, err
}

// afterwards does what is left once the record is gone.
func (s *Consents) afterwards(ctx context.Context, b *Business, e *Erasure) error {
	if e.Whole {
		if err := s.Erasing.Vault.Erase(ctx, e.bare()); err != nil {
			return fmt.Errorf("erase a customer: %w", err)
		}
	}
	return s.finish(ctx, b, e)
}

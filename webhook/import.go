package webhook

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"time"

	"golang.org/x/sync/errgroup"

	"bauta/masking"
	"bauta/webhook/meta"
)

// evidenceImported: the operator gave the number, as one that the business had.
const evidenceImported = "imported"

// importers is how many customers are minted at once.
const importers = 16

// Importer makes numbers known that a business had before Bauta. Safe for concurrent
// use.
type Importer struct {
	vault  Vault
	minter Minter
	now    func() time.Time
}

// NewImporter builds an Importer.
func NewImporter(v Vault, m Minter, now func() time.Time) *Importer {
	return &Importer{vault: v, minter: m, now: now}
}

// Known makes a visible customer of each number that leads to nobody and has no
// marker. Whoever is there already, in whatever state, stays as they are, and the
// answer does not tell who or how many those are: it would name hidden customers.
// After an error some may be there; a second time changes nothing for them.
func (i *Importer) Known(ctx context.Context, business string, numbers []masking.Number) error {
	lookups, seen := make([]Lookup, 0, len(numbers)), make(map[masking.Number]bool, len(numbers))
	for _, n := range numbers {
		if canonical := n.Canonical(); !seen[canonical] {
			seen[canonical] = true
			lookups = append(lookups, Lookup{Business: business, Identity: masking.Identity{Number: n}})
		}
	}
	found, err := i.vault.Recall(ctx, lookups)
	if err != nil {
		return fmt.Errorf("recall customers: %w", err)
	}
	minting, ctx := errgroup.WithContext(ctx)
	minting.SetLimit(importers)
	for at, f := range found {
		if f.Customer == nil && !f.Marked {
			minting.Go(func() error { return i.mint(ctx, lookups[at]) })
		}
	}
	return minting.Wait()
}

// mint stores a customer who is known. If somebody else stored the number first, that
// customer stays as they are.
func (i *Importer) mint(ctx context.Context, l Lookup) error {
	now := i.now()
	sight := sighting{party: meta.Party{Number: l.Identity.Number}, evidence: evidenceImported, now: now}
	c, _, err := newSession(i.vault, i.minter, now).person(ctx, l.Business, sight, func(claim) {})
	if err != nil {
		return err
	}
	for range handleDraws {
		handle, err := i.minter.Mint(rand.Reader, c.country())
		if err != nil {
			return fmt.Errorf("draw a handle: %w", err)
		}
		c.Scopes[Direct] = &Standing{Handle: handle, Visibility: Visible, Reason: ReasonKnown, Decided: now, RawIDs: true}
		_, _, err = i.vault.Mint(ctx, c)
		if err == nil {
			return nil
		}
		if !errors.Is(err, ErrHandleTaken) {
			return fmt.Errorf("mint a customer: %w", err)
		}
	}
	return fmt.Errorf("import a number: %w after %d draws", ErrHandleTaken, handleDraws)
}

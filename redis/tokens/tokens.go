// Package tokens keeps which tokens are in force: one hash for each business, and
// never a token itself. Only what is in it is let in, so that a Redis that lost its
// data admits nobody, and what is taken out ends at once on every node.
package tokens

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"bauta/redis"
	"bauta/webhook"
)

// slack is for how much longer a business's hash is kept than its last token lives:
// the clocks of a node and of Redis differ.
const slack = 24 * time.Hour

// Tokens implements access.Registry. Safe for concurrent use, on any number of
// nodes. Its errors wrap redis.ErrUnavailable or redis.ErrRefused.
type Tokens struct {
	store *redis.Store
	add   *redis.Script
}

// New builds Tokens.
func New(store *redis.Store) *Tokens { return &Tokens{store: store, add: redis.NewScript(addSource)} }

// Add enters a grant, and takes out the business's that had expired when it was
// issued. It is stored when it returns.
func (t *Tokens) Add(ctx context.Context, g webhook.Grant) error {
	text, err := encode(g)
	if err != nil {
		return fmt.Errorf("add a token: %w", err)
	}
	life := max(g.Expires.Sub(g.Issued), 0) + slack
	call := t.add.Call([]string{t.key(g.Business)}, g.ID, text, g.Issued.Unix(), life.Milliseconds())
	if err := t.store.Do(ctx, call).Err; err != nil {
		return fmt.Errorf("add a token: %w", err)
	}
	return nil
}

// Known tells whether a business's token is in force, as far as the registry
// knows: when it expires is in the token.
func (t *Tokens) Known(ctx context.Context, business, id string) (bool, error) {
	n, err := t.store.Pipeline(ctx, []redis.Call{redis.Command("HEXISTS", t.key(business), id)})[0].Int()
	if err != nil {
		return false, fmt.Errorf("look a token up: %w", err)
	}
	return n == 1, nil
}

// Revoke ends a token on all nodes: it is stored when it returns. False if the
// business has no such token.
func (t *Tokens) Revoke(ctx context.Context, business, id string) (bool, error) {
	n, err := t.store.Do(ctx, redis.Command("HDEL", t.key(business), id)).Int()
	if err != nil {
		return false, fmt.Errorf("revoke a token: %w", err)
	}
	return n == 1, nil
}

// List returns a business's grants that have not expired by a time, in the order of
// their issue. Beside an error it returns those that it could read.
func (t *Tokens) List(ctx context.Context, business string, at time.Time) ([]webhook.Grant, error) {
	all, err := t.store.Pipeline(ctx, []redis.Call{redis.Command("HGETALL", t.key(business))})[0].List()
	if err != nil {
		return nil, fmt.Errorf("list tokens: %w", err)
	}
	var grants []webhook.Grant
	var faults []error
	for pair := range slices.Chunk(all, 2) {
		g, err := read(business, pair)
		switch {
		case err != nil:
			faults = append(faults, err)
		case at.Before(g.Expires):
			grants = append(grants, g)
		}
	}
	slices.SortFunc(grants, func(a, b webhook.Grant) int {
		return cmp.Or(a.Issued.Compare(b.Issued), cmp.Compare(a.ID, b.ID))
	})
	return grants, errors.Join(faults...)
}

func (t *Tokens) key(business string) string { return t.store.Keys().Tokens(business) }

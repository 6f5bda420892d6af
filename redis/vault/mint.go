package vault

import (
	"context"
	"fmt"
	"slices"
	"time"

	"bauta/masking"
	"bauta/redis"
	"bauta/webhook"
)

// Mint stores a new customer (Version 0) with its standing: record and handles,
// then the index, one identity after the other, numbers first. Whoever writes
// an identity first has won: the loser's customer is taken back, and the
// winner's comes back with false. webhook.ErrHandleTaken: nothing is stored,
// draw another handle. After any other error the same event brings it to an end
// later; what no index entry leads to expires.
func (v *Vault) Mint(ctx context.Context, c *webhook.Customer) (*webhook.Customer, bool, error) {
	if c.Version != 0 || !isID(c.ID) {
		return nil, false, fmt.Errorf("%w: a customer is minted with an id of 16 bytes and no version", redis.ErrRefused)
	}
	minted := *c
	minted.Version = 1
	if err := v.inTime(ctx, func() error { return v.place(ctx, &minted) }); err != nil {
		return nil, false, err
	}
	unseen := true
	for _, i := range ordered(&minted) {
		winner, won, err := v.claim(ctx, &minted, i)
		if err != nil {
			return nil, false, err
		}
		unseen = unseen && !won
		if winner != nil {
			return winner, false, v.yield(ctx, &minted, winner, unseen)
		}
	}
	if err := v.keep(ctx, []*webhook.Customer{&minted}); err != nil {
		return nil, false, err
	}
	*c = minted
	return c, true, nil
}

// place writes record and handles, under a new data key. They live unconfirmed until
// the index leads to them. errLate: nothing but handles is stored.
func (v *Vault) place(ctx context.Context, c *webhook.Customer) error {
	made, err := v.newKey(ctx, c.Business, c.ID)
	if err != nil {
		return err
	}
	c.DataKey = made.key
	sealed, err := seal(c, c.DataKey)
	if err != nil {
		return err
	}
	record := v.scripts.create.Call([]string{v.recordKey(c)}, made.until, made.wrapped, sealed, unconfirmed.Milliseconds())
	calls := append([]redis.Call{record}, v.handing(c, unconfirmed)...)
	results := v.store.Commit(ctx, calls)
	for _, r := range results {
		if r.Err != nil {
			return r.Err
		}
	}
	if results[0].Value == "late" {
		return errLate
	}
	if created, err := results[0].Int(); err != nil || created == 0 {
		return fmt.Errorf("mint with an id that is in use: %w", webhook.ErrStale)
	}
	if _, taken := named(results[1:], c.ID); taken {
		if err := v.remove(ctx, c); err != nil {
			return err
		}
		return webhook.ErrHandleTaken
	}
	return nil
}

// handing claims the handles of every scope, in a fixed order.
func (v *Vault) handing(c *webhook.Customer, lives time.Duration) []redis.Call {
	var calls []redis.Call
	for _, digits := range handleKeys(c) {
		calls = append(calls, v.scripts.name.Call([]string{v.store.Keys().Handle(c.Business, digits)}, c.ID, lives.Milliseconds()))
	}
	return calls
}

// named sorts the answers of handing: which handles are new, and whether another
// customer has one.
func named(results []redis.Result, id string) (fresh []int, taken bool) {
	for i, r := range results {
		switch held, _, _ := r.Text(); held {
		case "new":
			fresh = append(fresh, i)
		case id:
		default:
			taken = true
		}
	}
	return fresh, taken
}

// yield takes a minted customer back. As long as no index entry led to it nobody
// can have seen it, and it is removed. Later it may have been seen, and have
// encrypted an event: it becomes part of the winner, who says so first, so that
// nothing of it outlives the winner's erasure.
func (v *Vault) yield(ctx context.Context, c, winner *webhook.Customer, unseen bool) error {
	if unseen {
		return v.remove(ctx, c)
	}
	winner.Predecessors = append(winner.Predecessors, webhook.Predecessor{ID: c.ID, At: v.now()})
	if err := v.write(ctx, winner); err != nil {
		return err
	}
	c.MergedInto = winner.ID
	if err := v.write(ctx, c); err != nil {
		return err
	}
	// The winner does not claim what was won here: the entries go, so that the
	// event that brought both identities links them.
	n, err := v.naming(ctx)
	if err != nil {
		return err
	}
	var calls []redis.Call
	for _, i := range ordered(c) {
		calls = append(calls, v.under(n.held, c.Business, i, func(name string) redis.Call { return v.scripts.drop.Call([]string{name}, c.ID) })...)
	}
	return firstError(v.store.Commit(ctx, calls))
}

// remove deletes the record and those handles that lead to it.
func (v *Vault) remove(ctx context.Context, c *webhook.Customer) error {
	calls := []redis.Call{redis.Command("DEL", v.recordKey(c))}
	for _, digits := range handleKeys(c) {
		calls = append(calls, v.scripts.drop.Call([]string{v.store.Keys().Handle(c.Business, digits)}, c.ID))
	}
	return firstError(v.store.Commit(ctx, calls))
}

func firstError(results []redis.Result) error {
	for _, r := range results {
		if r.Err != nil {
			return r.Err
		}
	}
	return nil
}

func (v *Vault) recordKey(c *webhook.Customer) string {
	return v.store.Keys().Customer(c.Business, c.ID)
}

// handleKeys are the digits of the handles of all scopes, sorted.
func handleKeys(c *webhook.Customer) []string {
	var out []string
	for _, s := range c.Scopes {
		if !s.Handle.IsZero() {
			out = append(out, s.Handle.Key())
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// ordered are the identities that lead to a customer, numbers first: two nodes
// that mint the same person meet at the same entry.
func ordered(c *webhook.Customer) []masking.Identity {
	var numbers, ids []masking.Identity
	for _, l := range c.Links {
		switch i := canonical(l.Identity); {
		case l.Lost || i.IsZero():
		case !i.Number.IsZero():
			numbers = append(numbers, i)
		default:
			ids = append(ids, i)
		}
	}
	return append(numbers, ids...)
}

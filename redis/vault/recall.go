package vault

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"bauta/masking"
	"bauta/redis"
	"bauta/webhook"
)

// errContended: others kept changing an index entry. The platform sends again.
var errContended = fmt.Errorf("%w: an identity is being written by others", redis.ErrUnavailable)

// Recall answers every lookup, in order, in two round trips however many there
// are (one more where records were merged). An identity whose record is gone,
// or no longer claims it, comes back Marked: whoever shows it starts hidden. One whose
// record cannot be read comes back Unreadable, and is no reason to answer for no other.
// Customers found under several lookups are one pointer. In a store that was
// emptied since it was opened nobody is looked up: the error wraps
// redis.ErrMisconfigured. Where a crash left an
// entry of the index unwritten, it is written now, unless the store is read-only.
func (v *Vault) Recall(ctx context.Context, lookups []webhook.Lookup) ([]webhook.Found, error) {
	out := make([]webhook.Found, len(lookups))
	held, err := v.entries(ctx, lookups)
	if err != nil {
		return nil, err
	}
	known := records{}
	var refs []ref
	for i, id := range held {
		if isID(id) {
			refs = append(refs, ref{lookups[i].Business, id})
		}
	}
	var lost, further unreadable
	if err := v.load(ctx, refs, known); err != nil && !errors.As(err, &lost) {
		return nil, err
	}
	if err := v.follow(ctx, known); err != nil && !errors.As(err, &further) {
		return nil, err
	}
	lost = append(lost, further...)
	for i, l := range lookups {
		if held[i] == "" {
			continue
		}
		at := ref{l.Business, held[i]}
		out[i].Customer = known.owner(at, l.Identity)
		out[i].Marked = out[i].Customer == nil
		out[i].Unreadable = slices.Contains(lost, known.last(at))
	}
	return out, v.complete(ctx, lookups, held, out)
}

// entries reads the index: "" where there is none.
func (v *Vault) entries(ctx context.Context, lookups []webhook.Lookup) ([]string, error) {
	held := make([]string, len(lookups))
	var calls []redis.Call
	var places []int
	for i, l := range lookups {
		if l.Identity.IsZero() {
			continue
		}
		calls = append(calls, redis.Command("GET", v.indexKey(l.Business, l.Identity)))
		places = append(places, i)
	}
	results := v.store.Pipeline(ctx, append(calls, redis.OwnerCall()))
	if err := v.store.Owned(results[len(calls)]); err != nil {
		return nil, err
	}
	for i, r := range results[:len(calls)] {
		id, _, err := r.Text()
		if err != nil {
			return nil, err
		}
		held[places[i]] = id
	}
	return held, nil
}

// complete finds identities that lead nowhere but that a customer of the same
// call claims: the writer of that record did not get to the index.
func (v *Vault) complete(ctx context.Context, lookups []webhook.Lookup, held []string, found []webhook.Found) error {
	for i, l := range lookups {
		if found[i].Customer != nil || found[i].Unreadable || l.Identity.IsZero() {
			continue
		}
		c := claimant(found, l)
		if c == nil {
			continue
		}
		if !v.store.ReadOnly() {
			err := v.Point(ctx, l.Business, l.Identity, held[i], c.ID)
			if err != nil && !errors.Is(err, webhook.ErrStale) {
				return err
			}
		}
		found[i] = webhook.Found{Customer: c}
	}
	return nil
}

func claimant(found []webhook.Found, l webhook.Lookup) *webhook.Customer {
	for _, f := range found {
		if f.Customer != nil && f.Customer.Business == l.Business && claims(f.Customer, l.Identity) {
			return f.Customer
		}
	}
	return nil
}

// Point moves an identity's index entry from one customer id ("" for none, also
// the marker) to another. webhook.ErrStale: it held something else.
func (v *Vault) Point(ctx context.Context, business string, i masking.Identity, from, to string) error {
	held, err := v.point(ctx, business, i, from, to)
	if err == nil && held != to {
		return webhook.ErrStale
	}
	return err
}

// point returns what the entry holds in the end.
func (v *Vault) point(ctx context.Context, business string, i masking.Identity, from, to string) (string, error) {
	held, _, err := v.store.Do(ctx, v.pointing(business, i, from, to)).Text()
	return held, err
}

// pointing is the step that moves an entry. Whose record it leads to is not known
// here: it stays as long as any may, until the customer is seen.
func (v *Vault) pointing(business string, i masking.Identity, from, to string) redis.Call {
	return v.scripts.point.Call([]string{v.indexKey(business, i)}, to, from, v.indexLives(business, v.longest(business)).Milliseconds())
}

// claim makes an identity lead to c, unless it leads to another customer whose
// record claims it: that one is returned. From is what the entry is believed to
// hold.
func (v *Vault) claim(ctx context.Context, c *webhook.Customer, i masking.Identity, from string) (*webhook.Customer, error) {
	for range maxMerges {
		held, err := v.point(ctx, c.Business, i, from, c.ID)
		if err != nil || held == c.ID {
			return nil, err
		}
		owner, err := v.ownerOf(ctx, c.Business, i, held)
		if err != nil {
			return nil, err
		}
		if owner != nil && owner.ID != c.ID {
			return owner, nil
		}
		from = held
	}
	return nil, errContended
}

// ownerOf is the customer that an index entry rightly leads to, or nil.
func (v *Vault) ownerOf(ctx context.Context, business string, i masking.Identity, held string) (*webhook.Customer, error) {
	if !isID(held) {
		return nil, nil //nolint:nilnil // nobody is an answer here
	}
	known := records{}
	at := ref{business, held}
	if err := v.load(ctx, []ref{at}, known); err != nil {
		return nil, err
	}
	if err := v.follow(ctx, known); err != nil {
		return nil, err
	}
	return known.owner(at, i), nil
}

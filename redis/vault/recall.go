package vault

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"bauta/masking/keys"
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
// emptied since it was opened, or needs a look-up key that is not here, nobody is
// looked up: the error wraps redis.ErrMisconfigured. Where a crash left an
// entry of the index unwritten, it is written now, unless the store is read-only.
func (v *Vault) Recall(ctx context.Context, lookups []webhook.Lookup) ([]webhook.Found, error) {
	held, err := v.entries(ctx, lookups)
	if err != nil {
		return nil, err
	}
	known := records{}
	var refs []ref
	for i, l := range lookups {
		for _, id := range held[i] {
			if isID(id) {
				refs = append(refs, ref{l.Business, id})
			}
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
	out := make([]webhook.Found, len(lookups))
	for i, l := range lookups {
		out[i] = known.found(l, held[i], lost)
	}
	return out, v.complete(ctx, lookups, out)
}

// found is what the entries of an identity lead to. The newest key decides: where two
// lead to somebody, the older one is what a node left that lost under the newer and
// could not say so.
func (r records) found(l webhook.Lookup, held []string, lost unreadable) webhook.Found {
	var out webhook.Found
	for _, id := range slices.Backward(held) {
		at := ref{l.Business, id}
		if c := r.owner(at, l.Identity); c != nil {
			return webhook.Found{Customer: c}
		}
		out.Marked = out.Marked || id != ""
		out.Unreadable = out.Unreadable || slices.Contains(lost, r.last(at))
	}
	return out
}

// entries reads the index: for each look-up what stands under each look-up key, ""
// where there is none. Whether these are the keys that the store needs is asked in the
// same round trip.
func (v *Vault) entries(ctx context.Context, lookups []webhook.Lookup) ([][]string, error) {
	set, err := v.names.Finder(ctx, "")
	if err != nil {
		return nil, err
	}
	for {
		held, needed, err := v.entriesUnder(ctx, set.Lookups(), lookups)
		if err != nil {
			return nil, err
		}
		needing, err := v.names.Finder(ctx, needed)
		if err != nil || needing == set {
			return held, err
		}
		set = needing
	}
}

// entriesUnder returns the look-up keys that the store needs too.
func (v *Vault) entriesUnder(ctx context.Context, under []keys.LookupKey, lookups []webhook.Lookup) (held [][]string, needed string, err error) {
	held = make([][]string, len(lookups))
	var calls []redis.Call
	var places []int
	for i, l := range lookups {
		if l.Identity.IsZero() {
			continue
		}
		for _, k := range under {
			calls = append(calls, redis.Command("GET", v.indexKey(k, l.Business, l.Identity)))
			places = append(places, i)
		}
	}
	results := v.store.Pipeline(ctx, append(calls, redis.OwnerCall()))
	if err := v.store.Owned(results[len(calls)]); err != nil {
		return nil, "", err
	}
	all := make([]string, len(calls))
	for n, r := range results[:len(calls)] {
		if all[n], _, err = r.Text(); err != nil {
			return nil, "", err
		}
		i := places[n]
		held[i] = all[n-len(held[i]) : n+1]
	}
	return held, v.store.Needed(results[len(calls)]), nil
}

// complete finds identities that lead nowhere but that a customer of the same
// call claims: the writer of that record did not get to the index.
func (v *Vault) complete(ctx context.Context, lookups []webhook.Lookup, found []webhook.Found) error {
	for i, l := range lookups {
		if found[i].Customer != nil || found[i].Unreadable || l.Identity.IsZero() {
			continue
		}
		c := claimant(found, l)
		if c == nil {
			continue
		}
		if !v.store.ReadOnly() {
			if _, _, err := v.claim(ctx, c, canonical(l.Identity)); err != nil {
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

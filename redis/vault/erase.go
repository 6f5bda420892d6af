package vault

import (
	"context"
	"fmt"
	"slices"
	"strconv"

	"bauta/masking"
	"bauta/redis"
	"bauta/webhook"
)

// marker is what is left of an identity whose customer was erased.
const marker = "x"

// Erase forgets a customer, and the records that merged into this one. Their data
// keys go first, each with its record in one step, so that nothing under them can
// be read from then on: on this node at once, on others within two seconds. Then
// what leads there goes: identities leave the marker for retention.hidden_marker,
// handles and envelope forms nothing. Every step can be repeated, and none is
// needed for whoever returns to start hidden.
//
// The records that merged go before the customer's own, because these are found
// through it: as long as Customer finds somebody, Erase can be called again; once
// it answers webhook.ErrErased every key is gone. webhook.ErrStale: the customer was
// taken over by another one, who has to be read and erased.
//
// Whoever has read the customer before and writes them now gets webhook.ErrStale,
// as after any other write, and finds nobody when they read again.
func (v *Vault) Erase(ctx context.Context, c *webhook.Customer) error {
	own, merged, err := v.destroy(ctx, c)
	if err != nil {
		return err
	}
	ids := []string{c.ID}
	for _, m := range merged {
		ids = append(ids, m.ID)
	}
	for _, id := range ids {
		v.dataKeys.drop(c.Business + "\x00" + id)
		v.windows.Remove(c.Business + "\x00" + id)
		v.touched.Remove(c.Business + "\x00" + id)
	}
	n, err := v.naming(ctx)
	if err != nil {
		return err
	}
	calls := v.marking(n, own, ids, true)
	calls = append(calls, v.marking(n, merged, ids, false)...)
	calls = append(calls, v.freeing(c.Business, handlesOf(append(own, merged...)), ids)...)
	for _, id := range ids {
		calls = append(calls, v.formless(c.Business, id)...)
	}
	if err := firstError(v.store.Commit(ctx, calls)); err != nil {
		return err
	}
	return firstError(v.store.Commit(ctx, v.unmarking(n, own, ids)))
}

// destroy deletes the customer's key and record, and those of the customers that
// merged into them. It returns what is known of the customer (as given, and as read
// last) and of the others.
func (v *Vault) destroy(ctx context.Context, c *webhook.Customer) (own, merged []*webhook.Customer, err error) {
	at := ref{c.Business, c.ID}
	own = []*webhook.Customer{c}
	for range maxMerges {
		known := records{}
		if err := v.load(ctx, []ref{at}, known); err != nil {
			return nil, nil, err
		}
		present := known[at]
		if present != nil && present.MergedInto != "" {
			return nil, nil, fmt.Errorf("erase a customer who was taken over by another: %w", webhook.ErrStale)
		}
		if present != nil {
			own = append(own, present)
		}
		found, err := v.mergedInto(ctx, own)
		if err != nil {
			return nil, nil, err
		}
		merged = append(merged, found...)
		done, err := v.destroyed(ctx, found)
		if err == nil && done {
			done, err = v.destroyed(ctx, []*webhook.Customer{asRead(present, c)})
		}
		if err != nil || done {
			return own, merged, err
		}
	}
	return nil, nil, errContended
}

// asRead is the record as it was read; without one, whatever stands there goes.
func asRead(present, c *webhook.Customer) *webhook.Customer {
	if present != nil {
		return present
	}
	return &webhook.Customer{Business: c.Business, ID: c.ID}
}

// destroyed deletes the records unless somebody wrote one since it was read: false.
func (v *Vault) destroyed(ctx context.Context, customers []*webhook.Customer) (bool, error) {
	calls := make([]redis.Call, len(customers))
	for n, c := range customers {
		calls[n] = v.scripts.destroy.Call([]string{v.recordKey(c)}, strconv.FormatInt(c.Version, 10))
	}
	all := true
	for _, r := range v.store.Commit(ctx, calls) {
		n, err := r.Int()
		if err != nil {
			return false, err
		}
		all = all && n == 1
	}
	return all, nil
}

// mergedInto finds the records that became part of a customer, or were about to: those
// that the record names, and those that the customer's handles were drawn for.
func (v *Vault) mergedInto(ctx context.Context, own []*webhook.Customer) ([]*webhook.Customer, error) {
	refs, err := v.related(ctx, own)
	if err != nil {
		return nil, err
	}
	known := records{}
	if err := v.load(ctx, refs, known); err != nil {
		return nil, err
	}
	if err := v.follow(ctx, known); err != nil {
		return nil, err
	}
	id := own[0].ID
	var out []*webhook.Customer
	for _, c := range known {
		part := func(o *webhook.Customer) bool { return overlap(c, o) }
		if c != nil && c.ID != id && (known.leads(c, id) || slices.ContainsFunc(own, part)) {
			out = append(out, c)
		}
	}
	return out, nil
}

// related are the places of other records that a customer's records and handles name.
func (v *Vault) related(ctx context.Context, own []*webhook.Customer) ([]ref, error) {
	business, refs := own[0].Business, []ref{}
	add := func(id string) {
		if at := (ref{business, id}); isID(id) && id != own[0].ID && !slices.Contains(refs, at) {
			refs = append(refs, at)
		}
	}
	for _, o := range own {
		for _, p := range o.Predecessors {
			if !p.Other {
				add(p.ID)
			}
		}
	}
	var calls []redis.Call
	for _, digits := range handlesOf(own) {
		calls = append(calls, redis.Command("GET", v.store.Keys().Handle(business, digits)))
	}
	for _, r := range v.store.Pipeline(ctx, calls) {
		id, _, err := r.Text()
		if err != nil {
			return nil, err
		}
		add(id)
	}
	return refs, nil
}

// leads tells that a record was merged into the one of an id, whether that is there
// or not.
func (r records) leads(c *webhook.Customer, id string) bool {
	for range maxMerges {
		if c == nil || c.MergedInto == "" {
			return false
		}
		if c.MergedInto == id {
			return true
		}
		c = r[ref{c.Business, c.MergedInto}]
	}
	return false
}

// marking puts the marker into every index entry of the customers that leads to one
// of ids; missing: also where there is no entry for what they claim. What they claim is
// marked under the look-up key that writes; under older ones unmarking lets it go.
func (v *Vault) marking(n names, customers []*webhook.Customer, ids []string, missing bool) []redis.Call {
	var calls []redis.Call
	for _, c := range customers {
		lives := v.retention(c.Business).HiddenMarker.Milliseconds()
		for _, l := range c.Links {
			if l.Identity.IsZero() {
				continue
			}
			claimed := missing && !l.Lost
			for k, key := range n.held {
				if claimed && k < n.to-1 {
					continue
				}
				args := append([]any{marker, lives, claimed && k == n.to-1}, anys(ids)...)
				calls = append(calls, v.scripts.mark.Call([]string{v.indexKey(key, c.Business, l.Identity)}, args...))
			}
		}
	}
	return calls
}

// unmarking lets go of entries under older look-up keys for which there is a marker by
// now: they would keep these keys from being destroyed.
func (v *Vault) unmarking(n names, customers []*webhook.Customer, ids []string) []redis.Call {
	var calls []redis.Call
	for _, c := range customers {
		for _, i := range ordered(c) {
			calls = append(calls, v.under(n.held[:n.to-1], c.Business, i, func(name string) redis.Call { return v.scripts.drop.Call([]string{name}, anys(ids)...) })...)
		}
	}
	return calls
}

func anys(ids []string) []any {
	out := make([]any, len(ids))
	for n, id := range ids {
		out[n] = id
	}
	return out
}

// Free lets go of handles that lead to one of ids. It can be repeated.
func (v *Vault) Free(ctx context.Context, business string, ids []string, handles []masking.Handle) error {
	digits := make([]string, len(handles))
	for i, h := range handles {
		digits[i] = h.Key()
	}
	return firstError(v.store.Commit(ctx, v.freeing(business, digits, ids)))
}

// freeing lets go of handles, by their digits, that lead to one of ids.
func (v *Vault) freeing(business string, handles, ids []string) []redis.Call {
	var calls []redis.Call
	for _, digits := range handles {
		v.bearers.Remove(bearerKey(business, digits))
		calls = append(calls, v.scripts.drop.Call([]string{v.store.Keys().Handle(business, digits)}, anys(ids)...))
	}
	return calls
}

func handlesOf(customers []*webhook.Customer) []string {
	var all []string
	for _, c := range customers {
		all = append(all, allHandleKeys(c)...)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// formless deletes envelope forms: of this epoch, those beside it, and those that
// were kept without a period.
func (v *Vault) formless(business, id string) []redis.Call {
	epoch, _ := v.epoch(business)
	epochs := []int64{0, epoch - 1, epoch, epoch + 1}
	if epoch == 0 {
		epochs = epochs[:1]
	}
	var calls []redis.Call
	for _, e := range epochs {
		calls = append(calls, redis.Command("DEL", v.store.Keys().Forms(business, id, e)))
	}
	return calls
}

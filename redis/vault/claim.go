package vault

import (
	"context"

	"bauta/masking"
	"bauta/redis"
	"bauta/webhook"
)

// pointing is the step that moves an entry from one customer id ("" for none, also the
// marker) to another. Whose record it leads to is not known here: it stays as long as
// any may, until the customer is seen.
func (v *Vault) pointing(n names, business, name, from, to string) redis.Call {
	return v.scripts.point.Call([]string{name}, n.until, to, from, v.indexLives(business, v.longest(business)).Milliseconds())
}

// claim makes an identity lead to c, under every look-up key that entries are made
// under, unless one leads to another customer whose record claims it: that one is
// returned. Won: before that, an entry was made that leads to c.
//
// The order is the same everywhere, oldest key first, and any two nodes that may write
// have a key in common: of two that bring the same person, one loses.
func (v *Vault) claim(ctx context.Context, c *webhook.Customer, i masking.Identity) (winner *webhook.Customer, won bool, err error) {
	err = v.inTime(ctx, func() error {
		n, err := v.naming(ctx)
		if err != nil {
			return err
		}
		for _, k := range n.made() {
			if winner, err = v.claimAt(ctx, n, v.indexKey(k, c.Business, i), c, i); winner != nil || err != nil {
				return err
			}
			won = true
		}
		return v.unmark(ctx, n, c, i)
	})
	return winner, won, err
}

// claimAt is claim under one name.
func (v *Vault) claimAt(ctx context.Context, n names, name string, c *webhook.Customer, i masking.Identity) (*webhook.Customer, error) {
	from := ""
	for range maxMerges {
		held, _, err := v.store.Do(ctx, v.pointing(n, c.Business, name, from, c.ID)).Text()
		switch {
		case err != nil || held == c.ID:
			return nil, err
		case held == "late":
			return nil, errLate
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

// unmark takes away what leads nowhere under keys that no entry is made under any more:
// who was marked there is found under the others now. What leads to somebody else is a
// node's that has not heard of it: it loses under the next key.
func (v *Vault) unmark(ctx context.Context, n names, c *webhook.Customer, i masking.Identity) error {
	if len(n.retired()) == 0 {
		return nil
	}
	var drops []redis.Call
	reads := v.under(n.retired(), c.Business, i, func(name string) redis.Call { return redis.Command("GET", name) })
	for at, r := range v.store.Pipeline(ctx, reads) {
		held, there, err := r.Text()
		if err != nil {
			return err
		}
		if !there {
			continue
		}
		owner, err := v.ownerOf(ctx, c.Business, i, held)
		if err != nil {
			return err
		}
		if owner != nil && owner.ID != c.ID {
			continue
		}
		drops = append(drops, v.scripts.drop.Call([]string{v.indexKey(n.retired()[at], c.Business, i)}, held))
	}
	return firstError(v.store.Commit(ctx, drops))
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

// lead makes the index lead to c for every identity its record claims.
func (v *Vault) lead(ctx context.Context, c *webhook.Customer) error {
	n, err := v.naming(ctx)
	if err != nil {
		return err
	}
	identities := ordered(c)
	var calls []redis.Call
	for _, i := range identities {
		calls = append(calls, v.under(n.made(), c.Business, i, func(name string) redis.Call { return v.pointing(n, c.Business, name, "", c.ID) })...)
		calls = append(calls, v.under(n.retired(), c.Business, i, func(name string) redis.Call { return redis.Command("GET", name) })...)
	}
	results := v.store.Commit(ctx, calls)
	for at, i := range identities {
		settled := true
		for k, r := range results[at*n.to : (at+1)*n.to] {
			held, _, err := r.Text()
			if err != nil {
				return err
			}
			want := ""
			if k < len(n.made()) {
				want = c.ID
			}
			settled = settled && held == want
		}
		if settled {
			continue
		}
		if _, _, err := v.claim(ctx, c, i); err != nil {
			return err
		}
	}
	return nil
}

// hand gives the index entries of a merged customer to the one that took it
// over. An entry that leads elsewhere by now stays; one that comes too late leads
// there all the same, through the merged record.
func (v *Vault) hand(ctx context.Context, c *webhook.Customer) error {
	n, err := v.naming(ctx)
	if err != nil {
		return err
	}
	var calls []redis.Call
	for _, i := range ordered(c) {
		calls = append(calls, v.under(n.made(), c.Business, i, func(name string) redis.Call { return v.pointing(n, c.Business, name, c.ID, c.MergedInto) })...)
	}
	return firstError(v.store.Commit(ctx, calls))
}

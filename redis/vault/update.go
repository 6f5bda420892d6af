package vault

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"bauta/redis"
	"bauta/webhook"
)

// Update stores a changed customer: new handles first, then the record if it is
// still of the version that was read, then the index. webhook.ErrStale and
// webhook.ErrHandleTaken: nothing was stored. An index entry that rightly leads
// to another customer is left alone; one whose record lost the identity, was
// merged or is gone moves here. On success c has its new version.
func (v *Vault) Update(ctx context.Context, c *webhook.Customer) error {
	return v.change(ctx, c, v.lives(c).Milliseconds())
}

// Rewrite is Update for a customer who was not seen: their record lives no longer
// than before.
func (v *Vault) Rewrite(ctx context.Context, c *webhook.Customer) error {
	return v.change(ctx, c, unseen)
}

// change stores a customer whose record is to live for so many ms (0: for ever).
func (v *Vault) change(ctx context.Context, c *webhook.Customer, lives int64) error {
	if c.Version < 1 || c.DataKey == nil {
		return fmt.Errorf("%w: a customer is updated after it was read or minted", redis.ErrRefused)
	}
	fresh, err := v.rename(ctx, c)
	if err != nil {
		return err
	}
	if err := v.compare(ctx, c, lives); err != nil {
		// After any other error the record may have been written with them.
		if errors.Is(err, webhook.ErrStale) {
			v.unname(ctx, c, fresh)
		}
		return err
	}
	if err := v.let(ctx, c); err != nil {
		return err
	}
	if c.MergedInto != "" {
		return v.hand(ctx, c)
	}
	return v.lead(ctx, c)
}

// rename claims the handles that are new, and returns which were.
func (v *Vault) rename(ctx context.Context, c *webhook.Customer) ([]string, error) {
	digits := handleKeys(c)
	results := v.store.Commit(ctx, v.handing(c, v.lives(c)))
	if err := firstError(results); err != nil {
		return nil, err
	}
	places, taken := named(results, c.ID)
	fresh := make([]string, 0, len(places))
	for _, i := range places {
		fresh = append(fresh, digits[i])
	}
	if !taken {
		return fresh, nil
	}
	ours, err := v.inherited(ctx, c, results)
	if err == nil && !ours {
		err = v.refused(ctx, c)
	}
	if err != nil {
		v.unname(ctx, c, fresh)
		return nil, err
	}
	return fresh, nil
}

// refused is why a customer cannot have a handle: of one who was erased meanwhile
// the handles are let go, and another draw would not help.
func (v *Vault) refused(ctx context.Context, c *webhook.Customer) error {
	version, err := v.store.Pipeline(ctx, []redis.Call{redis.Command("HGET", v.recordKey(c), "v")})[0].Int()
	switch {
	case err != nil:
		return err
	case version != c.Version:
		return webhook.ErrStale
	}
	return webhook.ErrHandleTaken
}

// inherited tells that the handles that lead elsewhere lead to customers that
// this one takes over: their records share an identity.
func (v *Vault) inherited(ctx context.Context, c *webhook.Customer, results []redis.Result) (bool, error) {
	known := records{}
	var holders []ref
	for _, r := range results {
		held, _, err := r.Text()
		if err != nil {
			return false, err
		}
		if held != "new" && held != c.ID {
			holders = append(holders, ref{c.Business, held})
		}
	}
	if err := v.load(ctx, holders, known); err != nil {
		return false, err
	}
	for _, at := range holders {
		holder := known[at]
		if holder == nil || (holder.MergedInto != c.ID && !overlap(holder, c)) {
			return false, nil
		}
	}
	return true, nil
}

func overlap(a, b *webhook.Customer) bool {
	for _, l := range a.Links {
		if !l.Lost && claims(b, l.Identity) {
			return true
		}
	}
	return false
}

// unname gives handles back that were claimed for a record that was not written.
// If it fails they lead to a customer that does not have them, who is not found
// under them.
func (v *Vault) unname(ctx context.Context, c *webhook.Customer, digits []string) {
	calls := make([]redis.Call, 0, len(digits))
	for _, d := range digits {
		calls = append(calls, v.scripts.drop.Call([]string{v.store.Keys().Handle(c.Business, d)}, c.ID))
	}
	_ = firstError(v.store.Commit(ctx, calls))
}

// let frees the handles that the record which was just stored has no more.
func (v *Vault) let(ctx context.Context, c *webhook.Customer) error {
	if len(c.Freed) == 0 {
		return nil
	}
	freed := c.Freed
	c.Freed = nil
	return v.Free(ctx, c.Business, []string{c.ID}, freed)
}

// write compares the version and stores the record.
func (v *Vault) write(ctx context.Context, c *webhook.Customer) error {
	return v.compare(ctx, c, v.lives(c).Milliseconds())
}

// unseen is the life of a record that is written without its customer being seen:
// what is left of it.
const unseen = -1

func (v *Vault) compare(ctx context.Context, c *webhook.Customer, lives int64) error {
	sealed, err := seal(c, c.DataKey)
	if err != nil {
		return err
	}
	written, err := v.store.Do(ctx, v.scripts.write.Call([]string{v.recordKey(c)},
		strconv.FormatInt(c.Version, 10), c.Version+1, sealed, lives)).Int()
	switch {
	case err != nil:
		return err
	case written == 0:
		return webhook.ErrStale
	}
	c.Version++
	return nil
}

package vault

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"bauta/redis"
	"bauta/webhook"
)

// BusinessKey returns the data key of events without a customer. The first call
// of all nodes makes it, once.
func (v *Vault) BusinessKey(ctx context.Context, business string) (webhook.DataKey, error) {
	if key, ok := v.dataKeys.get(business); ok {
		return key, nil
	}
	v.making.Lock()
	defer v.making.Unlock()
	if key, ok := v.dataKeys.get(business); ok {
		return key, nil
	}
	place := v.store.Keys().Business(business)
	wrapped, there, err := v.store.Pipeline(ctx, []redis.Call{redis.Command("HGET", place, "key")})[0].Text()
	if err != nil {
		return nil, err
	}
	if !there {
		if wrapped, err = v.makeBusinessKey(ctx, place, business); err != nil {
			return nil, err
		}
	}
	key, err := v.unwrap(ctx, wrapped, business, "")
	if err != nil {
		return nil, fmt.Errorf("unwrap the data key of business %q (does the key set still hold its wrapping key?): %w", business, err)
	}
	v.dataKeys.put(business, key)
	return key, nil
}

// makeBusinessKey returns the key that holds: this one, or another node's.
func (v *Vault) makeBusinessKey(ctx context.Context, place, business string) (wrapped string, err error) {
	err = v.inTime(ctx, func() error {
		made, err := v.newKey(ctx, business, "")
		if err != nil {
			return err
		}
		wrapped, _, err = v.store.Do(ctx, v.scripts.makeKey.Call([]string{place}, made.until, made.wrapped)).Text()
		if wrapped == "late" {
			return errLate
		}
		return err
	})
	return wrapped, err
}

// CustomerKey returns a customer's data key, for readers of what is encrypted
// under it. webhook.ErrErased: it was destroyed, and nothing can be read. Any other
// error: it may well be there. A destroyed key may still be returned for two seconds.
func (v *Vault) CustomerKey(ctx context.Context, business, customer string) (webhook.DataKey, error) {
	found, err := v.CustomerKeys(ctx, business, []string{customer})
	if err != nil {
		return nil, err
	}
	if found[0] == nil {
		return nil, webhook.ErrErased
	}
	return found[0], nil
}

// CustomerKeys is CustomerKey for many in one round trip, in order; nil stands
// for a destroyed one.
func (v *Vault) CustomerKeys(ctx context.Context, business string, customers []string) ([]webhook.DataKey, error) {
	out := make([]webhook.DataKey, len(customers))
	var calls []redis.Call
	var places []int
	for i, id := range customers {
		if key, ok := v.dataKeys.get(business + "\x00" + id); ok {
			out[i] = key
			continue
		}
		calls = append(calls, redis.Command("HGET", v.store.Keys().Customer(business, id), "k"))
		places = append(places, i)
	}
	for n, r := range v.store.Pipeline(ctx, calls) {
		wrapped, there, err := r.Text()
		if err != nil {
			return nil, err
		}
		if !there {
			continue
		}
		id := customers[places[n]]
		key, err := v.unwrap(ctx, wrapped, business, id)
		if errors.Is(err, errGone) {
			continue
		}
		if err != nil {
			return nil, err
		}
		v.dataKeys.put(business+"\x00"+id, key)
		out[places[n]] = key
	}
	return out, nil
}

// FirstHidden tells when a business first hid somebody; zero if it never did.
func (v *Vault) FirstHidden(ctx context.Context, business string) (time.Time, error) {
	if at, ok := v.hidden.Get(business); ok {
		return at, nil
	}
	call := redis.Command("HGET", v.store.Keys().Business(business), "first_hidden")
	ms, err := v.store.Pipeline(ctx, []redis.Call{call})[0].Int()
	if err != nil || ms == 0 {
		return time.Time{}, err
	}
	at := time.UnixMilli(ms).UTC()
	v.hidden.Add(business, at)
	return at, nil
}

// MarkHidden notes that a business hid somebody. The first time of all counts.
func (v *Vault) MarkHidden(ctx context.Context, business string, at time.Time) error {
	if _, known := v.hidden.Get(business); known {
		return nil
	}
	call := redis.Command("HSETNX", v.store.Keys().Business(business), "first_hidden", strconv.FormatInt(at.UnixMilli(), 10))
	if err := v.store.Do(ctx, call).Err; err != nil {
		return err
	}
	_, err := v.FirstHidden(ctx, business)
	return err
}

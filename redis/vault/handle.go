package vault

import (
	"context"

	"bauta/redis"
	"bauta/webhook"
)

const handleDigits = 10

// ByHandle returns the customer whom a handle's 10 random digits name to a
// business, in whatever scope, also by a former handle.
// ErrUnknownHandle: nobody has it (any more).
func (v *Vault) ByHandle(ctx context.Context, business, key string) (*webhook.Customer, error) {
	known, at, err := v.bearer(ctx, business, key)
	if err != nil {
		return nil, err
	}
	if err := v.follow(ctx, known); err != nil {
		return nil, err
	}
	first, last := known[at], known.end(at)
	if first == nil || last == nil || (!bears(first, key) && !bears(last, key)) {
		return nil, ErrUnknownHandle
	}
	return last, nil
}

// Bearer returns the record that a handle was drawn for, also when another took
// it over since: what was issued under the handle was made with this one.
// ErrUnknownHandle as in ByHandle.
func (v *Vault) Bearer(ctx context.Context, business, key string) (*webhook.Customer, error) {
	known, at, err := v.bearer(ctx, business, key)
	if err != nil {
		return nil, err
	}
	if c := known[at]; c != nil && bears(c, key) {
		return c, nil
	}
	return nil, ErrUnknownHandle
}

// bearer reads the record that a handle was drawn for, and its place. A handle is
// drawn for one record once, so that whose it is is kept in memory; the record is
// read every time, and only one that bears the handle counts.
func (v *Vault) bearer(ctx context.Context, business, key string) (records, ref, error) {
	known := records{}
	if !isKey(key) {
		return known, ref{}, ErrUnknownHandle
	}
	name := bearerKey(business, key)
	if id, ok := v.bearers.Get(name); ok {
		at := ref{business, id}
		if err := v.load(ctx, []ref{at}, known); err != nil {
			return known, at, err
		}
		if c := known[at]; c != nil && bears(c, key) {
			return known, at, nil
		}
		v.bearers.Remove(name)
		clear(known)
	}
	id, _, err := v.store.Pipeline(ctx, []redis.Call{redis.Command("GET", v.store.Keys().Handle(business, key))})[0].Text()
	if err != nil {
		return known, ref{}, err
	}
	if !isID(id) {
		return known, ref{}, ErrUnknownHandle
	}
	at := ref{business, id}
	if err := v.load(ctx, []ref{at}, known); err != nil {
		return known, at, err
	}
	if c := known[at]; c != nil && bears(c, key) {
		v.bearers.Add(name, id)
	}
	return known, at, nil
}

func bearerKey(business, key string) string { return business + ":" + key }

func isKey(text string) bool {
	if len(text) != handleDigits {
		return false
	}
	for i := range len(text) {
		if text[i] < '0' || text[i] > '9' {
			return false
		}
	}
	return true
}

func bears(c *webhook.Customer, key string) bool {
	for _, s := range c.Scopes {
		if s.Handle.Key() == key {
			return true
		}
		for _, former := range s.Former {
			if former.Key() == key {
				return true
			}
		}
	}
	return false
}

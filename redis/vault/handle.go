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
	if !isKey(key) {
		return nil, ErrUnknownHandle
	}
	id, _, err := v.store.Pipeline(ctx, []redis.Call{redis.Command("GET", v.store.Keys().Handle(business, key))})[0].Text()
	if err != nil {
		return nil, err
	}
	if !isID(id) {
		return nil, ErrUnknownHandle
	}
	known, at := records{}, ref{business, id}
	if err := v.load(ctx, []ref{at}, known); err != nil {
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

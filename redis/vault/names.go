package vault

import (
	"context"
	"encoding/base64"

	"bauta/masking"
	"bauta/masking/keys"
	"bauta/redis"
)

// names is under which look-up keys identities are known at one moment, oldest key
// first. Entries are made under held[from:to]: under the first key that a node may still
// be alone with up to the primary one. Those before may lead to somebody whose number
// nobody knows (markers), those behind are not in use yet.
type names struct {
	held     []keys.LookupKey
	from, to int
	// until is the last moment at which entries may be made, by the store's clock in ms.
	until int64
}

// naming is for whoever changes the index.
func (v *Vault) naming(ctx context.Context) (names, error) {
	set, from, until, err := v.names.Namer(ctx)
	if err != nil {
		return names{}, err
	}
	n := names{held: set.Lookups(), until: until}
	for i, k := range n.held {
		if k.ID == from {
			n.from = i
		}
		if k.ID == set.Primary(keys.Lookup) {
			n.to = i + 1
		}
	}
	n.from = min(n.from, n.to-1)
	return n, nil
}

func (n names) made() []keys.LookupKey { return n.held[n.from:n.to] }

func (n names) retired() []keys.LookupKey { return n.held[:n.from] }

// indexKey names an identity under a look-up key: 16 bytes of keyed PRF over its
// canonical form, and the key's tag. Here and in the record's encoder identities are
// revealed, nowhere else.
func (v *Vault) indexKey(k keys.LookupKey, business string, i masking.Identity) string {
	kind, text := "user_id", i.UserID.Reveal()
	if !i.Number.IsZero() {
		kind, text = "number", i.Number.Canonical().Reveal()
	}
	sum := k.PRF("identity", business, kind, text)
	return v.store.Keys().Identity(business, base64.RawURLEncoding.EncodeToString(sum[:16])+k.Tag)
}

// under makes a call for an identity's entry under each key.
func (v *Vault) under(held []keys.LookupKey, business string, i masking.Identity, call func(name string) redis.Call) []redis.Call {
	calls := make([]redis.Call, len(held))
	for n, k := range held {
		calls[n] = call(v.indexKey(k, business, i))
	}
	return calls
}

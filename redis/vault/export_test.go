package vault

import (
	"context"

	"bauta/masking"
	"bauta/webhook"
)

// Point moves an identity's entries of the index, as if another node had done so: from
// one customer id ("" for none) to another, or to the marker.
func (v *Vault) Point(ctx context.Context, business string, i masking.Identity, from, to string) error {
	n, err := v.naming(ctx)
	if err != nil {
		return err
	}
	for _, k := range n.made() {
		held, _, err := v.store.Do(ctx, v.pointing(n, business, v.indexKey(k, business, i), from, to)).Text()
		if err != nil {
			return err
		}
		if held != to {
			return webhook.ErrStale
		}
	}
	return nil
}

// IndexName is the name of an identity's entry under one look-up key, oldest first.
func (v *Vault) IndexName(ctx context.Context, business string, i masking.Identity, at int) string {
	n, err := v.naming(ctx)
	if err != nil {
		return ""
	}
	return v.indexKey(n.held[at], business, i)
}

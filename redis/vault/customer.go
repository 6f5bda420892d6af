package vault

import (
	"context"

	"bauta/webhook"
)

// Customer returns a customer by their id, or the one that took them over.
// webhook.ErrErased: there is none any more.
func (v *Vault) Customer(ctx context.Context, business, id string) (*webhook.Customer, error) {
	if !isID(id) {
		return nil, webhook.ErrErased
	}
	known := records{}
	at := ref{business, id}
	if err := v.load(ctx, []ref{at}, known); err != nil {
		return nil, err
	}
	if err := v.follow(ctx, known); err != nil {
		return nil, err
	}
	if c := known.end(at); c != nil {
		return c, nil
	}
	return nil, webhook.ErrErased
}

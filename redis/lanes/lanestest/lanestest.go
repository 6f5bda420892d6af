// Package lanestest has what tests of stored events share: data keys with real
// encryption, and events to store.
package lanestest

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"sync"
	"testing"
	"time"

	"bauta/masking/keys"
	"bauta/webhook"
)

// Ring gives a data key to every customer and business that is asked for, the way
// the vault does. Safe for concurrent use.
type Ring struct {
	mu   sync.Mutex
	set  *keys.Set
	keys map[string]webhook.DataKey
	gone map[string]bool
	fail error
}

// NewRing makes an empty ring.
func NewRing(t testing.TB) *Ring {
	t.Helper()
	set, err := keys.Generate()
	if err != nil {
		t.Fatalf("make keys: %v", err)
	}
	return &Ring{set: set, keys: map[string]webhook.DataKey{}, gone: map[string]bool{}}
}

// CustomerKey is the data key of a customer, webhook.ErrErased after Erase, or
// the error of Fail.
func (r *Ring) CustomerKey(_ context.Context, business, customer string) (webhook.DataKey, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	place := business + "/" + customer
	if r.fail != nil {
		return nil, r.fail
	}
	if r.gone[place] {
		return nil, webhook.ErrErased
	}
	if r.keys[place] == nil {
		k, _, err := r.set.NewDataKey([]byte(place))
		if err != nil {
			return nil, err
		}
		r.keys[place] = k
	}
	return r.keys[place], nil
}

// BusinessKey is the data key of a business.
func (r *Ring) BusinessKey(ctx context.Context, business string) (webhook.DataKey, error) {
	return r.CustomerKey(ctx, business, "")
}

// Erase destroys a customer's data key.
func (r *Ring) Erase(business, customer string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.gone[business+"/"+customer] = true
}

// Fail makes every look-up fail; nil ends it.
func (r *Ring) Fail(err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.fail = err
}

// Customer is a new customer id.
func Customer() string {
	var id [16]byte
	_, _ = rand.Read(id[:])
	return base64.RawURLEncoding.EncodeToString(id[:])
}

// Secret stands in the body of every event, to be looked for where bodies must
// not be readable.
const Secret = "MEET-ME-AT-THE-RIALTO"

// Item is an event of acme in a customer's direct chat, accepted now, on its way
// to endpoints. An empty customer makes it one of the account.
func (r *Ring) Item(t testing.TB, customer, id string, dedupe uint64, ends ...string) webhook.Item {
	t.Helper()
	key, err := r.CustomerKey(t.Context(), "acme", customer)
	if err != nil {
		t.Fatalf("data key: %v", err)
	}
	conversation := webhook.Conversation(customer)
	if customer == "" {
		conversation = "w:102290129340398:account_update"
	}
	return webhook.Item{
		Business: "acme", Conversation: conversation, Customer: customer, Key: key, Dedupe: dedupe, Endpoints: ends,
		Delivery: webhook.Delivery{
			ID: id, Field: "messages", Kind: "message", Body: []byte(`{"text":"` + Secret + `","id":"` + id + `"}`),
			Visibility: "hidden", Handle: "IT.9041174520836617350284", Decision: "rule pilot: ad 120 from IT",
			Accepted: time.Now().Truncate(time.Millisecond),
		},
	}
}

package vault_test

import (
	"crypto/rand"
	"encoding/base64"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"bauta/masking"
	"bauta/masking/keys"
	"bauta/redis"
	"bauta/redis/redistest"
	"bauta/redis/vault"
	"bauta/webhook"
)

// The identities of the tests: Meta's sample number and user id, and an Italian
// number.
const (
	anna   = "16505551234"
	bruno  = "393331234567"
	annaID = "US.13491208655302741918"
	brunID = "IT.7771208655302741918"
	acme   = "acme"
)

func number(t testing.TB, digits string) masking.Identity {
	t.Helper()
	n, ok := masking.ParseNumber(digits)
	if !ok {
		t.Fatal("not a number")
	}
	return masking.Identity{Number: n}
}

func userID(t testing.TB, text string) masking.Identity {
	t.Helper()
	u, ok := masking.ParseUserID(text)
	if !ok {
		t.Fatal("not a user id")
	}
	return masking.Identity{UserID: u}
}

// room is a vault with what a test needs around it.
type room struct {
	*vault.Vault
	store   *redis.Store
	set     *keys.Set
	handles *masking.Handles
}

func newRoom(t testing.TB, store *redis.Store, o vault.Options) *room {
	t.Helper()
	set, err := keys.Generate()
	if err != nil {
		t.Fatal(err)
	}
	return &room{Vault: vault.New(store, set, o), store: store, set: set, handles: masking.NewHandles(set)}
}

func (r *room) handle(t testing.TB) masking.Handle {
	t.Helper()
	h, err := r.handles.Mint(rand.Reader, "IT")
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func born() time.Time { return time.Date(2026, 11, 22, 10, 0, 0, 123456789, time.UTC) }

// customer is a hidden one with the given identities, not stored yet.
func (r *room) customer(t testing.TB, identities ...masking.Identity) *webhook.Customer {
	t.Helper()
	id := make([]byte, 16)
	if _, err := rand.Read(id); err != nil {
		t.Fatal(err)
	}
	c := &webhook.Customer{
		ID: base64.RawURLEncoding.EncodeToString(id), Business: acme, Created: born(), Envelope: identities[0],
		Scopes: map[string]*webhook.Standing{
			webhook.Direct: {Handle: r.handle(t), Visibility: webhook.Hidden, Rule: "pilot", Reason: "rule", Decided: born(), DecidedBy: "e1"},
		},
	}
	for _, i := range identities {
		c.Links = append(c.Links, webhook.Link{Identity: i, Evidence: "message", Since: born()})
	}
	return c
}

func (r *room) mint(t testing.TB, identities ...masking.Identity) *webhook.Customer {
	t.Helper()
	c, first, err := r.Mint(t.Context(), r.customer(t, identities...))
	if err != nil || !first {
		t.Fatalf("mint: first %v, error %v", first, err)
	}
	return c
}

func (r *room) find(t testing.TB, i masking.Identity) webhook.Found {
	t.Helper()
	found, err := r.Recall(t.Context(), []webhook.Lookup{{Business: acme, Identity: i}})
	if err != nil {
		t.Fatalf("recall: %v", err)
	}
	return found[0]
}

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// alike compares customers without their keys, and identities by value.
func alike(want, got *webhook.Customer) string {
	return cmp.Diff(want, got, cmpopts.IgnoreFields(webhook.Customer{}, "DataKey"), cmpopts.EquateComparable(masking.Identity{}, masking.Number{}))
}

func each(t *testing.T, suite func(t *testing.T, r *room)) {
	t.Helper()
	redistest.Each(t, func(t *testing.T, store *redis.Store) { suite(t, newRoom(t, store, vault.Options{})) })
}

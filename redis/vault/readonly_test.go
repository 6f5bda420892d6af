package vault_test

import (
	"testing"

	"bauta/redis"
	"bauta/redis/redistest"
	"bauta/redis/vault"
	"bauta/webhook"
)

// What a crash left unwritten is found in a read-only store, and stays unwritten.
func TestARecallFromAReadOnlyStoreWritesNothing(t *testing.T) {
	t.Parallel()
	server := redistest.Standalone(t)
	r := newRoom(t, server.Open(t, redis.Options{}), vault.Options{})
	c := r.customer(t, number(t, anna), userID(t, annaID))
	if _, _, err := r.Mint(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	if err := r.Point(t.Context(), acme, userID(t, annaID), c.ID, "x"); err != nil {
		t.Fatal(err)
	}
	reader := vault.New(server.Open(t, redis.Options{ReadOnly: true}), r.set, vault.Options{})
	lookups := []webhook.Lookup{{Business: acme, Identity: number(t, anna)}, {Business: acme, Identity: userID(t, annaID)}}
	found, err := reader.Recall(t.Context(), lookups)
	if err != nil || found[1].Customer == nil || found[1].Customer.ID != c.ID {
		t.Fatalf("not found by the record's own word (%v)", err)
	}
	alone, err := r.Recall(t.Context(), lookups[1:])
	if err != nil || alone[0].Customer != nil {
		t.Errorf("the index was mended by a reader (%v)", err)
	}
}

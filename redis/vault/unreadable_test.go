package vault_test

import (
	"errors"
	"log/slog"
	"testing"

	"bauta/masking"
	"bauta/masking/keys"
	"bauta/redis"
	"bauta/redis/keyring"
	"bauta/redis/redistest"
	"bauta/redis/vault"
	"bauta/webhook"
)

// One damaged record is no reason to answer for no other; nothing of it is forgotten.
func TestADamagedRecordIsUnreadableByItself(t *testing.T) {
	t.Parallel()
	redistest.Each(t, func(t *testing.T, store *redis.Store) {
		set, err := keys.Generate()
		check(t, err)
		ring, err := keyring.Open(t.Context(), keyring.Options{
			Store: store, Set: set, Load: func() (*keys.Set, error) { return set, nil }, Logger: slog.New(slog.DiscardHandler),
		})
		check(t, err)
		r := &room{Vault: vault.New(store, set, vault.Options{Ring: ring}), store: store, set: set, handles: masking.NewHandles(set)}
		a, b := r.mint(t, number(t, anna), userID(t, annaID)), r.mint(t, number(t, bruno))
		at := store.Keys().Customer(acme, a.ID)
		for field, damage := range map[string]func(string) string{
			"k": func(was string) string { return was[:6] + string([]byte{was[6] ^ 0x80}) + was[7:] },
			"v": func(string) string { return "x" },
		} {
			was, _, err := store.Do(t.Context(), redis.Command("HGET", at, field)).Text()
			check(t, err)
			check(t, store.Do(t.Context(), redis.Command("HSET", at, field, damage(was))).Err)
			// A new one has nothing in memory.
			read := vault.New(store, set, vault.Options{Ring: ring})
			found, err := read.Recall(t.Context(), []webhook.Lookup{
				{Business: acme, Identity: number(t, anna)}, {Business: acme, Identity: number(t, bruno)}, {Business: acme, Identity: userID(t, annaID)},
			})
			if err != nil || !found[0].Unreadable || !found[2].Unreadable || found[0].Customer != nil || !found[0].Marked {
				t.Fatalf("field %s is damaged: %+v, %v", field, found, err)
			}
			if found[1].Customer == nil || found[1].Customer.ID != b.ID || found[1].Unreadable {
				t.Errorf("field %s is damaged, and of the other customer comes %+v", field, found[1])
			}
			if _, err := read.Customer(t.Context(), acme, a.ID); !errors.Is(err, webhook.ErrUnreadable) {
				t.Errorf("field %s is damaged, and the customer is read: %v", field, err)
			}
			check(t, store.Do(t.Context(), redis.Command("HSET", at, field, was)).Err)
			if f := r.find(t, userID(t, annaID)); f.Customer == nil || f.Customer.ID != a.ID || f.Marked {
				t.Errorf("put back, it is %+v", f)
			}
		}
	})
}

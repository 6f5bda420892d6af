package keyring_test

import (
	"testing"

	"bauta/redis"
	"bauta/redis/keyring"
	"bauta/redis/redistest"
)

func TestSavedWaitsForWhatOutlivesARestart(t *testing.T) {
	t.Parallel()
	for name, settings := range map[string][]string{
		"a server that keeps snapshots":             {"--save", "3600 1"},
		"a server that keeps an append-only file":   {"--appendonly", "yes"},
		"a server that keeps nothing has no answer": nil,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := redistest.Standalone(t, settings...)
			store := server.Open(t, redis.Options{})
			before := server.Client.LastSave(t.Context()).Val()
			check(t, store.Do(t.Context(), redis.Command("SET", "bauta:ad:acme:1", "x")).Err)
			warnings, err := keyring.Saved(t.Context(), store)
			if err != nil || len(warnings) != 0 {
				t.Fatalf("%v, %v", warnings, err)
			}
			if name != "a server that keeps snapshots" {
				return
			}
			info, err := server.Client.InfoMap(t.Context(), "persistence").Result()
			check(t, err)
			if info["Persistence"]["rdb_changes_since_last_save"] != "0" {
				t.Errorf("%s changes are in no snapshot (the last one is of %d)", info["Persistence"]["rdb_changes_since_last_save"], before)
			}
		})
	}
}

func TestSavedSaysWhatAManagedServerRefuses(t *testing.T) {
	t.Parallel()
	server := redistest.Standalone(t, "--rename-command", "CONFIG", "", "--rename-command", "BGSAVE", "", "--save", "3600 1")
	warnings, err := keyring.Saved(t.Context(), server.Open(t, redis.Options{}))
	if err != nil || len(warnings) != 1 {
		t.Errorf("%q, %v", warnings, err)
	}
}

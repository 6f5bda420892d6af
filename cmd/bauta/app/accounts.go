package app

import (
	"context"
	"maps"
	"slices"

	"bauta/cmd/bauta/app/config"
	"bauta/redis"
	"bauta/redis/accounts"
)

// misplaced finds accounts of a configuration that were other businesses', as far as the
// store knows, and tells what it knows of all.
func misplaced(ctx context.Context, store *redis.Store, c *config.Config) (config.Faults, map[string][]string, error) {
	known, err := accounts.New(store).Owners(ctx, slices.Collect(maps.Keys(c.Accounts())))
	if err != nil {
		return nil, nil, err
	}
	return c.Moved(known), known, nil
}

// noteAccounts has the store remember whose the accounts of a configuration are, or
// refuses it: then nothing is noted. An embedded store, empty at every start, remembers
// nothing.
func (k *core) noteAccounts(ctx context.Context, c *config.Config) error {
	if c.Redis.URL.Reveal() == "embedded" {
		return nil
	}
	for {
		faults, known, err := misplaced(ctx, k.store, c)
		if err != nil {
			return err
		}
		if len(faults) > 0 {
			return usageError{faults}
		}
		// Another node may note the same accounts meanwhile, each once.
		if noted, err := accounts.New(k.store).Add(ctx, known, c.Accounts()); noted || err != nil {
			return err
		}
	}
}

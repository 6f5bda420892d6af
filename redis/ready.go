package redis

import (
	"context"
	"errors"
)

// Ready tells that Redis can take events now: it answers, is writable, evicts
// nothing and is the store that was opened. It is for /readyz: the policy of a
// running server can change, and a fail-over can leave a read-only one.
func (s *Store) Ready(ctx context.Context) error {
	if err := s.owned(ctx); err != nil {
		return err
	}
	// A write that changes nothing is refused like any other when the server is
	// out of memory, read-only or cannot persist.
	if err := s.Do(ctx, Command("HSETNX", StoreKey, "schema", schema)).Err; err != nil {
		return err
	}
	_, unfit, err := s.Load(ctx)
	return errors.Join(err, unfit)
}

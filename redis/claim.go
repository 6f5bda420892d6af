package redis

import (
	"context"
	"fmt"
	"strconv"
)

// schema is the version of the key table.
const schema = "1"

// claimScript writes what must not change, where it is not written yet, and
// returns what holds. An empty fingerprint is not written. Which look-up key a store
// needs is written into a new one: in one that was made before there were any, it is
// another.
func claimScript() *Script {
	return NewScript(`
if redis.call('HSETNX', KEYS[1], 'schema', ARGV[1]) == 1 and ARGV[4] ~= '' then redis.call('HSET', KEYS[1], 'lookup', ARGV[4]) end
redis.call('HSETNX', KEYS[1], 'shards', ARGV[2])
if ARGV[3] ~= '' then redis.call('HSETNX', KEYS[1], 'keys', ARGV[3]) end
return redis.call('HMGET', KEYS[1], 'schema', 'shards', 'keys')`)
}

// claim makes the store ours, or tells why it is not: another number of shards
// would look for every customer in the wrong place, another key set could read
// none of them. It returns the number of shards.
func (s *Store) claim(ctx context.Context, o Options) (int, error) {
	want := o.Shards
	if want <= 0 {
		want = DefaultShards
	}
	call := claimScript().Call([]string{StoreKey}, schema, want, o.Fingerprint, o.Lookup)
	if o.ReadOnly {
		call = Command("HMGET", StoreKey, "schema", "shards", "keys")
	}
	r := s.Do(ctx, call)
	held, err := r.List()
	if err != nil {
		return 0, err
	}
	if len(held) != 3 {
		return 0, r.mismatch("three fields")
	}
	if o.ReadOnly && held[0] == nil {
		return want, nil // nobody's yet
	}
	if held[0] != schema {
		return 0, fmt.Errorf("%w: the store has schema %v and this program knows %s: use the release that made it, or its successor", ErrMisconfigured, held[0], schema)
	}
	shards, err := Result{Value: held[1]}.Int()
	if err != nil || shards < 1 {
		return 0, fmt.Errorf("%w: the field shards of %s is not a number", ErrMisconfigured, StoreKey)
	}
	if o.Shards > 0 && int(shards) != o.Shards {
		return 0, fmt.Errorf("%w: redis.shards is %d, but this store was made with %d: set redis.shards: %d, or use an empty database",
			ErrMisconfigured, o.Shards, shards, shards)
	}
	if o.Fingerprint != "" && held[2] != o.Fingerprint {
		return 0, fmt.Errorf("%w: the key set is not the one this store was made with: point keys at the right file, or use an empty database", ErrMisconfigured)
	}
	return int(shards), nil
}

// owned tells that the store is still the one that was opened: a flushed or
// exchanged database must not be written to with old assumptions.
func (s *Store) owned(ctx context.Context) error { return s.Owned(s.Do(ctx, OwnerCall())) }

// OwnerCall asks whose the store is, for Owned. It goes along in a pipeline whose
// answers mean something only in the store that was opened: in an emptied one
// nobody is known, and nobody is known to hide.
func OwnerCall() Call { return Command("HMGET", StoreKey, "schema", "shards", "keys", "lookup") }

// Needed reads from the answer to OwnerCall which look-up keys whoever looks somebody up
// must hold: ids with commas between them, or nothing in a store that was opened without
// (Options.Lookup). Whoever does not hold them all may take somebody for a stranger.
func (s *Store) Needed(r Result) string {
	held, err := r.List()
	if s.firstLookup == "" || err != nil || len(held) != 4 || (s.readOnly && held[0] == nil) {
		return ""
	}
	if text, ok := held[3].(string); ok {
		return text
	}
	return s.firstLookup
}

// Need sets what Needed tells all nodes from then on.
func (s *Store) Need(ctx context.Context, lookups string) error {
	return s.Do(ctx, Command("HSET", StoreKey, "lookup", lookups)).Err
}

// Owned reads the answer to OwnerCall: nil if the store is still the one that was
// opened, else an error that wraps ErrMisconfigured.
func (s *Store) Owned(r Result) error {
	held, err := r.List()
	if err != nil {
		return err
	}
	if s.readOnly && len(held) == 4 && held[0] == nil {
		return nil // nobody's yet, as when it was opened
	}
	same := len(held) == 4 && held[0] == schema && held[1] == strconv.Itoa(s.keys.Shards())
	if !same || (s.fingerprint != "" && held[2] != s.fingerprint) {
		return fmt.Errorf("%w: %s changed while the program ran (flushed, or another database): restart", ErrMisconfigured, StoreKey)
	}
	return nil
}

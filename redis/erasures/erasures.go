// Package erasures keeps erasures that were decided until they are at their end: one
// hash of each business, encrypted under the business's key, because the customer's is
// what an erasure destroys, and beside it one that leads from their names to them.
package erasures

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"bauta/redis"
	"bauta/webhook"
)

// errRecord is one that was changed by somebody else, or by a newer version.
var errRecord = errors.New("an erasure cannot be read: it was changed by somebody else, or by a newer version")

// Erasures implements webhook.Erasures. Safe for concurrent use, on any number of
// nodes. Its errors wrap those of package redis.
type Erasures struct {
	store      *redis.Store
	keys       webhook.BusinessKeys
	keep, drop *redis.Script
}

// New keeps erasures in a store.
func New(store *redis.Store, keys webhook.BusinessKeys) *Erasures {
	return &Erasures{store: store, keys: keys, keep: redis.NewScript(keepSource), drop: redis.NewScript(dropSource)}
}

// Keep implements webhook.Erasures.
func (s *Erasures) Keep(ctx context.Context, e *webhook.Erasure) error {
	key, err := s.keys.BusinessKey(ctx, e.Business)
	if err != nil {
		return fmt.Errorf("the business's data key: %w", err)
	}
	text, err := json.Marshal(e) //nolint:musttag // read here alone, and kept for a week
	if err != nil {
		return fmt.Errorf("write an erasure: %w", err)
	}
	sealed, err := key.Encrypt(text, associated(e.Business, e.ID))
	if err != nil {
		return fmt.Errorf("encrypt an erasure: %w", err)
	}
	return s.store.Do(ctx, s.keep.Call(s.places(e.Business), append([]any{e.ID, sealed}, names(e)...)...)).Err
}

// Drop implements webhook.Erasures.
func (s *Erasures) Drop(ctx context.Context, e *webhook.Erasure) error {
	return s.store.Do(ctx, s.drop.Call(s.places(e.Business), append([]any{e.ID}, names(e)...)...)).Err
}

func (s *Erasures) places(business string) []string {
	return []string{s.store.Keys().Erasures(business), s.store.Keys().ErasureNames(business)}
}

func names(e *webhook.Erasure) []any {
	out := make([]any, len(e.Names))
	for i, name := range e.Names {
		out[i] = name
	}
	return out
}

// Find implements webhook.Erasures: the oldest first. By a name it is the one that was
// kept last with it, and costs the same however many there are.
func (s *Erasures) Find(ctx context.Context, business, name string) ([]*webhook.Erasure, error) {
	fields, err := s.fields(ctx, business, name)
	if err != nil || len(fields) == 0 {
		return nil, err
	}
	key, err := s.keys.BusinessKey(ctx, business)
	if err != nil {
		return nil, fmt.Errorf("the business's data key: %w", err)
	}
	var out []*webhook.Erasure
	var fault error
	for i := 0; i+1 < len(fields); i += 2 {
		id, _ := fields[i].(string)
		sealed, _ := fields[i+1].(string)
		e := &webhook.Erasure{}
		text, err := key.Decrypt([]byte(sealed), associated(business, id))
		if err != nil || json.Unmarshal(text, e) != nil || e.ID != id || len(e.Customers) == 0 || len(e.Scopes) == 0 { //nolint:musttag // see Keep
			fault = errRecord
			continue
		}
		out = append(out, e)
	}
	slices.SortFunc(out, func(a, b *webhook.Erasure) int { return a.At.Compare(b.At) })
	return out, fault
}

// fields are ids, each with its erasure as it is stored.
func (s *Erasures) fields(ctx context.Context, business, name string) ([]any, error) {
	at := s.places(business)
	if name == "" {
		return s.store.Pipeline(ctx, []redis.Call{redis.Command("HGETALL", at[0])})[0].List()
	}
	id, there, err := s.store.Pipeline(ctx, []redis.Call{redis.Command("HGET", at[1], name)})[0].Text()
	if err != nil || !there {
		return nil, err
	}
	sealed, there, err := s.store.Pipeline(ctx, []redis.Call{redis.Command("HGET", at[0], id)})[0].Text()
	if err != nil || !there {
		return nil, err
	}
	return []any{id, sealed}, nil
}

const (
	// keep: id, erasure, names.
	keepSource = `
redis.call('HLEN', KEYS[2])
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
for i = 3, #ARGV do redis.call('HSET', KEYS[2], ARGV[i], ARGV[1]) end
return 1`

	// drop: id, names. A name that leads to another one by now stays.
	dropSource = `
redis.call('HLEN', KEYS[2])
redis.call('HDEL', KEYS[1], ARGV[1])
for i = 2, #ARGV do
  if redis.call('HGET', KEYS[2], ARGV[i]) == ARGV[1] then redis.call('HDEL', KEYS[2], ARGV[i]) end
end
return 1`
)

// associated binds an erasure to its place; lengths keep the parts apart.
func associated(business, id string) []byte {
	var out []byte
	for _, part := range [...]string{"erasure", business, id} {
		out = binary.AppendUvarint(out, uint64(len(part)))
		out = append(out, part...)
	}
	return out
}

// Package erasures keeps erasures that were decided until they are at their end: one
// hash of each business, encrypted under the business's key, because the customer's is
// what an erasure destroys.
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
	store *redis.Store
	keys  webhook.BusinessKeys
}

// New keeps erasures in a store.
func New(store *redis.Store, keys webhook.BusinessKeys) *Erasures {
	return &Erasures{store: store, keys: keys}
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
	return s.store.Do(ctx, redis.Command("HSET", s.store.Keys().Erasures(e.Business), e.ID, sealed)).Err
}

// Drop implements webhook.Erasures.
func (s *Erasures) Drop(ctx context.Context, business, id string) error {
	return s.store.Do(ctx, redis.Command("HDEL", s.store.Keys().Erasures(business), id)).Err
}

// All implements webhook.Erasures: the oldest first.
func (s *Erasures) All(ctx context.Context, business string) ([]*webhook.Erasure, error) {
	fields, err := s.store.Pipeline(ctx, []redis.Call{redis.Command("HGETALL", s.store.Keys().Erasures(business))})[0].List()
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

// associated binds an erasure to its place; lengths keep the parts apart.
func associated(business, id string) []byte {
	var out []byte
	for _, part := range [...]string{"erasure", business, id} {
		out = binary.AppendUvarint(out, uint64(len(part)))
		out = append(out, part...)
	}
	return out
}

// Package accounts remembers which businesses had an account of the platform: whoever was
// hidden under one of them is a stranger under any other, so that an account must not go
// to another one by a slip of the pen, however long ago it was taken out.
package accounts

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"bauta/redis"
)

// addSource: triples of a WABA, the ids that are known of it ("" for none), and those from
// now on. 0: one of them is not as it was known, and nothing is written.
const addSource = `
for i = 1, #ARGV, 3 do
  if (redis.call('HGET', KEYS[1], ARGV[i]) or '') ~= ARGV[i + 1] then return 0 end
end
for i = 1, #ARGV, 3 do redis.call('HSET', KEYS[1], ARGV[i], ARGV[i + 2]) end
return 1`

// Accounts is what the store knows of accounts. Safe for concurrent use, on any number of
// nodes. Its errors wrap redis.ErrUnavailable or redis.ErrRefused.
type Accounts struct {
	store *redis.Store
	add   *redis.Script
}

// New builds Accounts.
func New(store *redis.Store) *Accounts {
	return &Accounts{store: store, add: redis.NewScript(addSource)}
}

// Owners are the ids of the businesses that had some accounts, by WABA, the first one
// first; an account that nobody had is not in it.
func (a *Accounts) Owners(ctx context.Context, wabas []string) (map[string][]string, error) {
	owners := map[string][]string{}
	if len(wabas) == 0 {
		return owners, nil
	}
	args := make([]any, len(wabas))
	for i := range wabas {
		args[i] = wabas[i]
	}
	list, err := a.store.Pipeline(ctx, []redis.Call{redis.Command("HMGET", a.store.Keys().Accounts(), args...)})[0].List()
	if err != nil {
		return nil, fmt.Errorf("read whose accounts these were: %w", err)
	}
	for i, reply := range list {
		if text, ok := reply.(string); ok {
			owners[wabas[i]] = strings.Split(text, " ")
		}
	}
	return owners, nil
}

// Add notes whose accounts these are now (WABA → business id) beside those of known, which
// Owners gave: all of them, or none. It is stored when it returns. False: somebody noted
// something of one of them meanwhile, and what is meant must be judged anew.
func (a *Accounts) Add(ctx context.Context, known map[string][]string, now map[string]string) (bool, error) {
	var args []any
	for _, waba := range slices.Sorted(maps.Keys(now)) {
		had := known[waba]
		if business := now[waba]; !slices.Contains(had, business) {
			args = append(args, waba, strings.Join(had, " "), strings.Join(append(slices.Clone(had), business), " "))
		}
	}
	if len(args) == 0 {
		return true, nil
	}
	n, err := a.store.Do(ctx, a.add.Call([]string{a.store.Keys().Accounts()}, args...)).Int()
	if err != nil {
		return false, fmt.Errorf("note whose accounts these are: %w", err)
	}
	return n == 1, nil
}

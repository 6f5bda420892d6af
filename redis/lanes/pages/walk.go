package pages

import (
	"context"

	"bauta/redis"
)

// walkPage is how many records are looked at in one round trip.
const walkPage = 128

// Records are those that a set lists.
type Records struct {
	Set Set
	// Key of the record of a member.
	Key func(member string) string
	// Header is how many bytes of each are read.
	Header int
}

// Walk reads the beginnings of all records, the oldest first, and counts those of which
// visit is true. Visit may delete them.
func Walk(ctx context.Context, store *redis.Store, records Records, visit func(member, text string) (bool, error)) (int, error) {
	all := 0
	for cursor := ""; ; {
		found, next, err := Read(ctx, store, []Set{records.Set}, Span{}, Position{Cursor: cursor, Limit: walkPage})
		if err != nil {
			return all, err
		}
		calls := make([]redis.Call, len(found))
		for i, e := range found {
			calls[i] = redis.Command("GETRANGE", records.Key(e.Member), 0, records.Header-1)
		}
		for i, r := range store.Pipeline(ctx, calls) {
			text, _, err := r.Text()
			if err != nil {
				return all, err
			}
			counts, err := visit(found[i].Member, text)
			if err != nil {
				return all, err
			}
			if counts {
				all++
			}
		}
		if cursor = next; cursor == "" {
			return all, nil
		}
	}
}

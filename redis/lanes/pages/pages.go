// Package pages reads lists that are spread over sorted sets of many shards, as
// one list in the order of time. All members have score 0 and begin with the 13
// digits of a time's Unix ms.
package pages

import (
	"context"
	"errors"
	"fmt"
	"sort"
	"strings"
	"time"

	"bauta/redis"
	"bauta/redis/lanes/element"
)

// ErrCursor is none of a list.
var ErrCursor = errors.New("the cursor is not one of this list: begin without one")

// Max bounds a page.
const Max = 1000

// Set is one of the sorted sets. Name tells it apart and orders equal members; it
// holds no space.
type Set struct{ Key, Name string }

// Entry is a member of a set, which is given by its index.
type Entry struct {
	Set    int
	Member string
}

// Span is a span of time, Since inclusive and Until exclusive; zero is open.
type Span struct{ Since, Until time.Time }

// Read returns at most limit entries behind the cursor ("" is the beginning), the
// oldest first, and the cursor of what follows, "" at the end. One round trip.
func Read(ctx context.Context, store *redis.Store, sets []Set, span Span, at Position) ([]Entry, string, error) {
	limit := min(max(at.Limit, 1), Max)
	member, name, ok := strings.Cut(at.Cursor, " ")
	if at.Cursor != "" && !ok {
		return nil, "", ErrCursor
	}
	calls := make([]redis.Call, len(sets))
	for i, s := range sets {
		from, until := span.bounds()
		switch {
		case member == "":
		case s.Name > name:
			from = "[" + member
		default:
			from = "(" + member
		}
		calls[i] = redis.Command("ZRANGEBYLEX", s.Key, from, until, "LIMIT", 0, limit+1)
	}
	var found []Entry
	for i, r := range store.Pipeline(ctx, calls) {
		members, err := r.List()
		if err != nil {
			return nil, "", fmt.Errorf("read a list: %w", err)
		}
		for _, m := range members {
			if text, ok := m.(string); ok {
				found = append(found, Entry{i, text})
			}
		}
	}
	sort.Slice(found, func(a, b int) bool {
		if found[a].Member != found[b].Member {
			return found[a].Member < found[b].Member
		}
		return sets[found[a].Set].Name < sets[found[b].Set].Name
	})
	if len(found) <= limit {
		return found, "", nil
	}
	last := found[limit-1]
	return found[:limit], last.Member + " " + sets[last.Set].Name, nil
}

// Position is where a page begins and how long it may be, 1 to Max.
type Position struct {
	Cursor string
	Limit  int
}

// Count counts the members of a span in all sets. One round trip.
func Count(ctx context.Context, store *redis.Store, sets []Set, span Span) (int64, error) {
	from, until := span.bounds()
	calls := make([]redis.Call, len(sets))
	for i, s := range sets {
		calls[i] = redis.Command("ZLEXCOUNT", s.Key, from, until)
	}
	var sum int64
	for _, r := range store.Pipeline(ctx, calls) {
		n, err := r.Int()
		if err != nil {
			return 0, fmt.Errorf("count a list: %w", err)
		}
		sum += n
	}
	return sum, nil
}

// bounds are the ends of the span for ZRANGEBYLEX. A time of fewer or more than
// 13 digits is no bound.
func (s Span) bounds() (from, until string) {
	from, until = "-", "+"
	if !s.Since.IsZero() && element.Stamp(s.Since) != "" {
		from = "[" + element.Stamp(s.Since)
	}
	if !s.Until.IsZero() && element.Stamp(s.Until) != "" {
		until = "(" + element.Stamp(s.Until)
	}
	return from, until
}

// Prune forgets entries whose record is gone. What is lost of it is done by the
// next one.
func Prune(ctx context.Context, store *redis.Store, sets []Set, gone []Entry) {
	calls := make([]redis.Call, len(gone))
	for i, e := range gone {
		calls[i] = redis.Command("ZREM", sets[e.Set].Key, e.Member)
	}
	store.Pipeline(ctx, calls)
}

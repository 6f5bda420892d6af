package pages_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"bauta/redis"
	"bauta/redis/lanes/pages"
	"bauta/redis/redistest"
)

// fill puts equal and different times into three sets.
func fill(t *testing.T, store *redis.Store) (sets []pages.Set, want []string) {
	t.Helper()
	for i := range 3 {
		sets = append(sets, pages.Set{Key: store.Keys().Helds(i, "acme"), Name: fmt.Sprint(i)})
	}
	for ms := range 4 {
		for i, s := range sets {
			member := fmt.Sprintf("%d-same", 1795368183000+ms)
			if r := store.Do(t.Context(), redis.Command("ZADD", s.Key, 0, member)); r.Err != nil {
				t.Fatal(r.Err)
			}
			want = append(want, fmt.Sprintf("%d %s", i, member))
		}
	}
	return sets, want
}

func TestEveryEntryComesOnceAndInOrderWhateverThePageIs(t *testing.T) {
	t.Parallel()
	redistest.Each(t, func(t *testing.T, store *redis.Store) {
		sets, want := fill(t, store)
		for _, limit := range []int{1, 2, 5, 12, 100, 5000} {
			got, cursor := []string{}, ""
			for range 20 {
				page, next, err := pages.Read(t.Context(), store, sets, pages.Span{}, pages.Position{Cursor: cursor, Limit: limit})
				if err != nil || len(page) > limit {
					t.Fatalf("%d entries, %v", len(page), err)
				}
				for _, e := range page {
					got = append(got, fmt.Sprintf("%d %s", e.Set, e.Member))
				}
				if cursor = next; cursor == "" {
					break
				}
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("pages of %d (-want +got):\n%s", limit, diff)
			}
		}
	})
}

func TestASpanIncludesItsBeginningAndNotItsEnd(t *testing.T) {
	t.Parallel()
	redistest.Each(t, func(t *testing.T, store *redis.Store) {
		sets, _ := fill(t, store)
		span := pages.Span{Since: time.UnixMilli(1795368183001), Until: time.UnixMilli(1795368183003)}
		page, _, err := pages.Read(t.Context(), store, sets, span, pages.Position{Limit: 100})
		if err != nil || len(page) != 6 {
			t.Errorf("%d entries, want 6 of two ms (%v)", len(page), err)
		}
		if n, err := pages.Count(t.Context(), store, sets, span); n != 6 || err != nil {
			t.Errorf("counted %d %v, want 6", n, err)
		}
		pages.Prune(t.Context(), store, sets, page)
		if n, err := pages.Count(t.Context(), store, sets, pages.Span{}); n != 6 || err != nil {
			t.Errorf("counted %d %v after pruning, want 6", n, err)
		}
	})
}

func TestAForeignCursorIsRefused(t *testing.T) {
	t.Parallel()
	store := redistest.Embedded(t, redis.Options{})
	if _, _, err := pages.Read(t.Context(), store, nil, pages.Span{}, pages.Position{Cursor: "nonsense", Limit: 1}); err == nil {
		t.Error("it was taken")
	}
}

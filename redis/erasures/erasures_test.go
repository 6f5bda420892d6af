package erasures_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"bauta/masking"
	"bauta/masking/sharing"
	"bauta/redis"
	"bauta/redis/erasures"
	"bauta/redis/lanes/lanestest"
	"bauta/redis/redistest"
	"bauta/webhook"
)

func erasure(id string, at time.Time) *webhook.Erasure {
	handle := masking.Handle{Country: "IT", Long: "9041174520836617350284", Phone: "999904117452083"}
	return &webhook.Erasure{
		ID: id, Business: "acme", Customers: []string{"kX3vQm1Zb0m1Yw2c5s7d9g", "AAAAAAAAAAAAAAAAAAAAAA"}, Whole: true,
		Scopes: []webhook.ErasedScope{{Scope: "Y2FwaV9ncm91cDox", Handle: handle, Former: []masking.Handle{handle}}},
		Names:  []string{"bq8MrWwcGJ8VvJ7n"}, By: "operator", Action: "command", At: at,
		Lines:       []sharing.Line{{ID: "Xg7cD1uT9aLwN3Zi", At: at, Type: sharing.LineErased, Handle: "IT." + handle.Long, Scope: "direct", By: "operator"}},
		ContactBook: "deleted", Forgotten: 3,
	}
}

func TestAnErasureIsKeptUntilItIsDropped(t *testing.T) {
	t.Parallel()
	redistest.Each(t, func(t *testing.T, store *redis.Store) {
		ring, at := lanestest.NewRing(t), time.Date(2026, 11, 22, 9, 15, 0, 482e6, time.UTC)
		kept := erasures.New(store, ring)
		if all, err := kept.Find(t.Context(), "acme", ""); len(all) != 0 || err != nil {
			t.Fatalf("in the beginning: %v, %v", all, err)
		}
		second, first := erasure("b", at.Add(time.Second)), erasure("a", at)
		for _, e := range []*webhook.Erasure{second, erasure("a", at.Add(time.Minute)), first} {
			if err := kept.Keep(t.Context(), e); err != nil {
				t.Fatal(err)
			}
		}
		all, err := erasures.New(store, ring).Find(t.Context(), "acme", "")
		if diff := cmp.Diff([]*webhook.Erasure{first, second}, all); diff != "" || err != nil {
			t.Errorf("%v (-want +got):\n%s", err, diff)
		}
		if others, err := kept.Find(t.Context(), "umbrella", ""); len(others) != 0 || err != nil {
			t.Errorf("another business has %d, %v", len(others), err)
		}
		for range 2 {
			if err := kept.Drop(t.Context(), first); err != nil {
				t.Fatal(err)
			}
		}
		if all, err = kept.Find(t.Context(), "acme", ""); len(all) != 1 || err != nil || all[0].ID != "b" {
			t.Errorf("left are %v, %v", all, err)
		}
	})
}

// Nothing of an erasure is readable in Redis, and one that was put in another's place,
// or changed, counts for nothing and keeps no other from being read.
func TestAnErasureThatWasTamperedWith(t *testing.T) {
	t.Parallel()
	redistest.Each(t, func(t *testing.T, store *redis.Store) {
		ring := lanestest.NewRing(t)
		kept := erasures.New(store, ring)
		for _, id := range []string{"a", "b"} {
			if err := kept.Keep(t.Context(), erasure(id, time.Now().UTC())); err != nil {
				t.Fatal(err)
			}
		}
		name := store.Keys().Erasures("acme")
		sealed, err := store.Client().HGet(t.Context(), name, "a").Result()
		if err != nil || strings.Contains(sealed, "904117") || strings.Contains(sealed, "kX3vQm1") {
			t.Fatalf("%v, %q", err, sealed)
		}
		for id, text := range map[string]string{"c": sealed, "a": sealed[:len(sealed)-1] + "x"} {
			if err := store.Client().HSet(t.Context(), name, id, text).Err(); err != nil {
				t.Fatal(err)
			}
		}
		all, err := kept.Find(t.Context(), "acme", "")
		if err == nil || len(all) != 1 || all[0].ID != "b" {
			t.Errorf("%d are read, %v", len(all), err)
		}
	})
}

// By a name the latest erasure that has it is found, alone, whatever else is kept, and
// nothing is left of the names of one that was dropped.
func TestAnErasureIsFoundByItsNames(t *testing.T) {
	t.Parallel()
	redistest.Each(t, func(t *testing.T, store *redis.Store) {
		kept, at := erasures.New(store, lanestest.NewRing(t)), time.Date(2026, 11, 22, 9, 15, 0, 0, time.UTC)
		named := func(id string, names ...string) *webhook.Erasure {
			e := erasure(id, at)
			e.Names = names
			if err := kept.Keep(t.Context(), e); err != nil {
				t.Fatal(err)
			}
			return e
		}
		first, second := named("a", "Ada", "handle 1"), named("b", "Ada", "handle 2")
		// What cannot be read is in nobody's way who asks for another.
		if err := store.Client().HSet(t.Context(), store.Keys().Erasures("acme"), "c", "x").Err(); err != nil {
			t.Fatal(err)
		}
		find := func(business, name, want string) {
			t.Helper()
			got := ""
			found, err := kept.Find(t.Context(), business, name)
			for _, e := range found {
				got += e.ID
			}
			if got != want || err != nil {
				t.Errorf("%s of %s leads to %q, %v, want %q", name, business, got, err, want)
			}
		}
		find("acme", "Ada", "b")
		find("acme", "handle 1", "a")
		find("acme", "handle 2", "b")
		find("acme", "handle 3", "")
		find("umbrella", "Ada", "")
		if err := kept.Drop(t.Context(), first); err != nil {
			t.Fatal(err)
		}
		find("acme", "handle 1", "")
		find("acme", "Ada", "b")
		if err := kept.Drop(t.Context(), second); err != nil {
			t.Fatal(err)
		}
		find("acme", "Ada", "")
		if n, err := store.Client().Exists(t.Context(), store.Keys().ErasureNames("acme")).Result(); n != 0 || err != nil {
			t.Errorf("names are left: %d, %v", n, err)
		}
	})
}

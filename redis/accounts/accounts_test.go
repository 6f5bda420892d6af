package accounts_test

import (
	"errors"
	"maps"
	"slices"
	"strconv"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"bauta/redis"
	"bauta/redis/accounts"
	"bauta/redis/redistest"
)

// office is a store with one node's accounts on it.
type office struct {
	*testing.T
	store *redis.Store
	node  *accounts.Accounts
}

func each(t *testing.T, test func(o *office)) {
	t.Helper()
	redistest.Each(t, func(t *testing.T, store *redis.Store) {
		t.Helper()
		test(&office{t, store, accounts.New(store)})
	})
}

func (o *office) owners(wabas ...string) map[string][]string {
	o.Helper()
	got, err := o.node.Owners(o.Context(), wabas)
	if err != nil {
		o.Fatalf("owners: %v", err)
	}
	return got
}

func (o *office) add(known map[string][]string, now map[string]string) bool {
	o.Helper()
	noted, err := o.node.Add(o.Context(), known, now)
	if err != nil {
		o.Fatalf("add: %v", err)
	}
	return noted
}

func (o *office) want(want map[string][]string, wabas ...string) {
	o.Helper()
	if diff := cmp.Diff(want, o.owners(wabas...)); diff != "" {
		o.Errorf("the owners (-want +got):\n%s", diff)
	}
}

func TestWhoHadAnAccountIsRemembered(t *testing.T) {
	t.Parallel()
	each(t, func(o *office) {
		o.want(map[string][]string{}, "1", "2")
		o.want(map[string][]string{})
		if !o.add(nil, map[string]string{"1": "globex", "2": "acme"}) {
			o.Error("new accounts are not noted")
		}
		known := o.owners("1", "2", "3")
		if !o.add(known, map[string]string{"1": "acme", "2": "acme"}) {
			o.Error("a further owner is not noted")
		}
		o.want(map[string][]string{"1": {"globex", "acme"}, "2": {"acme"}}, "3", "1", "2")
		if !o.add(o.owners("1"), map[string]string{"1": "globex"}) {
			o.Error("an owner that is known is not taken for noted")
		}
		o.want(map[string][]string{"1": {"globex", "acme"}}, "1")
		if !o.add(nil, nil) {
			o.Error("no accounts at all are not noted")
		}
	})
}

// What was judged by what is not true any more is not written, also not in part.
func TestNothingIsAddedToWhatChangedMeanwhile(t *testing.T) {
	t.Parallel()
	each(t, func(o *office) {
		before := o.owners("1", "2")
		o.add(before, map[string]string{"2": "acme"})
		if o.add(before, map[string]string{"1": "globex", "2": "globex"}) {
			o.Error("the first owner is written over")
		}
		o.want(map[string][]string{"2": {"acme"}}, "1", "2")
	})
}

// Nodes that start at once note every owner, each once.
func TestNodesThatStartAtOnceLoseNoOwner(t *testing.T) {
	t.Parallel()
	each(t, func(o *office) {
		const many = 8
		var nodes sync.WaitGroup
		for n := range 2 * many { // two nodes for each business
			nodes.Go(func() {
				now := map[string]string{"1": "b" + strconv.Itoa(n/2), "2": "acme"}
				for {
					known, err := o.node.Owners(o.Context(), []string{"1", "2"})
					if err != nil {
						o.Errorf("owners: %v", err)
						return
					}
					noted, err := accounts.New(o.store).Add(o.Context(), known, now)
					if err != nil {
						o.Errorf("add: %v", err)
					}
					if noted || err != nil {
						return
					}
				}
			})
		}
		nodes.Wait()
		got := o.owners("1", "2")
		slices.Sort(got["1"])
		if want := []string{"b0", "b1", "b2", "b3", "b4", "b5", "b6", "b7"}; !slices.Equal(got["1"], want) || !maps.EqualFunc(got, map[string][]string{"1": want, "2": {"acme"}}, slices.Equal) {
			o.Errorf("the owners are %v", got)
		}
	})
}

func TestAStoreThatIsAwayIsSaid(t *testing.T) {
	t.Parallel()
	server := redistest.Standalone(t)
	node := accounts.New(server.Open(t, redis.Options{}))
	server.Stop()
	if _, err := node.Owners(t.Context(), []string{"1"}); !errors.Is(err, redis.ErrUnavailable) {
		t.Errorf("owners: %v", err)
	}
	if noted, err := node.Add(t.Context(), nil, map[string]string{"1": "acme"}); noted || !errors.Is(err, redis.ErrUnavailable) {
		t.Errorf("add: %t, %v", noted, err)
	}
}

package vault_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"testing"
	"time"

	"bauta/masking"
	"bauta/masking/keys"
	"bauta/redis"
	"bauta/redis/keyring"
	"bauta/redis/redistest"
	"bauta/redis/vault"
	"bauta/webhook"
)

// view is what a node knows of the look-up keys: what its key file holds, which key the
// store told it writes, and from which on entries are made.
type view struct {
	set  *keys.Set
	from uint32
}

func (w view) Namer(context.Context) (set *keys.Set, from uint32, until int64, err error) {
	return w.set, w.from, math.MaxInt64, nil
}

func (w view) Finder(context.Context, string) (*keys.Set, error) { return w.set, nil }

// rotation is every step of the replacement of a look-up key.
type rotation struct{ before, added, promoted, retired, destroyed view }

func newRotation(t testing.TB, set *keys.Set) rotation {
	t.Helper()
	first := set.Primary(keys.Lookup)
	added, err := set.WithNewKey(keys.Lookup, time.Now())
	check(t, err)
	next := added.Newest(keys.Lookup).ID
	promoted, err := added.WithPrimary(keys.Lookup, next)
	check(t, err)
	alone, err := promoted.WithoutOld(keys.Lookup, time.Now())
	check(t, err)
	return rotation{view{set, first}, view{added, first}, view{promoted, first}, view{promoted, next}, view{alone, next}}
}

// node is a vault with such a view.
func (r *room) node(store *redis.Store, w view) *room {
	return &room{
		Vault: vault.New(store, w.set, vault.Options{Names: w, Retention: func(string) webhook.Retention { return webhook.Retention{} }}),
		store: store, set: w.set, handles: r.handles,
	}
}

// Two nodes whose key files differ meet the same new person at once, at every step of a
// rotation that lets them run beside each other: before each exchange of the one the
// other does all of its work. In the end there is one customer, and both find them.
func TestTwoNodesMakeOneCustomerThroughARotation(t *testing.T) {
	t.Parallel()
	server := redistest.Standalone(t)
	quietly := server.Open(t, redis.Options{})
	first := newRoom(t, quietly, vault.Options{})
	s := newRotation(t, first.set)
	n := 0
	for name, pair := range map[string][2]view{
		"before":                                 {s.before, s.before},
		"one has not read the file yet":          {s.before, s.added},
		"both have read it":                      {s.added, s.added},
		"one has not heard that the key writes":  {s.added, s.promoted},
		"both have heard it":                     {s.promoted, s.promoted},
		"one has not heard that it writes alone": {s.promoted, s.retired},
		"it writes alone":                        {s.retired, s.retired},
		"one has not read that the old one went": {s.retired, s.destroyed},
		"after":                                  {s.destroyed, s.destroyed},
	} {
		for turn := range 2 {
			a, b := pair[turn], pair[1-turn]
			for at, steps := 0, 1; at <= steps; at++ {
				n++
				who := []masking.Identity{number(t, fmt.Sprintf("39333%07d", n)), userID(t, fmt.Sprintf("IT.%019d", n))}
				between := &between{at: at}
				x, y := first.node(server.Open(t, redis.Options{Hooks: hooks(between)}), a), first.node(quietly, b)
				between.arm(func() {
					_, _, err := y.Mint(t.Context(), y.customer(t, who...))
					check(t, err)
				})
				got, _, err := x.Mint(t.Context(), x.customer(t, who...))
				check(t, err)
				steps = between.count
				between.disarm()
				for _, node := range []*room{x, y} {
					for _, i := range who {
						if f := node.find(t, i); f.Customer == nil || f.Customer.ID != got.ID {
							t.Errorf("%s, before exchange %d: %d of them are another customer", name, at, n)
						}
					}
				}
			}
		}
	}
	if n < 100 {
		t.Errorf("%d meetings: the test does not see the exchanges", n)
	}
}

// A node that has not heard that the new key writes alone loses under it, and dies before
// it can say so: everybody finds the winner, and the walk takes away what it left.
func TestWhatALoserLeavesUnderTheOldKeyLeadsNobodyAstray(t *testing.T) {
	t.Parallel()
	redistest.Each(t, func(t *testing.T, store *redis.Store) {
		r := newRoom(t, store, vault.Options{})
		s := newRotation(t, r.set)
		who := number(t, anna)
		loser := r.node(store, s.before).mint(t, who)
		check(t, store.Do(t.Context(), redis.Command("DEL", r.IndexName(t.Context(), acme, who, 0))).Err)
		winner, first, err := r.node(store, s.retired).Mint(t.Context(), r.customer(t, who))
		if err != nil || !first {
			t.Fatalf("%t, %v", first, err)
		}
		check(t, store.Do(t.Context(), redis.Command("SET", r.IndexName(t.Context(), acme, who, 0), loser.ID)).Err)
		for name, w := range map[string]view{"has not heard of it": s.promoted, "has": s.retired} {
			if f := r.node(store, w).find(t, who); f.Customer == nil || f.Customer.ID != winner.ID || f.Customer.ID == loser.ID {
				t.Errorf("to who %s: another customer", name)
			}
		}
		found, err := r.Reindex(t.Context(), s.retired.set, vault.Reindexing{Make: true, Retire: true}, quiet)
		if err != nil || found.Behind != 0 || found.Under[r.set.LookupTag(r.set.Primary(keys.Lookup))] != 0 {
			t.Errorf("what is left: %+v, %v", found, err)
		}
	})
}

// Who was found is found at every step, under the same handle; once the walks are done,
// by the new key alone, and for as long as before.
func TestNobodyIsLostThroughARotation(t *testing.T) {
	t.Parallel()
	redistest.Each(t, func(t *testing.T, store *redis.Store) {
		r := newRoom(t, store, vault.Options{})
		s := newRotation(t, r.set)
		short := vault.New(store, r.set, vault.Options{Retention: func(string) webhook.Retention {
			return webhook.Retention{Customer: time.Hour, HiddenMarker: time.Hour}
		}})
		who := r.crowd(t, 30)
		c := r.find(t, who[0]).Customer
		check(t, short.Touch(t.Context(), []*webhook.Customer{c}))
		all := func(w view, when string) {
			t.Helper()
			for n, i := range who {
				if f := r.node(store, w).find(t, i); f.Customer == nil {
					t.Fatalf("%s customer %d is lost", when, n)
				}
			}
		}
		walker := vault.New(store, s.promoted.set, vault.Options{})
		walk := func(w view, how vault.Reindexing) vault.Indexed {
			t.Helper()
			found, err := walker.Reindex(t.Context(), w.set, how, quiet)
			check(t, err)
			return found
		}
		tag := func(w view) string { return w.set.LookupTag(w.set.Primary(keys.Lookup)) }

		if f := walk(s.promoted, vault.Reindexing{}); f.Behind != 30 || f.Under[tag(s.before)] != 30 || f.Anew != 0 || f.Markers != 0 {
			t.Errorf("before: %+v", f)
		}
		if f := walk(s.promoted, vault.Reindexing{Make: true}); f.Anew != 30 {
			t.Errorf("made anew: %+v", f)
		}
		all(s.promoted, "with entries under both keys")
		all(s.added, "to who has not heard of it")
		if f := walk(s.promoted, vault.Reindexing{Make: true}); f.Anew != 0 || f.Behind != 30 || f.Under[tag(s.promoted)] != 30 {
			t.Errorf("a second time: %+v", f)
		}
		if f := walk(s.promoted, vault.Reindexing{Make: true, Retire: true}); f.Anew != 0 || f.Behind != 0 || f.Under[tag(s.before)] != 0 {
			t.Errorf("let go: %+v", f)
		}
		all(s.retired, "without entries under the old key")
		all(s.destroyed, "with the new key alone")
		last := r.node(store, s.destroyed)
		ttl := func(i masking.Identity) int64 {
			n, err := store.Do(t.Context(), redis.Command("PTTL", last.IndexName(t.Context(), acme, i, 0))).Int()
			check(t, err)
			return n
		}
		if got := time.Duration(ttl(who[0])) * time.Millisecond; got <= time.Hour || got > 2*time.Hour {
			t.Errorf("an entry that lived for two hours lives for %s", got)
		}
		if got := ttl(who[1]); got != -1 {
			t.Errorf("an entry that lived for ever lives for %d ms", got)
		}
	})
}

// Whoever was hidden once comes back hidden, whatever key their marker is under. Nobody
// knows the number of an old marker: its key is needed until the marker ends, the person
// comes back, or the operator lets go of it.
func TestMarkersSurviveARotation(t *testing.T) {
	t.Parallel()
	redistest.Each(t, func(t *testing.T, store *redis.Store) {
		r := newRoom(t, store, vault.Options{})
		s := newRotation(t, r.set)
		tag := r.set.LookupTag(r.set.Primary(keys.Lookup))
		who := r.crowd(t, 6)
		erase := func(w view, i masking.Identity) {
			t.Helper()
			node := r.node(store, w)
			check(t, node.Erase(t.Context(), node.find(t, i).Customer))
		}
		marked := func(w view, when string, people ...masking.Identity) {
			t.Helper()
			for _, i := range people {
				if f := r.node(store, w).find(t, i); !f.Marked || f.Customer != nil {
					t.Errorf("%s: %+v", when, f)
				}
			}
		}
		walk := func(how vault.Reindexing) vault.Indexed {
			t.Helper()
			found, err := r.Reindex(t.Context(), s.promoted.set, how, quiet)
			check(t, err)
			return found
		}
		erase(s.before, who[0])
		// An expired record is a marker too.
		check(t, store.Do(t.Context(), redis.Command("DEL", store.Keys().Customer(acme, r.find(t, who[1]).Customer.ID))).Err)
		check(t, store.Do(t.Context(), redis.Command("PEXPIRE", r.IndexName(t.Context(), acme, who[1], 0), time.Hour.Milliseconds())).Err)
		erase(s.promoted, who[2]) // there is no entry under the new key yet
		marked(s.added, "to who has not heard that the key writes", who[:3]...)
		if f := walk(vault.Reindexing{Make: true}); f.Markers != 2 || f.Endless != 1 || time.Until(f.Until) > time.Hour || time.Until(f.Until) < 59*time.Minute {
			t.Errorf("made anew: %+v", f)
		}
		erase(s.promoted, who[3])
		if f := walk(vault.Reindexing{Make: true, Retire: true}); f.Markers != 2 || f.Behind != 0 || f.Under[tag] != 2 {
			t.Errorf("let go: %+v", f)
		}
		erase(s.retired, who[4])
		for name, w := range map[string]view{"has not heard of it": s.promoted, "has": s.retired} {
			marked(w, "to who "+name, who[:5]...)
		}
		marked(s.destroyed, "marked since the key writes", who[2:5]...)

		// Who comes back takes their marker along.
		back := r.node(store, s.retired)
		back.mint(t, who[0])
		if f := walk(vault.Reindexing{Make: true, Retire: true}); f.Markers != 1 || f.Endless != 0 || f.Under[tag] != 1 {
			t.Errorf("after one came back: %+v", f)
		}
		if f := walk(vault.Reindexing{Retire: true, Forget: true}); f.Markers != 0 || f.Under[tag] != 0 {
			t.Errorf("let go of: %+v", f)
		}
		if f := r.node(store, s.destroyed).find(t, who[1]); f.Marked || f.Customer != nil {
			t.Errorf("a marker that was let go of: %+v", f)
		}
		for _, i := range []masking.Identity{who[0], who[5]} {
			if r.node(store, s.destroyed).find(t, i).Customer == nil {
				t.Error("a customer is lost")
			}
		}
	})
}

// Somebody is erased, and somebody comes, before every exchange of a walk: the one stays
// erased and marked, the other is found.
func TestAWalkOverTheIndexBringsNobodyBack(t *testing.T) {
	t.Parallel()
	server := redistest.Standalone(t)
	for _, how := range []vault.Reindexing{{Make: true}, {Make: true, Retire: true}} {
		run := func(at int) (exchanges int) {
			check(t, server.Client.FlushAll(t.Context()).Err())
			between := &between{at: at}
			plain := server.Open(t, redis.Options{})
			r := newRoom(t, plain, vault.Options{})
			s := newRotation(t, r.set)
			w := s.promoted
			if how.Retire {
				w = s.retired
			}
			gone := r.mint(t, number(t, anna), userID(t, annaID))
			if how.Retire {
				_, err := r.Reindex(t.Context(), w.set, vault.Reindexing{Make: true}, quiet)
				check(t, err)
			}
			node := r.node(plain, w)
			between.arm(func() {
				check(t, node.Erase(t.Context(), gone))
				node.mint(t, number(t, bruno))
			})
			walker := vault.New(server.Open(t, redis.Options{Hooks: hooks(between)}), w.set, vault.Options{})
			_, err := walker.Reindex(t.Context(), w.set, how, quiet)
			check(t, err)
			exchanges = between.count
			between.disarm()
			if exchanges < at || at == 0 { // the server had the scripts by then
				return exchanges
			}
			for _, i := range []masking.Identity{number(t, anna), userID(t, annaID)} {
				if f := node.find(t, i); f.Customer != nil || !f.Marked {
					t.Errorf("%+v: erased before exchange %d: %+v", how, at, f)
				}
			}
			if node.find(t, number(t, bruno)).Customer == nil {
				t.Errorf("%+v: minted before exchange %d: lost", how, at)
			}
			return exchanges
		}
		steps := run(0)
		if steps < 4 {
			t.Fatalf("%d exchanges: the test does not see the walk", steps)
		}
		for at := 1; at <= steps; at++ {
			run(at)
		}
	}
}

// A node that slept through a rotation takes nobody for a stranger whom only the new key
// finds, and makes no entry under the old one alone.
func TestANodeThatSleptThroughARotationKnowsItsLimits(t *testing.T) {
	t.Parallel()
	server := redistest.Standalone(t)
	set, err := keys.Generate()
	check(t, err)
	s := newRotation(t, set)
	next := s.promoted.set.Primary(keys.Lookup)
	old := fmt.Sprint(set.Primary(keys.Lookup))
	store := server.Open(t, redis.Options{Lookup: old, FirstLookup: fmt.Sprint(set.FirstLookup())})
	r := &room{Vault: vault.New(store, set, vault.Options{}), store: store, set: set, handles: masking.NewHandles(set)}
	file := set
	ring, err := keyring.Open(t.Context(), keyring.Options{
		Store: store, Set: set, Load: func() (*keys.Set, error) { return file, nil }, Logger: slog.New(slog.DiscardHandler),
	})
	check(t, err)
	behind := &room{Vault: vault.New(store, set, vault.Options{Ring: ring, Names: ring}), store: store, set: set, handles: r.handles}
	behind.mint(t, number(t, anna))

	register := keyring.NewRegister(store)
	done, err := register.Promote(t.Context(), keys.Lookup, set.Primary(keys.Lookup), next)
	if err != nil || !done {
		t.Fatalf("promote: %t, %v", done, err)
	}
	if done, err := register.Retire(t.Context(), next); done || err != nil {
		t.Errorf("the old key is let go of while somebody may write with it alone: %t, %v", done, err)
	}
	check(t, store.Need(t.Context(), old+","+fmt.Sprint(next)))
	r.node(store, s.retired).mint(t, number(t, bruno))
	for _, who := range []string{anna, bruno} {
		if f, err := behind.Recall(t.Context(), []webhook.Lookup{{Business: acme, Identity: number(t, who)}}); !errors.Is(err, redis.ErrMisconfigured) {
			t.Errorf("with the file of before: %+v, %v", f, err)
		}
	}
	file = s.added.set
	for _, who := range []string{anna, bruno} {
		for {
			f, err := behind.Recall(t.Context(), []webhook.Lookup{{Business: acme, Identity: number(t, who)}})
			if err == nil && f[0].Customer == nil {
				t.Error("with the present file: a customer is lost")
			}
			if err == nil {
				break
			}
		}
	}

	late := sleeper{s.before}
	asleep := &room{Vault: vault.New(store, set, vault.Options{Names: late}), store: store, set: set, handles: r.handles}
	stranger := number(t, "393330000077")
	if _, _, err := asleep.Mint(t.Context(), asleep.customer(t, stranger)); !errors.Is(err, redis.ErrUnavailable) {
		t.Errorf("a customer is minted with a right to write that is over: %v", err)
	}
	if f := r.node(store, s.promoted).find(t, stranger); f.Marked || f.Customer != nil {
		t.Error("there is an entry under the old key alone")
	}
}

// sleeper's right to write is over, and nothing renews it.
type sleeper struct{ view }

func (s sleeper) Namer(context.Context) (set *keys.Set, from uint32, until int64, err error) {
	return s.set, s.from, 1, nil
}

package vault_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"bauta/masking"
	"bauta/redis"
	"bauta/redis/redistest"
	"bauta/redis/vault"
	"bauta/webhook"
)

// brazil are the two notations of one Brazilian number (platform/webhooks.md 5).
const (
	brazil    = "5511987654321"
	brazilOld = "551187654321"
)

// life is a customer with everything that leads to one: old and lost identities, two
// scopes, a former handle, envelope forms, and a record that merged into theirs.
type life struct {
	customer, merged, other *webhook.Customer
	identities              []masking.Identity
	handles                 []string
}

func (r *room) life(t testing.TB) *life {
	t.Helper()
	group := func(c *webhook.Customer) {
		c.Scopes[subgroup] = &webhook.Standing{Handle: r.handle(t), Visibility: webhook.Hidden}
	}
	other := r.mint(t, number(t, bruno), userID(t, brunID))
	merged := r.customer(t, userID(t, annaID))
	group(merged)
	merged, _, err := r.Mint(t.Context(), merged)
	check(t, err)

	c := r.customer(t, number(t, anna), number(t, brazil), number(t, brazilOld))
	c.Links[0].Ended, c.SentOpen = born().Add(time.Hour), true
	c, _, err = r.Mint(t.Context(), c)
	check(t, err)
	// Bruno's number was this customer's once; the index has led there since.
	c.Links = append(c.Links, webhook.Link{Identity: number(t, bruno), Evidence: "message", Since: born(), Ended: born(), Lost: true})
	// A number that was lost and is nobody's yet: it still leads here.
	lost := number(t, "4915112345678")
	c.Links = append(c.Links, webhook.Link{Identity: lost, Evidence: "message", Since: born(), Ended: born(), Lost: true})
	check(t, r.Point(t.Context(), acme, lost, "", c.ID))
	c.Links = append(c.Links, merged.Links...)
	taken := *merged.Scopes[subgroup]
	taken.Inherited = true
	c.Scopes[subgroup] = &taken
	c.Scopes[webhook.Direct].Former = []masking.Handle{merged.Scopes[webhook.Direct].Handle}
	check(t, r.Update(t.Context(), c))
	merged.MergedInto = c.ID
	check(t, r.Update(t.Context(), merged))
	check(t, r.Remember(t.Context(), c, []webhook.Form{{Stanza: "3EB0", Tag: "0.b"}}))
	check(t, r.Opened(t.Context(), wrote(c, born(), office)))
	return &life{
		customer: c, merged: merged, other: other,
		identities: []masking.Identity{number(t, anna), number(t, brazil), number(t, brazilOld), userID(t, annaID), lost},
		handles:    []string{c.Scopes[webhook.Direct].Handle.Key(), merged.Scopes[webhook.Direct].Handle.Key(), taken.Handle.Key()},
	}
}

// forgotten fails unless nobody can read anything of the customer and whoever
// returns is marked.
func (r *room) forgotten(t testing.TB, l *life, when string) {
	t.Helper()
	node := vault.New(r.store, r.set, vault.Options{})
	for name, c := range map[string]*webhook.Customer{"the customer": l.customer, "the merged record": l.merged} {
		if _, err := node.CustomerKey(t.Context(), acme, c.ID); !errors.Is(err, webhook.ErrErased) {
			t.Errorf("%s: the key of %s: %v, want ErrErased", when, name, err)
		}
		if _, err := node.Customer(t.Context(), acme, c.ID); !errors.Is(err, webhook.ErrErased) {
			t.Errorf("%s: %s by id: %v, want ErrErased", when, name, err)
		}
	}
	for n, i := range l.identities {
		found, err := node.Recall(t.Context(), []webhook.Lookup{{Business: acme, Identity: i}})
		if err != nil || found[0].Customer != nil || !found[0].Marked {
			t.Errorf("%s: identity %d leads to somebody or is not marked (%v)", when, n, err)
		}
	}
	for n, key := range l.handles {
		for _, v := range []*vault.Vault{node, r.Vault} {
			if _, err := v.ByHandle(t.Context(), acme, key); !errors.Is(err, webhook.ErrUnknownHandle) {
				t.Errorf("%s: handle %d: %v, want ErrUnknownHandle", when, n, err)
			}
		}
	}
	for _, i := range []masking.Identity{number(t, bruno), userID(t, brunID)} {
		found, err := node.Recall(t.Context(), []webhook.Lookup{{Business: acme, Identity: i}})
		if err != nil || found[0].Customer == nil || found[0].Customer.ID != l.other.ID {
			t.Errorf("%s: another customer is not found any more (%v)", when, err)
		}
	}
}

func TestNothingLeadsToAnErasedCustomer(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *room) {
		l := r.life(t)
		if _, err := r.CustomerKey(t.Context(), acme, l.customer.ID); err != nil {
			t.Fatal(err)
		}
		check(t, r.Erase(t.Context(), l.customer))
		if _, err := r.CustomerKey(t.Context(), acme, l.customer.ID); !errors.Is(err, webhook.ErrErased) {
			t.Errorf("the key on the node that erased: %v, want ErrErased at once", err)
		}
		r.forgotten(t, l, "erased")
		check(t, r.Erase(t.Context(), l.customer))
		check(t, r.Erase(t.Context(), &webhook.Customer{Business: acme, ID: l.customer.ID}))
		r.forgotten(t, l, "erased again")
		again := r.mint(t, number(t, anna), userID(t, annaID))
		check(t, r.Erase(t.Context(), l.customer))
		if f := r.find(t, number(t, anna)); f.Customer == nil || f.Customer.ID != again.ID {
			t.Error("erasing once more took the new customer's identity")
		}
	})
}

func TestOfAnErasedCustomerTheMarkersAreLeft(t *testing.T) {
	t.Parallel()
	for name, period := range map[string]time.Duration{"for ever": 0, "for a period": 240 * time.Hour} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := redistest.Standalone(t)
			r := newRoom(t, server.Open(t, redis.Options{}), vault.Options{Retention: func(string) webhook.Retention {
				return webhook.Retention{Customer: 8760 * time.Hour, Messages: 720 * time.Hour, HiddenMarker: period}
			}})
			before := server.Dump(t)
			l := r.life(t)
			others := map[string]bool{}
			for key := range server.Dump(t) {
				_, old := before[key]
				others[key] = old || strings.Contains(key, l.other.ID)
			}
			check(t, r.Erase(t.Context(), l.customer))
			markers := 0
			for key, value := range server.Dump(t) {
				switch {
				case others[key] || value == l.other.ID:
				case value == "x" && strings.HasPrefix(key, "bauta:id:acme:"):
					markers++
					ttl := server.Client.PTTL(t.Context(), key).Val()
					if (period == 0) != (ttl < 0) || ttl > period || (period > 0 && ttl < period-time.Minute) {
						t.Errorf("a marker lives for %v, want %v", ttl, period)
					}
				case strings.HasPrefix(key, "bauta:business:"):
				default:
					t.Errorf("a key of kind %.12s is left", key)
				}
			}
			if markers != 4 { // the two notations of the Brazilian number are one
				t.Errorf("%d markers, want 4", markers)
			}
		})
	}
}

func TestAnErasureThatBreaksHidesAndIsCompletedByTheNext(t *testing.T) {
	t.Parallel()
	fault := &redistest.Fault{}
	run := func(at int, unsent bool) (exchanges int) {
		r := newRoom(t, redistest.Embedded(t, redis.Options{Hooks: hooks(fault)}), vault.Options{})
		l := r.life(t)
		fault.Arm(at, unsent)
		err := r.Erase(t.Context(), l.customer)
		exchanges = fault.Count()
		fault.Arm(0, false)
		when := fmt.Sprintf("broken at exchange %d (unsent %v)", at, unsent)
		if (at > 0) != (err != nil) {
			t.Errorf("%s: error %v", when, err)
		}
		present, err := r.Customer(t.Context(), acme, l.customer.ID)
		switch {
		case errors.Is(err, webhook.ErrErased):
			// Whatever comes next, nobody reads or shows anything.
			r.forgotten(t, l, when)
			present = l.customer
		case err != nil:
			t.Fatalf("%s: %v", when, err)
		}
		check(t, r.Erase(t.Context(), present))
		r.forgotten(t, l, when+", erased again")
		return exchanges
	}
	exchanges := run(0, false)
	if exchanges < 5 {
		t.Fatalf("undisturbed: %d exchanges", exchanges)
	}
	for at := 1; at <= exchanges; at++ {
		for _, unsent := range []bool{true, false} {
			run(at, unsent)
		}
	}
}

// Whoever had read the customer before the erasure writes in vain.
func TestAnErasureIsNotUndoneByWhoReadBefore(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *room) {
		node := vault.New(r.store, r.set, vault.Options{})
		l := r.life(t)
		late, err := node.Customer(t.Context(), acme, l.customer.ID)
		check(t, err)
		again, err := node.Customer(t.Context(), acme, l.customer.ID)
		check(t, err)
		check(t, r.Erase(t.Context(), l.customer))

		late.Links = append(late.Links, webhook.Link{Identity: userID(t, "DE.9971208655302741918"), Evidence: "message", Since: born()})
		late.Scopes["other"] = &webhook.Standing{Handle: r.handle(t), Visibility: webhook.Hidden}
		if err := node.Update(t.Context(), late); !errors.Is(err, webhook.ErrStale) {
			t.Errorf("an update: %v, want ErrStale", err)
		}
		if err := node.Rewrite(t.Context(), again); !errors.Is(err, webhook.ErrStale) {
			t.Errorf("a rewrite: %v, want ErrStale", err)
		}
		check(t, node.Opened(t.Context(), wrote(late, born().Add(24*time.Hour), office)))
		check(t, node.Touch(t.Context(), []*webhook.Customer{late}))
		check(t, node.Remember(t.Context(), again, []webhook.Form{{Stanza: "3EB9", Tag: "0.", Usual: number(t, anna)}}))
		r.forgotten(t, l, "written afterwards")
		if _, err := r.ByHandle(t.Context(), acme, late.Scopes["other"].Handle.Key()); !errors.Is(err, webhook.ErrUnknownHandle) {
			t.Errorf("the late writer's handle: %v", err)
		}
	})
}

// An update that breaks off between its steps and goes on after the erasure: the
// index may lead to the record that is gone, never to one that is there.
func TestAnErasureBetweenTheStepsOfAnUpdateStands(t *testing.T) {
	t.Parallel()
	run := func(at int) (exchanges int) {
		between := &between{at: at}
		r := newRoom(t, redistest.Embedded(t, redis.Options{Hooks: hooks(between)}), vault.Options{})
		l := r.life(t)
		fresh := userID(t, "DE.9971208655302741918")
		late, err := r.Customer(t.Context(), acme, l.customer.ID)
		check(t, err)
		late.Links = append(late.Links, webhook.Link{Identity: fresh, Evidence: "message", Since: born()})
		late.Scopes["other"] = &webhook.Standing{Handle: r.handle(t), Visibility: webhook.Hidden}
		between.arm(func() { check(t, r.Erase(t.Context(), l.customer)) })
		err = r.Update(t.Context(), late)
		exchanges = between.count
		between.disarm()
		if at == 0 {
			check(t, err)
			return exchanges
		}
		if err != nil && !errors.Is(err, webhook.ErrStale) {
			t.Errorf("erased before exchange %d: %v", at, err)
		}
		r.forgotten(t, l, fmt.Sprintf("erased before exchange %d of an update", at))
		if f := r.find(t, fresh); f.Customer != nil {
			t.Errorf("erased before exchange %d: the identity that was being linked leads to somebody", at)
		}
		return exchanges
	}
	exchanges := run(0)
	if exchanges < 3 {
		t.Errorf("an update takes %d exchanges: the test does not see its steps", exchanges)
	}
	for at := 1; at <= exchanges; at++ {
		run(at)
	}
}

// A merge that broke off after its first step is one person all the same.
func TestAHalfMergedCustomerIsErasedWhole(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *room) {
		older, younger := r.mint(t, number(t, anna)), r.mint(t, userID(t, annaID))
		older.Links = append(older.Links, younger.Links...)
		older.Scopes[webhook.Direct].Former = []masking.Handle{younger.Scopes[webhook.Direct].Handle}
		check(t, r.Update(t.Context(), older))
		check(t, r.Erase(t.Context(), older))
		if _, err := r.CustomerKey(t.Context(), acme, younger.ID); !errors.Is(err, webhook.ErrErased) {
			t.Errorf("the key of the younger record: %v, want ErrErased", err)
		}
		if f := r.find(t, userID(t, annaID)); f.Customer != nil || !f.Marked {
			t.Error("the younger record's identity is not marked")
		}
		younger.MergedInto = older.ID
		if err := r.Update(t.Context(), younger); !errors.Is(err, webhook.ErrStale) {
			t.Errorf("the merge goes on: %v, want ErrStale", err)
		}
	})
}

// The index entry of an identity can be missing: its writer crashed.
func TestAnIdentityThatTheIndexNeverHadIsMarkedToo(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *room) {
		c := r.mint(t, number(t, anna))
		entries := func() []string {
			t.Helper()
			keys, err := r.store.Client().Keys(t.Context(), "bauta:id:*").Result()
			check(t, err)
			return keys
		}
		before := entries()
		c.Links = append(c.Links, webhook.Link{Identity: userID(t, annaID), Evidence: "message", Since: born()})
		check(t, r.Update(t.Context(), c))
		for _, key := range entries() {
			if !slices.Contains(before, key) {
				check(t, r.store.Client().Del(t.Context(), key).Err())
			}
		}
		if f := r.find(t, userID(t, annaID)); f != (webhook.Found{}) {
			t.Fatal("the index has the identity")
		}
		check(t, r.Erase(t.Context(), c))
		if f := r.find(t, userID(t, annaID)); f.Customer != nil || !f.Marked {
			t.Error("the identity is not marked")
		}
	})
}

// Promise 9, towards the store: whatever of an erased customer comes first, a message,
// a redelivery of an old one, or both on two nodes, finds a marker, and they start
// hidden under a new handle.
func TestWhoeverReturnsAfterAnErasureStartsHidden(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, r *room) {
		check(t, firstContact(t, r, number(t, anna), userID(t, annaID)))
		shown := r.find(t, number(t, anna)).Customer
		if shown.Scopes[webhook.Direct].Visibility != webhook.Visible {
			t.Fatal("the customer was not visible to begin with")
		}
		check(t, r.Erase(t.Context(), shown))
		var all sync.WaitGroup
		for _, identities := range [][]masking.Identity{{number(t, anna)}, {number(t, anna), userID(t, annaID)}} {
			node := &room{Vault: vault.New(r.store, r.set, vault.Options{}), store: r.store, set: r.set, handles: r.handles}
			all.Go(func() {
				if err := firstContact(t, node, identities...); err != nil && !errors.Is(err, webhook.ErrStale) {
					t.Error(err)
				}
			})
		}
		all.Wait()
		check(t, firstContact(t, r, number(t, anna), userID(t, annaID)))
		for _, i := range []masking.Identity{number(t, anna), userID(t, annaID)} {
			back := r.find(t, i).Customer
			if back == nil || back.ID == shown.ID {
				t.Fatal("whoever returned was not minted anew")
			}
			s := back.Scopes[webhook.Direct]
			if s.Visibility != webhook.Hidden || s.Handle == shown.Scopes[webhook.Direct].Handle {
				t.Errorf("they start %s, under the old handle: %v", s.Visibility, s.Handle == shown.Scopes[webhook.Direct].Handle)
			}
		}
	})
}

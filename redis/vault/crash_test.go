package vault_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"bauta/masking"
	"bauta/redis"
	"bauta/redis/redistest"
	"bauta/redis/vault"
	"bauta/webhook"
)

// scene is something that happens to customers: what was before, and one event
// with what a pipeline does for it. The event may come again.
type scene struct {
	name   string
	before func(t *testing.T, r *room)
	event  func(t *testing.T, r *room) error
}

// firstContact mints who is unknown: visible, unless marked.
func firstContact(t *testing.T, r *room, identities ...masking.Identity) error {
	lookups := make([]webhook.Lookup, len(identities))
	for n, i := range identities {
		lookups[n] = webhook.Lookup{Business: acme, Identity: i}
	}
	found, err := r.Recall(t.Context(), lookups)
	if err != nil {
		return err
	}
	visibility := webhook.Visible
	for _, f := range found {
		if f.Customer != nil {
			return link(t, r, f.Customer, identities...)
		}
		if f.Marked {
			visibility = webhook.Hidden
		}
	}
	c := r.customer(t, identities...)
	c.Scopes[webhook.Direct].Visibility = visibility
	_, _, err = r.Mint(t.Context(), c)
	return err
}

// link adds what a customer's record does not have yet.
func link(t *testing.T, r *room, c *webhook.Customer, identities ...masking.Identity) error {
	changed := false
	for _, i := range identities {
		known := false
		for _, l := range c.Links {
			known = known || (l.Identity == i && !l.Lost)
		}
		if !known {
			c.Links = append(c.Links, webhook.Link{Identity: i, Evidence: "message", Since: born()})
			changed = true
		}
	}
	if !changed {
		return nil
	}
	return r.Update(t.Context(), c)
}

func scenes() []scene {
	return []scene{
		{
			"a first contact stays a first contact",
			func(*testing.T, *room) {},
			func(t *testing.T, r *room) error { return firstContact(t, r, number(t, anna), userID(t, annaID)) },
		},
		{
			"a returning person stays hidden",
			func(t *testing.T, r *room) {
				for _, i := range []masking.Identity{number(t, anna), userID(t, annaID)} {
					check(t, r.Point(t.Context(), acme, i, "", "x"))
				}
			},
			func(t *testing.T, r *room) error { return firstContact(t, r, number(t, anna), userID(t, annaID)) },
		},
		{
			"a user id is linked to a number",
			func(t *testing.T, r *room) { r.mint(t, number(t, anna)) },
			func(t *testing.T, r *room) error { return firstContact(t, r, number(t, anna), userID(t, annaID)) },
		},
		{
			"a number moves to another customer",
			func(t *testing.T, r *room) {
				r.mint(t, number(t, anna), userID(t, annaID))
				r.mint(t, userID(t, brunID))
			},
			func(t *testing.T, r *room) error {
				a, b := r.lookup(t, userID(t, annaID)), r.lookup(t, userID(t, brunID))
				if a == nil || b == nil {
					return redistest.ErrCut
				}
				if !a.Links[0].Lost {
					a.Links[0].Lost, a.Links[0].Ended = true, born()
					if err := r.Update(t.Context(), a); err != nil {
						return err
					}
				}
				return firstContact(t, r, userID(t, brunID), number(t, anna))
			},
		},
		{
			"two records become one",
			func(t *testing.T, r *room) {
				r.mint(t, number(t, anna))
				r.mint(t, userID(t, annaID))
			},
			func(t *testing.T, r *room) error {
				older, younger := r.lookup(t, number(t, anna)), r.lookup(t, userID(t, annaID))
				if older == nil || younger == nil {
					return redistest.ErrCut
				}
				if older.ID == younger.ID {
					return nil
				}
				if err := link(t, r, older, userID(t, annaID)); err != nil {
					return err
				}
				younger.MergedInto = older.ID
				return r.Update(t.Context(), younger)
			},
		},
	}
}

// lookup is find for steps that may be broken.
func (r *room) lookup(t *testing.T, i masking.Identity) *webhook.Customer {
	found, err := r.Recall(t.Context(), []webhook.Lookup{{Business: acme, Identity: i}})
	if err != nil {
		return nil
	}
	return found[0].Customer
}

// outcome is what may be compared between runs: who is found under what and
// how they stand, without what is drawn at random.
func outcome(t *testing.T, r *room) []string {
	t.Helper()
	names := map[string]int{}
	var out []string
	for n, i := range []masking.Identity{number(t, anna), userID(t, annaID), userID(t, brunID)} {
		f := r.find(t, i)
		if f.Customer == nil {
			out = append(out, fmt.Sprintf("identity %d: nobody, marked %v", n, f.Marked))
			continue
		}
		if _, seen := names[f.Customer.ID]; !seen {
			names[f.Customer.ID] = len(names) + 1
		}
		s := f.Customer.Scopes[webhook.Direct]
		byHandle, err := r.ByHandle(t.Context(), acme, s.Handle.Key())
		out = append(out, fmt.Sprintf("identity %d: customer %d, %s, %d links, marked %v, handle leads back %v",
			n, names[f.Customer.ID], s.Visibility, len(f.Customer.Links), f.Marked, err == nil && byHandle.ID == f.Customer.ID))
	}
	return out
}

func TestARedeliveryCompletesWhatACrashLeft(t *testing.T) {
	t.Parallel()
	for _, s := range scenes() {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			fault := &redistest.Fault{}
			run := func(at int, unsent bool) (got []string, exchanges int, broken error) {
				store := redistest.Embedded(t, redis.Options{Hooks: hooks(fault)})
				r := newRoom(t, store, vault.Options{})
				s.before(t, r)
				fault.Arm(at, unsent)
				broken = s.event(t, r)
				exchanges = fault.Count()
				fault.Arm(0, false)
				if broken != nil {
					check(t, s.event(t, r))
				}
				got = outcome(t, r)
				_ = store.Close()
				return got, exchanges, broken
			}
			want, exchanges, err := run(0, false)
			if err != nil || exchanges < 4 {
				t.Fatalf("undisturbed: %d exchanges, error %v", exchanges, err)
			}
			for at := 1; at <= exchanges; at++ {
				for _, unsent := range []bool{true, false} {
					got, _, broken := run(at, unsent)
					if broken == nil {
						t.Errorf("exchange %d was broken (unsent %v) and nobody noticed", at, unsent)
					}
					if diff := cmp.Diff(want, got); diff != "" {
						t.Errorf("broken at exchange %d (unsent %v), redelivered: %s", at, unsent, diff)
					}
				}
			}
		})
	}
}

// Whether a record was written is not known when its reply is lost: the handles
// that may stand in it must lead back all the same.
func TestAHandleLeadsBackHoweverItsWritingBroke(t *testing.T) {
	t.Parallel()
	const group = "Y2FwaV9ncm91cDox"
	fault := &redistest.Fault{}
	joins := func(r *room) error {
		c := r.lookup(t, number(t, anna))
		if c == nil || c.Scopes[group] != nil {
			return nil
		}
		c.Scopes[group] = &webhook.Standing{Handle: r.handle(t), Visibility: webhook.Hidden}
		return r.Update(t.Context(), c)
	}
	exchanges := 1
	for at := 0; at <= exchanges; at++ {
		for _, unsent := range []bool{true, false} {
			r := newRoom(t, redistest.Embedded(t, redis.Options{Hooks: hooks(fault)}), vault.Options{})
			r.mint(t, number(t, anna))
			fault.Arm(at, unsent)
			_ = joins(r)
			exchanges = max(exchanges, fault.Count())
			fault.Arm(0, false)
			check(t, joins(r))
			c := r.lookup(t, number(t, anna))
			if c == nil || c.Scopes[group] == nil {
				t.Fatalf("broken at exchange %d (unsent %v): no standing in the group", at, unsent)
			}
			if found, err := r.ByHandle(t.Context(), acme, c.Scopes[group].Handle.Key()); err != nil || found.ID != c.ID {
				t.Errorf("broken at exchange %d (unsent %v): the handle does not lead back: %v", at, unsent, err)
			}
		}
	}
}

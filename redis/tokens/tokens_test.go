package tokens_test

import (
	"errors"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"bauta/redis"
	"bauta/redis/redistest"
	"bauta/redis/tokens"
	"bauta/webhook"
	"bauta/webhook/access"
)

// issued is the time of these tests.
func issued() time.Time { return time.Date(2026, 9, 10, 8, 0, 0, 0, time.UTC) }

func grant(id string, life time.Duration) webhook.Grant {
	return webhook.Grant{
		ID: id, Business: "acme", Scopes: []string{"messages", "media"}, Label: "the CRM",
		Issued: issued(), Expires: issued().Add(life),
	}
}

// registry is a store with one node's tokens on it.
type registry struct {
	*testing.T
	store *redis.Store
	node  *tokens.Tokens
}

func each(t *testing.T, test func(r *registry)) {
	t.Helper()
	redistest.Each(t, func(t *testing.T, store *redis.Store) {
		t.Helper()
		node := tokens.New(store)
		var _ access.Registry = node
		test(&registry{T: t, store: store, node: node})
	})
}

func (r *registry) add(grants ...webhook.Grant) {
	r.Helper()
	for _, g := range grants {
		if err := r.node.Add(r.Context(), g); err != nil {
			r.Fatalf("add: %v", err)
		}
	}
}

func (r *registry) known(business, id string) bool {
	r.Helper()
	known, err := tokens.New(r.store).Known(r.Context(), business, id)
	if err != nil {
		r.Fatalf("known: %v", err)
	}
	return known
}

func (r *registry) lists(at time.Time, want ...webhook.Grant) {
	r.Helper()
	got, err := r.node.List(r.Context(), "acme", at)
	if err != nil {
		r.Fatalf("list: %v", err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		r.Errorf("list (-want +got):\n%s", diff)
	}
}

func TestATokenIsKnownToItsBusinessOnly(t *testing.T) {
	t.Parallel()
	each(t, func(r *registry) {
		if r.known("acme", "one") {
			r.Error("known before it was added")
		}
		r.lists(issued())
		r.add(grant("one", time.Hour))
		if !r.known("acme", "one") {
			r.Error("not known")
		}
		if r.known("acme", "two") || r.known("other", "one") || r.known("acme", "") {
			r.Error("another token, or another business's, is known")
		}
		r.lists(issued(), grant("one", time.Hour))
	})
}

func TestARevokedTokenIsUnknownEverywhere(t *testing.T) {
	t.Parallel()
	each(t, func(r *registry) {
		r.add(grant("one", time.Hour), grant("two", time.Hour))
		for _, row := range []struct {
			name, business, id string
			want               bool
		}{
			{"of another business", "other", "one", false},
			{"that was never there", "acme", "three", false},
			{"that is in force", "acme", "one", true},
			{"that was revoked", "acme", "one", false},
		} {
			if got, err := r.node.Revoke(r.Context(), row.business, row.id); got != row.want || err != nil {
				r.Errorf("revoke one %s: %v, %v", row.name, got, err)
			}
		}
		if r.known("acme", "one") || !r.known("acme", "two") {
			r.Error("the wrong one was revoked")
		}
		r.lists(issued(), grant("two", time.Hour))
	})
}

func TestTheListIsInTheOrderOfIssueAndLeavesTheExpiredOut(t *testing.T) {
	t.Parallel()
	each(t, func(r *registry) {
		late := grant("a", 3*time.Hour)
		late.Issued = late.Issued.Add(time.Minute)
		plain := grant("m", 2*time.Hour)
		plain.Label = ""
		r.add(late, grant("z", time.Hour), plain, grant("b", 2*time.Hour))
		r.lists(issued(), grant("b", 2*time.Hour), plain, grant("z", time.Hour), late)
		r.lists(issued().Add(time.Hour-time.Second), grant("b", 2*time.Hour), plain, grant("z", time.Hour), late)
		r.lists(issued().Add(time.Hour), grant("b", 2*time.Hour), plain, late)
		r.lists(issued().Add(3 * time.Hour))
	})
}

func TestWhatExpiredGoesWithTheNextOne(t *testing.T) {
	t.Parallel()
	each(t, func(r *registry) {
		r.add(grant("one", time.Hour), grant("two", time.Hour+time.Second))
		next := grant("three", 5*time.Hour)
		next.Issued = issued().Add(time.Hour)
		r.add(next)
		if r.known("acme", "one") || !r.known("acme", "two") || !r.known("acme", "three") {
			r.Error("want the second and the third")
		}
	})
}

func TestTheHashGoesADayAfterItsLastToken(t *testing.T) {
	t.Parallel()
	each(t, func(r *registry) {
		left := func() time.Duration {
			ms, err := r.store.Do(r.Context(), redis.Command("PTTL", r.store.Keys().Tokens("acme"))).Int()
			if err != nil {
				r.Fatal(err)
			}
			return time.Duration(ms) * time.Millisecond
		}
		for _, row := range []struct {
			name       string
			life, want time.Duration
		}{
			{"the first", 2 * time.Hour, 26 * time.Hour},
			{"a shorter one", time.Hour, 26 * time.Hour},
			{"a longer one", 100 * 24 * time.Hour, 101 * 24 * time.Hour},
		} {
			r.add(grant(row.name, row.life))
			if got := left(); got > row.want || got < row.want-time.Minute {
				r.Errorf("after %s: kept for %s, want %s", row.name, got, row.want)
			}
		}
	})
}

func TestWhatIsKeptIsTheGrantAndNoToken(t *testing.T) {
	t.Parallel()
	each(t, func(r *registry) {
		r.add(grant("one", time.Hour))
		all, err := r.store.Do(r.Context(), redis.Command("HGETALL", "bauta:tokens:acme")).List()
		if err != nil {
			r.Fatal(err)
		}
		want := []any{"one", `{"scopes":["messages","media"],"label":"the CRM","issued":1789027200,"expires":1789030800}`}
		if diff := cmp.Diff(want, all); diff != "" {
			r.Errorf("kept (-want +got):\n%s", diff)
		}
	})
}

func TestAnEntryThatCannotBeReadIsSaidAndHindersNothing(t *testing.T) {
	t.Parallel()
	each(t, func(r *registry) {
		for id, text := range map[string]string{"text": "nonsense", "null": "null", "number": "1", "list": `[]`, "object": "{}", "oddtime": `{"expires":"x"}`} {
			if err := r.store.Do(r.Context(), redis.Command("HSET", r.store.Keys().Tokens("acme"), id, text)).Err; err != nil {
				r.Fatal(err)
			}
		}
		r.add(grant("one", time.Hour))
		got, err := r.node.List(r.Context(), "acme", issued())
		if diff := cmp.Diff([]webhook.Grant{grant("one", time.Hour)}, got); diff != "" {
			r.Errorf("list (-want +got):\n%s", diff)
		}
		if !errors.Is(err, redis.ErrRefused) {
			r.Fatalf("error %v, want ErrRefused", err)
		}
		for _, id := range []string{"text", "null", "number", "list", "object", "oddtime"} {
			if !strings.Contains(err.Error(), "the token "+id+" of acme cannot be read: revoke it") {
				r.Errorf("%s is not named: %v", id, err)
			}
			if ok, err := r.node.Revoke(r.Context(), "acme", id); !ok || err != nil {
				r.Errorf("revoke %s: %v, %v", id, ok, err)
			}
		}
		r.lists(issued(), grant("one", time.Hour))
	})
}

// A write that is answered is in a replica; a look-up waits for none.
func TestWritesWaitForTheAcknowledgement(t *testing.T) {
	t.Parallel()
	master := redistest.Standalone(t, "--repl-diskless-sync-delay", "0")
	host, port, err := net.SplitHostPort(master.Address)
	if err != nil {
		t.Fatal(err)
	}
	replica := redistest.Standalone(t, "--replicaof", host+" "+port)
	node := tokens.New(master.Open(t, redis.Options{Acknowledge: redis.Replica, AcknowledgeTimeout: 200 * time.Millisecond}))
	if err := node.Add(t.Context(), grant("one", time.Hour)); err != nil {
		t.Fatal(err)
	}
	if there, err := replica.Client.HExists(t.Context(), "bauta:tokens:acme", "one").Result(); !there || err != nil {
		t.Errorf("the replica does not have it (%v)", err)
	}
	replica.Stop()
	if known, err := node.Known(t.Context(), "acme", "one"); !known || err != nil {
		t.Errorf("known without a replica: %v, %v", known, err)
	}
	if err := node.Add(t.Context(), grant("two", time.Hour)); !errors.Is(err, redis.ErrUnavailable) {
		t.Errorf("add without a replica: %v, want ErrUnavailable", err)
	}
	if ok, err := node.Revoke(t.Context(), "acme", "one"); ok || !errors.Is(err, redis.ErrUnavailable) {
		t.Errorf("revoke without a replica: %v, %v, want ErrUnavailable", ok, err)
	}
}

func TestEveryStepIsOneRoundTrip(t *testing.T) {
	t.Parallel()
	var trips redistest.Fault
	store := redistest.Embedded(t, redis.Options{})
	store.Client().AddHook(&trips)
	node := tokens.New(store)
	if err := node.Add(t.Context(), grant("one", time.Hour)); err != nil { // the script becomes known
		t.Fatal(err)
	}
	steps := map[string]func() error{
		"add":    func() error { return node.Add(t.Context(), grant("two", time.Hour)) },
		"known":  func() error { _, err := node.Known(t.Context(), "acme", "one"); return err },
		"list":   func() error { _, err := node.List(t.Context(), "acme", issued()); return err },
		"revoke": func() error { _, err := node.Revoke(t.Context(), "acme", "one"); return err },
	}
	for name, step := range steps {
		trips.Arm(0, false)
		if err := step(); err != nil || trips.Count() != 1 {
			t.Errorf("%s: %d round trips, %v", name, trips.Count(), err)
		}
		trips.Arm(1, true)
		if err := step(); !errors.Is(err, redis.ErrUnavailable) {
			t.Errorf("%s without a connection: %v, want ErrUnavailable", name, err)
		}
	}
}

func TestTheScriptTouchesOnlyItsDeclaredKey(t *testing.T) {
	t.Parallel()
	redistest.DeclaredKeysOnly(t, tokens.Source())
}

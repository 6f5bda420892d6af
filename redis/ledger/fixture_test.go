package ledger_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"bauta/masking/keys"
	"bauta/masking/sharing"
	"bauta/redis"
	"bauta/redis/ledger"
	"bauta/redis/redistest"
	"bauta/redis/vault"
	"bauta/webhook"
)

const acme = "acme"

// room is a store with ledgers in it. Its nodes share the key set.
type room struct {
	*testing.T
	store  *redis.Store
	set    *keys.Set
	signer *sharing.Signer
	*ledger.Ledger
}

func ring(t testing.TB) *keys.Set {
	t.Helper()
	set, err := keys.Generate()
	if err != nil {
		t.Fatal(err)
	}
	return set
}

func newRoom(t *testing.T, store *redis.Store) *room {
	t.Helper()
	set := ring(t)
	r := &room{T: t, store: store, set: set, signer: sharing.NewSigner(set), Ledger: nodeOf(store, set)}
	var _ webhook.Ledger = r.Ledger
	return r
}

// nodeOf is a program on a store.
func nodeOf(store *redis.Store, set *keys.Set) *ledger.Ledger {
	return ledger.New(ledger.Options{
		Store: store, Keys: vault.New(store, set, vault.Options{}), Signer: sharing.NewSigner(set), PRF: set,
	})
}

func each(t *testing.T, test func(r *room)) {
	t.Helper()
	redistest.Each(t, func(t *testing.T, store *redis.Store) {
		t.Helper()
		test(newRoom(t, store))
	})
}

// noon is when the first line is from; each is from a minute after the one before.
func noon() time.Time { return time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC) }

func line(n int) sharing.Line {
	return sharing.Line{
		ID: fmt.Sprintf("act_%d", n), At: noon().Add(time.Duration(n) * time.Minute), Type: sharing.LineShared,
		Handle: "IT.9041174520836617350284", Scope: "direct", By: "customer", Action: "bauta_button",
		Question: "mUY0Pz3bF5bq2n1X", WordedBy: "bauta", Language: "it", Version: "1",
		TextHash: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
	}
}

func lines(from, to int) []sharing.Line {
	var out []sharing.Line
	for n := from; n < to; n++ {
		out = append(out, line(n))
	}
	return out
}

func (r *room) add(lines ...sharing.Line) sharing.Head {
	r.Helper()
	head, err := r.Append(r.Context(), acme, lines)
	if err != nil {
		r.Fatalf("append: %v", err)
	}
	return head
}

// whole reads the ledger and fails unless it verifies.
func (r *room) whole() []ledger.Entry {
	r.Helper()
	report, err := r.Verify(r.Context(), acme, nil)
	if err != nil || report.Fault != nil {
		r.Fatalf("verify: %v %v", report.Fault, err)
	}
	var out []ledger.Entry
	after := int64(0)
	for {
		page, err := r.Page(r.Context(), acme, after, 100)
		if err != nil {
			r.Fatalf("page: %v", err)
		}
		if len(page) == 0 {
			return out
		}
		out, after = append(out, page...), page[len(page)-1].Seq
	}
}

func ids(entries []ledger.Entry) []string {
	var out []string
	for _, e := range entries {
		out = append(out, e.Line.ID)
	}
	return out
}

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// stolen gives a data key of another key set.
type stolen struct{ set *keys.Set }

func (s stolen) BusinessKey(_ context.Context, business string) (webhook.DataKey, error) {
	key, _, err := s.set.NewDataKey([]byte(business))
	return key, err
}

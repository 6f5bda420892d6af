package access_test

import (
	"context"
	"testing"
	"time"

	"bauta/masking/keys"
	"bauta/redis"
	"bauta/redis/redistest"
	"bauta/redis/tokens"
	"bauta/webhook"
	"bauta/webhook/access"
)

// everything is a registry that costs nothing: what is measured is the check.
type everything struct{}

func (everything) Add(context.Context, webhook.Grant) error { return nil }

func (everything) Known(context.Context, string, string) (bool, error) { return true, nil }

func BenchmarkCheck(b *testing.B) {
	set, err := keys.Generate()
	if err != nil {
		b.Fatal(err)
	}
	issue := func(b *testing.B, registry access.Registry) (*access.Tokens, string) {
		b.Helper()
		t := access.New(access.Options{Keys: set, Registry: registry})
		token, _, err := t.Issue(b.Context(), webhook.Grant{Business: "acme", Scopes: access.Families(), Expires: time.Now().Add(time.Hour)})
		if err != nil {
			b.Fatal(err)
		}
		return t, token
	}
	check := func(b *testing.B, t *access.Tokens, token string, want error) {
		b.Helper()
		b.ReportAllocs()
		for b.Loop() {
			if _, err := t.Check(b.Context(), token); err != want { //nolint:errorlint // it is never wrapped
				b.Fatal(err)
			}
		}
	}
	b.Run("seen before", func(b *testing.B) {
		t, token := issue(b, everything{})
		check(b, t, token, nil)
	})
	b.Run("for the first time", func(b *testing.B) {
		_, token := issue(b, everything{})
		b.ReportAllocs()
		for b.Loop() {
			b.StopTimer()
			t := access.New(access.Options{Keys: set, Registry: everything{}})
			b.StartTimer()
			if _, err := t.Check(b.Context(), token); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("forged", func(b *testing.B) {
		t, token := issue(b, everything{})
		check(b, t, token[:len(token)-4]+"AAAA", access.ErrInvalid)
	})
	b.Run("seen before, with Redis", func(b *testing.B) {
		t, token := issue(b, tokens.New(redistest.Standalone(b).Open(b, redis.Options{})))
		check(b, t, token, nil)
	})
}

func BenchmarkLimiter(b *testing.B) {
	l, g := access.NewLimiter(access.Limits{TokenRate: 1e12, TokenBurst: 1 << 30}), webhook.Grant{ID: "one"}
	b.ReportAllocs()
	for b.Loop() {
		if !l.Token(g) {
			b.Fatal("limited")
		}
	}
}

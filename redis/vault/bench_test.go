package vault_test

import (
	"fmt"
	"testing"

	"bauta/masking"
	"bauta/redis"
	"bauta/redis/redistest"
	"bauta/redis/vault"
	"bauta/webhook"
)

func benchRoom(b *testing.B) *room {
	b.Helper()
	return newRoom(b, redistest.Standalone(b).Open(b, redis.Options{}), vault.Options{})
}

func BenchmarkRecall(b *testing.B) {
	for _, size := range []int{1, 200} {
		b.Run(fmt.Sprintf("%d identities", size), func(b *testing.B) {
			r := benchRoom(b)
			lookups := make([]webhook.Lookup, size)
			for i := range lookups {
				n := number(b, fmt.Sprintf("3933312%05d", i))
				r.mint(b, n)
				lookups[i] = webhook.Lookup{Business: acme, Identity: n}
			}
			b.ReportAllocs()
			b.ResetTimer()
			for b.Loop() {
				found, err := r.Recall(b.Context(), lookups)
				if err != nil || found[size-1].Customer == nil {
					b.Fatal("recall", err)
				}
			}
		})
	}
}

func BenchmarkMint(b *testing.B) {
	r := benchRoom(b)
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		identities := []masking.Identity{number(b, fmt.Sprintf("3933%08d", i)), userID(b, fmt.Sprintf("IT.77%018d", i))}
		if _, first, err := r.Mint(b.Context(), r.customer(b, identities...)); err != nil || !first {
			b.Fatal("mint", first, err)
		}
		i++
	}
}

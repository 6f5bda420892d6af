package redis_test

import (
	"testing"

	"bauta/redis"
	"bauta/webhook"
)

func TestKeysOfTheWayBackAreThoseOfTheTable(t *testing.T) {
	t.Parallel()
	k := redis.NewKeys(256)
	// FNV-1a (32 bits) of acme:uploaded, modulo 256, computed apart from this program.
	const shard = 0xdd779363 % 256
	rows := []struct{ name, got, want string }{
		{"a roll's first part", k.Roll("acme", webhook.UploadedMedia, 688, 0), "bauta:{099}:r:acme:uploaded:688:0"},
		{"its next part lies in the next shard", k.Roll("acme", webhook.UploadedMedia, 688, 1), "bauta:{100}:r:acme:uploaded:688:1"},
		{"after the last shard comes the first", k.Roll("acme", webhook.UploadedMedia, 688, 256-shard), "bauta:{000}:r:acme:uploaded:688:157"},
		{"idempotency", k.Idempotency("acme", "prf"), "bauta:idem:acme:prf"},
	}
	for _, row := range rows {
		if row.got != row.want {
			t.Errorf("%s: %s, want %s", row.name, row.got, row.want)
		}
	}
}

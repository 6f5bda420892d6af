package redis_test

import (
	"testing"

	"bauta/redis"
)

// The name is that of the table in redis/KEYS.md.
func TestTheKeyOfTokensIsThatOfTheTable(t *testing.T) {
	t.Parallel()
	if got := redis.NewKeys(256).Tokens("acme"); got != "bauta:tokens:acme" {
		t.Errorf("%s, want bauta:tokens:acme", got)
	}
}

package redis_test

import (
	"testing"

	"bauta/redis"
)

func TestKeysOfLedgerAndAuditAreThoseOfTheTable(t *testing.T) {
	t.Parallel()
	k := redis.NewKeys(256)
	// FNV-1a (32 bits) of ledger:acme and audit:acme, modulo 256, computed apart from
	// this program: 52 and 200. Day 20779 lies 20779 shards further.
	rows := []struct{ name, got, want string }{
		{"the lines", k.Ledger("acme"), "bauta:{052}:ledger:acme"},
		{"the head lies in their slot", k.LedgerHead("acme"), "bauta:{052}:ledgerhead:acme"},
		{"so do the ids", k.LedgerIDs("acme", 64), "bauta:{052}:ledgerids:acme:64"},
		{"and erasures that are under way", k.Erasures("acme"), "bauta:{052}:erasures:acme"},
		{"a day", k.Audit("acme", 20779), "bauta:{243}:audit:acme:20779"},
		{"the next day lies in the next shard", k.Audit("acme", 20780), "bauta:{244}:audit:acme:20780"},
		{"the list of days", k.Audits("acme"), "bauta:{200}:audits:acme"},
	}
	for _, row := range rows {
		if row.got != row.want {
			t.Errorf("%s: %s, want %s", row.name, row.got, row.want)
		}
	}
}

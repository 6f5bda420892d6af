package redis_test

import (
	"testing"

	"bauta/redis"
	"bauta/webhook"
)

// The names are those of the table in ARCHITECTURE.md. The id AQID... begins
// with the bytes 1 and 2: 258 modulo 256 is 2.
func TestKeysAreThoseOfTheTable(t *testing.T) {
	t.Parallel()
	k := redis.NewKeys(256)
	const id = "AQIDBAUGBwgJCgsMDQ4PEA"
	lane := webhook.Lane{Business: "acme", Endpoint: "crm", Conversation: id}
	rows := []struct{ name, got, want string }{
		{"identity", k.Identity("acme", "prf"), "bauta:id:acme:prf"},
		{"handle", k.Handle("acme", "0123456789"), "bauta:handle:acme:0123456789"},
		{"ad", k.Ad("acme", "120"), "bauta:ad:acme:120"},
		{"business", k.Business("acme"), "bauta:business:acme"},
		{"endpoint", k.Endpoint("acme", "crm"), "bauta:endpoint:acme:crm"},
		{"customer", k.Customer("acme", id), "bauta:{002}:c:acme:" + id},
		{"seen", k.Seen("acme", id, 2931), "bauta:{002}:s:acme:" + id + ":2931"},
		{"forms", k.Forms("acme", id, 7), "bauta:{002}:m:acme:" + id + ":7"},
		{"lane", k.Lane(lane), "bauta:{002}:l:acme:crm:" + id},
		{"head", k.Head(lane), "bauta:{002}:h:acme:crm:" + id},
		{"due", k.Due(7, "acme", "crm"), "bauta:{007}:due:acme:crm"},
		{"ends", k.Ends(255), "bauta:{255}:ends"},
		{"held", k.Held(7, "acme", "h1"), "bauta:{007}:held:acme:h1"},
		{"held events", k.Helds(7, "acme"), "bauta:{007}:helds:acme"},
		{"dead letter", k.Dead(7, "acme", "crm", "d1"), "bauta:{007}:dead:acme:crm:d1"},
		{"dead letters", k.Deads(7, "acme", "crm"), "bauta:{007}:deads:acme:crm"},
		{"counters", k.Counts(7, "acme", 498000), "bauta:{007}:n:acme:498000"},
	}
	for _, row := range rows {
		if row.got != row.want {
			t.Errorf("%s: %s, want %s", row.name, row.got, row.want)
		}
	}
	if got := redis.NewKeys(2000).Ends(1999); got != "bauta:{1999}:ends" {
		t.Errorf("the last of 2000 shards: %s", got)
	}
}

func TestShardsStayWhereTheyAre(t *testing.T) {
	t.Parallel()
	k := redis.NewKeys(256)
	if a, b := k.Shard("w:102290129340398:messages"), k.Shard("w:102290129340398:flows"); a != b {
		t.Errorf("two fields of one WABA are in shards %d and %d", a, b)
	}
	rows := []struct {
		name string
		conv webhook.Conversation
		want int
	}{
		// FNV-1a (32 bits) of the text, modulo 256, computed apart from this program.
		{"a group", "g:Y2FwaV9ncm91cDox", 0x6f},
		{"a customer", "_wEDBAUGBwgJCgsMDQ4PEA", 0xff01 % 256},
	}
	for _, row := range rows {
		if got := k.Shard(row.conv); got != row.want {
			t.Errorf("%s: shard %d, want %d", row.name, got, row.want)
		}
	}
	for _, odd := range []webhook.Conversation{"", "g:", "w:", "x", "****", "w:nocolon"} {
		if s := k.Shard(odd); s < 0 || s > 255 {
			t.Errorf("%q is in shard %d", odd, s)
		}
	}
	if redis.NewKeys(0).Shards() != 1 {
		t.Error("no shard at all")
	}
}

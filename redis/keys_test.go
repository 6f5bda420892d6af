package redis_test

import (
	"crypto/sha256"
	"encoding/base64"
	"math"
	"strconv"
	"testing"

	"bauta/redis"
	"bauta/redis/redistest"
	"bauta/webhook"
)

// The names are those of the table in redis/KEYS.md. The id AQID... begins
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
		{"accounts", k.Accounts(), "bauta:accounts"},
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

// spread is Pearson's statistic of how evenly shards are met, for as many degrees of
// freedom as there are shards less one: about that number, give or take 23 for 256.
func spread(met []int) (statistic float64) {
	all := 0
	for _, n := range met {
		all += n
	}
	even := float64(all) / float64(len(met))
	for _, n := range met {
		statistic += (float64(n) - even) * (float64(n) - even) / even
	}
	return statistic
}

// The inputs are fixed, so that the statistic is too: within five standard deviations
// (the square root of twice the degrees of freedom) of what chance leads to, above.
// Customer ids are random bytes; here those of a counter's digest.
func TestKeysAreSpreadEvenly(t *testing.T) {
	t.Parallel()
	const many = 200_000
	for _, shards := range []int{16, 100, 256, 1000} {
		k := redis.NewKeys(shards)
		names := map[string]func(i int) webhook.Conversation{
			"customers": func(i int) webhook.Conversation {
				sum := sha256.Sum256([]byte(strconv.Itoa(i)))
				return webhook.Conversation(base64.RawURLEncoding.EncodeToString(sum[:16]))
			},
			"groups with ids as the platform's": func(i int) webhook.Conversation {
				return webhook.Conversation("g:" + base64.StdEncoding.EncodeToString([]byte("capi_group:"+strconv.Itoa(i))))
			},
			"accounts": func(i int) webhook.Conversation {
				return webhook.Conversation("w:" + strconv.Itoa(102290129340398+i*7919) + ":account_update")
			},
		}
		for name, of := range names {
			met := make([]int, shards)
			for i := range many {
				met[k.Shard(of(i))]++
			}
			free := float64(shards - 1)
			if x := spread(met); x > free+5*math.Sqrt(2*free) {
				t.Errorf("%s over %d shards: a statistic of %.0f, want about %.0f", name, shards, x, free)
			}
		}
	}
}

// Shards are hash tags; a cluster's masters own ranges of slots. However many masters
// there are, shards are spread over them as by chance.
func TestShardsAreSpreadOverMasters(t *testing.T) {
	t.Parallel()
	server, k := redistest.Cluster(t), redis.NewKeys(256)
	slots := map[int64]bool{}
	for _, masters := range []int64{3, 6, 12} {
		met := make([]int, masters)
		for shard := range k.Shards() {
			slot, err := server.Client.ClusterKeySlot(t.Context(), k.Ends(shard)).Result()
			if err != nil {
				t.Fatal(err)
			}
			slots[slot] = true
			met[slot*masters/16384]++
		}
		if x, free := spread(met), float64(masters-1); x > free+5*math.Sqrt(2*free) {
			t.Errorf("%d masters have %v shards: a statistic of %.1f, want about %.0f", masters, met, x, free)
		}
	}
	if len(slots) < 250 {
		t.Errorf("256 shards are in %d slots", len(slots))
	}
}

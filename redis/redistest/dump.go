package redistest

import (
	"fmt"
	"testing"
)

// Dump returns every key and every value of a server as text, one after the
// other, for tests of what must not be there.
func (s *Server) Dump(t testing.TB) map[string]string {
	t.Helper()
	ctx := t.Context()
	out := map[string]string{}
	scan := s.Client.Scan(ctx, 0, "*", 1000).Iterator()
	for scan.Next(ctx) {
		key := scan.Val()
		kind, err := s.Client.Type(ctx, key).Result()
		if err != nil {
			t.Fatal(err)
		}
		var value any
		switch kind {
		case "string":
			value, err = s.Client.Get(ctx, key).Result()
		case "hash":
			value, err = s.Client.HGetAll(ctx, key).Result()
		case "list":
			value, err = s.Client.LRange(ctx, key, 0, -1).Result()
		case "set":
			value, err = s.Client.SMembers(ctx, key).Result()
		case "zset":
			value, err = s.Client.ZRangeWithScores(ctx, key, 0, -1).Result()
		default:
			t.Fatalf("key %s has type %s, which this dump does not know", key, kind)
		}
		if err != nil {
			t.Fatal(err)
		}
		out[key] = fmt.Sprint(value)
	}
	if err := scan.Err(); err != nil {
		t.Fatal(err)
	}
	return out
}

package redistest_test

import (
	"testing"

	"bauta/redis/redistest"
)

func TestUndeclaredKeys(t *testing.T) {
	t.Parallel()
	rows := []struct {
		name   string
		source string
		fault  bool
	}{
		{"a declared key passes", `return redis.call('GET', KEYS[1])`, false},
		{"a local that is a declared key passes", "local k = KEYS[2]\nredis.call('DEL', k)", false},
		{"a loop over the declared keys passes", "for i, k in ipairs(KEYS) do redis.call('DEL', k) end", false},
		{"time has no key", `return redis.call('TIME')`, false},
		{"a computed declared key passes", `redis.call('GET', KEYS[i + 1])`, false},
		{"a key from the arguments is found", `return redis.call('GET', ARGV[1])`, true},
		{"a key made of text is found", `return redis.call('GET', 'bauta:' .. ARGV[1])`, true},
		{"a local that is sometimes no key is found", "local k = KEYS[1]\nk = ARGV[1]\nredis.call('GET', k)", true},
		{"a command that is not a literal is found", `redis.call(ARGV[1], KEYS[1])`, true},
		{"pcall is found", `redis.pcall('GET', KEYS[1])`, true},
		{"a key named in a comment does not count", "-- KEYS[1]\nredis.call('GET', k)", true},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			faults := redistest.UndeclaredKeys(row.source)
			if (len(faults) > 0) != row.fault {
				t.Errorf("faults %q, want some: %v", faults, row.fault)
			}
		})
	}
}

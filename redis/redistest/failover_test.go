package redistest_test

import (
	"testing"

	"bauta/redis/redistest"
)

// A master that dies is replaced, and comes back as a replica, more than once.
func TestAMasterIsReplaced(t *testing.T) {
	t.Parallel()
	for name, start := range map[string]func(testing.TB, ...string) *redistest.Set{"Sentinel": redistest.Sentinel, "Cluster": redistest.Masters} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			set := start(t)
			for range 2 {
				before := set.Master(t.Context())
				set.Failover(t)
				if after := set.Master(t.Context()); after == nil || name == "Sentinel" && after == before {
					t.Error("nobody took the master's place")
				}
			}
		})
	}
}

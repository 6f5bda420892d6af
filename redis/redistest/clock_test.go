package redistest_test

import (
	"testing"
	"time"

	"bauta/redis/redistest"
)

// The server's clock is where it was set to, and the server lives on.
func TestAServersClockIsMoved(t *testing.T) {
	t.Parallel()
	server, clock := redistest.Timed(t)
	for _, after := range []time.Duration{0, time.Hour, -time.Hour, 8 * 24 * time.Hour} {
		clock.Set(t, after)
		told, err := server.Client.Time(t.Context()).Result()
		if err != nil {
			t.Fatal(err)
		}
		if off := time.Until(told) - after; off < -time.Minute || off > time.Minute {
			t.Errorf("the clock is %s from where it was set to, %s", off, after)
		}
	}
}

// A server that is killed comes back at its address with what is on its disk.
func TestAServerThatIsKilledComesBack(t *testing.T) {
	t.Parallel()
	server := redistest.Standalone(t, "--appendonly", "yes", "--appendfsync", "always")
	if err := server.Client.Set(t.Context(), "here", "still", 0).Err(); err != nil {
		t.Fatal(err)
	}
	server.Kill()
	if err := server.Client.Ping(t.Context()).Err(); err == nil {
		t.Error("a killed server answers")
	}
	server.Start(t)
	if got := server.Client.Get(t.Context(), "here").Val(); got != "still" {
		t.Errorf("after the kill: %q", got)
	}
}

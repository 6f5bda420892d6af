// Package embedded is a store inside this process, for the demo, the mask
// command and unit tests: nothing to install, and gone when the process ends.
package embedded

import (
	"context"
	"fmt"
	"net"

	"github.com/alicebob/miniredis/v2"

	"bauta/redis"
)

// Open starts the server inside the process and opens a store on it; both end
// with the store's Close. Nothing listens on a port. Its clock is the real one,
// so that periods run out. It says in the log that nothing is kept. URL,
// Acknowledge and WaitOnStart of the options are not used.
func Open(ctx context.Context, o redis.Options) (*redis.Store, error) {
	server := miniredis.NewMiniRedis()
	server.ClockTTL(true)
	o.URL = "redis://embedded:6379"
	o.Embedded = true
	o.Acknowledge = redis.Memory
	o.OnClose = server.Close
	o.Dial = func(context.Context, string, string) (net.Conn, error) { return server.Dial() }
	s, err := redis.Open(ctx, o)
	if err != nil {
		return nil, fmt.Errorf("open the embedded store: %w", err)
	}
	s.Logger().WarnContext(ctx, "embedded store: everything is in memory and lost when this process ends; not for production")
	return s, nil
}

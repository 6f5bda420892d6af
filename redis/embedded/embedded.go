// Package embedded is a store inside this process, for the demo, the mask
// command and unit tests: nothing to install, and gone when the process ends.
package embedded

import (
	"context"
	"crypto/rand"
	"fmt"

	"github.com/alicebob/miniredis/v2"

	"bauta/redis"
)

// Open starts the server inside the process and opens a store on it; both end
// with the store's Close. It listens on the loopback interface only, under a
// password drawn now, because pipelines need a socket's buffers. Its clock is the
// real one, so that periods run out. It says in the log that nothing is kept.
// URL, Acknowledge and WaitOnStart of the options are not used.
func Open(ctx context.Context, o redis.Options) (*redis.Store, error) {
	server := miniredis.NewMiniRedis()
	password := rand.Text()
	server.RequireAuth(password)
	server.ClockTTL(true)
	if err := server.Start(); err != nil {
		return nil, fmt.Errorf("start the embedded store: %w", err)
	}
	o.URL = "redis://:" + password + "@" + server.Addr()
	o.Embedded = true
	o.Acknowledge = redis.Memory
	o.OnClose = server.Close
	s, err := redis.Open(ctx, o)
	if err != nil {
		server.Close()
		return nil, fmt.Errorf("open the embedded store: %w", err)
	}
	s.Logger().WarnContext(ctx, "embedded store: everything is in memory and lost when this process ends; not for production")
	return s, nil
}

package redis

import (
	"context"

	goredis "github.com/redis/go-redis/v9"
)

// SilenceClient stops the client library from writing lines of its own to
// standard error; what went wrong reaches the caller as an error. The library
// has one logger for the process, so the program calls this once, before it
// opens a store.
func SilenceClient() { goredis.SetLogger(silence{}) }

type silence struct{}

// Printf writes nothing.
func (silence) Printf(context.Context, string, ...any) {}

package redis

import (
	"context"

	goredis "github.com/redis/go-redis/v9"
)

// silence is the logger of the client library, which otherwise writes lines of
// its own to standard error: past slog and its format, and twice, since what
// went wrong reaches the caller as an error. The library has one logger for the
// process and keeps it behind an atomic pointer, so every Open may set it.
type silence struct{}

// Printf writes nothing.
func (silence) Printf(context.Context, string, ...any) {}

func silenceClient() { goredis.SetLogger(silence{}) }

package redis_test

import (
	"context"

	goredis "github.com/redis/go-redis/v9"
)

// flush makes a server forget its scripts.
func flush(ctx context.Context, client *goredis.Client) error {
	return client.ScriptFlush(ctx).Err()
}

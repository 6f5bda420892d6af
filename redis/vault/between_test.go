package vault_test

import (
	"context"

	goredis "github.com/redis/go-redis/v9"
)

// between is a hook of the client that lets something happen before one exchange, by
// the same client.
type between struct {
	at, count int
	do        func()
}

func (b *between) arm(do func()) { b.count, b.do = 0, do }

func (b *between) disarm() { b.do = nil }

func (b *between) step() {
	if b.do == nil {
		return
	}
	b.count++
	if b.count == b.at {
		do, count := b.do, b.count
		b.do = nil
		do()
		b.do, b.count = func() {}, count
	}
}

func (b *between) DialHook(next goredis.DialHook) goredis.DialHook { return next }

func (b *between) ProcessHook(next goredis.ProcessHook) goredis.ProcessHook {
	return func(ctx context.Context, cmd goredis.Cmder) error {
		b.step()
		return next(ctx, cmd)
	}
}

func (b *between) ProcessPipelineHook(next goredis.ProcessPipelineHook) goredis.ProcessPipelineHook {
	return func(ctx context.Context, cmds []goredis.Cmder) error {
		b.step()
		return next(ctx, cmds)
	}
}

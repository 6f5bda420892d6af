package redis

import (
	"context"
	"errors"

	goredis "github.com/redis/go-redis/v9"
)

// Tracer is told of commands: the first one's name and how many go at once, never of an
// argument or an answer. What it returns is called when they ended. Safe for concurrent
// use.
type Tracer interface {
	Command(ctx context.Context, name string, commands int) (within context.Context, end func(failed bool))
}

// Traced is a hook for Options.Hooks that tells a tracer of every command.
func Traced(t Tracer) goredis.Hook { return traced{t} }

type traced struct{ tracer Tracer }

// DialHook implements goredis.Hook.
func (traced) DialHook(next goredis.DialHook) goredis.DialHook { return next }

// ProcessHook implements goredis.Hook.
func (t traced) ProcessHook(next goredis.ProcessHook) goredis.ProcessHook {
	return func(ctx context.Context, cmd goredis.Cmder) error {
		within, end := t.tracer.Command(ctx, cmd.Name(), 1)
		err := next(within, cmd)
		end(err != nil && !errors.Is(err, goredis.Nil))
		return err
	}
}

// ProcessPipelineHook implements goredis.Hook.
func (t traced) ProcessPipelineHook(next goredis.ProcessPipelineHook) goredis.ProcessPipelineHook {
	return func(ctx context.Context, cmds []goredis.Cmder) error {
		if len(cmds) == 0 {
			return next(ctx, cmds)
		}
		within, end := t.tracer.Command(ctx, cmds[0].Name(), len(cmds))
		err := next(within, cmds)
		end(err != nil && !errors.Is(err, goredis.Nil))
		return err
	}
}

package redistest

import (
	"context"
	"errors"
	"net"
	"sync"
	"sync/atomic"

	goredis "github.com/redis/go-redis/v9"
)

// ErrCut is what an exchange fails with that a Fault broke.
var ErrCut = &net.OpError{Op: "read", Net: "tcp", Err: errors.New("connection reset by the test")}

// Fault is a hook of the client that counts exchanges (a command, or a pipeline
// to one node) and breaks one of them. Zero breaks none. Safe for concurrent use.
type Fault struct {
	mu sync.Mutex
	// at is the exchange to break, from 1; unsent drops it before it is sent.
	at     int
	unsent bool
	count  atomic.Int64
}

// Arm begins to count anew and breaks the exchange number at (from 1; 0: none):
// before it is sent, or after the server did it, so that only the reply is lost.
func (f *Fault) Arm(at int, unsent bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.at, f.unsent = at, unsent
	f.count.Store(0)
}

// Count is how many exchanges there were since Arm.
func (f *Fault) Count() int { return int(f.count.Load()) }

func (f *Fault) breaks() (broken, unsent bool) {
	n := int(f.count.Add(1))
	f.mu.Lock()
	defer f.mu.Unlock()
	return n == f.at, f.unsent
}

// DialHook changes nothing.
func (f *Fault) DialHook(next goredis.DialHook) goredis.DialHook { return next }

// ProcessHook breaks single commands.
func (f *Fault) ProcessHook(next goredis.ProcessHook) goredis.ProcessHook {
	return func(ctx context.Context, cmd goredis.Cmder) error {
		return f.exchange(func() error { return next(ctx, cmd) }, []goredis.Cmder{cmd})
	}
}

// ProcessPipelineHook breaks pipelines.
func (f *Fault) ProcessPipelineHook(next goredis.ProcessPipelineHook) goredis.ProcessPipelineHook {
	return func(ctx context.Context, cmds []goredis.Cmder) error {
		return f.exchange(func() error { return next(ctx, cmds) }, cmds)
	}
}

func (f *Fault) exchange(send func() error, cmds []goredis.Cmder) error {
	broken, unsent := f.breaks()
	if !broken {
		return send()
	}
	if !unsent {
		_ = send()
	}
	for _, cmd := range cmds {
		cmd.SetErr(ErrCut)
	}
	return ErrCut
}

package graph

import (
	"context"
	"errors"
	"io"
	"sync"
	"sync/atomic"
	"time"
)

// Why a transfer is broken off, as the cause of its context.
var (
	errIdle   = errors.New("graph: the transfer stood still")
	errSource = errors.New("graph: the caller's stream broke")
)

// idle ends a context when nothing has moved for a while.
type idle struct {
	end   context.CancelCauseFunc
	timer *time.Timer
	// waiting: it is the caller's own stream that is waited for.
	waiting atomic.Bool
}

// newIdle starts the watch. stop must be called.
func newIdle(ctx context.Context) (context.Context, *idle) {
	within, end := context.WithCancelCause(ctx)
	i := &idle{end: end}
	i.timer = time.AfterFunc(idleTimeout, func() {
		if i.waiting.Load() {
			end(errSource)
			return
		}
		end(errIdle)
	})
	return within, i
}

// touch notes that something moved.
func (i *idle) touch() { i.timer.Reset(idleTimeout) }

// pause stops the watch until the next touch.
func (i *idle) pause() { i.timer.Stop() }

func (i *idle) stop() {
	i.timer.Stop()
	i.end(context.Canceled)
}

// source is a caller's stream on its way out. Once closed it is not read any more.
type source struct {
	mu     sync.Mutex // held while the stream is read
	from   io.Reader
	watch  *idle
	closed atomic.Bool
}

// Read implements io.Reader. A stream that fails ends the call with errSource.
func (s *source) Read(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed.Load() {
		return 0, errSource
	}
	s.watch.waiting.Store(true)
	s.watch.touch()
	n, err := s.from.Read(p)
	s.watch.waiting.Store(false)
	s.watch.touch()
	if err != nil && !errors.Is(err, io.EOF) {
		s.watch.end(errSource)
		return 0, errSource
	}
	return n, err
}

// Close implements io.Closer. It does not wait for a Read under way.
func (s *source) Close() error {
	s.closed.Store(true)
	return nil
}

// patient is a body that is read for as long as it moves. Only the time spent in
// Read counts: a slow reader is not the platform's fault.
type patient struct {
	from  io.Reader
	watch *idle
}

func (p patient) Read(b []byte) (int, error) {
	p.watch.touch()
	n, err := p.from.Read(b)
	p.watch.pause()
	return n, err
}

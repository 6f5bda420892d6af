// Package batch has concurrent callers share writes: while one is under way those
// who come wait, and the next one is for all of them. Under load a round trip
// carries many, and without load nobody waits for others.
package batch

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"
)

// ErrFull says that too many wait already; nothing of the caller's was written.
var ErrFull = errors.New("too many writes wait for their turn")

// Options bound a queue. All are needed.
type Options struct {
	// Most items are written at once; Room is how many may wait for their turn.
	Most, Room int
	// Within is how long one write may take.
	Within time.Duration
}

// Queue writes items T, and has a result R for each. Safe for concurrent use.
type Queue[T, R any] struct {
	write   func(ctx context.Context, items []T) []R
	options Options

	mu      sync.Mutex
	waiting []*turn[T, R]
	working bool
	// over are turns whose result was taken: nobody but their next caller knows them.
	over sync.Pool
}

// turn is one caller's. done takes the result without waiting; of ctx a write takes the
// values (its trace), not the end.
type turn[T, R any] struct {
	ctx  context.Context
	item T
	done chan R
}

// New builds a queue over a function that writes items in order and returns a
// result for each. One write is under way at a time.
func New[T, R any](write func(ctx context.Context, items []T) []R, o Options) *Queue[T, R] {
	return &Queue[T, R]{write: write, options: o}
}

// Do writes an item together with those of others and returns its result. Items of
// one caller after the other keep their order. The error is ErrFull or that of ctx:
// when ctx ends before the item's turn it is not written, after that it is not known
// whether it is. A write goes on when its callers are gone: it is others' too.
func (q *Queue[T, R]) Do(ctx context.Context, item T) (result R, err error) {
	if err := ctx.Err(); err != nil {
		return result, err
	}
	t, again := q.over.Get().(*turn[T, R])
	if !again {
		t = &turn[T, R]{done: make(chan R, 1)}
	}
	t.ctx, t.item = ctx, item
	if !q.enter(t) {
		return result, ErrFull
	}
	select {
	case result = <-t.done:
		*t = turn[T, R]{done: t.done}
		q.over.Put(t)
		return result, nil
	case <-ctx.Done():
		q.leave(t)
		return result, ctx.Err()
	}
}

// enter starts the work where nobody is at it. It ends when nobody waits any more.
func (q *Queue[T, R]) enter(t *turn[T, R]) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.waiting) >= q.options.Room {
		return false
	}
	q.waiting = append(q.waiting, t)
	if !q.working {
		q.working = true
		go q.work()
	}
	return true
}

func (q *Queue[T, R]) leave(t *turn[T, R]) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if i := slices.Index(q.waiting, t); i >= 0 {
		q.waiting = slices.Delete(q.waiting, i, i+1)
	}
}

func (q *Queue[T, R]) work() {
	for turns := q.next(); len(turns) > 0; turns = q.next() {
		items := make([]T, len(turns))
		for i, t := range turns {
			items[i] = t.item
		}
		ctx, cancel := context.WithTimeout(context.WithoutCancel(turns[0].ctx), q.options.Within)
		for i, r := range q.write(ctx, items) {
			turns[i].done <- r
		}
		cancel()
	}
}

// next takes those whose turn it is.
func (q *Queue[T, R]) next() []*turn[T, R] {
	q.mu.Lock()
	defer q.mu.Unlock()
	n := min(len(q.waiting), q.options.Most)
	turns := slices.Clone(q.waiting[:n])
	q.waiting = slices.Delete(q.waiting, 0, n)
	q.working = n > 0
	return turns
}

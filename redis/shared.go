package redis

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"sync/atomic"
	"time"

	"bauta/redis/batch"
)

const (
	// smallCall is up to how many calls of one caller go together with those of others.
	// More are worth a round trip of their own.
	smallCall = 16
	// mostCallers share one round trip, roomCallers wait for theirs at once.
	mostCallers, roomCallers = 64, 1 << 14
)

// highway has concurrent callers share round trips. The first few go by themselves;
// those who come while these are under way go together. A round trip costs each side
// more than the commands in it, so that under load many cost little more than one, and
// without load nobody waits.
type highway struct {
	alone  func(context.Context, []Call) []Result
	queues []*batch.Queue[[]Call, []Result]
	turn   atomic.Uint32
	// callers are those under way.
	callers atomic.Int32
}

// mostLoners is up to how many callers at once go by themselves.
const mostLoners = 2

// newHighway has a way for every two cores, so that one goroutine that reads replies is
// not what bounds the store. A round trip on it ends within a time of its own: it is
// many callers'.
func newHighway(send func(context.Context, []Call) []Result, within time.Duration) *highway {
	write := func(ctx context.Context, items [][]Call) [][]Result {
		results := send(ctx, slices.Concat(items...))
		out := make([][]Result, len(items))
		for i, calls := range items {
			out[i], results = results[:len(calls):len(calls)], results[len(calls):]
		}
		return out
	}
	h := &highway{alone: send}
	for range max(1, runtime.GOMAXPROCS(0)/2) {
		h.queues = append(h.queues, batch.New(write, batch.Options{Most: mostCallers, Room: roomCallers, Within: within}))
	}
	return h
}

// send returns the results of calls, in their order.
func (h *highway) send(ctx context.Context, calls []Call) []Result {
	defer h.callers.Add(-1)
	if h.callers.Add(1) <= mostLoners {
		return h.alone(ctx, calls)
	}
	return h.together(ctx, calls)
}

// together waits for a round trip of many callers.
func (h *highway) together(ctx context.Context, calls []Call) []Result {
	q := h.queues[int(h.turn.Add(1))%len(h.queues)]
	out, err := q.Do(ctx, calls)
	if err == nil {
		return out
	}
	f := fault(err)
	if err == batch.ErrFull { //nolint:errorlint // it is returned as it is
		f = fmt.Errorf("%w: %d calls wait for it already", ErrUnavailable, roomCallers)
	}
	out = make([]Result, len(calls))
	for i := range out {
		out[i].Err = f
	}
	return out
}

package batch_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"bauta/redis/batch"
)

// writer writes one batch a second, and doubles numbers.
type writer struct {
	mu      sync.Mutex
	batches [][]int
	within  time.Duration
	ended   error
}

func (w *writer) write(ctx context.Context, items []int) []int {
	at, _ := ctx.Deadline()
	w.within = time.Until(at)
	time.Sleep(time.Second)
	w.mu.Lock()
	defer w.mu.Unlock()
	w.batches, w.ended = append(w.batches, slices.Clone(items)), errors.Join(w.ended, ctx.Err())
	out := make([]int, len(items))
	for i, n := range items {
		out[i] = 2 * n
	}
	return out
}

func newQueue(w *writer, most, room int) *batch.Queue[int, int] {
	return batch.New(w.write, batch.Options{Most: most, Room: room, Within: time.Minute})
}

// enter has callers come one after the other, and returns when all wait.
func enter(t *testing.T, q *batch.Queue[int, int], all *sync.WaitGroup, numbers ...int) {
	t.Helper()
	for _, n := range numbers {
		all.Go(func() {
			if got, err := q.Do(t.Context(), n); got != 2*n || err != nil {
				t.Errorf("%d: %d, %v", n, got, err)
			}
		})
		synctest.Wait()
	}
}

func TestThoseWhoComeDuringAWriteShareTheNext(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := &writer{}
		q, all := newQueue(w, 3, 100), sync.WaitGroup{}
		began := time.Now()
		enter(t, q, &all, 1, 2, 3, 4, 5, 6)
		all.Wait()
		if diff := cmp.Diff([][]int{{1}, {2, 3, 4}, {5, 6}}, w.batches); diff != "" {
			t.Errorf("batches (-want +got):\n%s", diff)
		}
		if took := time.Since(began); took != 3*time.Second {
			t.Errorf("it took %v, want 3 s", took)
		}
		enter(t, q, &all, 7)
		all.Wait()
		if len(w.batches) != 4 || w.within != time.Minute {
			t.Errorf("%d batches, each within %v", len(w.batches), w.within)
		}
	})
}

func TestAFullQueueTakesNobody(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := &writer{}
		q, all := newQueue(w, 3, 2), sync.WaitGroup{}
		enter(t, q, &all, 1, 2, 3) // one is under way
		if _, err := q.Do(t.Context(), 4); !errors.Is(err, batch.ErrFull) {
			t.Errorf("the fourth: %v", err)
		}
		all.Wait()
		enter(t, q, &all, 5)
		all.Wait()
	})
}

func TestWhoLeavesInTimeWritesNothing(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := &writer{}
		q, all := newQueue(w, 3, 100), sync.WaitGroup{}
		first, leaves := context.WithTimeout(t.Context(), 100*time.Millisecond)
		defer leaves()
		all.Go(func() {
			if _, err := q.Do(first, 1); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("the first: %v", err)
			}
		})
		synctest.Wait()
		all.Go(func() {
			if _, err := q.Do(first, 2); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("the second: %v", err)
			}
		})
		synctest.Wait()
		enter(t, q, &all, 3)
		all.Wait()
		if _, err := q.Do(first, 4); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("one who is gone: %v", err)
		}
		if diff := cmp.Diff([][]int{{1}, {3}}, w.batches); diff != "" || w.ended != nil {
			t.Errorf("a write ended with its caller (%v), or batches (-want +got):\n%s", w.ended, diff)
		}
	})
}

package notice_test

import (
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"bauta/webhook/notice"
)

func TestTheSameThingIsToldOnceInAWhile(t *testing.T) {
	t.Parallel()
	now := time.Unix(1789000000, 0)
	b := notice.NewBoard[string](time.Hour, func() time.Time { return now })
	for i, row := range []struct {
		pass time.Duration
		what string
		want bool
	}{
		{0, "acme", true},
		{0, "acme", false},
		{0, "other", true},
		{time.Hour - 1, "acme", false},
		{1, "acme", true},
		{0, "acme", false},
		{0, "other", true},
	} {
		now = now.Add(row.pass)
		if got := b.Due(row.what); got != row.want {
			t.Errorf("step %d: %s is due: %t", i, row.what, got)
		}
	}
}

func TestOfManyAtOnceOneTells(t *testing.T) {
	t.Parallel()
	b := notice.NewBoard[int](time.Hour, time.Now)
	var told atomic.Int32
	var all sync.WaitGroup
	for range 50 {
		all.Go(func() {
			if b.Due(1) {
				told.Add(1)
			}
		})
	}
	all.Wait()
	if told.Load() != 1 {
		t.Errorf("it was told %d times", told.Load())
	}
}

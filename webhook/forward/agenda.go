package forward

import (
	"container/heap"
	"sync"
	"time"

	"bauta/webhook"
)

// agendaSize bounds the dates of one endpoint, so that one with very many lanes leaves
// the others theirs. What does not fit is found by the sweep.
const agendaSize = 1 << 13

// agenda is when this node wants to look at a lane (or, without a conversation,
// at an endpoint) again. Safe for concurrent use.
type agenda struct {
	mu    sync.Mutex
	dates dates
	of    map[webhook.EndpointKey]int
	// moved is signalled when the earliest date changed.
	moved chan struct{}
}

type date struct {
	at   time.Time
	lane webhook.Lane
}

func newAgenda() *agenda {
	return &agenda{of: make(map[webhook.EndpointKey]int), moved: make(chan struct{}, 1)}
}

// add notes a date.
func (a *agenda) add(at time.Time, lane webhook.Lane) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.of[lane.Target()] >= agendaSize {
		return
	}
	a.of[lane.Target()]++
	heap.Push(&a.dates, date{at, lane})
	if a.dates[0].lane == lane {
		signal(a.moved)
	}
}

// due removes and returns what has come, and when the next date is; ok false if
// there is none.
func (a *agenda) due(now time.Time) (lanes []webhook.Lane, next time.Time, ok bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for len(a.dates) > 0 && !a.dates[0].at.After(now) {
		lane := heap.Pop(&a.dates).(date).lane
		a.of[lane.Target()]--
		lanes = append(lanes, lane)
	}
	if len(a.dates) == 0 {
		return lanes, time.Time{}, false
	}
	return lanes, a.dates[0].at, true
}

// signal wakes the reader of a channel of one place; it never waits.
func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// dates is a heap, the earliest first.
type dates []date

func (d dates) Len() int           { return len(d) }
func (d dates) Less(i, j int) bool { return d[i].at.Before(d[j].at) }
func (d dates) Swap(i, j int)      { d[i], d[j] = d[j], d[i] }

// Push implements heap.Interface.
func (d *dates) Push(x any) { *d = append(*d, x.(date)) }

// Pop implements heap.Interface.
func (d *dates) Pop() any {
	last := len(*d) - 1
	x := (*d)[last]
	(*d)[last] = date{}
	*d = (*d)[:last]
	return x
}

package errand

import (
	"math"
	"sync"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"
	"golang.org/x/time/rate"

	"bauta/webhook"
)

// maxTurns bounds the questions that are given a turn; one that is forgotten gets
// another.
const maxTurns = 1 << 16

// rates holds each business's questions to its rate on this node. A question that
// comes too early is given a turn of its own, so that those that wait do not all
// come back at the same time. Safe for concurrent use.
type rates struct {
	of    map[string]*rate.Limiter
	mu    sync.Mutex
	turns *lru.Cache[string, time.Time]
}

// newRates: a rate of 0 is no limit.
func newRates(businesses *webhook.Directory) *rates {
	turns, err := lru.New[string, time.Time](maxTurns)
	if err != nil {
		panic(err) // only a size below 1 is an error
	}
	r := &rates{of: map[string]*rate.Limiter{}, turns: turns}
	for _, b := range businesses.All() {
		if per := b.Sharing.Rate; per > 0 {
			r.of[b.ID] = rate.NewLimiter(rate.Limit(per), int(math.Ceil(per)))
		}
	}
	return r
}

// wait is how long a question, by its delivery's id, waits; 0: it is its turn, which
// is used with that.
func (r *rates) wait(business, id string, now time.Time) time.Duration {
	limit := r.of[business]
	if limit == nil {
		return 0
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if turn, ok := r.turns.Peek(id); ok {
		if turn.After(now) {
			return turn.Sub(now)
		}
		r.turns.Remove(id)
		return 0
	}
	wait := limit.ReserveN(now, 1).DelayFrom(now)
	if wait > 0 {
		r.turns.Add(id, now.Add(wait))
	}
	return wait
}

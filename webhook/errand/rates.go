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
	mu    sync.Mutex
	of    map[string]*rate.Limiter
	turns *lru.Cache[string, time.Time]
}

func newRates() *rates {
	turns, err := lru.New[string, time.Time](maxTurns)
	if err != nil {
		panic(err) // only a size below 1 is an error
	}
	return &rates{of: map[string]*rate.Limiter{}, turns: turns}
}

// limit is that of a business as it is configured now. The caller holds the lock.
func (r *rates) limit(b *webhook.Business, now time.Time) *rate.Limiter {
	per := b.Sharing.Rate
	l := r.of[b.ID]
	switch {
	case l == nil:
		l = rate.NewLimiter(rate.Limit(per), int(math.Ceil(per)))
		r.of[b.ID] = l
	case l.Limit() != rate.Limit(per):
		l.SetLimitAt(now, rate.Limit(per))
		l.SetBurstAt(now, int(math.Ceil(per)))
	}
	return l
}

// wait is how long a question, by its delivery's id, waits; 0: it is its turn, which
// is used with that. A rate of 0 is no limit.
func (r *rates) wait(b *webhook.Business, id string, now time.Time) time.Duration {
	if b.Sharing.Rate <= 0 {
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
	wait := r.limit(b, now).ReserveN(now, 1).DelayFrom(now)
	if wait > 0 {
		r.turns.Add(id, now.Add(wait))
	}
	return wait
}

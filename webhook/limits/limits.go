package limits

import (
	"time"
)

// Limits of what may wait; 0 is unlimited.
type Limits struct {
	// RedisBytes is how much memory one server may use.
	RedisBytes int64
	// Oldest is how long an event of a business may wait, PerBusiness how many.
	Oldest      time.Duration
	PerBusiness int64
}

// queues tells whether anything is limited that only the queues can tell.
func (l Limits) queues() bool { return l.Oldest > 0 || l.PerBusiness > 0 }

// Server is the memory of one server of the store, in bytes; Max 0: it has no bound.
type Server struct{ Used, Max int64 }

// Queue is what waits for the endpoints of a business.
type Queue struct {
	Events int64
	// Oldest is when the event that waits longest was accepted; zero: none waits.
	Oldest time.Time
}

// The shares at which something begins and ends. What has begun ends at nine tenths of
// where it began, so that it does not begin again with the next event.
const (
	// ceiling is the share of its own bound that a server may fill: the rest is for
	// what comes in until the next look, and for what is delivered meanwhile.
	ceiling = 0.95
	// early is the share of what a server may fill at which those begin to wait who
	// fill it.
	early = 0.9
	ends  = 0.9
)

// share is how much of what it may use the fullest server uses; 0 if nothing bounds it.
func (l Limits) share(servers []Server) float64 {
	fullest := 0.0
	for _, s := range servers {
		bound := float64(l.RedisBytes)
		if own := ceiling * float64(s.Max); own > 0 && (bound == 0 || own < bound) {
			bound = own
		}
		if bound > 0 {
			fullest = max(fullest, float64(s.Used)/bound)
		}
	}
	return fullest
}

// Why a business, or everybody, has to wait: a closed set.
const (
	// Memory is filled: by those businesses of which more waits than of others, then
	// by all together.
	Memory = "memory"
	// Unfit: the store would lose events, such as by evicting keys.
	Unfit = "store"
	// Events and Oldest: too much of the business waits, or for too long.
	Events = "events"
	Oldest = "oldest"
)

// Everybody stands for all businesses where one is named.
const Everybody = "_all"

// hold is one reason why one business has to wait.
type hold struct{ business, reason string }

// judge tells what holds from now on, by what held until now. fit: the store loses
// nothing.
func (l Limits) judge(was map[hold]bool, servers []Server, queues map[string]Queue, unfit bool, now time.Time) map[hold]bool {
	is := map[hold]bool{}
	latch := func(h hold, value, limit float64) {
		if limit > 0 && (value >= limit || was[h] && value >= ends*limit) {
			is[h] = true
		}
	}
	if unfit {
		is[hold{Everybody, Unfit}] = true
	}
	share := l.share(servers)
	latch(hold{Everybody, Memory}, share, 1)
	var all int64
	for _, q := range queues {
		all += q.Events
	}
	for business, q := range queues {
		latch(hold{business, Events}, float64(q.Events), float64(l.PerBusiness))
		if !q.Oldest.IsZero() {
			latch(hold{business, Oldest}, now.Sub(q.Oldest).Seconds(), l.Oldest.Seconds())
		}
		if q.Events > 0 && q.Events*int64(len(queues)) >= all {
			latch(hold{business, Memory}, share, early)
		}
	}
	return is
}

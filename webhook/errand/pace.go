package errand

import (
	"sync"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"
)

// The pair limit (webhooks.md 6.6): one message in 6 s from a phone number to one
// customer, of which up to 45 may be borrowed from the future.
const (
	pairInterval = 6 * time.Second
	pairBurst    = 45
	// mayOwe is how many messages may be owed when an errand goes: a question, its
	// answer and the confirmation come without a wait, and the business's next message
	// finds at least 39 of the 45 free.
	mayOwe = 5
)

// maxPairs bounds the pairs that are remembered, the longest unused forgotten first:
// some 10 MB. Who is forgotten is not waited for.
const maxPairs = 1 << 16

// Pace keeps Bauta's own messages out of the way of a business's. Its rule: an errand
// waits while more than mayOwe messages to the customer are not paid back, 6 seconds a
// message. So the business's next message finds most of what the platform lends free.
//
// It knows what passed through this node, since it started. What other nodes sent is
// not waited for: what stays free is the room for it. A business is one pair with each
// customer, whichever of its phone numbers writes: that only waits longer.
//
// Safe for concurrent use; make it with NewPace.
type Pace struct {
	now func() time.Time
	mu  sync.Mutex
	// free is when, at an even pace, a pair's last message was due.
	free *lru.Cache[pair, time.Time]
}

type pair struct{ business, customer string }

// NewPace returns a Pace that has seen nothing.
func NewPace(now func() time.Time) *Pace {
	free, err := lru.New[pair, time.Time](maxPairs)
	if err != nil {
		panic(err) // only a size below 1 is an error
	}
	return &Pace{now: now, free: free}
}

// Spoke notes a message to a customer, by their id.
func (p *Pace) Spoke(business, customer string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	now, of := p.now(), pair{business, customer}
	free, _ := p.free.Get(of)
	if free.Before(now) {
		free = now
	}
	// The platform takes no more than the burst, so there is no more to pay back.
	p.free.Add(of, minTime(free.Add(pairInterval), now.Add(pairBurst*pairInterval)))
}

// Wait is how long an errand to a customer waits, 0 if it may go.
func (p *Pace) Wait(business, customer string) time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	free, _ := p.free.Peek(pair{business, customer})
	return max(max(free.Sub(p.now()), 0)-mayOwe*pairInterval, 0)
}

func minTime(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

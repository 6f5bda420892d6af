package operate

import (
	"sync"
	"time"

	"bauta/webhook"
)

// recentSize is how many attempts a node remembers: some 300 bytes each.
const recentSize = 4096

// Recent remembers the last attempts of this node, in memory: what another node did, and
// what was before the start, is not in it. Safe for concurrent use.
type Recent struct {
	mu   sync.Mutex
	ring []attempt
	next int
}

// NewRecent remembers nothing yet.
func NewRecent() *Recent { return &Recent{ring: make([]attempt, 0, recentSize)} }

// attempt is what is remembered of one: nothing of the event's content. The handle is for
// finding it, and is not shown.
type attempt struct {
	at                 time.Time
	lane               webhook.Lane
	handle             string
	event, field, kind string
	number, status     int
	reason, outcome    string
	took               time.Duration
}

// Note remembers an attempt, and forgets the oldest one.
func (r *Recent) Note(of webhook.Attempt) {
	d := of.Delivery
	a := attempt{
		at: of.Began, lane: of.Lane, handle: d.Handle, event: d.ID, field: d.Field, kind: d.Kind, number: d.Attempts + 1,
		status: of.Status, reason: of.Reason, outcome: of.Outcome, took: of.Ended.Sub(of.Began),
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.ring) < recentSize {
		r.ring = append(r.ring, a)
		return
	}
	r.ring[r.next] = a
	r.next = (r.next + 1) % recentSize
}

// last are at most limit attempts that are wanted, the newest first.
func (r *Recent) last(limit int, want func(*attempt) bool) []attempt {
	r.mu.Lock()
	defer r.mu.Unlock()
	var out []attempt
	for i := range r.ring {
		a := &r.ring[(r.next+len(r.ring)-1-i)%len(r.ring)]
		if len(out) == limit {
			break
		}
		if want(a) {
			out = append(out, *a)
		}
	}
	return out
}

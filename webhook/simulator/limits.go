package simulator

import "time"

// The pair limit (webhooks.md 6.6): 1 message per 6 s to one person, of which 45
// may be borrowed.
const (
	pairInterval = 6 * time.Second
	pairBurst    = 45
)

// rate counts what was sent. The zero value has counted nothing.
type rate struct {
	// free is when, at an even pace, the last one would have been sent.
	free time.Time
}

// take tells whether one more may be sent now, and counts it.
func (r *rate) take(now time.Time, interval time.Duration, burst int) bool {
	if r.free.Before(now) {
		r.free = now
	}
	if r.free.Sub(now) > interval*time.Duration(burst-1) {
		return false
	}
	r.free = r.free.Add(interval)
	return true
}

// limited answers a message beyond the limits of the options.
func (g *Graph) limited(c *call, to *contact) (reply, bool) {
	now := g.o.Now()
	if g.o.Throughput > 0 {
		r := g.sent[c.account.PhoneNumberID]
		if r == nil {
			r = &rate{}
			g.sent[c.account.PhoneNumberID] = r
		}
		if !r.take(now, time.Second/time.Duration(g.o.Throughput), g.o.Throughput) {
			return g.refuse(codeThroughput, "Message failed to send because there were too many messages sent from this phone number in a short period of time"), true
		}
	}
	if g.o.PairLimit && to != nil && !to.chat(c.account.PhoneNumberID).pair.take(now, pairInterval, pairBurst) {
		return g.refuse(codePair, "Message failed to send because there were too many messages sent from this phone number to the same phone number in a short period of time"), true
	}
	return reply{}, false
}

package balance

import (
	"time"

	"bauta/redis/lanes/place"
	"bauta/webhook"
)

// part is what one look is about: a business in a shard, in some hours (Unix time /
// 3600), with the endpoints that it may have lanes for.
type part struct {
	shard    int
	business string
	ends     []string
	hours    []int64
	// strays are lanes that a search found.
	strays []webhook.Lane
}

// snapshot is a part as it was in one moment, if nothing moved while it was read.
type snapshot struct {
	part part
	// minutes by Unix time; fresh are the hours without any counter.
	minutes map[int64]*minute
	fresh   map[int64]bool
	// holds: something of the business is held in the shard.
	holds bool
	ends  []*end
}

// minute is what was counted of one, and what is there of it.
type minute struct {
	in, ended, held  int64
	waiting, holding int64
}

// missing is how many are nowhere; below 0, how many nobody counted.
func (m *minute) missing() int64 { return m.in - m.ended - m.holding - m.waiting }

// end is an endpoint in the shard.
type end struct {
	key   webhook.EndpointKey
	depth int64
	// listed: the shard's list of endpoints with lanes has it.
	listed bool
	lanes  []*lane
}

// lane is one lane. Age is what is noted of it, head what is right, both Unix ms as
// they are written; "" where there is none.
type lane struct {
	place     place.Place
	due, read bool
	age, head string
	events    int64
}

// waiting is how many events lie in an endpoint's lanes.
func (e *end) waiting() int64 {
	var sum int64
	for _, l := range e.lanes {
		sum += l.events
	}
	return sum
}

// stalled tells of a lane with events that no node would look at.
func (e *end) stalled(l *lane) bool { return l.events > 0 && (!l.due || !e.listed) }

// difference compares.
func (s *snapshot) difference() Difference {
	d := Difference{Business: s.part.business, Shard: s.part.shard}
	for _, m := range s.minutes {
		n := m.missing()
		d.Missing += max(n, 0)
		d.Surplus += max(-n, 0)
		d.Miscounted += absolute(m.held - m.holding)
	}
	for _, e := range s.ends {
		d.Miscounted += absolute(e.depth - e.waiting())
		for _, l := range e.lanes {
			if e.stalled(l) {
				d.Stalled += l.events
			}
			if l.age != l.head {
				d.Ages++
			}
		}
	}
	return d
}

func absolute(n int64) int64 { return max(n, -n) }

// hourOf is the hour of a Unix time.
func hourOf(at int64) int64 { return at / int64(time.Hour/time.Second) }

package operate

import "time"

// Span is a span of time: From inclusive, To exclusive, whole minutes.
type Span struct{ From, To time.Time }

// MostSpan is for how long what was counted is there.
const MostSpan = 8 * 24 * time.Hour

// LastSpan is the span of a length that ends with the present minute.
func LastSpan(now time.Time, length time.Duration) Span {
	to := now.UTC().Truncate(time.Minute).Add(time.Minute)
	return Span{To: to, From: to.Add(-length)}
}

// Bounded is the end of a span that is longer than MostSpan, as rounding to whole minutes
// may make it.
func (s Span) Bounded() Span {
	if s.To.Sub(s.From) > MostSpan {
		s.From = s.To.Add(-MostSpan)
	}
	return s
}

// check tells that counters can be read for a span.
func (s Span) check() error {
	if !s.From.Before(s.To) || s.To.Sub(s.From) > MostSpan {
		return invalid("from has to be before to, by at most 8 days: that is how long counters are kept")
	}
	return nil
}

// Tally is what became of the events that were accepted in a span, one for each of an
// event's endpoints: Accepted is the sum of all others.
type Tally struct {
	From      time.Time `json:"from"`
	To        time.Time `json:"to"`
	Accepted  int64     `json:"accepted"`
	Delivered int64     `json:"delivered"`
	Waiting   int64     `json:"waiting"`
	Dead      int64     `json:"dead"`
	Held      int64     `json:"held"`
	Expired   int64     `json:"expired"`
	Dropped   int64     `json:"dropped"`
	Erased    int64     `json:"erased"`
	Lost      int64     `json:"lost"`
}

// Add adds what was counted elsewhere; the span stays.
func (t *Tally) Add(other *Tally) {
	t.Accepted += other.Accepted
	t.Delivered += other.Delivered
	t.Waiting += other.Waiting
	t.Dead += other.Dead
	t.Held += other.Held
	t.Expired += other.Expired
	t.Dropped += other.Dropped
	t.Erased += other.Erased
	t.Lost += other.Lost
}

package operate

import (
	"context"
	"fmt"
	"time"

	"bauta/webhook"
)

// Waiting is how much waits for an endpoint. Oldest is when the event that waits longest
// at the head of a lane was accepted; zero: nothing waits, or it is not known yet.
type Waiting struct {
	Endpoint webhook.EndpointKey
	Events   int64
	Oldest   time.Time
}

// Overview is the state of things at a glance.
type Overview struct {
	At time.Time
	// All is the sum over the businesses that the actor sees.
	All Standing
	// Businesses by id; then the apps' own names (_main), where something is held for them.
	Businesses []Standing
	// Acknowledged is how long the platform waited for its 200 lately, at this node.
	Acknowledged Quantiles
	// Step is the length of the series' spans.
	Step time.Duration
}

// Standing is how one business stands, or all.
type Standing struct {
	// Business is "" for all.
	Business string
	// Total is what became of what was accepted in the time that was asked for.
	Total Point
	// Waiting, Held and Dead are now, whenever it was accepted. Oldest as in Waiting.
	Waiting, Held, Dead int64
	Oldest              time.Time
	// Paused endpoints, now.
	Paused int
	// Unaccounted is by how many events what was counted and what is there differed lately,
	// when everything had been looked at (LookedAt; zero: not yet).
	Unaccounted int64
	LookedAt    time.Time
	// Series has no gaps: one for each step of the time.
	Series []Point
}

// Point is what became of what was accepted in a span, and how many events, each once,
// were about somebody who is masked, and shown. These two count in the minute in which
// they were stored, and what a node counted last comes up to 10 seconds late.
type Point struct {
	Tally

	Masked, Shown int64
}

// Add adds what was counted elsewhere; the span stays.
func (p *Point) Add(other *Point) {
	p.Tally.Add(&other.Tally)
	p.Masked += other.Masked
	p.Shown += other.Shown
}

// Quantiles of a time that something took. N is of how many; 0: the others say nothing.
type Quantiles struct {
	P50, P99 time.Duration
	N        int64
}

// Latency tells how long the platform waits for its 200, at this node and lately.
type Latency interface {
	Acknowledged() Quantiles
}

// Query says what of an overview is asked for: one business or all that the actor sees
// (""), and the time with the step of its series (0: one that makes about 60).
type Query struct {
	Business string
	Span     Span
	Step     time.Duration
}

// Overview tells how things stand.
func (d *Desk) Overview(ctx context.Context, a Actor, q Query) (Overview, error) {
	step, err := q.step()
	if err != nil {
		return Overview{}, err
	}
	ids, err := d.holders(a, q.Business)
	if err != nil {
		return Overview{}, err
	}
	waiting, err := d.Counts.Waiting(ctx)
	if err != nil {
		return Overview{}, fmt.Errorf("overview: %w", err)
	}
	out := Overview{At: d.Now().UTC(), Step: step, All: Standing{Total: Point{Tally: Tally{From: q.Span.From, To: q.Span.To}}, Series: empty(q.Span, step)}}
	for _, id := range ids {
		s := Standing{Business: id, Total: Point{Tally: Tally{From: q.Span.From, To: q.Span.To}}, Series: empty(q.Span, step)}
		if err := d.stand(ctx, &s, q.Span, waiting); err != nil {
			return Overview{}, fmt.Errorf("overview: %w", err)
		}
		if d.Businesses.ByID(id) == nil && s.Held == 0 && s.Total.Accepted == 0 {
			continue
		}
		out.Businesses = append(out.Businesses, s)
		out.All.add(&s)
	}
	if d.Latency != nil {
		out.Acknowledged = d.Latency.Acknowledged()
	}
	return out, nil
}

// step is the step of the series: whole minutes, at most 1000 of them.
func (q Query) step() (time.Duration, error) {
	if err := q.Span.check(); err != nil {
		return 0, err
	}
	length, step := q.Span.To.Sub(q.Span.From), q.Step
	if step == 0 {
		step = max(length/60, time.Minute).Round(time.Minute)
	}
	if step < time.Minute || step%time.Minute != 0 || length/step > 1000 {
		return 0, invalid("step has to be whole minutes, and the time at most 1000 steps")
	}
	return step, nil
}

// empty is a series in which nothing was counted.
func empty(span Span, step time.Duration) []Point {
	var out []Point
	for at := span.From; at.Before(span.To); at = at.Add(step) {
		end := at.Add(step)
		if end.After(span.To) {
			end = span.To
		}
		out = append(out, Point{Tally: Tally{From: at, To: end}})
	}
	return out
}

// stand fills in how one business stands.
func (d *Desk) stand(ctx context.Context, s *Standing, span Span, waiting []Waiting) error {
	for _, w := range waiting {
		if w.Endpoint.Business == s.Business {
			s.Waiting += w.Events
			s.older(w.Oldest)
		}
	}
	minutes, err := d.hours.minutes(ctx, d, s.Business, span)
	if err != nil {
		return err
	}
	step := s.Series[0].To.Sub(s.Series[0].From)
	for i := range minutes {
		s.Total.Tally.Add(&minutes[i])
		s.Series[minutes[i].From.Sub(span.From)/step].Tally.Add(&minutes[i])
	}
	if err := d.shown(ctx, s, span, step); err != nil {
		return err
	}
	if s.Held, err = d.Held.Count(ctx, s.Business); err != nil {
		return err
	}
	if s.Unaccounted, s.LookedAt, err = d.Counts.Unaccounted(ctx, s.Business); err != nil {
		return err
	}
	b := d.Businesses.ByID(s.Business)
	if b == nil {
		return nil
	}
	if s.Dead, err = d.Letters.Count(ctx, LetterFilter{Business: b.ID}); err != nil {
		return err
	}
	states, err := d.Pauses.State(ctx, keysOf(b))
	for _, state := range states {
		if state.Paused {
			s.Paused++
		}
	}
	return err
}

// shown counts the events by whether their customers are masked.
func (d *Desk) shown(ctx context.Context, s *Standing, span Span, step time.Duration) error {
	counted, err := d.Figures.Read(ctx, s.Business, span)
	if err != nil {
		return err
	}
	for _, c := range counted {
		if c.Figure.Kind != webhook.FigureEvent {
			continue
		}
		one := Point{Shown: c.N}
		if c.Figure.What == webhook.Masked {
			one = Point{Masked: c.N}
		}
		s.Total.Add(&one)
		s.Series[c.At.Sub(span.From)/step].Add(&one)
	}
	return nil
}

// older keeps the longest wait.
func (s *Standing) older(at time.Time) {
	if !at.IsZero() && (s.Oldest.IsZero() || at.Before(s.Oldest)) {
		s.Oldest = at
	}
}

// add adds one business to all.
func (s *Standing) add(one *Standing) {
	s.Total.Add(&one.Total)
	s.Waiting += one.Waiting
	s.Held += one.Held
	s.Dead += one.Dead
	s.Paused += one.Paused
	s.Unaccounted += one.Unaccounted
	s.older(one.Oldest)
	if s.LookedAt.IsZero() || one.LookedAt.Before(s.LookedAt) {
		s.LookedAt = one.LookedAt
	}
	for i := range one.Series {
		s.Series[i].Add(&one.Series[i])
	}
}

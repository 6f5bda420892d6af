package operate

import (
	"context"
	"sync"
	"time"
)

const (
	// freshFor is for how long counters of this hour and the last that were read are shown
	// again, settledFor those of older hours: they change only where something waited long.
	freshFor   = 2 * time.Second
	settledFor = time.Minute
	// mostHours bounds what is remembered: 8 days of 50 businesses.
	mostHours = 10_000
)

// hours remembers counters that were read, so that many who look, or one who looks all
// the time, cost the store little. Safe for concurrent use.
type hours struct {
	mu    sync.Mutex
	known map[hourOf]counted
}

type hourOf struct {
	business string
	// hour is Unix time / 3600.
	hour int64
}

type counted struct {
	at      time.Time
	minutes []Tally
}

func newHours() *hours { return &hours{known: map[hourOf]counted{}} }

// minutes are those of a span in which events were accepted, the oldest first.
func (h *hours) minutes(ctx context.Context, d *Desk, business string, span Span) ([]Tally, error) {
	var out []Tally
	for hour := span.From.Unix() / 3600; hour*3600 < span.To.Unix(); hour++ {
		minutes, err := h.hour(ctx, d, hourOf{business, hour})
		if err != nil {
			return nil, err
		}
		for i := range minutes {
			if !minutes[i].From.Before(span.From) && minutes[i].From.Before(span.To) {
				out = append(out, minutes[i])
			}
		}
	}
	return out, nil
}

func (h *hours) hour(ctx context.Context, d *Desk, of hourOf) ([]Tally, error) {
	now := d.Now()
	life := settledFor
	if of.hour >= now.Unix()/3600-1 {
		life = freshFor
	}
	h.mu.Lock()
	known, ok := h.known[of]
	h.mu.Unlock()
	if ok && now.Sub(known.at) < life {
		return known.minutes, nil
	}
	from := time.Unix(of.hour*3600, 0).UTC()
	minutes, err := d.Counts.Minutes(ctx, of.business, Span{From: from, To: from.Add(time.Hour)})
	if err != nil {
		return nil, err
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(h.known) >= mostHours {
		clear(h.known)
	}
	h.known[of] = counted{now, minutes}
	return minutes, nil
}

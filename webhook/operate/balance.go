package operate

import (
	"context"
	"fmt"
	"time"
)

// Balance is what became of the events that were accepted in a time.
type Balance struct {
	Business string
	// Rows: one, or one for each minute in which events were accepted.
	Rows []Tally
	// Unaccounted and LookedAt as in Standing.
	Unaccounted int64
	LookedAt    time.Time
}

// Balance tells what became of a business's events, in total or minute by minute.
func (d *Desk) Balance(ctx context.Context, a Actor, business string, span Span, minutes bool) (Balance, error) {
	if err := span.check(); err != nil {
		return Balance{}, err
	}
	if _, err := d.holders(a, business); err != nil || business == "" {
		return Balance{}, ErrUnknown
	}
	rows, err := d.hours.minutes(ctx, d, business, span)
	if err != nil {
		return Balance{}, fmt.Errorf("balance: %w", err)
	}
	out := Balance{Business: business, Rows: rows}
	if !minutes {
		sum := Tally{From: span.From, To: span.To}
		for i := range rows {
			sum.Add(&rows[i])
		}
		out.Rows = []Tally{sum}
	}
	if out.Unaccounted, out.LookedAt, err = d.Counts.Unaccounted(ctx, business); err != nil {
		return Balance{}, fmt.Errorf("balance: %w", err)
	}
	return out, nil
}

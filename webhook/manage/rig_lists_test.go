package manage_test

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"sync"
	"time"

	"bauta/masking/sharing"
	"bauta/webhook"
	"bauta/webhook/manage"
)

// lists are a ledger and an audit log of acme.
type lists struct {
	mu        sync.Mutex
	fault     error
	lines     []manage.Line
	reversals []manage.Reversal
	tallies   []manage.Tally
}

func newLists() *lists { return &lists{} }

// fill writes n lines and n reversals. A line is as it is chained: package json would
// write it otherwise.
func (l *lists) fill(n int) {
	for i := 1; i <= n; i++ {
		raw := fmt.Sprintf(`{"seq":%d, "handle":"IT.1<2>&\u2028", "type":"asked"}`, i)
		l.lines = append(l.lines, manage.Line{Seq: int64(i), Raw: json.RawMessage(raw)})
		l.reversals = append(l.reversals, manage.Reversal{
			Cursor:   fmt.Sprintf("20706.%d.0", i),
			Reversal: webhook.Reversal{At: time.Date(2026, 9, 10, 8, 0, i, 0, time.UTC), Business: "acme", Handle: "IT.1", By: "token-1", For: "message " + strconv.Itoa(i)},
		})
	}
}

func (l *lists) fail(err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.fault = err
}

func (l *lists) broken() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.fault
}

func (l *lists) Head(_ context.Context, business string) (sharing.Head, error) {
	if err := l.broken(); err != nil || business != "acme" {
		return sharing.Head{}, err
	}
	return sharing.Head{Seq: int64(len(l.lines)), Hash: "abcd", Signed: "a.b.c"}, nil
}

func (l *lists) Page(_ context.Context, business string, after int64, limit int) ([]manage.Line, error) {
	if err := l.broken(); err != nil || business != "acme" || after >= int64(len(l.lines)) {
		return nil, err
	}
	return l.lines[after:min(int(after)+limit, len(l.lines))], nil
}

// reversals are the other list: both have a method Page.
type reversals struct{ *lists }

func (a reversals) Page(_ context.Context, business, after string, limit int) ([]manage.Reversal, error) {
	if err := a.broken(); err != nil || business != "acme" {
		return nil, err
	}
	from := 1 + slices.IndexFunc(a.reversals, func(r manage.Reversal) bool { return r.Cursor == after })
	if from == 0 && after != "" {
		return nil, manage.ErrCursor
	}
	return a.reversals[from:min(from+limit, len(a.reversals))], nil
}

// count has n events accepted in each of some minutes from eight o'clock, all delivered
// but the first.
func (l *lists) count(minutes int, n int64) {
	for i := range minutes {
		at := time.Date(2026, 9, 10, 8, i, 0, 0, time.UTC)
		l.tallies = append(l.tallies, manage.Tally{From: at, To: at.Add(time.Minute), Accepted: n, Delivered: n - 1, Waiting: 1})
	}
}

// Minutes implements manage.Balance.
func (l *lists) Minutes(_ context.Context, business string, span manage.Span, limit int) (out []manage.Tally, err error) {
	for _, t := range l.tallies {
		if business == "acme" && !t.From.Before(span.From) && t.From.Before(span.To) && len(out) < limit {
			out = append(out, t)
		}
	}
	return out, l.broken()
}

// Total implements manage.Balance.
func (l *lists) Total(ctx context.Context, business string, span manage.Span) (manage.Tally, error) {
	minutes, err := l.Minutes(ctx, business, span, 1e6)
	sum := manage.Tally{From: span.From, To: span.To}
	for _, t := range minutes {
		sum.Accepted, sum.Delivered, sum.Waiting = sum.Accepted+t.Accepted, sum.Delivered+t.Delivered, sum.Waiting+t.Waiting
	}
	return sum, err
}

// Unaccounted implements manage.Balance.
func (l *lists) Unaccounted(_ context.Context, business string) (int64, time.Time, error) {
	if business != "acme" {
		return 0, time.Time{}, l.broken()
	}
	return 2, time.Date(2026, 9, 10, 8, 30, 0, 0, time.UTC), l.broken()
}

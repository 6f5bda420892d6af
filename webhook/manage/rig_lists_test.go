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
}

func newLists() *lists { return &lists{} }

// fill writes n lines and n reversals. A line is as it is chained: package json would
// write it otherwise.
func (l *lists) fill(n int) {
	for i := 1; i <= n; i++ {
		raw := chained(i)
		l.lines = append(l.lines, manage.Line{Seq: int64(i), Raw: json.RawMessage(raw)})
		l.reversals = append(l.reversals, manage.Reversal{
			Cursor:   fmt.Sprintf("20706.%d.0", i),
			Reversal: webhook.Reversal{At: time.Date(2026, 9, 10, 8, 0, i, 0, time.UTC), Business: "acme", Handle: "IT.1", By: "token-1", For: "message " + strconv.Itoa(i)},
		})
	}
}

// chained is a line as it is chained.
func chained(seq int) string {
	return fmt.Sprintf(`{"v":1,"business":"acme","seq":%d, "at":"2026-09-10T08:00:00.482Z","type":"asked","id":"bq8MrWwcGJ8VvJ7n","handle":"IT.1<2>&\u2028","by":"bauta","prev":"%064d"}`, seq, seq-1)
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

// Package audit keeps the log of reversals: who used what stands behind a handle,
// when, and what for. It holds no number. Lines are encrypted under their business's
// key, in a list for each business and day, and a day goes as a whole when its time
// is over.
//
// The log is appended to, never changed; it is not chained as the consent ledger is:
// whoever can write to Redis can take lines away without a trace, and whoever has
// the keys too can make some.
package audit

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"bauta/redis"
	"bauta/redis/batch"
	"bauta/webhook"
)

const (
	// mostLines are written for one caller at a time, and as many lie in one block
	// at most.
	mostLines = 256
	// mostCallers share a write, and so many may wait for the next.
	mostCallers = 256
	roomCallers = 4096
	// writeWithin bounds a write: several round trips, on the first of a day.
	writeWithin = 10 * time.Second
)

// The errors beside those of package redis.
var (
	// ErrLine is a fault of Bauta: nothing of the call was stored.
	ErrLine = errors.New("an audit line has no business or no time: this is a fault of Bauta")
	// ErrCursor is not one of an entry.
	ErrCursor = errors.New("this is no cursor of the audit log: take it from one of its entries")
	// ErrUnreadable are lines that were changed, or written by a newer version.
	ErrUnreadable = errors.New("audit lines in Redis cannot be read: they were changed by somebody else, or written by a newer version")
)

// Options of a Log. Store and Keys are needed.
type Options struct {
	Store *redis.Store
	Keys  webhook.BusinessKeys
	// Retention is how long a business's lines are kept, from the end of their day
	// on; 0, or no function, is for ever. A change holds for what is there within a
	// day of writing, and for reading at once.
	Retention func(business string) time.Duration
	// Book is which log it is: Reversals if it is zero.
	Book Book
	// Now is the clock that tells the day; time.Now if nil.
	Now func() time.Time
}

// Book is one of the two logs, apart because the one is long.
type Book uint8

// The books.
const (
	// Reversals: who used what stands behind a handle.
	Reversals Book = iota
	// Actions: what operators did. Handle is on what, For what and its outcome.
	Actions
)

// Log implements webhook.Audit. Safe for concurrent use, on any number of nodes.
// Its errors wrap redis.ErrUnavailable or redis.ErrRefused where Redis is at fault.
type Log struct {
	store     *redis.Store
	names     redis.Keys
	keys      webhook.BusinessKeys
	retention func(business string) time.Duration
	book      Book
	now       func() time.Time
	appends   *redis.Script
	writes    *batch.Queue[[]webhook.Reversal, error]
	// opened is the last day that this node wrote to, by business. Only the write
	// that is under way uses it.
	opened map[string]int64
}

// New builds a Log.
func New(o Options) *Log {
	if o.Retention == nil {
		o.Retention = func(string) time.Duration { return 0 }
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	l := &Log{
		store: o.Store, names: o.Store.Keys(), keys: o.Keys, retention: o.Retention, book: o.Book, now: o.Now,
		appends: redis.NewScript(appendSource), opened: map[string]int64{},
	}
	l.writes = batch.New(l.write, batch.Options{Most: mostCallers, Room: roomCallers, Within: writeWithin})
	return l
}

// Note stores lines, in order, at the configured acknowledgement level. Callers at
// the same time share a round trip. After an error some of the lines may be stored,
// also where ctx ended it; noting them again repeats those.
// A store that was opened to write nothing stays as it is.
func (l *Log) Note(ctx context.Context, reversals []webhook.Reversal) error {
	for _, r := range reversals {
		if r.Business == "" || r.At.IsZero() {
			return ErrLine
		}
	}
	if l.store.ReadOnly() {
		return nil
	}
	for part := range slices.Chunk(reversals, mostLines) {
		failed, err := l.writes.Do(ctx, part)
		if err != nil {
			failed = fmt.Errorf("%w: %w", redis.ErrUnavailable, err)
		}
		if failed != nil {
			return fmt.Errorf("note who used a handle: %w", failed)
		}
	}
	return nil
}

// write appends the lines of many callers, and tells each what became of theirs.
// What fails for one business is nothing to the others.
func (l *Log) write(ctx context.Context, calls [][]webhook.Reversal) []error {
	day := l.now().Unix() / daySeconds
	shares := sharesOf(calls)
	l.open(ctx, shares, day)
	var sent []*share
	var commands []redis.Call
	for _, s := range shares {
		if s.err != nil {
			continue
		}
		command, err := l.command(ctx, s, day)
		if err != nil {
			s.err = err
			continue
		}
		sent, commands = append(sent, s), append(commands, command)
	}
	for i, r := range l.store.Commit(ctx, commands) {
		sent[i].err = r.Err
	}
	out := make([]error, len(calls))
	for _, s := range shares {
		for _, call := range s.calls {
			out[call] = errors.Join(out[call], s.err)
		}
	}
	return out
}

// command appends the lines of a business.
func (l *Log) command(ctx context.Context, s *share, day int64) (redis.Call, error) {
	key, err := l.keys.BusinessKey(ctx, s.business)
	if err != nil {
		return redis.Call{}, err
	}
	args := []any{l.ends(s.business, day)}
	for lines := range slices.Chunk(s.lines, mostLines) {
		block, err := key.Encrypt(encode(lines, day), l.associated(s.business, day))
		if err != nil {
			return redis.Call{}, fmt.Errorf("encrypt audit lines: %w", err)
		}
		args = append(args, block)
	}
	return l.appends.Call([]string{l.day(s.business, day)}, args...), nil
}

// share is what one write has of one business: lines, and the calls they came by.
type share struct {
	business string
	lines    []webhook.Reversal
	calls    []int
	err      error
}

func sharesOf(calls [][]webhook.Reversal) []*share {
	var out []*share
	of := map[string]*share{}
	for i, lines := range calls {
		for _, line := range lines {
			s := of[line.Business]
			if s == nil {
				s = &share{business: line.Business}
				of[line.Business], out = s, append(out, s)
			}
			s.lines = append(s.lines, line)
			if n := len(s.calls); n == 0 || s.calls[n-1] != i {
				s.calls = append(s.calls, i)
			}
		}
	}
	return out
}

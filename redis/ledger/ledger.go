// Package ledger keeps the consent ledger of each business: lines that are only ever
// added, each of which names the hash of the one before it, and a head that is
// signed. Lines are encrypted under their business's key.
//
// Verify finds a line that was changed, taken away, moved or put in, a tail that was
// cut off, and a head that Bauta did not sign. What cannot be found from within:
//
//   - An older state of the whole ledger in the place of the newer one (a dump that
//     was played back, or lines cut off together with a head that was recorded when
//     they were not there yet). Whoever has a later head can tell: businesses get
//     one with every number that is shared, and keep them.
//   - Whatever is done with the keys in hand: the operator can write a ledger anew
//     from any line on and sign it. Again a head that somebody else has is what
//     contradicts it.
package ledger

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"bauta/masking/sharing"
	"bauta/redis"
	"bauta/redis/batch"
	"bauta/webhook"
)

const (
	// mostLines are appended, or dropped, in one step.
	mostLines = 128
	// attempts to append while other nodes do: each time one of them was faster.
	attempts = 100
	// mostCallers share an append, and so many may wait for the next of their business.
	mostCallers = 256
	roomCallers = 4096
	// writeWithin bounds an append with all its attempts.
	writeWithin = 15 * time.Second
)

// The errors beside those of package redis.
var (
	// ErrFault: the ledger is not as it was written; the text says where. Nothing is
	// appended to such a ledger, and nothing dropped from it.
	ErrFault = errors.New("the consent ledger is not as it was written")
	// ErrBusiness is a fault of Bauta: nothing was appended.
	ErrBusiness = errors.New("lines of the consent ledger have no business: this is a fault of Bauta")
)

// Signer vouches for heads.
type Signer interface {
	Sign(business string, seq int64, hash string, at time.Time) (string, error)
	Verify(signed string) (business string, seq int64, hash string, err error)
}

// Options of a Ledger. All are needed but Now.
type Options struct {
	Store  *redis.Store
	Keys   webhook.BusinessKeys
	Signer Signer
	// PRF is the key set's: it hides the ids of lines.
	PRF webhook.PRF
	// Entered is told of every line that is in the ledger from now on; nil: nobody is.
	Entered func(business string, line *sharing.Line)
	// Now is the clock that heads are signed by; time.Now if nil.
	Now func() time.Time
}

// Ledger implements webhook.Ledger. Safe for concurrent use, on any number of
// nodes. Its errors wrap redis.ErrUnavailable, redis.ErrRefused or ErrFault.
type Ledger struct {
	store   *redis.Store
	names   redis.Keys
	keys    webhook.BusinessKeys
	signer  Signer
	prf     webhook.PRF
	entered func(business string, line *sharing.Line)
	now     func() time.Time
	scripts scripts

	mu     sync.Mutex
	queues map[string]*batch.Queue[[]sharing.Line, outcome]
}

// outcome is what an append came to, for all who shared it.
type outcome struct {
	head sharing.Head
	err  error
}

// New builds a Ledger.
func New(o Options) *Ledger {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Entered == nil {
		o.Entered = func(string, *sharing.Line) {}
	}
	return &Ledger{
		store: o.Store, names: o.Store.Keys(), keys: o.Keys, signer: o.Signer, prf: o.PRF, entered: o.Entered, now: o.Now,
		scripts: newScripts(), queues: map[string]*batch.Queue[[]sharing.Line, outcome]{},
	}
}

// Append adds those lines that are not in the ledger yet, by their ID, in order,
// and returns a head that holds all of them. They are stored at the configured
// acknowledgement level then. Callers at the same time share one append. After an
// error some of the lines may be in it: append them all again. webhook.ErrLedger (beside
// what is wrong): that would not help. sharing.ErrLine: one
// of them is no line, and none is in it by this call. A store that was opened to
// write nothing stays as it is.
func (l *Ledger) Append(ctx context.Context, business string, lines []sharing.Line) (sharing.Head, error) {
	if business == "" {
		return sharing.Head{}, ErrBusiness
	}
	for i := range lines {
		if _, _, err := sharing.Decode(lines[i].Encode(1, business, sharing.Begin(business).Prev)); err != nil {
			return sharing.Head{}, fmt.Errorf("append to the consent ledger: %w", err)
		}
	}
	if len(lines) == 0 || l.store.ReadOnly() {
		return l.Head(ctx, business)
	}
	done, err := l.queue(business).Do(ctx, lines)
	if err != nil {
		done.err = fmt.Errorf("%w: %w", redis.ErrUnavailable, err)
	}
	switch {
	case errors.Is(done.err, redis.ErrUnavailable):
		return sharing.Head{}, fmt.Errorf("append to the consent ledger: %w", done.err)
	case done.err != nil:
		return sharing.Head{}, fmt.Errorf("%w: %w", webhook.ErrLedger, done.err)
	}
	return done.head, nil
}

// queue is where those who append to a business's ledger on this node meet.
func (l *Ledger) queue(business string) *batch.Queue[[]sharing.Line, outcome] {
	l.mu.Lock()
	defer l.mu.Unlock()
	q := l.queues[business]
	if q == nil {
		write := func(ctx context.Context, calls [][]sharing.Line) []outcome { return l.write(ctx, business, calls) }
		q = batch.New(write, batch.Options{Most: mostCallers, Room: roomCallers, Within: writeWithin})
		l.queues[business] = q
	}
	return q
}

// Head is the ledger's end; zero for an empty one.
func (l *Ledger) Head(ctx context.Context, business string) (sharing.Head, error) {
	e, _, err := l.look(ctx, business, nil)
	if err == nil {
		err = l.sound(business, e).err()
	}
	if err != nil {
		return sharing.Head{}, fmt.Errorf("read the consent ledger's head: %w", err)
	}
	return e.head, nil
}

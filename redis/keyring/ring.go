package keyring

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"bauta/masking/keys"
	"bauta/redis"
	"bauta/webhook"
)

// reloadEvery bounds how often the key file is read because of keys that are not
// known.
const reloadEvery = time.Second

// Options of a ring. All are needed.
type Options struct {
	Store *redis.Store
	// Set is what the key file held at the start.
	Set *keys.Set
	// Load reads the key file anew.
	Load   func() (*keys.Set, error)
	Logger *slog.Logger
}

// Ring is the key set of a process, which follows the key file and the store. Its
// errors wrap redis.ErrUnavailable, or redis.ErrMisconfigured where the key file is
// older than what is stored. Safe for concurrent use.
type Ring struct {
	options  Options
	register *Register
	// turn is for one who reads the file or the register.
	turn sync.Mutex
	// id and name are those of a node on the list; "" for a process that is none.
	id, name string
	loaded   time.Time
	// fault is what was wrong with the key file when it was read last, "" for nothing.
	fault string
	now   atomic.Pointer[held]
	// problem is what keeps the ring from following, "" for nothing.
	problem atomic.Pointer[string]
}

// held is a key set with the store's primary keys, and the right to write with them.
type held struct {
	set *keys.Set
	// from is the oldest look-up key under which entries are made.
	from uint32
	// until is when it ends by the store's clock, in ms; renew when this process should
	// have got another.
	until int64
	renew time.Time
}

// Open asks the store which key writes. It fails with redis.ErrMisconfigured if the key
// file does not hold that key.
func Open(ctx context.Context, o Options) (*Ring, error) {
	r := &Ring{options: o, register: NewRegister(o.Store)}
	r.now.Store(&held{set: o.Set})
	return r, r.Renew(ctx)
}

// Writer is the set whose primary key wraps new data keys, and until when the store
// takes them, by its own clock in Unix ms.
func (r *Ring) Writer(ctx context.Context) (set *keys.Set, until int64, err error) {
	h, err := r.right(ctx)
	if err != nil {
		return nil, 0, err
	}
	return h.set, h.until, nil
}

// right is a right to write that has some time left.
func (r *Ring) right(ctx context.Context) (*held, error) {
	if h := r.now.Load(); time.Now().Before(h.renew) {
		return h, nil
	}
	if err := r.Renew(ctx); err != nil {
		return nil, err
	}
	return r.now.Load(), nil
}

// Reader is the set with which a wrapped data key is read. Where it needs a key that is
// neither there nor destroyed, the key file is read anew, at most once a second.
// webhook.ErrUnreadable: no key file has it. Another error: whether what it encrypts can
// be read is not known here.
func (r *Ring) Reader(ctx context.Context, wrapped []byte) (*keys.Set, error) {
	id, ok := keys.WrappedUnder(wrapped)
	set := r.now.Load().set
	if !ok || known(set, keys.Wrap, id) {
		return set, nil
	}
	r.turn.Lock()
	defer r.turn.Unlock()
	if set = r.now.Load().set; !known(set, keys.Wrap, id) && time.Since(r.loaded) > reloadEvery {
		r.reload()
		set = r.now.Load().set
	}
	if !known(set, keys.Wrap, id) {
		return nil, r.missing(ctx, set, id)
	}
	return set, nil
}

// missing is the error for a key that the file neither holds nor names as destroyed. A
// file with the key that writes now has all that wrote before: what needs another one is
// damaged, and no newer file will help.
func (r *Ring) missing(ctx context.Context, set *keys.Set, id uint32) error {
	s, err := r.register.Read(ctx, keys.Wrap, set.Primary(keys.Wrap))
	switch {
	case err != nil:
		return fmt.Errorf("ask which wrapping key writes: %w", err)
	case id == s.Primary || !set.Holds(keys.Wrap, s.Primary):
		return r.behind(ctx, keys.Wrap, id)
	}
	return fmt.Errorf("%w: it needs the wrapping key %d, which this installation never had: it was damaged, or comes from elsewhere", webhook.ErrUnreadable, id)
}

// Set is the key set as it is now.
func (r *Ring) Set() *keys.Set { return r.now.Load().set }

// Problem says what keeps the ring from following, "" for nothing.
func (r *Ring) Problem() string {
	if text := r.problem.Load(); text != nil {
		return *text
	}
	return ""
}

// Enter puts the process on the list of nodes that a rotation waits for, under the name
// of its host and process id. Follow keeps it there.
func (r *Ring) Enter(ctx context.Context, name string) error {
	r.turn.Lock()
	r.id, r.name = rand.Text(), name
	r.turn.Unlock()
	return r.Renew(ctx)
}

// Ready tells that customers can be written: an error wraps redis.ErrMisconfigured.
func (r *Ring) Ready() error {
	if problem := r.Problem(); problem != "" && time.Now().After(r.now.Load().renew.Add(Lease)) {
		return fmt.Errorf("%w: %s", redis.ErrMisconfigured, problem)
	}
	return nil
}

// Follow reads the key file and renews the right to write, every quarter of Lease,
// until ctx ends; then it takes the node off the list.
func (r *Ring) Follow(ctx context.Context) {
	ticker := time.NewTicker(Lease / 4)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			r.leave(ctx)
			return
		case <-ticker.C:
		}
		r.turn.Lock()
		r.reload()
		r.turn.Unlock()
		_ = r.Renew(ctx) // said in the log, and tried again by whoever needs it
	}
}

func (r *Ring) leave(ctx context.Context) {
	r.turn.Lock()
	defer r.turn.Unlock()
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), Lease/4)
	defer cancel()
	_ = r.register.leave(last, r.id) // it is forgotten in an hour anyhow
	r.id = ""
}

// Renew asks the store which keys write, and for the right to do so.
func (r *Ring) Renew(ctx context.Context) error {
	r.turn.Lock()
	defer r.turn.Unlock()
	began := time.Now()
	set := r.now.Load().set
	knows := knowledge(set)
	stands, err := r.announce(ctx, set, knows)
	if err != nil {
		return fmt.Errorf("ask which keys write: %w", err)
	}
	if stands.of(keys.Wrap).Primary == 0 { // a read-only store that is nobody's yet
		return nil
	}
	if lacks(set, stands) {
		r.reload()
		set = r.now.Load().set
	}
	for _, p := range rotated() {
		id := stands.of(p).Primary
		if id == 0 { // a read-only store of a release that knew no look-up keys
			continue
		}
		if set, err = set.WithPrimary(p, id); errors.Is(err, keys.ErrNotHeld) {
			return r.behind(ctx, p, id)
		}
		if err != nil {
			return err
		}
	}
	r.now.Store(&held{set: set, from: stands.of(keys.Lookup).From, until: stands.now.Add(Lease).UnixMilli(), renew: began.Add(Lease / 2)})
	r.say(ctx, r.fault)
	if after := knowledge(set); after != knows && r.id != "" { // what was learned just now is told at once
		_, err = r.announce(ctx, set, after)
	}
	return err
}

func (r *Ring) announce(ctx context.Context, set *keys.Set, knows string) (entries, error) {
	first := map[keys.Purpose]uint32{}
	for _, p := range rotated() {
		first[p] = set.Primary(p)
	}
	return r.register.enter(ctx, first, r.id, knows+" "+r.name)
}

// reload takes the wrapping and look-up keys of the file, unless these cannot be those
// of the store: then the ones of before are used on.
func (r *Ring) reload() {
	r.loaded = time.Now()
	before := r.now.Load()
	set, err := r.options.Load()
	if err != nil {
		r.fault = "the key file cannot be read"
		return
	}
	if set.Fingerprint() != before.set.Fingerprint() {
		r.fault = "the key file is that of another installation"
		return
	}
	for _, p := range rotated() {
		id := before.set.Primary(p)
		if !known(set, p, id) {
			r.fault = fmt.Sprintf("the key file lacks the %s %d, which is in use: put the present key file in its place", noun(p), id)
			return
		}
		if with, err := set.WithPrimary(p, id); err == nil {
			set = with
		}
	}
	after := *before
	after.set = set
	r.now.Store(&after)
	r.fault = ""
}

// behind is the error for a key that is not in the file.
func (r *Ring) behind(ctx context.Context, p keys.Purpose, id uint32) error {
	text := fmt.Sprintf("what is stored needs the %s %d, which the key file lacks: put the present key file in its place (the one that bauta keys rotate wrote)", noun(p), id)
	if r.Set().IsDestroyed(p, id) {
		text = fmt.Sprintf("the store is to be written with the %s %d, which was destroyed: it is an old copy of the store", noun(p), id)
	}
	r.say(ctx, text)
	return fmt.Errorf("%w: %s", redis.ErrMisconfigured, text)
}

// say logs a problem, or its end, once.
func (r *Ring) say(ctx context.Context, problem string) {
	before := r.Problem()
	if problem == before {
		return
	}
	r.problem.Store(&problem)
	if problem == "" {
		r.options.Logger.InfoContext(ctx, "the key file fits the store again")
		return
	}
	r.options.Logger.ErrorContext(ctx, "the key file does not fit the store", slog.String("problem", problem))
}

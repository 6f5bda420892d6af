package redis

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	goredis "github.com/redis/go-redis/v9"
)

// Store is a checked connection to Redis. Safe for concurrent use; close it.
type Store struct {
	// client's connections are for short exchanges; waits' for writes that wait for
	// replicas or the disk, so that those that wait for nothing need not wait with
	// them; bulk's for what reads much.
	client, waits, bulk goredis.UniversalClient
	detours             *detours
	// reads and writes are small exchanges that callers share, apart because writes may
	// wait for replicas or the disk. A store for bulk has none, nor has one on a cluster.
	reads, writes *highway

	keys        Keys
	proof       proof
	fingerprint string
	// firstLookup is the look-up key of stores that do not say which they need.
	firstLookup string
	embedded    bool
	readOnly    bool
	// replicated: a write counts when replicas have it.
	replicated bool
	// fsyncs: that a write is on disk rests on the server's settings.
	fsyncs  bool
	onClose func()
	logger  *slog.Logger
}

// Open connects, waits for a server that does not answer yet, checks that it
// is fit to keep events (writable, never evicting, new enough, durable as the
// acknowledgement level needs) and that the store belongs to this
// configuration. Its errors wrap ErrMisconfigured (waiting is useless) or
// ErrUnavailable, and hold no credentials.
func Open(ctx context.Context, o Options) (*Store, error) {
	o = o.withDefaults()
	silenceClient()
	clients, err := o.clients()
	if err != nil {
		return nil, err
	}
	s := &Store{
		client: clients[0], waits: clients[1], bulk: clients[2], detours: o.detours(), fingerprint: o.Fingerprint, firstLookup: o.FirstLookup, embedded: o.Embedded, readOnly: o.ReadOnly, replicated: o.Acknowledge == Replica, onClose: o.OnClose, logger: o.Logger, keys: NewKeys(max(o.Shards, 1)),
	}
	if err := s.start(ctx, o); err != nil {
		_ = s.Close()
		return nil, err
	}
	s.share(o)
	return s, nil
}

// share has callers share round trips to one server. In a cluster they would wait for
// each other's masters, of which one may hang.
func (s *Store) share(o Options) {
	if _, cluster := s.client.(*goredis.ClusterClient); cluster {
		return
	}
	const within = dialTimeout + poolTimeout + replyTimeout
	s.reads = newHighway(func(ctx context.Context, calls []Call) []Result { return s.batches(ctx, calls, s.exchange) }, within)
	s.writes = newHighway(func(ctx context.Context, calls []Call) []Result { return s.batches(ctx, calls, s.proven) }, within+o.AcknowledgeTimeout)
}

// start tries until the server is there or the time is up.
func (s *Store) start(ctx context.Context, o Options) error {
	wait, cancel := context.WithTimeout(ctx, max(o.WaitOnStart, dialTimeout+replyTimeout))
	defer cancel()
	ticker := time.NewTicker(200 * time.Millisecond)
	defer ticker.Stop()
	began, told := time.Now(), false
	for {
		err := s.admit(wait, o)
		if err == nil || !errors.Is(err, ErrUnavailable) {
			return err
		}
		if d, ok := errors.AsType[*distrust](err); ok {
			return fmt.Errorf("%w: redis at %s: %s", ErrMisconfigured, o.addresses(), d.why)
		}
		if ctx.Err() != nil {
			return fmt.Errorf("stopped while waiting for redis at %s: %w", o.addresses(), fault(ctx.Err()))
		}
		if time.Since(began) >= o.WaitOnStart || wait.Err() != nil {
			return fmt.Errorf("redis at %s was not ready%s: %w%s", o.addresses(), o.patience(), err, o.hint(err))
		}
		if !told {
			told = true
			s.logger.WarnContext(ctx, "waiting for redis", "address", o.addresses(), "reason", err.Error()+o.hint(err))
		}
		select {
		case <-wait.Done():
		case <-ticker.C:
		}
	}
}

// patience says how long a start waits, where it waits.
func (o Options) patience() string {
	if o.WaitOnStart == 0 {
		return ""
	}
	return fmt.Sprintf(" within %s (redis.wait_on_start)", o.WaitOnStart)
}

func (s *Store) admit(ctx context.Context, o Options) error {
	if !o.Embedded {
		c := &checks{options: o, logger: s.logger}
		if err := eachMaster(ctx, s.client, c.node); err != nil {
			return fault(err)
		}
		if err := eachMaster(ctx, s.client, allowed); err != nil {
			return err
		}
		var err error
		if s.proof, err = c.proof(); err != nil {
			return err
		}
		s.fsyncs = o.Acknowledge == Fsync && !s.proof.asked() && !o.AssumeAppendFsync
	}
	shards, err := s.claim(ctx, o)
	if err != nil {
		return err
	}
	s.keys = NewKeys(shards)
	return nil
}

// Keys names the keys of this store.
func (s *Store) Keys() Keys { return s.keys }

// ReadOnly tells that the store was opened to write nothing.
func (s *Store) ReadOnly() bool { return s.readOnly }

// Logger is the one the store was opened with.
func (s *Store) Logger() *slog.Logger { return s.logger }

// Client is for what has no verb here: subscriptions and scans. Errors of it go
// through Fault.
func (s *Store) Client() goredis.UniversalClient { return s.client }

// Fault turns an error of the client into ErrUnavailable or ErrRefused. It is
// nil for nil and for a nil reply.
func Fault(err error) error { return fault(err) }

// EachMaster runs fn on every master, at the same time.
func (s *Store) EachMaster(ctx context.Context, fn func(context.Context, *goredis.Client) error) error {
	return fault(eachMaster(ctx, s.client, fn))
}

// Bulk is the same store over few connections of its own, for lists, sums and other
// work that reads much: however long that takes, it takes no connection from events.
// It ends with the store; do not close it.
func (s *Store) Bulk() *Store {
	b := *s
	b.client, b.waits = s.bulk, s.bulk
	b.reads, b.writes = nil, nil
	return &b
}

// Close ends all connections.
func (s *Store) Close() error {
	err := errors.Join(s.client.Close(), s.waits.Close(), s.bulk.Close(), s.detours.Close())
	if s.onClose != nil {
		s.onClose()
	}
	return err
}

package app

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"bauta/masking/keys"
	"bauta/redis"
	"bauta/redis/embedded"
)

// openStore opens the configured store, or the embedded one.
func openStore(ctx context.Context, o opening) (*redis.Store, error) {
	open := redis.Open
	if o.config.Redis.URL.Reveal() == "embedded" {
		open = embedded.Open
	}
	store, err := open(ctx, storeOptions(o))
	if errors.Is(err, redis.ErrMisconfigured) {
		return nil, usageError{err}
	}
	return store, err
}

func storeOptions(o opening) redis.Options {
	c, set := o.config, o.keys
	out := redis.Options{
		URL: c.Redis.URL.Reveal(), TLS: redis.TLS{CA: c.Path(c.Redis.TLS.CA), Cert: c.Path(c.Redis.TLS.Cert), Key: c.Path(c.Redis.TLS.Key)}, Acknowledge: acknowledge(c.Redis.Acknowledge), Replicas: c.Redis.Replicas,
		AcknowledgeTimeout: c.Redis.AcknowledgeTimeout.Std(), AssumeAppendFsync: c.Redis.AssumeAppendfsync == "always",
		WaitOnStart: c.Redis.WaitOnStart.Std(), Shards: c.Redis.Shards, Fingerprint: set.Fingerprint(), Logger: o.logger, ReadOnly: o.readOnly,
		Lookup: fmt.Sprint(set.Primary(keys.Lookup)), FirstLookup: fmt.Sprint(set.FirstLookup()),
	}
	if o.tracer != nil {
		out.Hooks = append(out.Hooks, redis.Traced(o.tracer))
	}
	return out
}

func acknowledge(level string) redis.Acknowledge {
	switch level {
	case "fsync":
		return redis.Fsync
	case "replica":
		return redis.Replica
	}
	return redis.Memory
}

// teardown is what has to be closed, in the reverse order of opening, each
// within a time of its own.
type teardown struct{ steps []step }

type step struct {
	within time.Duration
	end    func(context.Context) error
}

// stepTimeout is longer than the reading of a body and the pipeline may take
// together.
const stepTimeout = 30 * time.Second

func (t *teardown) add(within time.Duration, end func(context.Context) error) {
	t.steps = append(t.steps, step{within, end})
}

// run closes everything, once.
func (t *teardown) run() error {
	var faults []error
	for _, s := range slices.Backward(t.steps) {
		ctx, cancel := context.WithTimeout(context.Background(), s.within)
		faults = append(faults, s.end(ctx))
		cancel()
	}
	t.steps = nil
	return errors.Join(faults...)
}

package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"bauta/cmd/bauta/app/config"
	"bauta/masking/keys"
	"bauta/redis"
	"bauta/redis/embedded"
)

// openStore opens the configured store, or the embedded one. ReadOnly: opening
// it leaves no trace.
func openStore(ctx context.Context, c *config.Config, set *keys.Set, logger *slog.Logger, readOnly bool, more ...func(*redis.Options)) (*redis.Store, error) {
	o := storeOptions(c, set, logger, readOnly)
	for _, change := range more {
		change(&o)
	}
	open := redis.Open
	if c.Redis.URL.Reveal() == "embedded" {
		open = embedded.Open
	}
	store, err := open(ctx, o)
	if errors.Is(err, redis.ErrMisconfigured) {
		return nil, usageError{err}
	}
	return store, err
}

func storeOptions(c *config.Config, set *keys.Set, logger *slog.Logger, readOnly bool) redis.Options {
	return redis.Options{
		URL: c.Redis.URL.Reveal(), TLS: redis.TLS{CA: c.Path(c.Redis.TLS.CA), Cert: c.Path(c.Redis.TLS.Cert), Key: c.Path(c.Redis.TLS.Key)}, Acknowledge: acknowledge(c.Redis.Acknowledge), Replicas: c.Redis.Replicas,
		AcknowledgeTimeout: c.Redis.AcknowledgeTimeout.Std(), AssumeAppendFsync: c.Redis.AssumeAppendfsync == "always",
		WaitOnStart: c.Redis.WaitOnStart.Std(), Shards: c.Redis.Shards, Fingerprint: set.Fingerprint(), Logger: logger, ReadOnly: readOnly,
		Lookup: fmt.Sprint(set.Primary(keys.Lookup)), FirstLookup: fmt.Sprint(set.FirstLookup()),
	}
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

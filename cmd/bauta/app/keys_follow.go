package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"bauta/masking/keys"
	"bauta/redis"
	"bauta/redis/keyring"
	"bauta/webhook"
)

// keyRound is how often a wrapping key that should be gone is spoken of.
const keyRound = 24 * time.Hour

// newRing follows the wrapping keys of the store and of the key file. Those of an
// embedded store stay as they are: it is empty whenever it starts.
func newRing(ctx context.Context, k *core) (*keyring.Ring, error) {
	if k.config().Redis.URL.Reveal() == "embedded" {
		return nil, nil //nolint:nilnil // no ring is an answer here
	}
	ring, err := keyring.Open(ctx, keyring.Options{
		Store: k.store, Set: k.keys, Logger: k.logger,
		Load: func() (*keys.Set, error) {
			set, problem := readKeys(k.config().Path(k.config().Keys))
			if problem.text != "" {
				return nil, errors.New(problem.text)
			}
			return set, nil
		},
	})
	if errors.Is(err, redis.ErrMisconfigured) {
		return nil, usageError{err}
	}
	return ring, err
}

// wrapping is the key set with the wrapping keys of this moment.
func (k *core) wrapping() *keys.Set {
	if k.ring == nil {
		return k.keys
	}
	return k.ring.Set()
}

// followKeys follows the key file until teardown, as one of the nodes that a rotation
// waits for, and says when a wrapping key should be gone.
func (n *node) followKeys(ctx context.Context) error {
	k := n.core
	k.registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "bauta_wrapping_key_overdue", Help: "1 if a wrapping key is older than keys_lifetime, by which receipts of erasures name a date.",
	}, func() float64 {
		if k.overdue(time.Now()).IsZero() {
			return 0
		}
		return 1
	}))
	if k.ring == nil {
		return nil
	}
	host, _ := os.Hostname() // a node without a name is one all the same
	if err := k.ring.Enter(ctx, fmt.Sprintf("%s:%d", host, os.Getpid())); err != nil {
		return err
	}
	running, cancel := context.WithCancel(context.WithoutCancel(ctx))
	done := make(chan struct{})
	go k.remind(running)
	go func() {
		defer close(done)
		k.ring.Follow(running)
	}()
	n.down.add(stepTimeout, func(ctx context.Context) error {
		cancel()
		select {
		case <-done:
			return nil
		case <-ctx.Done():
			return errors.New("the key file was still followed")
		}
	})
	return nil
}

// remind says daily that a wrapping key should be gone.
func (k *core) remind(ctx context.Context) {
	ticker := time.NewTicker(keyRound)
	defer ticker.Stop()
	for {
		if at := k.overdue(time.Now()); !at.IsZero() {
			k.logger.WarnContext(ctx, "a wrapping key should be destroyed by now: receipts of erasures say so; run bauta keys rotate, then bauta keys rotate --destroy-old",
				slog.Time("since", at))
		}
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}

// keyWarnings are what the operator should know of the key file.
func (k *core) keyWarnings(now time.Time) []string {
	var out []string
	if k.ring != nil && k.ring.Problem() != "" {
		out = append(out, "key_file: "+k.ring.Problem())
	}
	if at := k.overdue(now); !at.IsZero() {
		out = append(out, "wrapping_key_overdue: "+at.UTC().Format(time.RFC3339))
	}
	return out
}

// overdue is when a wrapping key should have been destroyed that is still there; zero
// if none should.
func (k *core) overdue(now time.Time) time.Time {
	return overdue(k.wrapping(), k.config().KeysLifetime.Std(), now)
}

// dumps is what an erasure means for dumps from before. The key of today is the last
// that may be needed for them: whatever was wrapped with an older one is under it by
// now, or will never be.
func (k *core) dumps(erased time.Time) webhook.Dumps {
	const (
		who   = "dumps of the store from before can be read by whoever has the wrapping key of today, in any copy of the key file"
		index = "; whether a given number was a customer's can be tried as long as the look-up key of today is kept, in any copy of the key file"
	)
	lifetime, created := k.config().KeysLifetime.Std(), k.wrapping().Newest(keys.Wrap).Created
	from := created.Add(lifetime)
	switch {
	case lifetime == 0 || created.IsZero():
		return webhook.Dumps{Note: who + ", until it is replaced and destroyed; no date is promised for that (keys_lifetime)" + index}
	case !from.After(erased):
		return webhook.Dumps{Note: who + "; it should have been destroyed by " + from.UTC().Format(time.DateOnly) + " and was not, so that no date can be named" + index}
	}
	return webhook.Dumps{From: from.UTC(), Note: who + "; by " + from.UTC().Format(time.RFC3339) + " it is destroyed with every copy, and they are unreadable from then on" + index}
}

// overdue finds the wrapping key that should have been destroyed first.
func overdue(set *keys.Set, lifetime time.Duration, now time.Time) time.Time {
	var first time.Time
	for _, key := range set.List() {
		if key.Purpose != keys.Wrap || key.Created.IsZero() || lifetime == 0 {
			continue
		}
		if by := key.Created.Add(lifetime); by.Before(now) && (first.IsZero() || by.Before(first)) {
			first = by
		}
	}
	return first
}

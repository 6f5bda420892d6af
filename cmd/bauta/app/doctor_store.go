package app

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"bauta/cmd/bauta/app/config"
	"bauta/masking/keys"
	"bauta/redis"
)

const (
	// skewLook and skewBad are by how much clocks may differ: leases and rights to write
	// take seconds, signatures five minutes.
	skewLook = 2 * time.Second
	skewBad  = 30 * time.Second
	// memoryLook is the share of a server's memory from which on there is little room.
	memoryLook = 80
)

func (d *doctor) lookAtKeys() {
	const check = "keys"
	path := d.config.Path(d.config.Keys)
	if config.OpenToOthers(path) {
		d.bad(check, "other users of this machine can open "+path, "Run chmod 600 "+path+": who has it and Redis can turn every handle back.")
	}
	age := time.Since(d.keys.Newest(keys.Wrap).Created).Truncate(time.Hour)
	if at := overdue(d.keys, d.config.KeysLifetime.Std(), time.Now()); !at.IsZero() {
		d.warning(check, "a wrapping key should have been destroyed by "+at.UTC().Format(time.DateOnly)+": receipts of erasures say so",
			"Run bauta keys rotate, then bauta keys rotate --destroy-old.")
		return
	}
	d.good(check, fmt.Sprintf("%s can be read; the newest wrapping key is %d days old. Is there a copy elsewhere? Without it handles cannot be turned back", path, int(age.Hours()/24)))
}

// lookAtStore opens the store as serve does, but writes nothing; what serve would warn of
// becomes findings.
func (d *doctor) lookAtStore(ctx context.Context) {
	const check = "redis"
	if d.config.Redis.URL.Reveal() == "embedded" {
		d.warning(check, "the store is embedded: nothing survives a restart", "Set redis.url.")
		return
	}
	quick := *d.config
	quick.Redis.WaitOnStart = 0
	store, err := openStore(ctx, opening{config: &quick, keys: d.keys, logger: slog.New(warnings{d, check}), readOnly: true})
	if err != nil {
		d.bad(check, err.Error(), "serve does not start with it: mend redis.url or that Redis; deploy/reference/redis.md, \"Addresses, TLS, rights\", says what serve needs.")
		return
	}
	defer func() { _ = store.Close() }()
	d.good(check, "answers, takes what is written, evicts nothing, and its user has the rights; acknowledge: "+d.config.Redis.Acknowledge)
	d.lookAtAccounts(ctx, store)
	d.lookAtMemory(ctx, store)
	d.lookAtStoreClock(ctx, store)
}

func (d *doctor) lookAtAccounts(ctx context.Context, store *redis.Store) {
	const check = "accounts"
	faults, _, err := misplaced(ctx, store, d.config)
	if err != nil {
		d.bad(check, err.Error(), "See the line above on redis.")
	}
	for _, f := range faults {
		d.bad(check, f.String(), "serve does not start with it.")
	}
}

func (d *doctor) lookAtMemory(ctx context.Context, store *redis.Store) {
	const check = "redis memory"
	servers, unfit, err := store.Load(ctx)
	if err != nil || unfit != nil {
		d.bad(check, "could not be read, or does not fit", "See the line above on redis.")
		return
	}
	for _, s := range servers {
		share := int64(0)
		if s.Max > 0 {
			share = 100 * s.Used / s.Max
		}
		switch {
		case s.Max == 0:
			d.warning(check, fmt.Sprintf("%d MiB are used, and there is no maxmemory: the system ends Redis when memory is gone", s.Used>>20),
				"Set maxmemory to two thirds of the machine's (deploy/reference/redis.md, \"Size\").")
		case share >= memoryLook:
			d.warning(check, fmt.Sprintf("%d %% of maxmemory are used; from 95 %% on webhooks are answered 503", share), "Give it more, or see what waits: bauta endpoints list.")
		default:
			d.good(check, fmt.Sprintf("%d %% of maxmemory are used", share))
		}
	}
}

func (d *doctor) lookAtStoreClock(ctx context.Context, store *redis.Store) {
	off, err := store.Skew(ctx)
	if err != nil {
		d.warning("clock of redis", "could not be read", "Let Bauta's user run TIME (deploy/reference/redis.md, \"Addresses, TLS, rights\").")
		return
	}
	d.clock("clock of redis", off)
}

// clock judges by how much another clock differs.
func (d *doctor) clock(check string, off time.Duration) {
	says := "differs from this machine's by " + off.Round(time.Second).String()
	const do = "Keep the clocks in step (chrony, systemd-timesyncd): leases, signatures and retention rest on them."
	switch {
	case off >= skewBad:
		d.bad(check, says, do)
	case off >= skewLook:
		d.warning(check, says, do)
	default:
		d.good(check, "is in step with this machine's")
	}
}

// warnings is a log whose warnings are findings.
type warnings struct {
	d     *doctor
	check string
}

// Enabled implements slog.Handler.
func (w warnings) Enabled(_ context.Context, level slog.Level) bool { return level >= slog.LevelWarn }

// Handle implements slog.Handler.
func (w warnings) Handle(_ context.Context, r slog.Record) error { //nolint:gocritic // slog's own shape
	w.d.warning(w.check, r.Message, "deploy/reference/redis.md, \"Addresses, TLS, rights\", says what serve needs, and why.")
	return nil
}

// WithAttrs implements slog.Handler.
func (w warnings) WithAttrs([]slog.Attr) slog.Handler { return w }

// WithGroup implements slog.Handler.
func (w warnings) WithGroup(string) slog.Handler { return w }

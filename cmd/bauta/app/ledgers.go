package app

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"
)

// ledgerRound is how often old lines are dropped.
const ledgerRound = 24 * time.Hour

// ledgers looks after the consent ledgers of a node: verified at the start, pruned
// daily.
type ledgers struct {
	core *core
	// changed is signalled when the businesses are others.
	changed chan struct{}

	mu     sync.Mutex
	faults map[string]bool
}

// keepLedgers begins that, until teardown.
func (n *node) keepLedgers(ctx context.Context) {
	n.ledgers = &ledgers{core: n.core, changed: make(chan struct{}, 1), faults: map[string]bool{}}
	n.background(ctx, "the look after the consent ledgers", n.ledgers.run)
}

// background runs something until teardown.
func (n *node) background(ctx context.Context, what string, run func(context.Context)) {
	running, cancel := context.WithCancel(context.WithoutCancel(ctx))
	done := make(chan struct{})
	go func() {
		defer close(done)
		run(running)
	}()
	n.down.add(stepTimeout, func(ctx context.Context) error {
		cancel()
		select {
		case <-done:
			return nil
		case <-ctx.Done():
			return fmt.Errorf("%s did not end in time", what)
		}
	})
}

func (l *ledgers) run(ctx context.Context) {
	verified := map[string]bool{}
	l.verifyNew(ctx, verified)
	ticker := time.NewTicker(ledgerRound)
	defer ticker.Stop()
	for {
		for _, b := range l.core.directory.All() {
			l.prune(ctx, b.ID)
		}
		select {
		case <-ctx.Done():
			return
		case <-l.changed:
			l.verifyNew(ctx, verified)
		case <-ticker.C:
		}
	}
}

// verifyNew verifies the ledgers that were not yet.
func (l *ledgers) verifyNew(ctx context.Context, verified map[string]bool) {
	for _, b := range l.core.directory.All() {
		if !verified[b.ID] {
			verified[b.ID] = true
			l.verify(ctx, b.ID)
		}
	}
}

// verify says loudly that a ledger does not hold: nothing else of Bauta depends on it,
// so that customers are served all the same.
func (l *ledgers) verify(ctx context.Context, business string) {
	report, err := l.core.deciding.lines.Verify(ctx, business, func(int64, int64) {})
	problem := ""
	switch {
	case err != nil:
		problem = err.Error()
	case report.Fault != nil:
		problem = report.Fault.String()
	}
	switch {
	case ctx.Err() != nil:
	case problem != "":
		l.mu.Lock()
		l.faults[business] = true
		l.mu.Unlock()
		l.core.logger.ErrorContext(ctx, "the consent ledger does not hold; run bauta consents verify",
			slog.String("business", business), slog.String("error", problem))
	default:
		l.core.logger.InfoContext(ctx, "the consent ledger is whole", slog.String("business", business), slog.Int64("lines", report.Lines))
	}
}

func (l *ledgers) prune(ctx context.Context, business string) {
	keep := l.core.retention(business).Consents
	if keep == 0 {
		return
	}
	dropped, err := l.core.deciding.lines.Prune(ctx, business, time.Now().Add(-keep))
	if err != nil && ctx.Err() == nil {
		l.core.logger.WarnContext(ctx, "old lines of the consent ledger could not be dropped", slog.String("business", business), slog.String("error", err.Error()))
		return
	}
	if dropped > 0 {
		l.core.logger.InfoContext(ctx, "old lines of the consent ledger were dropped", slog.String("business", business), slog.Int("lines", dropped))
	}
}

// warnings name the businesses whose ledger did not hold at the start, or takes no
// lines.
func (l *ledgers) warnings() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	broken := l.core.deciding.consents.Broken()
	var out []string
	for _, b := range l.core.directory.All() {
		if id := b.ID; l.faults[id] || slices.Contains(broken, id) {
			out = append(out, fmt.Sprintf("consent_ledger_not_verified: %s", id))
		}
	}
	return out
}

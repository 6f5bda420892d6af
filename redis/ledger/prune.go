package ledger

import (
	"context"
	"fmt"
	"time"

	"bauta/masking/sharing"
)

// Prune drops the lines at the beginning of a ledger that are from before a time,
// up to the first that is not, and never the last one. It returns how many. The rest
// still verifies: the head of what was dropped is kept, and signed. Some
// lines are dropped at a time, so that after an error it can be called again. Of a
// ledger that is not as it was written nothing is dropped: ErrFault.
func (l *Ledger) Prune(ctx context.Context, business string, before time.Time) (int, error) {
	dropped := 0
	for {
		n, more, err := l.pruneSome(ctx, business, before)
		dropped += n
		if err != nil {
			return dropped, fmt.Errorf("drop the oldest lines of the consent ledger: %w", err)
		}
		if !more {
			return dropped, nil
		}
	}
}

// pruneSome drops at most mostLines; more tells whether there may be others.
func (l *Ledger) pruneSome(ctx context.Context, business string, before time.Time) (dropped int, more bool, err error) {
	p, err := l.page(ctx, business, 0, mostLines)
	if err != nil {
		return 0, false, err
	}
	if fault := l.sound(business, p.ends); fault != nil {
		return 0, false, fault.err()
	}
	base := p.ends.base
	keys, ids := []string{l.names.LedgerHead(business), l.names.Ledger(business)}, []any{}
	for i := range p.sealed {
		entry, place, fault := p.open(i)
		if fault == nil && place.Prev != next(business, base).Prev {
			fault = &Fault{Changed, entry.Seq}
		}
		if fault != nil {
			return 0, false, fault.err()
		}
		if !entry.Line.At.Before(before) || entry.Seq == p.ends.head.Seq {
			break
		}
		base = sharing.Head{Seq: entry.Seq, Hash: sharing.HashOf(entry.Raw)}
		line := l.id(business, entry.Line.ID)
		keys, ids = append(keys, l.places(business, line)...), append(ids, line.member)
	}
	if len(ids) == 0 {
		return 0, false, nil
	}
	if base.Signed, err = l.signer.Sign(baseOf(business), base.Seq, base.Hash, l.now()); err != nil {
		return 0, false, fmt.Errorf("sign the end of what is dropped: %w", err)
	}
	args := append([]any{p.ends.base.Seq, base.Seq, base.Hash, base.Signed, len(ids)}, ids...)
	done, err := l.store.Do(ctx, l.scripts.prune.Call(keys, args...)).Int()
	if err != nil {
		return 0, false, err
	}
	if done == 0 {
		return 0, true, nil // another node dropped some
	}
	return len(ids), len(ids) == mostLines, nil
}

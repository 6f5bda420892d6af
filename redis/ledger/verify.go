package ledger

import (
	"context"
	"fmt"
	"time"

	"bauta/masking/sharing"
)

// readLines are read at a time by what reads all.
const readLines = 256

// Report is what Verify found.
type Report struct {
	Business string
	// Head when it began; the lines up to there were verified.
	Head sharing.Head
	// Dropped is how many lines were there before the first, and are not any more
	// (retention).
	Dropped int64
	// Lines that were verified, and the times of the first and last of them.
	Lines       int64
	First, Last time.Time
	// Fault is the first that was found; nil: the ledger is as it was written.
	Fault *Fault
}

// Verify reads a ledger from its first line to the head, and checks every line, its
// place and hash, and the signatures. progress, unless nil, is told after every page
// how many lines are done. An error says that it could not be read; what is wrong
// with it is in the report.
func (l *Ledger) Verify(ctx context.Context, business string, progress func(done, total int64)) (Report, error) {
	e, _, err := l.look(ctx, business, nil)
	if err != nil {
		return Report{}, fmt.Errorf("verify the consent ledger: %w", err)
	}
	if progress == nil {
		progress = func(int64, int64) {}
	}
	r := Report{Business: business, Head: e.head, Dropped: e.base.Seq}
	ends := l.sound(business, e)
	if ends != nil && ends.Kind == ForgedBase {
		r.Fault = ends
		return r, nil
	}
	behind, err := l.walk(ctx, &r, e, progress)
	if err != nil {
		return Report{}, fmt.Errorf("verify the consent ledger: %w", err)
	}
	if r.Fault == nil {
		r.Fault = ends
	}
	if r.Fault == nil && behind != next(business, e.head) {
		r.Fault = &Fault{Changed, e.head.Seq}
	}
	return r, nil
}

// walk checks line by line up to the head, or as far as there are lines, and
// returns the place behind the last. Lines that are dropped meanwhile count as such.
func (l *Ledger) walk(ctx context.Context, r *Report, e ends, progress func(done, total int64)) (sharing.Place, error) {
	at := next(r.Business, e.base)
	for at.Seq <= e.head.Seq {
		p, err := l.page(ctx, r.Business, at.Seq-1, int(min(e.head.Seq-at.Seq+1, readLines)))
		if err != nil || len(p.sealed) == 0 {
			return at, err
		}
		if p.after >= at.Seq {
			if !l.vouched(baseOf(r.Business), p.ends.base) {
				r.Fault = &Fault{ForgedBase, p.after}
				return at, nil
			}
			at = next(r.Business, p.ends.base)
		}
		for i := range p.sealed {
			entry, place, fault := p.open(i)
			if fault == nil && place.Prev != at.Prev {
				fault = &Fault{Changed, max(at.Seq-1, r.Dropped+1)}
			}
			if fault != nil {
				r.Fault = fault
				return at, nil
			}
			r.take(entry)
			at = next(r.Business, sharing.Head{Seq: entry.Seq, Hash: sharing.HashOf(entry.Raw)})
		}
		progress(r.Lines, e.head.Seq-r.Dropped)
	}
	return at, nil
}

func (r *Report) take(entry Entry) {
	if r.Lines == 0 {
		r.First, r.Dropped = entry.Line.At, entry.Seq-1
	}
	r.Lines, r.Last = r.Lines+1, entry.Line.At
}

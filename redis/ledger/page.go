package ledger

import (
	"context"
	"encoding/binary"
	"fmt"

	"bauta/masking/sharing"
	"bauta/redis"
	"bauta/webhook"
)

// mostEntries bounds a page.
const mostEntries = 1000

// Entry is a line in its place.
type Entry struct {
	Seq int64
	// Raw is what is hashed: one JSON line without its end.
	Raw  []byte
	Line sharing.Line
}

// Page returns at most limit lines (1000 at most) behind a seq, in order; after 0
// the first that is kept. ErrFault where a line cannot be read, is missing or is
// behind the head: beside it the lines before that one. That they are chained is for
// Verify.
func (l *Ledger) Page(ctx context.Context, business string, after int64, limit int) ([]Entry, error) {
	limit = max(min(limit, mostEntries), 1)
	p, err := l.page(ctx, business, after, limit)
	if err != nil {
		return nil, fmt.Errorf("read the consent ledger: %w", err)
	}
	out := make([]Entry, 0, len(p.sealed))
	for i := range p.sealed {
		entry, _, fault := p.open(i)
		if fault != nil {
			return out, fmt.Errorf("read the consent ledger: %w", fault.err())
		}
		out = append(out, entry)
	}
	if behind := p.after + int64(len(out)); len(out) < limit && behind < p.ends.head.Seq {
		return out, fmt.Errorf("read the consent ledger: %w", (&Fault{Shortened, behind + 1}).err())
	}
	return out, nil
}

// page is some of a ledger's lines, as they are stored, and its ends at that moment.
type page struct {
	business string
	key      webhook.DataKey
	ends     ends
	// after is the seq of the line before the first.
	after  int64
	sealed []any
}

// page reads at most limit lines behind a seq, or behind the base.
func (l *Ledger) page(ctx context.Context, business string, after int64, limit int) (page, error) {
	key, err := l.keys.BusinessKey(ctx, business)
	if err != nil {
		return page{}, err
	}
	keys := []string{l.names.LedgerHead(business), l.names.Ledger(business)}
	after = max(after, 0)
	values, err := l.store.Pipeline(ctx, []redis.Call{l.scripts.page.Call(keys, after, limit)})[0].List()
	if err != nil {
		return page{}, err
	}
	if len(values) != fields+1 {
		return page{}, fmt.Errorf("%w: the script answered %d values", redis.ErrRefused, len(values))
	}
	e, err := endsOf(values)
	if err != nil {
		return page{}, err
	}
	sealed, err := redis.Result{Value: values[fields]}.List()
	return page{business: business, key: key, ends: e, after: max(after, e.base.Seq), sealed: sealed}, err
}

// open reads one line: it is the one of its place, or at fault.
func (p *page) open(i int) (Entry, sharing.Place, *Fault) {
	want := p.after + 1 + int64(i)
	if want > p.ends.head.Seq {
		return Entry{}, sharing.Place{}, &Fault{Surplus, want}
	}
	text, _ := p.sealed[i].(string)
	seq, n := binary.Uvarint([]byte(text))
	if n > 0 && seq > uint64(want) && seq <= uint64(p.ends.head.Seq) { //nolint:gosec // neither is negative
		return Entry{}, sharing.Place{}, &Fault{Missing, want}
	}
	changed := &Fault{Changed, want}
	if n <= 0 || seq != uint64(want) { //nolint:gosec // it is not negative
		return Entry{}, sharing.Place{}, changed
	}
	raw, err := p.key.Decrypt([]byte(text[n:]), associated(p.business, want))
	if err != nil {
		return Entry{}, sharing.Place{}, changed
	}
	line, place, err := sharing.Decode(raw)
	if err != nil || place.Seq != want || place.Business != p.business {
		return Entry{}, sharing.Place{}, changed
	}
	return Entry{Seq: want, Raw: raw, Line: line}, place, nil
}

// seal encrypts a line for its place. In front of it stands its seq.
func seal(key webhook.DataKey, text []byte, business string, seq int64) ([]byte, error) {
	sealed, err := key.Encrypt(text, associated(business, seq))
	if err != nil {
		return nil, err
	}
	return append(binary.AppendUvarint(nil, uint64(seq)), sealed...), nil //nolint:gosec // it is not negative
}

// associated binds a line to its ledger and place; lengths keep the parts apart.
func associated(business string, seq int64) []byte {
	out := append(make([]byte, 0, 32), "ledger"...)
	out = binary.AppendUvarint(out, uint64(len(business)))
	out = append(out, business...)
	return binary.AppendVarint(out, seq)
}

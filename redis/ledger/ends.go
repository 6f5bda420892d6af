package ledger

import (
	"context"
	"fmt"

	"bauta/masking/sharing"
	"bauta/redis"
)

// ends are where a ledger begins and ends.
type ends struct {
	head sharing.Head
	// base is the last line that was dropped; zero if none was. It is signed as
	// heads are, but in a name that no head is signed in: an old head is no base.
	base sharing.Head
	// lines is how many there are.
	lines int64
}

// next is the place of the line behind a head, or base.
func next(business string, h sharing.Head) sharing.Place {
	if h.Seq == 0 {
		return sharing.Begin(business)
	}
	return sharing.Place{Seq: h.Seq + 1, Business: business, Prev: h.Hash}
}

// fields is how many values the scripts return of a ledger's ends.
const fields = 7

// baseOf is the name that a business's bases are signed in. Ids of businesses have
// no colon.
func baseOf(business string) string { return business + ":base" }

// look reads a ledger's ends, and which ids are in it, in one step.
func (l *Ledger) look(ctx context.Context, business string, ids []id) (ends, []bool, error) {
	keys := []string{l.names.LedgerHead(business), l.names.Ledger(business)}
	args := make([]any, len(ids))
	for i := range ids {
		keys, args[i] = append(keys, l.places(business, ids[i])...), ids[i].member
	}
	values, err := l.store.Pipeline(ctx, []redis.Call{l.scripts.look.Call(keys, args...)})[0].List()
	if err != nil {
		return ends{}, nil, err
	}
	if len(values) != fields+len(ids) {
		return ends{}, nil, fmt.Errorf("%w: the script answered %d values", redis.ErrRefused, len(values))
	}
	e, err := endsOf(values)
	known := make([]bool, len(ids))
	for i, v := range values[fields:] {
		known[i] = v != int64(0)
	}
	return e, known, err
}

// endsOf reads what the scripts return first.
func endsOf(values []any) (ends, error) {
	var e ends
	for i, number := range map[int]*int64{0: &e.head.Seq, 3: &e.base.Seq, 6: &e.lines} {
		n, err := redis.Result{Value: values[i]}.Int()
		if err != nil {
			return ends{}, err
		}
		*number = n
	}
	for i, text := range map[int]*string{1: &e.head.Hash, 2: &e.head.Signed, 4: &e.base.Hash, 5: &e.base.Signed} {
		*text, _ = values[i].(string)
	}
	return e, nil
}

// sound tells, from its ends alone, what is wrong with a ledger; nil if nothing is.
func (l *Ledger) sound(business string, e ends) *Fault {
	switch {
	case e.head == sharing.Head{} && e.base == sharing.Head{} && e.lines == 0:
		return nil
	case !l.vouched(business, e.head):
		return &Fault{ForgedHead, e.head.Seq}
	case e.base != sharing.Head{} && !l.vouched(baseOf(business), e.base):
		return &Fault{ForgedBase, e.base.Seq}
	case e.lines < e.head.Seq-e.base.Seq:
		return &Fault{Shortened, e.base.Seq + e.lines + 1}
	case e.lines > e.head.Seq-e.base.Seq:
		return &Fault{Surplus, e.head.Seq + 1}
	}
	return nil
}

// vouched tells whether a head was signed in this name.
func (l *Ledger) vouched(name string, h sharing.Head) bool {
	business, seq, hash, err := l.signer.Verify(h.Signed)
	return err == nil && business == name && seq == h.Seq && hash == h.Hash
}

package ledger

import (
	"context"
	"fmt"
	"slices"

	"bauta/masking/sharing"
	"bauta/redis"
	"bauta/webhook"
)

// write appends what several callers have for one ledger.
func (l *Ledger) write(ctx context.Context, business string, calls [][]sharing.Line) []outcome {
	var lines []sharing.Line
	seen := map[string]bool{}
	for _, line := range slices.Concat(calls...) {
		if !seen[line.ID] {
			seen[line.ID], lines = true, append(lines, line)
		}
	}
	var done outcome
	for part := range slices.Chunk(lines, mostLines) {
		if done.err == nil {
			done.head, done.err = l.extend(ctx, business, part)
		}
	}
	return slices.Repeat([]outcome{done}, len(calls))
}

// extend appends lines in one step, if nobody else does in the meantime; else it
// begins anew behind theirs.
func (l *Ledger) extend(ctx context.Context, business string, lines []sharing.Line) (sharing.Head, error) {
	key, err := l.keys.BusinessKey(ctx, business)
	if err != nil {
		return sharing.Head{}, err
	}
	ids := make([]id, len(lines))
	for i := range lines {
		ids[i] = l.id(business, lines[i].ID)
	}
	for range attempts {
		c, err := l.begin(ctx, business, ids)
		if err != nil {
			return sharing.Head{}, err
		}
		call, err := c.extend(lines, ids, key)
		if err != nil {
			return sharing.Head{}, err
		}
		appended, err := l.store.Do(ctx, call).Int()
		if err != nil {
			return sharing.Head{}, err
		}
		if appended == 1 {
			for i := range lines {
				if !c.known[i] {
					l.entered(business, &lines[i])
				}
			}
			return c.head, nil
		}
	}
	return sharing.Head{}, fmt.Errorf("%w: other nodes were faster %d times", redis.ErrUnavailable, attempts)
}

// chain is what is appended behind a ledger's end.
type chain struct {
	ledger   *Ledger
	business string
	from     ends
	// known are the lines that are in the ledger.
	known []bool
	head  sharing.Head
	parts []string
	args  []any
}

// begin reads where the ledger ends.
func (l *Ledger) begin(ctx context.Context, business string, ids []id) (*chain, error) {
	e, known, err := l.look(ctx, business, ids)
	if err == nil {
		err = l.sound(business, e).err()
	}
	return &chain{ledger: l, business: business, from: e, known: known, head: e.head}, err
}

// extend chains the lines that are not known, and signs the new head.
func (c *chain) extend(lines []sharing.Line, ids []id, key webhook.DataKey) (redis.Call, error) {
	l := c.ledger
	for i := range lines {
		if c.known[i] {
			continue
		}
		if err := c.add(&lines[i], ids[i], key); err != nil {
			return redis.Call{}, fmt.Errorf("encrypt a line: %w", err)
		}
	}
	if len(c.parts) > 0 {
		signed, err := l.signer.Sign(c.business, c.head.Seq, c.head.Hash, l.now())
		if err != nil {
			return redis.Call{}, fmt.Errorf("sign the head: %w", err)
		}
		c.head.Signed = signed
	}
	keys := append([]string{l.names.LedgerHead(c.business), l.names.Ledger(c.business)}, c.parts...)
	args := append([]any{c.from.head.Seq, c.from.head.Hash, c.head.Seq, c.head.Hash, c.head.Signed}, c.args...)
	return l.scripts.append.Call(keys, args...), nil
}

func (c *chain) add(line *sharing.Line, i id, key webhook.DataKey) error {
	lines, place := c.head.Seq-c.from.base.Seq, next(c.business, c.head)
	text := line.Encode(place.Seq, place.Business, place.Prev)
	sealed, err := seal(key, text, c.business, place.Seq)
	if err != nil {
		return err
	}
	c.head.Seq, c.head.Hash = place.Seq, sharing.HashOf(text)
	c.parts = append(c.parts, c.ledger.names.LedgerIDs(c.business, i.part(levelOf(lines))))
	c.args = append(c.args, i.member, sealed)
	return nil
}

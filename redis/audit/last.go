package audit

import (
	"context"
	"fmt"
	"math"
	"slices"
	"time"

	"bauta/redis"
	"bauta/webhook"
)

// Last returns at most limit lines (1000 at most) of a business before the one with the
// cursor, the newest first; before "" the newest are. Errors as of Page.
func (l *Log) Last(ctx context.Context, business, before string, limit int) ([]Entry, error) {
	at := position{day: math.MaxInt64, block: math.MaxInt64}
	if before != "" {
		var err error
		if at, err = parse(before); err != nil {
			return nil, err
		}
	}
	days, err := l.days(ctx, business)
	if err != nil {
		return nil, fmt.Errorf("read the audit log: %w", err)
	}
	limit = min(limit, mostEntries)
	var out []Entry
	for _, day := range slices.Backward(days) {
		if day > at.day || len(out) >= limit {
			continue
		}
		if day < at.day {
			at = position{day: day, block: math.MaxInt64}
		}
		found, err := l.readDayBack(ctx, business, at, limit-len(out))
		if err != nil {
			return nil, fmt.Errorf("read the audit log: %w", err)
		}
		out = append(out, found...)
	}
	return out, nil
}

// readDayBack returns at most limit lines of a day before a position, the newest first.
func (l *Log) readDayBack(ctx context.Context, business string, at position, limit int) ([]Entry, error) {
	key, err := l.keys.BusinessKey(ctx, business)
	if err != nil {
		return nil, err
	}
	n, err := l.store.Pipeline(ctx, []redis.Call{redis.Command("LLEN", l.day(business, at.day))})[0].Int()
	if err != nil {
		return nil, err
	}
	var out []Entry
	window := min(int64(limit), readBlocks)
	for end := min(at.block, n-1); end >= 0 && len(out) < limit; end -= window {
		first := max(end-window+1, 0)
		blocks, err := l.store.Pipeline(ctx, []redis.Call{redis.Command("LRANGE", l.day(business, at.day), first, end)})[0].List()
		if err != nil {
			return nil, err
		}
		for i, sealed := range slices.Backward(blocks) {
			here := position{day: at.day, block: first + int64(i)}
			lines, err := l.unseal(key, sealed, business, at.day)
			if err != nil {
				return nil, fmt.Errorf("%s, block %d: %w", start(at.day).Format(time.DateOnly), here.block, err)
			}
			if here.block == at.block {
				lines = lines[:min(at.line, int64(len(lines)))]
			}
			out = append(out, backward(here, lines)...)
		}
	}
	return out[:min(len(out), limit)], nil
}

// backward are the lines of a block, the newest first.
func backward(block position, lines []webhook.Reversal) []Entry {
	out := make([]Entry, 0, len(lines))
	for i, line := range slices.Backward(lines) {
		block.line = int64(i)
		out = append(out, Entry{Cursor: block.cursor(), Reversal: line})
	}
	return out
}

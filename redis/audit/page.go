package audit

import (
	"context"
	"fmt"
	"time"

	"bauta/redis"
	"bauta/webhook"
)

const (
	// mostEntries bounds a page.
	mostEntries = 1000
	// readBlocks are read at a time, some 8 KB each at most.
	readBlocks = 64
)

// Entry is a line of the log.
type Entry struct {
	// Cursor leads to what follows.
	Cursor string
	webhook.Reversal
}

// position is where a line stands: day, block within the day, line within the block.
type position struct{ day, block, line int64 }

func (p position) cursor() string { return fmt.Sprintf("%d.%d.%d", p.day, p.block, p.line) }

func parse(cursor string) (p position, err error) {
	if cursor == "" {
		return position{line: -1}, nil
	}
	n, err := fmt.Sscanf(cursor, "%d.%d.%d", &p.day, &p.block, &p.line)
	if err != nil || n != 3 || p.block < 0 || p.line < 0 || p.cursor() != cursor {
		return position{}, ErrCursor
	}
	return p, nil
}

// Page returns at most limit lines (1000 at most) of a business behind the one
// with the cursor, oldest first as they were written; after "" the oldest are. A cursor stays good:
// behind one whose day is gone come those of the next day. ErrCursor, or
// ErrUnreadable with the day and block at fault.
func (l *Log) Page(ctx context.Context, business, after string, limit int) ([]Entry, error) {
	at, err := parse(after)
	if err != nil {
		return nil, err
	}
	days, err := l.days(ctx, business)
	if err != nil {
		return nil, fmt.Errorf("read the audit log: %w", err)
	}
	limit = min(limit, mostEntries)
	var out []Entry
	for _, day := range days {
		if day < at.day || len(out) >= limit {
			continue
		}
		if day > at.day {
			at = position{day: day, line: -1}
		}
		found, err := l.readDay(ctx, business, at, limit-len(out))
		if err != nil {
			return nil, fmt.Errorf("read the audit log: %w", err)
		}
		out = append(out, found...)
	}
	return out, nil
}

// readDay returns at most limit lines of a day behind a position.
func (l *Log) readDay(ctx context.Context, business string, at position, limit int) ([]Entry, error) {
	key, err := l.keys.BusinessKey(ctx, business)
	if err != nil {
		return nil, err
	}
	var out []Entry
	for len(out) < limit {
		window := min(int64(limit), readBlocks)
		call := redis.Command("LRANGE", l.day(business, at.day), at.block, at.block+window-1)
		blocks, err := l.store.Pipeline(ctx, []redis.Call{call})[0].List()
		if err != nil {
			return nil, err
		}
		for _, sealed := range blocks {
			lines, err := l.unseal(key, sealed, business, at.day)
			if err != nil {
				return nil, fmt.Errorf("%s, block %d: %w", start(at.day).Format(time.DateOnly), at.block, err)
			}
			for at.line++; at.line < int64(len(lines)); at.line++ {
				if len(out) == limit {
					return out, nil
				}
				out = append(out, Entry{Cursor: at.cursor(), Reversal: lines[at.line]})
			}
			at = position{day: at.day, block: at.block + 1, line: -1}
		}
		if int64(len(blocks)) < window {
			break
		}
	}
	return out, nil
}

func (l *Log) unseal(key webhook.DataKey, sealed any, business string, day int64) ([]webhook.Reversal, error) {
	text, _ := sealed.(string)
	plain, err := key.Decrypt([]byte(text), l.associated(business, day))
	if err != nil {
		return nil, ErrUnreadable
	}
	return decode(plain, business, day)
}

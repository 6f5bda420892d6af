package audit

import (
	"context"
	"slices"
	"strconv"
	"time"

	"bauta/redis"
)

const (
	daySeconds = 24 * 60 * 60
	dayMillis  = daySeconds * 1000
)

// appendSource appends blocks to a day. KEYS: the day. ARGV: until when it lives, in
// Unix ms, 0 for ever; the blocks.
const appendSource = `
for i = 2, #ARGV do redis.call('RPUSH', KEYS[1], ARGV[i]) end
if ARGV[1] ~= '0' then redis.call('PEXPIREAT', KEYS[1], ARGV[1]) end
return 1`

// ends is when a day's lines go, in Unix ms; 0 for never.
func (l *Log) ends(business string, day int64) int64 {
	life := l.retention(business)
	if life <= 0 {
		return 0
	}
	return (day+1)*dayMillis + life.Milliseconds()
}

// dayOf is a day in the list of a business's days, with when it ends as Redis has it.
type dayOf struct{ day, ends int64 }

// open enters the day in the lists of days, and lets the days that are there end as
// the businesses' retention has it now. It does so once a day and node. What
// fails is a share's error.
func (l *Log) open(ctx context.Context, shares []*share, day int64) {
	var closed []*share
	var lists []redis.Call
	for _, s := range shares {
		if opened, ok := l.opened[s.business]; !ok || opened != day {
			closed, lists = append(closed, s), append(lists, l.list(s.business))
		}
	}
	for i, r := range l.store.Pipeline(ctx, lists) {
		s := closed[i]
		days, err := daysOf(r)
		if err == nil {
			err = l.settle(ctx, s.business, append(days, dayOf{day, -1}))
		}
		if s.err = err; err == nil {
			l.opened[s.business] = day
		}
	}
}

// day is the key of one day, listed that of the list of days.
func (l *Log) day(business string, day int64) string {
	if l.book == Actions {
		return l.names.Actions(business, day)
	}
	return l.names.Audit(business, day)
}

func (l *Log) listed(business string) string {
	if l.book == Actions {
		return l.names.Actioned(business)
	}
	return l.names.Audits(business)
}

func (l *Log) list(business string) redis.Call {
	return redis.Command("ZRANGE", l.listed(business), 0, -1, "WITHSCORES")
}

// settle has days end when they should. The list is changed after the days are: what
// a crash leaves undone is done the next time.
func (l *Log) settle(ctx context.Context, business string, days []dayOf) error {
	list, now := l.listed(business), l.now().UnixMilli()
	var keys, entries []redis.Call
	last := int64(0)
	for _, d := range days {
		key, member := l.day(business, d.day), strconv.FormatInt(d.day, 10)
		ends := l.ends(business, d.day)
		last = max(last, ends)
		switch ends {
		case d.ends:
			continue
		case 0:
			keys = append(keys, redis.Command("PERSIST", key))
		default:
			keys = append(keys, redis.Command("PEXPIREAT", key, ends))
		}
		entries = append(entries, redis.Command("ZADD", list, ends, member))
	}
	if last > 0 {
		entries = append(entries, redis.Command("ZREMRANGEBYSCORE", list, "(0", now), redis.Command("PEXPIREAT", list, last))
	} else {
		entries = append(entries, redis.Command("PERSIST", list))
	}
	for _, calls := range [][]redis.Call{keys, entries} {
		for _, r := range l.store.Commit(ctx, calls) {
			if r.Err != nil {
				return r.Err
			}
		}
	}
	return nil
}

// days are those of which a business may have lines, oldest first.
func (l *Log) days(ctx context.Context, business string) ([]int64, error) {
	found, err := daysOf(l.store.Pipeline(ctx, []redis.Call{l.list(business)})[0])
	if err != nil {
		return nil, err
	}
	now := l.now().UnixMilli()
	var out []int64
	for _, d := range found {
		if ends := l.ends(business, d.day); ends == 0 || ends > now {
			out = append(out, d.day)
		}
	}
	slices.Sort(out)
	return out, nil
}

func daysOf(r redis.Result) ([]dayOf, error) {
	list, err := r.List()
	if err != nil {
		return nil, err
	}
	var out []dayOf
	for pair := range slices.Chunk(list, 2) {
		if len(pair) != 2 {
			return nil, ErrUnreadable
		}
		day, errDay := redis.Result{Value: pair[0]}.Int()
		ends, errEnds := redis.Result{Value: pair[1]}.Int()
		if errDay != nil || errEnds != nil {
			return nil, ErrUnreadable
		}
		out = append(out, dayOf{day, ends})
	}
	return out, nil
}

// start is the beginning of a day.
func start(day int64) time.Time { return time.Unix(day*daySeconds, 0).UTC() }

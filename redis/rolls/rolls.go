// Package rolls keeps lists of ids of which it is only ever asked whether an id is
// on them: which media a business was sent or uploaded, and which messages it
// sent to a plain number. An entry is a keyed PRF, as an integer in a set that
// Redis keeps packed.
package rolls

import (
	"context"
	"errors"
	"fmt"
	"time"

	"bauta/redis"
	"bauta/webhook"
)

// Periods for which an id is on its roll at least; it is gone after twice as long.
const (
	// receivedPeriod: the platform keeps media of events 7 days (webhooks.md 6.5),
	// and sends an event again for as long.
	receivedPeriod = 8 * 24 * time.Hour
	// uploadedPeriod: it keeps uploads 30 days.
	uploadedPeriod = 30 * 24 * time.Hour
	// renewedPeriod: the platform delivers within 30 days; of a message that is read later
	// the business is not told.
	renewedPeriod = 30 * 24 * time.Hour
	// rawPeriod is longer than anybody goes back in a chat to quote: a quote that is not
	// on the roll any more would join a handle with a number.
	rawPeriod = 10 * 365 * 24 * time.Hour
)

// skew is how far the clocks of two nodes and of Redis may lie apart.
const skew = time.Hour

// errNoRoll is a fault of Bauta.
var errNoRoll = errors.New("no such roll, or no business: this is a fault of Bauta")

// Options of Rolls.
type Options struct {
	// Now is the clock that epochs are counted by; nil is time.Now.
	Now func() time.Time
}

// Rolls implements webhook.Rolls. Its errors wrap redis.ErrUnavailable,
// redis.ErrRefused or redis.ErrMisconfigured. Safe for concurrent use, on any
// number of nodes.
//
// An id lies in one of a roll's parts, all of one epoch. Epochs are as long as the
// period, and the present and the last one are read: an id is on the roll for one
// to two periods. Parts are sets of integers of 63 bits, which Redis packs to 8 bytes each as long as a
// set is small: a roll that fills its parts goes on in more of them (level.go).
type Rolls struct {
	store   *redis.Store
	prf     webhook.PRF
	options Options
	add     *redis.Script
	levels  levels
}

// addSource enters integers into one part. KEYS: the part. ARGV: until when it
// lives, in Unix ms; how many entries make it full, 0 if it never is; the
// integers. It returns 0 if it was full and nothing was entered.
const addSource = `
local full = tonumber(ARGV[2])
if full > 0 and redis.call('SCARD', KEYS[1]) >= full then return 0 end
for i = 3, #ARGV do redis.call('SADD', KEYS[1], ARGV[i]) end
redis.call('PEXPIREAT', KEYS[1], ARGV[1])
return 1`

// New keeps rolls in a store. prf is the key set's.
func New(store *redis.Store, prf webhook.PRF, o Options) *Rolls {
	if o.Now == nil {
		o.Now = time.Now
	}
	return &Rolls{store: store, prf: prf, options: o, add: redis.NewScript(addSource), levels: newLevels()}
}

// Enter puts ids on a roll, in one round trip (more while this node learns that
// levels are full); they are stored at the configured acknowledgement level when it
// returns nil. After an error some may be: enter them all again. A store that was
// opened to write nothing stays as it is.
func (r *Rolls) Enter(ctx context.Context, business string, roll webhook.Roll, ids []string) error {
	period, err := r.period(business, roll)
	if err != nil {
		return fmt.Errorf("enter ids on a roll: %w", err)
	}
	if r.store.ReadOnly() {
		return nil
	}
	name := rollName{business, roll}
	epoch := r.options.Now().UnixMilli() / period.Milliseconds()
	until := (epoch+2)*period.Milliseconds() + skew.Milliseconds()
	entries := make([]entry, len(ids))
	for i, id := range ids {
		entries[i] = r.entry(name, id)
	}
	for level := max(r.levels.of(name, epoch), levelFor(len(ids))); len(entries) > 0; level++ {
		r.levels.raise(name, epoch, level)
		if entries, err = r.enter(ctx, place{name, epoch, level}, until, entries); err != nil {
			return fmt.Errorf("enter ids on a roll: %w", err)
		}
	}
	return nil
}

// enter returns the entries whose parts in the level were full.
func (r *Rolls) enter(ctx context.Context, p place, until int64, entries []entry) ([]entry, error) {
	full := fullPart
	if p.level == maxLevels-1 {
		full = 0
	}
	inPart := map[int][]entry{}
	for _, e := range entries {
		part := e.part(p.level)
		inPart[part] = append(inPart[part], e)
	}
	calls, of := make([]redis.Call, 0, len(inPart)), make([]int, 0, len(inPart))
	for part, entries := range inPart {
		args := make([]any, 2, 2+len(entries))
		args[0], args[1] = until, full
		for _, e := range entries {
			args = append(args, e.member)
		}
		calls = append(calls, r.add.Call([]string{r.store.Keys().Roll(p.business, p.roll, p.epoch, part)}, args...))
		of = append(of, part)
	}
	var left []entry
	for i, result := range r.store.Commit(ctx, calls) {
		entered, err := result.Int()
		if err != nil {
			return nil, err
		}
		if entered == 0 {
			left = append(left, inPart[of[i]]...)
		}
	}
	return left, nil
}

// On tells for every id, in order, whether it is on the roll, in one round trip.
// In a store that was emptied since it was opened nothing can be told: the error
// wraps redis.ErrMisconfigured.
func (r *Rolls) On(ctx context.Context, business string, roll webhook.Roll, ids []string) ([]bool, error) {
	period, err := r.period(business, roll)
	if err != nil {
		return nil, fmt.Errorf("look ids up on a roll: %w", err)
	}
	on := make([]bool, len(ids))
	if len(ids) == 0 {
		return on, nil
	}
	epochs := r.epochs(period)
	calls := make([]redis.Call, 1, 1+len(ids)*len(epochs)*maxLevels)
	calls[0] = redis.OwnerCall()
	for _, id := range ids {
		e := r.entry(rollName{business, roll}, id)
		for _, epoch := range epochs {
			for level := range maxLevels {
				calls = append(calls, redis.Command("SISMEMBER", r.store.Keys().Roll(business, roll, epoch, e.part(level)), e.member))
			}
		}
	}
	results := r.store.Pipeline(ctx, calls)
	if err := r.store.Owned(results[0]); err != nil {
		return nil, fmt.Errorf("look ids up on a roll: %w", err)
	}
	for i, result := range results[1:] {
		found, err := result.Int()
		if err != nil {
			return nil, fmt.Errorf("look ids up on a roll: %w", err)
		}
		at := i / (len(epochs) * maxLevels)
		on[at] = on[at] || found == 1
	}
	return on, nil
}

// epochs are those to read: the present one, the last, and the next where another
// node's clock may already be in it.
func (r *Rolls) epochs(period time.Duration) []int64 {
	now, length := r.options.Now(), period.Milliseconds()
	present := now.UnixMilli() / length
	out := []int64{present, present - 1}
	if now.Add(skew).UnixMilli()/length > present {
		out = append(out, present+1)
	}
	return out
}

func (r *Rolls) period(business string, roll webhook.Roll) (time.Duration, error) {
	if business == "" {
		return 0, errNoRoll
	}
	switch roll {
	case webhook.ReceivedMedia:
		return receivedPeriod, nil
	case webhook.UploadedMedia:
		return uploadedPeriod, nil
	case webhook.RawAddressed, webhook.OwnMessages:
		return rawPeriod, nil
	case webhook.SentRenewed:
		return renewedPeriod, nil
	}
	return 0, errNoRoll
}

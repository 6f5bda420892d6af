// Package figures keeps statistics for operators: what was masked, decided and shared, by
// the hour or minute. Nodes count in memory and add it up in Redis every 10 seconds, so
// that counting costs events nothing; a node that crashes loses what it did not add.
package figures

import (
	"context"
	"encoding/json"
	"sync"
	"time"

	"bauta/redis"
	"bauta/webhook"
)

const (
	// every is how often a node adds what it counted.
	every = 10 * time.Second
	// life is how long figures are kept, from their hour or day on.
	life = 9 * 24 * time.Hour
	// mostAds bounds how many ads of a business are told apart on one day: the first ones.
	// All others are counted as Other.
	mostAds = 500
	// mostSlots bounds what a node counts between two additions; what is more is not
	// counted. It takes a store that is away for long, or very many ads.
	mostSlots = 20_000
)

// Other stands for all ads beyond the first 500 of a day.
const Other = "other"

// Options of Figures. Store is needed.
type Options struct {
	Store *redis.Store
	// Now is time.Now if nil.
	Now func() time.Time
}

// Figures implements webhook.Figures, and reads what all nodes counted. Safe for
// concurrent use.
type Figures struct {
	store   *redis.Store
	names   redis.Keys
	now     func() time.Time
	scripts struct{ add, addAds *redis.Script }

	mu    sync.Mutex
	slots map[slot]int64
}

// slot is a figure at a time: Unix time / 60 of events, / 3600 of everything else.
type slot struct {
	figure webhook.Figure
	at     int64
}

// New builds Figures.
func New(o Options) *Figures {
	if o.Now == nil {
		o.Now = time.Now
	}
	f := &Figures{store: o.Store, names: o.Store.Keys(), now: o.Now, slots: map[slot]int64{}}
	f.scripts.add, f.scripts.addAds = redis.NewScript(addSource), redis.NewScript(addAdsSource)
	return f
}

// Count implements webhook.Figures.
func (f *Figures) Count(figure webhook.Figure) {
	at := f.now().Unix()
	if figure.Kind == webhook.FigureEvent {
		at /= 60
	} else {
		at /= 3600
	}
	s := slot{figure, at}
	f.mu.Lock()
	defer f.mu.Unlock()
	if _, ok := f.slots[s]; ok || len(f.slots) < mostSlots {
		f.slots[s]++
	}
}

// Run adds what was counted until ctx ends, and once more then.
func (f *Figures) Run(ctx context.Context) {
	ticker := time.NewTicker(every)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			last, cancel := context.WithTimeout(context.WithoutCancel(ctx), every)
			defer cancel()
			f.Flush(last)
			return
		case <-ticker.C:
			f.Flush(ctx)
		}
	}
}

// Flush adds what was counted to what is in Redis. What could not be added is counted
// still; where nobody knows whether it was added, it may count twice.
func (f *Figures) Flush(ctx context.Context) {
	if f.store.ReadOnly() {
		return
	}
	f.mu.Lock()
	taken := f.slots
	f.slots = map[slot]int64{}
	f.mu.Unlock()
	groups, calls := f.calls(taken)
	for i, r := range f.store.Pipeline(ctx, calls) {
		if r.Err == nil {
			continue
		}
		f.mu.Lock()
		for _, s := range groups[i] {
			if _, ok := f.slots[s]; ok || len(f.slots) < mostSlots {
				f.slots[s] += taken[s]
			}
		}
		f.mu.Unlock()
	}
}

// calls groups slots by the key that they are kept in.
func (f *Figures) calls(taken map[slot]int64) ([][]slot, []redis.Call) {
	type place struct {
		key string
		ads bool
	}
	at := map[place]int{}
	var groups [][]slot
	var args [][]any
	var keys []place
	for s, n := range taken {
		p := place{key: f.names.Figures(s.figure.Business, s.hour())}
		if s.figure.Kind == webhook.FigureAd {
			p = place{key: f.names.AdFigures(s.figure.Business, s.hour()/24), ads: true}
		}
		i, ok := at[p]
		if !ok {
			i = len(groups)
			at[p], groups, args, keys = i, append(groups, nil), append(args, []any{life.Milliseconds()}), append(keys, p)
			if p.ads {
				args[i] = append(args[i], mostAds)
			}
		}
		groups[i] = append(groups[i], s)
		if p.ads {
			args[i] = append(args[i], s.figure.What, s.figure.By, n)
		} else {
			args[i] = append(args[i], s.field(), n)
		}
	}
	calls := make([]redis.Call, len(groups))
	for i, p := range keys {
		script := f.scripts.add
		if p.ads {
			script = f.scripts.addAds
		}
		calls[i] = script.Call([]string{p.key}, args[i]...)
	}
	return groups, calls
}

// hour is Unix time / 3600.
func (s slot) hour() int64 {
	if s.figure.Kind == webhook.FigureEvent {
		return s.at / 60
	}
	return s.at
}

// field names a slot within its hour: minute, kind, what, by, why.
func (s slot) field() string {
	minute := int64(0)
	if s.figure.Kind == webhook.FigureEvent {
		minute = s.at % 60
	}
	text, _ := json.Marshal([]any{minute, s.figure.Kind, s.figure.What, s.figure.By, s.figure.Why}) // strings and a number
	return string(text)
}

// addSource. KEYS: the figures of an hour. ARGV: their life in ms; fields and numbers.
const addSource = `
for i = 2, #ARGV, 2 do redis.call('HINCRBY', KEYS[1], ARGV[i], ARGV[i + 1]) end
if redis.call('PTTL', KEYS[1]) < 0 then redis.call('PEXPIRE', KEYS[1], ARGV[1]) end
return 1`

// addAdsSource. KEYS: the ads of a day. ARGV: their life in ms, how many fields there may
// be; what was decided, the ad, and a number.
const addAdsSource = `
local fields = redis.call('HLEN', KEYS[1])
for i = 3, #ARGV, 3 do
  local field = ARGV[i] .. ':' .. ARGV[i + 1]
  if redis.call('HEXISTS', KEYS[1], field) == 0 then
    if fields >= tonumber(ARGV[2]) then field = ARGV[i] .. ':` + Other + `' else fields = fields + 1 end
  end
  redis.call('HINCRBY', KEYS[1], field, ARGV[i + 2])
end
if redis.call('PTTL', KEYS[1]) < 0 then redis.call('PEXPIRE', KEYS[1], ARGV[1]) end
return 1`

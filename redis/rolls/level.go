package rolls

import (
	"encoding/binary"
	"strconv"
	"sync"

	"bauta/webhook"
)

// A roll begins with one part. Level by level it has partFactor times as many, up
// to 262 144, beside those of the levels below: a small roll is one key, and the
// parts of a large one stay as small as those of a small one.
const (
	partFactor = 64
	maxLevels  = 4
)

// Redis packs a set of integers of up to 512 entries (set-max-intset-entries), and
// never again one that had more. A part that has fullPart takes no more, and
// levelFor enters some roomyPart at once.
const (
	fullPart  = 384
	roomyPart = 128
)

// rollName is a roll of a business.
type rollName struct {
	business string
	roll     webhook.Roll
}

// place is one level of a roll in an epoch.
type place struct {
	rollName

	epoch int64
	level int
}

// entry is an id on a roll.
type entry struct {
	// member is the integer in the set, of 63 bits: nobody finds an
	// entry by guessing.
	member string
	// spread is where it lies in every level, independent of member.
	spread uint64
}

func (r *Rolls) entry(name rollName, id string) entry {
	sum := r.prf.PRF("roll", name.business, string(name.roll), id)
	return entry{
		member: strconv.FormatUint(binary.BigEndian.Uint64(sum[:8])>>1, 10),
		spread: binary.BigEndian.Uint64(sum[8:16]),
	}
}

// part is the entry's part in a level. Parts are numbered through all levels.
func (e entry) part(level int) int {
	first, parts := 0, 1
	for range level {
		first, parts = first+parts, parts*partFactor
	}
	return first + int(e.spread%uint64(parts)) //nolint:gosec // parts is small and positive
}

// levelFor is the lowest level in which so many ids at once fill no part.
func levelFor(ids int) int {
	level := 0
	for room := roomyPart; ids > room && level < maxLevels-1; room *= partFactor {
		level++
	}
	return level
}

// levels remembers in which level of a roll this node enters ids. It saves round
// trips only: all levels are read. There is one entry a roll.
type levels struct {
	mu   sync.Mutex
	held map[rollName]levelOf
}

type levelOf struct {
	epoch int64
	level int
}

func newLevels() levels { return levels{held: map[rollName]levelOf{}} }

func (l *levels) of(name rollName, epoch int64) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	if held := l.held[name]; held.epoch == epoch {
		return held.level
	}
	return 0
}

func (l *levels) raise(name rollName, epoch int64, level int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	held := l.held[name]
	if held.epoch != epoch {
		held = levelOf{epoch: epoch}
	}
	held.level = max(held.level, min(level, maxLevels-1))
	l.held[name] = held
}

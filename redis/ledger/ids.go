package ledger

import (
	"encoding/binary"
	"strconv"
)

// Ids lie in sets of integers, which Redis packs to 8 bytes an entry up to 512 of
// them (set-max-intset-entries). A ledger begins with one set; as it grows its
// lines enter 64, then 4096, then 262 144, beside those of the levels below.
// perPart is how many a set has on average at most: the fullest of a level stays
// below 512.
const (
	levels     = 4
	partFactor = 64
	perPart    = 320
)

// id is what stands for a line's ID.
type id struct {
	// member is the integer in the set; 63 bits of a PRF.
	member string
	// spread is where it lies in every level, independent of member.
	spread uint64
}

func (l *Ledger) id(business, line string) id {
	sum := l.prf.PRF("consent ledger line", business, line)
	return id{
		member: strconv.FormatUint(binary.BigEndian.Uint64(sum[:8])>>1, 10),
		spread: binary.BigEndian.Uint64(sum[8:16]),
	}
}

// part is the id's part in a level. Parts are numbered through all levels.
func (i id) part(level int) int {
	first, parts := 0, 1
	for range level {
		first, parts = first+parts, parts*partFactor
	}
	return first + int(i.spread%uint64(parts)) //nolint:gosec // parts is small and positive
}

// levelOf is the level into which a ledger of so many lines enters the next.
func levelOf(lines int64) int {
	level := 0
	for room := int64(perPart); lines >= room && level < levels-1; room += perPart * power(level) {
		level++
	}
	return level
}

// power is how many parts a level has.
func power(level int) int64 {
	parts := int64(1)
	for range level {
		parts *= partFactor
	}
	return parts
}

// places are an id's parts in all levels, as keys.
func (l *Ledger) places(business string, i id) []string {
	out := make([]string, levels)
	for level := range out {
		out[level] = l.names.LedgerIDs(business, i.part(level))
	}
	return out
}

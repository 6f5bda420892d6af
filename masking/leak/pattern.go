package leak

import (
	"cmp"
	"slices"
)

const (
	// anywhereDigits: what is searched anywhere has at least so many digits.
	anywhereDigits = 7
	// wholeDigits: a run of fewer digits is too common to mean anybody.
	wholeDigits = 4
	// suffixDigits is what every notation of a long number ends in.
	suffixDigits = 9
)

// pattern is up to 16 digits, one in each nibble, the last one lowest: the form
// in which a window over digits is kept, and in which BCD packs them.
type pattern struct {
	value, mask uint64
	digits      int
}

func newPattern(text string) pattern {
	p := pattern{digits: len(text)}
	for i := range len(text) {
		p.value = p.value<<4 | uint64(text[i]-'0')
		p.mask = p.mask<<4 | 15
	}
	return p
}

// digitSet finds which of its patterns a window ends in. A filter of bits makes
// the common answer, none, independent of how many there are.
type digitSet struct {
	keyDigits int
	patterns  []pattern
	filter    []uint64
	few       [6]pattern
	small     [16]uint64
}

func (d *digitSet) add(text string) {
	if len(text) < d.keyDigits || len(text) > 16 {
		return
	}
	if d.patterns == nil {
		d.patterns = d.few[:0]
	}
	d.patterns = append(d.patterns, newPattern(text))
}

func (d *digitSet) key(window uint64) uint64 { return window & (1<<(4*d.keyDigits) - 1) }

// seal sorts the patterns and sets the filter.
func (d *digitSet) seal() {
	if len(d.patterns) > 1 {
		slices.SortFunc(d.patterns, func(a, b pattern) int { return cmp.Compare(d.key(a.value), d.key(b.value)) })
	}
	d.filter = newFilter(d.small[:], len(d.patterns))
	for _, p := range d.patterns {
		setBit(d.filter, d.key(p.value))
	}
}

// may tells cheaply that the window can end in a pattern.
func (d *digitSet) may(window uint64) bool { return hasBit(d.filter, d.key(window)) }

// find returns the first pattern that the window ends in and accept takes.
func (d *digitSet) find(window uint64, accept func(pattern) bool) bool {
	key := d.key(window)
	at, _ := slices.BinarySearchFunc(d.patterns, key, func(p pattern, k uint64) int { return cmp.Compare(d.key(p.value), k) })
	for ; at < len(d.patterns) && d.key(d.patterns[at].value) == key; at++ {
		if p := d.patterns[at]; window&p.mask == p.value && accept(p) {
			return true
		}
	}
	return false
}

// newFilter returns at least 16 bits an entry, a power of two of words.
func newFilter(small []uint64, entries int) []uint64 {
	words := len(small)
	for words*4 < entries {
		words *= 2
	}
	if words == len(small) {
		return small
	}
	return make([]uint64, words)
}

func bitOf(filter []uint64, key uint64) (word, bit uint64) {
	h := key * 0x9E3779B97F4A7C15
	return (h >> 40) & uint64(len(filter)-1), h >> 58 //nolint:gosec // a length is not negative
}

func setBit(filter []uint64, key uint64) {
	word, bit := bitOf(filter, key)
	filter[word] |= 1 << bit
}

func hasBit(filter []uint64, key uint64) bool {
	word, bit := bitOf(filter, key)
	return filter[word]>>bit&1 == 1
}

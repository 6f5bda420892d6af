package keyring

import (
	"slices"
	"strconv"
	"strings"

	"bauta/masking/keys"
)

// rotated are the purposes whose keys are replaced.
func rotated() []keys.Purpose { return []keys.Purpose{keys.Wrap, keys.Lookup} }

// lacks tells that a key writes which a set does not hold.
func lacks(set *keys.Set, stands entries) bool {
	for _, p := range rotated() {
		if id := stands.of(p).Primary; id != 0 && !set.Holds(p, id) {
			return true
		}
	}
	return false
}

func noun(p keys.Purpose) string {
	if p == keys.Lookup {
		return "look-up key"
	}
	return "wrapping key"
}

func known(set *keys.Set, p keys.Purpose, id uint32) bool {
	return set.Holds(p, id) || set.IsDestroyed(p, id)
}

// knowledge is the ids of the wrapping and look-up keys that a set can read with, as the
// register holds them.
func knowledge(set *keys.Set) string {
	var b strings.Builder
	b.WriteString(",")
	for _, k := range set.List() {
		if slices.Contains(rotated(), k.Purpose) && set.Holds(k.Purpose, k.ID) {
			b.WriteString(strconv.FormatUint(uint64(k.ID), 10) + ",")
		}
	}
	return b.String()
}

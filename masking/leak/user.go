package leak

import (
	"bytes"
	"cmp"
	"slices"
	"strings"
)

// userKey: the last 8 characters of a user id find it; shorter ones are
// searched whole, with their country and dot.
const userKey = 8

// user is what follows the last dot of a user id, in lower case.
type user struct {
	key  uint64
	tail string
}

type userSet struct {
	users []user
	// last has a bit for each character that a user id ends in: most characters
	// of a text are none of them.
	last   [256 / 64]uint64
	short  [][]byte
	filter []uint64
	few    [2]user
	small  [16]uint64
}

func (u *userSet) empty() bool { return len(u.users) == 0 && len(u.short) == 0 }

func (u *userSet) add(id string) {
	tail := strings.ToLower(id[strings.LastIndexByte(id, '.')+1:])
	if len(tail) < userKey {
		if id != "" {
			u.short = append(u.short, []byte(strings.ToLower(id)))
		}
		return
	}
	last := tail[len(tail)-1]
	u.last[last/64] |= 1 << (last % 64)
	if u.users == nil {
		u.users = u.few[:0]
	}
	u.users = append(u.users, user{key: packed(tail), tail: tail})
}

func packed(tail string) uint64 {
	var key uint64
	for _, c := range []byte(tail[len(tail)-userKey:]) {
		key = key<<8 | uint64(c)
	}
	return key
}

func (u *userSet) seal() {
	if len(u.users) > 1 {
		slices.SortFunc(u.users, func(a, b user) int { return cmp.Compare(a.key, b.key) })
	}
	u.filter = newFilter(u.small[:], len(u.users))
	for _, one := range u.users {
		setBit(u.filter, one.key)
	}
}

// in tells that a user id stands in a run of letters and digits, and where.
func (u *userSet) in(run []byte, class *classes) (int, bool) {
	if len(u.users) == 0 || len(run) < userKey {
		return 0, false
	}
	var window uint64
	for i, b := range run {
		b = class.lower[b]
		window = window<<8 | uint64(b)
		if u.last[b/64]>>(b%64)&1 == 1 && hasBit(u.filter, window) && u.verify(run[:i+1], window) {
			return i, true
		}
	}
	return 0, false
}

func (u *userSet) verify(run []byte, key uint64) bool {
	at, _ := slices.BinarySearchFunc(u.users, key, func(one user, k uint64) int { return cmp.Compare(one.key, k) })
	for ; at < len(u.users) && u.users[at].key == key; at++ {
		tail := u.users[at].tail
		if len(run) >= len(tail) && strings.EqualFold(string(run[len(run)-len(tail):]), tail) {
			return true
		}
	}
	return false
}

// shortIn finds a short user id in any text.
func (u *userSet) shortIn(text []byte) (int, bool) {
	if len(u.short) == 0 {
		return 0, false
	}
	lower := bytes.ToLower(text)
	for _, id := range u.short {
		if at := bytes.Index(lower, id); at >= 0 {
			return min(at, len(text)-1), true
		}
	}
	return 0, false
}

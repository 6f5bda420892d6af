// Package notice keeps the log from being filled: what only the operator can mend is
// told once in a while, however often somebody else causes it.
package notice

import (
	"sync"
	"time"
)

// Board remembers what was told. Its keys are of a closed set, such as businesses and
// reasons: none is forgotten. Safe for concurrent use.
type Board[K comparable] struct {
	again time.Duration
	now   func() time.Time

	mu   sync.Mutex
	told map[K]time.Time
}

// NewBoard returns a board on which the same thing is due again after a time.
func NewBoard[K comparable](again time.Duration, now func() time.Time) *Board[K] {
	return &Board[K]{again: again, now: now, told: map[K]time.Time{}}
}

// Due tells that it is time to tell something, and takes it as told.
func (b *Board[K]) Due(what K) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	now := b.now()
	if told, ok := b.told[what]; ok && now.Sub(told) < b.again {
		return false
	}
	b.told[what] = now
	return true
}

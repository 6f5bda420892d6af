//go:build !race

package outbound_test

import "testing"

// mostAllocs bounds what the answer to a send allocates; it has 43. The race detector
// allocates by itself.
const mostAllocs = 48

//nolint:paralleltest // AllocsPerRun counts the allocations of the whole process
func TestTheAnswerToASendAllocatesLittle(t *testing.T) {
	b := newBack(t)
	o, body := b.usual(t), usualAnswer()
	if n := testing.AllocsPerRun(100, func() { b.Back(t.Context(), o, 200, body) }); n > mostAllocs {
		t.Errorf("%v allocations, want at most %d", n, mostAllocs)
	}
}

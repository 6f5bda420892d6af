//go:build !race

package webhook

import "testing"

// Time is noisy where tests run, allocations are not: these are the ceilings of
// what issue 2 sets an aim for (60 for 1 KB), and of all of a POST but Redis.
// The race detector allocates by itself.
//
//nolint:paralleltest // AllocsPerRun counts the allocations of the whole process
func TestAllocationsOfOneBody(t *testing.T) {
	bodies := benchBodies()
	for _, row := range []struct {
		body          string
		view          benchView
		mask, prepare float64
	}{
		{"text 1KB", benchViews()[0], 35, 49},
		{"text 1KB", benchViews()[1], 34, 47},
		{"text 1KB", benchViews()[2], 22, 35},
		{"interactive 4KB", benchViews()[0], 42, 56},
		{"batch of 200", benchViews()[0], 200 * 26, 200 * 32},
	} {
		p := benchPipeline(t, row.view)
		body := bodies[row.body]
		works := p.recognised(t, body)
		if got := testing.AllocsPerRun(20, func() { p.mustMask(t, body, works) }); got > row.mask {
			t.Errorf("%s, %s: split, masked and proven with %v allocations, want at most %v", row.body, row.view.name, got, row.mask)
		}
		if got := testing.AllocsPerRun(20, func() { p.mustPrepare(t, body) }); got > row.prepare {
			t.Errorf("%s, %s: prepared with %v allocations, want at most %v", row.body, row.view.name, got, row.prepare)
		}
	}
}

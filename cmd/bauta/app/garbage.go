package app

import (
	"runtime"
	"runtime/debug"
	"runtime/metrics"
)

const (
	// heapRoom is by how much a small heap may grow until it is collected, in bytes.
	heapRoom = 48 << 20
	// smallestHeap is what Go takes for the least that lives, in bytes.
	smallestHeap = 4 << 20
)

// collectLess has the garbage collector wait until the heap grew by heapRoom. Go by itself
// waits until it is twice what lives, which of the few MB of a node comes every few
// events: a tenth of the processor time. Heaps above heapRoom are collected as ever, so
// that this never costs more than heapRoom. Whoever sets GOGC knows better.
func collectLess(std Std) {
	if _, set := std.Env("GOGC"); !set {
		paceCollector(new(collection))
	}
}

// collection is nobody's: it lives until the next one. (A pointer, so that the runtime
// does not put it into one block with others.)
type collection struct{ _ *collection }

// paceCollector looks at what lives now, and again after each collection.
func paceCollector(now *collection) {
	live := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	metrics.Read(live)
	debug.SetGCPercent(growth(live[0].Value.Uint64()))
	runtime.AddCleanup(now, paceCollector, new(collection))
}

// growth is by how many percent of what lives (in bytes) the heap may grow.
func growth(live uint64) int {
	const asEver = 100
	return int(max(asEver, heapRoom*asEver/max(live, smallestHeap))) //nolint:gosec // 100 to 1200
}

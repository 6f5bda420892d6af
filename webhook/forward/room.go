package forward

import "sync/atomic"

// defaultMemory is Options.Memory if it is 0.
const defaultMemory = 64 << 20

// room is the memory for the bodies that this node has in hand, of all endpoints
// together. What waits takes no more than half of it: beyond, a body is let go and read
// again when its turn comes. What is under way is never without: where the room is full
// each endpoint goes on with one attempt at a time. Safe for concurrent use.
type room struct {
	most int64
	held atomic.Int64
}

// keep takes room for a body of so many bytes that waits; false, and none is taken, if
// there is too little.
func (r *room) keep(size int) bool {
	if r.held.Add(int64(size)) <= r.most/2 {
		return true
	}
	r.leave(size)
	return false
}

// take takes room for a body that is under way, whether there is some or not.
func (r *room) take(size int) { r.held.Add(int64(size)) }

// leave gives back what keep or take took.
func (r *room) leave(size int) { r.held.Add(-int64(size)) }

func (r *room) full() bool { return r.held.Load() >= r.most }

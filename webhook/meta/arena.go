package meta

// arena cuts the many small slices of a body from few larger ones: they live
// equally long, since every event keeps the whole body alive.
type arena[T any] struct{ room []T }

// maxRoom bounds what is reserved ahead, in elements.
const maxRoom = 1024

// take returns an empty slice with room for n elements. It can be appended to
// beyond that, like any other.
func (a *arena[T]) take(n int) []T {
	used := len(a.room)
	if cap(a.room)-used < n {
		// Twice as much each time: one event reserves little, a batch allocates rarely.
		a.room, used = make([]T, 0, max(n, min(2*cap(a.room), maxRoom))), 0
	}
	a.room = a.room[:used+n]
	return a.room[used : used : used+n]
}

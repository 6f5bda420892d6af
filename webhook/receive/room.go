package receive

import "golang.org/x/sync/semaphore"

const (
	// defaultMemory bounds the bodies held at once, in bytes; beyond it the answer is 503.
	defaultMemory = 128 << 20
	// smallBody is what most bodies are smaller than, in bytes. They share a part of the
	// memory of their own, so that large bodies that come in slowly, which anybody can
	// send, keep no others out.
	smallBody = 64 << 10
	// smallPart: one part in so many is for small bodies.
	smallPart = 2
)

// room is the memory that all bodies share.
type room struct{ small, large *semaphore.Weighted }

func newRoom(bytes int64) room {
	small := bytes / smallPart
	return room{small: semaphore.NewWeighted(small), large: semaphore.NewWeighted(max(bytes-small, BodyLimit+1))}
}

// seat is what one body takes of a room.
type seat struct {
	room
	taken int64
}

// grow takes what is missing of so many bytes; false: there is no more.
func (s *seat) grow(to int64) bool {
	switch {
	case to <= s.taken:
		return true
	case to <= smallBody:
		if !s.small.TryAcquire(to - s.taken) {
			return false
		}
	case s.taken > smallBody:
		if !s.large.TryAcquire(to - s.taken) {
			return false
		}
	default:
		if !s.large.TryAcquire(to) {
			return false
		}
		s.small.Release(s.taken)
	}
	s.taken = to
	return true
}

// leave gives everything back.
func (s *seat) leave() {
	if s.taken > smallBody {
		s.large.Release(s.taken)
	} else {
		s.small.Release(s.taken)
	}
	s.taken = 0
}

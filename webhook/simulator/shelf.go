package simulator

import "slices"

// shelf keeps so many things by a name, the newest ones. It is not safe for
// concurrent use.
type shelf[V any] struct {
	max   int
	items map[string]V
	// order has the names as they came; some may be gone.
	order []string
}

func newShelf[V any](most int) *shelf[V] { return &shelf[V]{max: most, items: map[string]V{}} }

// put adds a thing, and returns what has to go for it.
func (s *shelf[V]) put(name string, v V) (gone []V) {
	if _, there := s.items[name]; !there {
		s.order = append(s.order, name)
	}
	s.items[name] = v
	for len(s.items) > s.max {
		gone = append(gone, s.shift())
	}
	if len(s.order) > 2*len(s.items)+slack {
		s.order = slices.DeleteFunc(s.order, func(name string) bool {
			_, there := s.items[name]
			return !there
		})
	}
	return gone
}

// slack is how many names of what is gone do not matter.
const slack = 1024

// shift takes the oldest thing off; there must be one.
func (s *shelf[V]) shift() V {
	for {
		oldest := s.order[0]
		s.order = s.order[1:]
		if v, there := s.items[oldest]; there {
			delete(s.items, oldest)
			return v
		}
	}
}

func (s *shelf[V]) get(name string) V { return s.items[name] }

func (s *shelf[V]) remove(name string) { delete(s.items, name) }

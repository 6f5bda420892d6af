package simulator

// shelf keeps so many things by a name, the newest ones. It is not safe for
// concurrent use. A name that was taken off is not put on again.
type shelf[V any] struct {
	max   int
	items map[string]V
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
		oldest := s.order[0]
		s.order = s.order[1:]
		if old, there := s.items[oldest]; there {
			gone = append(gone, old)
			delete(s.items, oldest)
		}
	}
	return gone
}

func (s *shelf[V]) get(name string) V { return s.items[name] }

func (s *shelf[V]) remove(name string) { delete(s.items, name) }

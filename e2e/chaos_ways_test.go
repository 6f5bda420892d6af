package e2e

import "time"

// resets breaks all connections of a way, ten times.
func (w *storm) resets(way *link) {
	for range 10 {
		way.reset()
		w.pass(time.Duration(50+w.rand.IntN(150)) * time.Millisecond)
	}
}

// silence holds one direction back, and then breaks the connections: what was held
// is lost.
func (w *storm) silence(way *link, up, down hindrance) {
	way.hinder(up, down)
	w.pass(2 * time.Second)
	way.reset()
	way.hinder(hindrance{}, hindrance{})
}

func (w *storm) hindered(way *link, up, down hindrance) {
	way.hinder(up, down)
	w.pass(3 * time.Second)
	way.hinder(hindrance{}, hindrance{})
}

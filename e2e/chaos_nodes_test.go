package e2e

import (
	"syscall"
	"time"
)

// crash kills nodes at once, and starts others in their places.
func (w *storm) crash(which ...int) {
	for _, i := range which {
		w.mu.Lock()
		n := w.nodes[i]
		w.nodes[i] = nil
		w.mu.Unlock()
		n.kill()
	}
	w.pass(300 * time.Millisecond)
	for _, i := range which {
		n := serve(w.t, w.dir)
		w.mu.Lock()
		w.nodes[i] = n
		w.mu.Unlock()
	}
}

// replace starts a node and ends another, as a rolling upgrade does.
func (w *storm) replace() {
	n := serve(w.t, w.dir)
	w.mu.Lock()
	old := w.nodes[0]
	w.nodes[0] = n
	w.mu.Unlock()
	old.stop(w.t)
}

// freeze stops a node for longer than the lease of its lanes, which is the
// endpoint's timeout and 10 s.
func (w *storm) freeze() {
	w.mu.Lock()
	n := w.nodes[0]
	w.nodes[0] = nil
	w.mu.Unlock()
	if err := n.cmd.Process.Signal(syscall.SIGSTOP); err != nil {
		w.t.Error(err)
	}
	w.pass(12 * time.Second)
	if err := n.cmd.Process.Signal(syscall.SIGCONT); err != nil {
		w.t.Error(err)
	}
	w.mu.Lock()
	w.nodes[0] = n
	w.mu.Unlock()
}

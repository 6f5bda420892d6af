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

// freeze stops a node for longer than the lease of its lanes, which is the endpoint's
// timeout and 10 s, and than it takes until others look for lanes that are due. It has requests under way then, whose answers it reads
// when it goes on; and then others hold its lanes, with more events behind the heads.
func (w *storm) freeze() {
	w.busy.takes.Store(int64(dawdling))
	w.pass(dawdling)
	w.mu.Lock()
	n := w.nodes[0]
	w.nodes[0] = nil
	w.mu.Unlock()
	if err := n.cmd.Process.Signal(syscall.SIGSTOP); err != nil {
		w.t.Error(err)
	}
	w.busy.takes.Store(int64(taking))
	w.pass(time.Second + 10*time.Second + looked + time.Second)
	w.busy.takes.Store(int64(dawdling))
	w.pass(dawdling)
	if err := n.cmd.Process.Signal(syscall.SIGCONT); err != nil {
		w.t.Error(err)
	}
	w.pass(dawdling)
	w.busy.takes.Store(int64(taking))
	w.mu.Lock()
	w.nodes[0] = n
	w.mu.Unlock()
}

package reply

import (
	"errors"
	"io"
	"net/http"
	"sync"
	"time"
)

// arriving is the body of an upload. A client may take as long as its bytes keep
// coming; stop ends a Read that waits for them.
type arriving struct {
	body    io.Reader
	control *http.ResponseController
	// broken: the client hung up, stood still, or was stopped. For who reads only.
	broken bool

	mu       sync.Mutex
	ended    bool
	extended time.Time
}

func newArriving(w http.ResponseWriter, body io.Reader) *arriving {
	return &arriving{body: body, control: http.NewResponseController(w)}
}

// Read implements io.Reader.
func (a *arriving) Read(p []byte) (int, error) {
	a.extend()
	n, err := a.body.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		a.broken = true
	}
	return n, err
}

// extend gives the client time for the next bytes, and the platform for its answer
// after these. A writer that knows no deadlines (a test's recorder) reads from memory.
func (a *arriving) extend() {
	a.mu.Lock()
	defer a.mu.Unlock()
	now := time.Now()
	if a.ended || now.Sub(a.extended) < time.Second {
		return
	}
	a.extended = now
	_ = a.control.SetReadDeadline(now.Add(idleTimeout))
	_ = a.control.SetWriteDeadline(now.Add(idleTimeout + answerTimeout))
}

// stop ends the reading, also a Read under way.
func (a *arriving) stop() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.ended = true
	_ = a.control.SetReadDeadline(time.Unix(1, 0))
}

// whole ends the reading of a body that was read: a deadline that stays would cancel
// what is done with it.
func (a *arriving) whole() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.ended = true
	_ = a.control.SetReadDeadline(time.Time{})
}

// stopped tells that the reading was ended from here.
func (a *arriving) stopped() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.ended
}

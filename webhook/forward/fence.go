package forward

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"time"
)

// errStalled ends an attempt before its request is written.
var errStalled = errors.New("forward: this node stood still for longer than an attempt may take")

// fenced is a request's body that is given out until the attempt's time is over. The
// transport reads it right before it writes, so a node that stood still between taking
// the lease and writing (SIGSTOP, a frozen machine) writes nothing of what another node
// has delivered by now. Both clocks count: the monotonic one stands still while a machine
// is suspended, the wall clock is set forward when it wakes, or soon after. What is
// written in between is the duplicate that a crash may cost; the store takes its outcome
// no more. A wall clock that is set forward for another reason costs an attempt.
type fenced struct {
	body  bytes.Reader
	now   func() time.Time
	until time.Time
	wall  time.Time // until, on the wall clock
}

// Read implements io.Reader; there is no WriteTo, which would pass the fence.
func (f *fenced) Read(p []byte) (int, error) {
	if now := f.now(); now.After(f.until) || now.Round(0).After(f.wall) {
		return 0, errStalled
	}
	return f.body.Read(p)
}

// Close implements io.Closer; there is nothing to close.
func (f *fenced) Close() error { return nil }

// fence gives a request its body, until then.
func (e *endpoint) fence(req *http.Request, body []byte, until time.Time) {
	get := func() (io.ReadCloser, error) {
		f := &fenced{now: e.f.now, until: until, wall: until.Round(0)}
		f.body.Reset(body)
		return f, nil
	}
	req.ContentLength, req.GetBody = int64(len(body)), get
	req.Body, _ = get()
}

// stalledAfter is how much longer than its time-out an attempt takes only if this node
// stood still: its end tells nothing of the endpoint.
const stalledAfter = 2 * time.Second

// excused is a result without what this node itself is to blame for.
func (e *endpoint) excused(r result, took time.Duration) result {
	if r.class == fault && r.status == 0 && took > e.conf.Timeout+stalledAfter {
		return result{class: own, reason: Cancelled, said: r.said}
	}
	return r
}

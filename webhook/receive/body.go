package receive

import (
	"errors"
	"io"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"
)

// errTooLarge and errNoMemory are why a body was not read to its end.
var (
	errTooLarge = errors.New("the body is larger than the platform's bodies")
	errNoMemory = errors.New("too many bodies are held at once")
)

// firstBytes is the first buffer at most; larger bodies double it.
const firstBytes = 4 << 10

// read reads the whole body, bounded in size and time. Memory is taken from the
// common budget as bytes arrive, not as Content-Length claims, so that nobody
// takes it by announcing; release gives it back and is never nil.
func (r *Receiver) read(c echo.Context) (body []byte, release func(), err error) {
	request := c.Request()
	place := &seat{room: r.room}
	release = place.leave
	control := http.NewResponseController(c.Response())
	// A writer that knows no deadlines (a test's recorder) reads from memory.
	_ = control.SetReadDeadline(time.Now().Add(r.bodyTimeout))
	defer func() {
		if err != nil {
			// The deadline stays for what is read and thrown away.
			if errors.Is(err, errTooLarge) {
				drain(request)
			}
			c.Response().Header().Set(echo.HeaderConnection, "close")
			return
		}
		// A deadline that stays would cancel the request while it is worked on.
		_ = control.SetReadDeadline(time.Time{})
	}()
	if request.ContentLength > BodyLimit {
		return nil, release, errTooLarge
	}
	first := int64(firstBytes)
	if request.ContentLength >= 0 {
		// One byte more than announced: the end is seen without growing.
		first = min(first, request.ContentLength+1)
	}
	buffer := make([]byte, 0, first)
	for {
		if !place.grow(int64(cap(buffer))) {
			return nil, release, errNoMemory
		}
		n, err := request.Body.Read(buffer[len(buffer):cap(buffer)])
		buffer = buffer[:len(buffer)+n]
		switch {
		case len(buffer) > BodyLimit:
			return nil, release, errTooLarge
		case errors.Is(err, io.EOF):
			return buffer, release, nil
		case err != nil:
			return nil, release, err
		}
		if len(buffer) == cap(buffer) {
			grown := make([]byte, len(buffer), min(2*cap(buffer), BodyLimit+1))
			copy(grown, buffer)
			buffer = grown
		}
	}
}

// drainLimit bounds what is read of a body that is refused.
const drainLimit = 8 * BodyLimit

// drain reads on, so that a client that writes its body to the end before it reads the
// answer sees the answer, and not a connection that broke. Of a client that asked first
// whether to send (100-continue), or announces more than the bound, nothing is read.
func drain(r *http.Request) {
	if r.ContentLength > drainLimit || r.Header.Get("Expect") != "" {
		return
	}
	_, _ = io.CopyN(io.Discard, r.Body, drainLimit)
}

package reply

import (
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"bauta/webhook/meta"
)

// Bounds of bodies that are read at once; uploads are streamed.
const (
	// bodyLimit is for JSON and forms, in bytes. The platform's longest messages have
	// some 64 KiB, its longest templates less.
	bodyLimit = 1 << 20
	// memoryLimit bounds the bodies held at once; beyond it the answer is 503.
	memoryLimit = 64 << 20
	// firstBytes is the first buffer at most; larger bodies double it.
	firstBytes = 4 << 10
	// bodyTimeout bounds the reading of a body.
	bodyTimeout = 10 * time.Second
)

// The types that bodies have.
const (
	typeJSON = "application/json"
	typeForm = "application/x-www-form-urlencoded"
)

// take reads the body of a call that has one into r, and takes access_token out of
// a form. It returns the tokens that the form had.
func (h *Handler) take(c echo.Context, r *request) (tokens []string, err error) {
	if r.read {
		return nil, nil
	}
	r.read = true
	request := c.Request()
	body, err := h.read(c, r)
	if err != nil {
		return nil, err
	}
	if len(body) == 0 {
		return nil, nil
	}
	if encoding := request.Header.Get(echo.HeaderContentEncoding); encoding != "" && !strings.EqualFold(encoding, "identity") {
		return nil, fail(meta.FaultBadMediaType, "The body is compressed. Send it as it is.")
	}
	switch mediaType(request) {
	case typeJSON:
		r.body = body
		return nil, nil
	case typeForm:
		r.form = true
		r.body, tokens, err = withoutToken(body)
		return tokens, err
	}
	return nil, fail(meta.FaultBadMediaType, "")
}

// mediaType is the Content-Type without its parameters, in lower case.
func mediaType(request *http.Request) string {
	name, _, _ := strings.Cut(request.Header.Get(echo.HeaderContentType), ";")
	return strings.ToLower(strings.TrimSpace(name))
}

// read reads the whole body, bounded in size, time and common memory, which is
// taken as bytes arrive, not as Content-Length claims.
func (h *Handler) read(c echo.Context, r *request) (_ []byte, err error) {
	request := c.Request()
	switch {
	case request.ContentLength == 0 || request.Body == nil || request.Body == http.NoBody:
		return nil, nil
	case request.ContentLength > bodyLimit:
		return nil, tooLarge(c)
	}
	control := http.NewResponseController(c.Response())
	// A writer that knows no deadlines (a test's recorder) reads from memory.
	_ = control.SetReadDeadline(time.Now().Add(bodyTimeout))
	defer func() {
		if err == nil {
			// A deadline that stays would cancel the call while it is worked on.
			_ = control.SetReadDeadline(time.Time{})
		}
	}()
	first := int64(firstBytes)
	if request.ContentLength > 0 {
		// One byte more than announced: the end is seen without growing.
		first = min(first, request.ContentLength+1)
	}
	buffer := make([]byte, 0, first)
	for {
		if room := int64(cap(buffer)); room > r.held {
			if !h.memory.TryAcquire(room - r.held) {
				c.Response().Header().Set(echo.HeaderConnection, "close")
				return nil, unavailable().wait(time.Second)
			}
			r.held = room
		}
		n, err := request.Body.Read(buffer[len(buffer):cap(buffer)])
		buffer = buffer[:len(buffer)+n]
		switch {
		case len(buffer) > bodyLimit:
			return nil, tooLarge(c)
		case errors.Is(err, io.EOF):
			return buffer, nil
		case err != nil:
			c.Response().Header().Set(echo.HeaderConnection, "close")
			return nil, fail(meta.FaultBadBody, "The body did not come in whole. Send it again.")
		}
		if len(buffer) == cap(buffer) {
			grown := make([]byte, len(buffer), min(2*cap(buffer), bodyLimit+1))
			copy(grown, buffer)
			buffer = grown
		}
	}
}

// release gives back the memory that a call's body took.
func (h *Handler) release(r *request) {
	if r.held > 0 {
		h.memory.Release(r.held)
		r.held = 0
	}
}

// tooLarge closes the connection: what was not read is not waited for.
func tooLarge(c echo.Context) error {
	c.Response().Header().Set(echo.HeaderConnection, "close")
	return fail(meta.FaultTooLarge, "The body is larger than 1 MiB. Send less.")
}

// withoutToken cuts the members named access_token out of a form, whose other bytes
// stay.
func withoutToken(form []byte) (rest []byte, tokens []string, err error) {
	if !strings.Contains(string(form), "%") && !strings.Contains(string(form), parameterToken) {
		return form, nil, nil
	}
	var kept []string
	for member := range strings.SplitSeq(string(form), "&") {
		name, value, _ := strings.Cut(member, "=")
		name, err := url.QueryUnescape(name)
		if err != nil || name != parameterToken {
			kept = append(kept, member) // what is malformed is found by whoever translates it
			continue
		}
		token, err := url.QueryUnescape(value)
		if err != nil {
			return nil, nil, fail(meta.FaultBadBody, "")
		}
		tokens = append(tokens, token)
	}
	return []byte(strings.Join(kept, "&")), tokens, nil
}

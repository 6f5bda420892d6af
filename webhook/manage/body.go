package manage

import (
	"bytes"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/labstack/echo/v4"
)

const (
	// bodyLimit is far more than any call needs, in bytes.
	bodyLimit = 64 << 10
	// bodyTimeout bounds the reading of a body.
	bodyTimeout = 10 * time.Second
)

// reading reads the JSON of a body.
type reading func(raw []byte) (any, error)

// bodyOf reads a body as T: no member twice, none that T has not, names as they are.
func bodyOf[T any](raw []byte) (any, error) {
	var v T
	if len(raw) == 0 {
		return v, nil
	}
	err := json.Unmarshal(raw, &v, json.RejectUnknownMembers(true))
	return v, err
}

// takeBody reads the body, and what it says. Where none is taken clients that always send
// one may send {} or null.
func (r *request) takeBody(c echo.Context) error {
	raw, err := readBody(c)
	if err != nil {
		return err
	}
	raw = bytes.TrimSpace(raw)
	request := c.Request()
	if coding := request.Header.Get(echo.HeaderContentEncoding); len(raw) > 0 && coding != "" && !strings.EqualFold(coding, "identity") {
		return fail(problemMediaType)
	}
	if r.route.body == nil {
		if _, err := bodyOf[struct{}](raw); err != nil {
			return fail(problemBody)
		}
		return nil
	}
	kind, _, _ := strings.Cut(request.Header.Get(echo.HeaderContentType), ";")
	if len(raw) > 0 && !strings.EqualFold(strings.TrimSpace(kind), typeJSON) {
		return fail(problemMediaType)
	}
	r.said = string(raw)
	if r.body, err = r.route.body(raw); err != nil {
		return fail(problemBody).saying("The body is no JSON object as this call takes it: a member is unknown, there twice, or of another type. " +
			"GET /v1/openapi.json lists the members; where there are none, send {} or leave the body out.")
	}
	return nil
}

// readBody reads the whole body, bounded in size and time.
func readBody(c echo.Context) (_ []byte, err error) {
	request := c.Request()
	switch {
	case request.ContentLength == 0 || request.Body == nil || request.Body == http.NoBody:
		return nil, nil
	case request.ContentLength > bodyLimit:
		return nil, unread(c, problemTooLarge)
	}
	control := http.NewResponseController(c.Response())
	// A writer that knows no deadlines (a test's recorder) reads from memory.
	_ = control.SetReadDeadline(time.Now().Add(bodyTimeout))
	body, err := io.ReadAll(io.LimitReader(request.Body, bodyLimit+1))
	switch {
	case err != nil:
		return nil, unread(c, problemBody).saying("The body did not come in whole. Send it again.")
	case len(body) > bodyLimit:
		return nil, unread(c, problemTooLarge)
	}
	// A deadline that stays would cancel the call while it is worked on.
	_ = control.SetReadDeadline(time.Time{})
	return body, nil
}

// unread closes the connection: what was not read is not waited for.
func unread(c echo.Context, name string) *failure {
	c.Response().Header().Set(echo.HeaderConnection, "close")
	return fail(name)
}

package manage

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/labstack/echo/v4"
)

const (
	// bodyLimit is far more than any call needs, in bytes.
	bodyLimit = 64 << 10
	// bodyTimeout bounds the reading of a body.
	bodyTimeout = 10 * time.Second
)

// checkBody reads the body, of which no call takes more than {}; clients that always
// send one may send that, or null.
func checkBody(c echo.Context, rt *route) error {
	body, err := readBody(c)
	if err != nil {
		return err
	}
	body = bytes.TrimSpace(body)
	if len(body) == 0 {
		return nil
	}
	request := c.Request()
	if coding := request.Header.Get(echo.HeaderContentEncoding); coding != "" && !strings.EqualFold(coding, "identity") {
		return fail(problemMediaType)
	}
	var members map[string]json.RawMessage
	if rt.takesBody {
		kind, _, _ := strings.Cut(request.Header.Get(echo.HeaderContentType), ";")
		if !strings.EqualFold(strings.TrimSpace(kind), typeJSON) {
			return fail(problemMediaType)
		}
		if !json.Valid(body) {
			return fail(problemBody).saying("The body is not JSON. Send {}, or leave it out.")
		}
	}
	switch {
	case json.Unmarshal(body, &members) == nil && len(members) == 0:
		return nil
	case !rt.takesBody:
		return fail(problemBody)
	case members == nil:
		return fail(problemBody).saying("The body is not a JSON object. Send {}, or leave it out.")
	}
	return fail(problemBody).saying("The body has a member, and this call takes none yet. Send {}, or leave it out.")
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

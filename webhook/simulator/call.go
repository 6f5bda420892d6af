package simulator

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

// Bounds of a request.
const (
	maxBody = 1 << 20
	// maxUpload is the platform's bound of a medium, and what comes with it.
	maxUpload = 100<<20 + 64<<10
)

// call is one request, read.
type call struct {
	method string
	// object and edge are the path without its version.
	object, edge string
	host         string
	token        string
	query        url.Values
	// raw is the body as it came, but for an upload.
	raw    []byte
	fields fields
	file   *upload
	// account is whose phone number or WABA the path names; nil for another object.
	account *Account
	wish    wish
}

// upload is the file of a multipart body.
type upload struct {
	kind  string
	bytes []byte
}

var (
	errTooLarge = errors.New("the body is too large")
	errNotJSON  = errors.New("the body is not what its content type says")
)

// read takes a request apart. What it could read comes beside errTooLarge and
// errNotJSON.
func read(r *http.Request) (*call, error) {
	c := &call{method: r.Method, host: r.Host, query: r.URL.Query(), fields: fields{}}
	path := strings.Split(strings.Trim(r.URL.Path, "/"), "/")
	if isVersion(path0(path)) {
		path = path[1:]
	}
	c.object = path0(path)
	if len(path) > 1 {
		c.edge = strings.Join(path[1:], "/")
	}
	kind, parameters, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil {
		kind = "application/json"
	}
	if kind == "multipart/form-data" {
		if err := c.multipart(multipart.NewReader(io.LimitReader(r.Body, maxUpload), parameters["boundary"])); err != nil {
			return c, err
		}
	} else if err := c.body(r.Body, kind); err != nil {
		return c, err
	}
	c.authorize(r)
	return c, nil
}

// isVersion: v25.0 and the like.
func isVersion(text string) bool {
	major, minor, found := strings.Cut(strings.TrimPrefix(text, "v"), ".")
	if !found || !strings.HasPrefix(text, "v") {
		return false
	}
	_, one := strconv.ParseUint(major, 10, 16)
	_, two := strconv.ParseUint(minor, 10, 16)
	return one == nil && two == nil
}

func path0(path []string) string {
	if len(path) == 0 {
		return ""
	}
	return path[0]
}

func (c *call) body(from io.Reader, kind string) error {
	raw, err := io.ReadAll(io.LimitReader(from, maxBody+1))
	if err != nil {
		return errNotJSON
	}
	if len(raw) > maxBody {
		return errTooLarge
	}
	c.raw = raw
	if len(bytes.TrimSpace(raw)) == 0 {
		return nil
	}
	if kind != "application/x-www-form-urlencoded" {
		if json.Unmarshal(raw, &c.fields) != nil {
			return errNotJSON
		}
		return nil
	}
	values, err := url.ParseQuery(string(raw))
	if err != nil {
		return errNotJSON
	}
	for name := range values {
		c.fields[name] = formValue(values.Get(name))
	}
	return nil
}

func (c *call) multipart(parts *multipart.Reader) error {
	for {
		part, err := parts.NextPart()
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return errNotJSON
		}
		content, err := io.ReadAll(part)
		switch {
		case err != nil:
			return errNotJSON
		case part.FormName() == "file":
			c.file = &upload{kind: part.Header.Get("Content-Type"), bytes: content}
		default:
			c.fields[part.FormName()] = formValue(string(content))
		}
	}
}

// authorize finds the token: header, query or form.
func (c *call) authorize(r *http.Request) {
	for _, scheme := range []string{"Bearer ", "OAuth "} {
		if token, found := strings.CutPrefix(r.Header.Get("Authorization"), scheme); found {
			c.token = token
		}
	}
	for _, token := range []string{c.query.Get("access_token"), c.fields.text("access_token")} {
		if c.token == "" {
			c.token = token
		}
	}
}

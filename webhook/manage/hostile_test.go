package manage_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// FuzzCalls: whatever is asked for, and however, the answer is JSON or a problem, no
// number comes back, and nothing is done to somebody whose handle was not named.
func FuzzCalls(f *testing.F) {
	for _, s := range [][4]string{
		{"GET", "/customers/IT.1234567890123456789012", "", ""},
		{"GET", "/customers/%2B" + number, "", ""},
		{"DELETE", "/customers/%2e%2e/sharing", "", "null"},
		{"POST", "/customers/x/share-requests", "", `{"a":[1]}`},
		{"GET", "/consents", "after=Y29uc2VudHM6MQ&limit=1", ""},
		{"GET", "/consents", "after=Y29uc2VudHM6OTIyMzM3MjAzNjg1NDc3NTgwNw", ""},
		{"GET", "/audit", "after=YXVkaXQ6MQ&limit=500", ""},
		{"BREW", "//", "%zz", "\xff"},
		{"HEAD", "/consents/head", "", ""},
		{"OPTIONS", "/audit/", "", "{}"},
	} {
		f.Add(s[0], s[1], s[2], []byte(s[3]), "key")
	}
	r := newRig(f)
	r.madeUp = true
	r.lists.fill(3)
	f.Fuzz(func(t *testing.T, method, path, query string, body []byte, key string) {
		request := r.made(t.Context(), call{method: http.MethodPost, path: "/v1"})
		request.Method = method
		request.URL = &url.URL{Path: "/v1" + path, RawQuery: query}
		if plain, err := url.PathUnescape(path); err == nil {
			request.URL = &url.URL{Path: "/v1" + plain, RawPath: "/v1" + path, RawQuery: query}
		}
		request.Body, request.ContentLength = http.NoBody, 0
		if len(body) > 0 {
			request = request.Clone(t.Context())
			request.Body, request.ContentLength = readable{bytes.NewReader(body)}, int64(len(body))
			request.Header.Set("Content-Type", "application/json")
		}
		request.Header["Idempotency-Key"] = []string{key}
		got := r.send(request)
		if !strings.HasPrefix(request.URL.EscapedPath(), "/v1/") && request.URL.EscapedPath() != "/v1" {
			return // the Echo's affair
		}
		kind := got.header.Get("Content-Type")
		switch {
		case got.status == http.StatusNoContent && got.body == "":
		case method == http.MethodHead && got.body == "":
		case got.status >= 400 && kind == "application/problem+json", got.status < 300 && kind == "application/json":
			if !json.Valid([]byte(got.body)) {
				t.Errorf("%d %s", got.status, got.body)
			}
		default:
			t.Errorf("%d %q: %s", got.status, kind, got.body)
		}
		if got.status >= 500 {
			t.Errorf("%d: %s", got.status, got.body)
		}
		if acts := r.people.acts(); len(acts) != 0 {
			t.Errorf("somebody was not named, and %v", acts)
		}
	})
}

// readable is a body.
type readable struct{ *bytes.Reader }

// Close implements io.Closer.
func (readable) Close() error { return nil }

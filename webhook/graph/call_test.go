package graph_test

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"
	"net/url"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"bauta/webhook/graph"
)

const phoneID = "106540352242922"

// send is a message to somebody, as a business sends one.
func send() graph.Request {
	return graph.Request{
		Token: token, Object: phoneID, Edge: "messages", Method: http.MethodPost,
		ContentType: "application/json", Body: []byte(`{"messaging_product":"whatsapp","to":"+16505551234"}`),
	}
}

// refused is the platform's error (webhooks.md 6.6).
func refused(code int) string {
	return fmt.Sprintf(`{"error":{"message":"(#%d) quoted +16505551234","type":"OAuthException","code":%d,"error_data":{"messaging_product":"whatsapp","details":"quoted"},"fbtrace_id":"quoted"}}`, code, code)
}

// newClient makes a client without a network.
func newClient(t testing.TB, far trip) *graph.Client {
	t.Helper()
	c, err := graph.New(graph.Options{URL: "https://graph.example", Version: "v25.0", HTTP: &http.Client{Transport: far}})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// serve makes a client of a server over plain HTTP, with the product's transport.
func serve(t testing.TB, far http.HandlerFunc) *graph.Client {
	t.Helper()
	server := httptest.NewServer(far)
	t.Cleanup(server.Close)
	c, err := graph.New(graph.Options{URL: server.URL, Version: "v25.0", HTTP: graph.NewHTTP()})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func wantSent(t *testing.T, err error, want bool) {
	t.Helper()
	e, ok := errors.AsType[*graph.Error](err)
	if !ok || e.MaybeSent() != want {
		t.Errorf("%v: maybe sent is not %v", err, want)
	}
}

func TestACallIsMadeAsAsked(t *testing.T) {
	t.Parallel()
	c := serve(t, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		got := []string{r.Method, r.RequestURI, r.Header.Get("Authorization"), r.Header.Get("Content-Type"), string(body)}
		want := []string{"POST", "/v19.0/" + phoneID + "/messages?b=2%2F", "Bearer " + token, "application/json", string(send().Body)}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
		for name, value := range map[string]string{
			"Content-Type": "application/json; charset=UTF-8", "Retry-After": "7", "X-App-Usage": `{"call_count":1}`,
			"X-Business-Use-Case-Usage": "{}", "X-Ad-Account-Usage": "{}",
			"Set-Cookie": "a=b", "X-Fb-Trace-Id": "x", "Www-Authenticate": "OAuth", "X-Fb-Debug": "y", "Location": "/z",
		} {
			w.Header().Set(name, value)
		}
		_, _ = io.WriteString(w, `{"messaging_product":"whatsapp"}`)
	})
	r := send()
	r.Version, r.Query = "v19.0", url.Values{"b": {"2/"}}
	got, err := c.Call(t.Context(), r)
	if err != nil {
		t.Fatal(err)
	}
	want := &graph.Answer{Status: 200, Body: []byte(`{"messaging_product":"whatsapp"}`), Header: http.Header{
		"Content-Type": {"application/json; charset=UTF-8"}, "Retry-After": {"7"}, "X-App-Usage": {`{"call_count":1}`},
		"X-Business-Use-Case-Usage": {"{}"}, "X-Ad-Account-Usage": {"{}"},
	}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// TestEveryCode goes through the codes of webhooks.md 6.6: which are repeated, how
// often, and how long that takes at least.
func TestEveryCode(t *testing.T) {
	t.Parallel()
	type row struct {
		code, status, calls int
		took                time.Duration
	}
	rows := []row{
		{4, 400, 3, 1500 * time.Millisecond},
		{80007, 400, 3, 1500 * time.Millisecond},
		{130429, 400, 3, 1500 * time.Millisecond},
		{131056, 400, 2, 4 * time.Second},
	}
	for _, code := range []int{
		1, 2, 131000, 131016, 131057, 133004, // it may have gone out
		0, 190, 3, 10, 200, 299, 131005, 368, 131031, 130497, 131048, 131064, 133016, 33, 100, 131008, 131009, 131021, 135000,
		131026, 131030, 131042, 131045, 131037, 133010, 131047, 131049, 131050, 130472, 131051, 131052, 131053, 131062, 130403,
		132000, 132001, 132016, 132068, 131020, 131041, 131201, 131207, 139100, 17, 32, 613, 80000, 80004, 80008,
	} {
		rows = append(rows, row{code, 400, 1, 0}, row{code, 500, 1, 0}, row{code, 429, 1, 0})
	}
	for _, row := range rows {
		t.Run(fmt.Sprintf("%d with status %d is called %d times", row.code, row.status, row.calls), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				calls, body := 0, refused(row.code)
				c := newClient(t, func(r *http.Request) (*http.Response, error) {
					calls++
					sent, _ := io.ReadAll(r.Body)
					if !bytes.Equal(sent, send().Body) {
						t.Errorf("call %d has the body %s", calls, sent)
					}
					return answer(row.status, body), nil
				})
				started := time.Now()
				got, err := c.Call(t.Context(), send())
				if err != nil {
					t.Fatal(err)
				}
				took := time.Since(started)
				if calls != row.calls || took < row.took || took > row.took*6/5 {
					t.Errorf("%d calls in %v, want %d in %v to a fifth more", calls, took, row.calls, row.took)
				}
				if got.Status != row.status || got.Code != row.code || string(got.Body) != body || got.Unsent != (row.calls > 1) {
					t.Errorf("status %d, code %d, unsent %v, body %s", got.Status, got.Code, got.Unsent, got.Body)
				}
			})
		})
	}
}

func TestRepetitionsAreBounded(t *testing.T) {
	t.Parallel()
	limited := func(after string) *http.Response {
		a := answer(400, refused(130429))
		a.Header.Set("Retry-After", after)
		return a
	}
	for name, row := range map[string]struct {
		first  *http.Response
		change func(*graph.Request)
		calls  int
		least  time.Duration
	}{
		"Retry-After is waited for":                {limited("3"), nil, 2, 3 * time.Second},
		"Retry-After beyond the bound is not":      {limited("11"), nil, 1, 0},
		"Retry-After in the past counts as none":   {limited("Fri, 01 Jan 1999 15:04:05 GMT"), nil, 2, 500 * time.Millisecond},
		"a negative Retry-After counts as none":    {limited("-5"), nil, 2, 500 * time.Millisecond},
		"a Retry-After beyond all bounds":          {limited("99999999999999999999"), nil, 2, 500 * time.Millisecond},
		"an error beside what was done":            {answer(400, `{"messages":[{"id":"wamid.x"}],"error":{"code":4}}`), nil, 1, 0},
		"the code in an answer of success":         {answer(200, refused(4)), nil, 1, 0},
		"the code as text":                         {answer(400, `{"error":{"code":"4"}}`), nil, 1, 0},
		"a body that is no JSON":                   {answer(429, `{"error":{"code":4}`), nil, 1, 0},
		"a 503 without a code":                     {answer(503, `{}`), nil, 1, 0},
		"is_transient says nothing of what went":   {answer(500, `{"error":{"code":131000,"is_transient":true}}`), nil, 1, 0},
		"a stream is sent once":                    {limited(""), func(r *graph.Request) { r.Stream = strings.NewReader("abc") }, 1, 0},
		"a deletion is repeated like another call": {limited(""), func(r *graph.Request) { r.Method = http.MethodDelete }, 2, 500 * time.Millisecond},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				calls := 0
				c := newClient(t, func(r *http.Request) (*http.Response, error) {
					_, _ = io.Copy(io.Discard, r.Body)
					if calls++; calls == 1 {
						return row.first, nil
					}
					return answer(200, `{}`), nil
				})
				r := send()
				if row.change != nil {
					row.change(&r)
				}
				started := time.Now()
				if _, err := c.Call(t.Context(), r); err != nil {
					t.Fatal(err)
				}
				if took := time.Since(started); calls != row.calls || took < row.least || took > row.least*6/5 {
					t.Errorf("%d calls in %v, want %d in %v", calls, took, row.calls, row.least)
				}
			})
		})
	}
}

// unconnected is what the transport tells and returns when there is no connection.
func unconnected(r *http.Request) (*http.Response, error) {
	httptrace.ContextClientTrace(r.Context()).GetConn("graph.example:443")
	return nil, syscall.ECONNREFUSED
}

// cut is a connection that breaks after the request went out.
func cut(r *http.Request) (*http.Response, error) {
	trace := httptrace.ContextClientTrace(r.Context())
	trace.GetConn("graph.example:443")
	trace.GotConn(httptrace.GotConnInfo{})
	return nil, io.ErrUnexpectedEOF
}

func TestLostConnections(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		method string
		far    trip
		calls  int
		sent   bool
	}{
		"a send without a connection is repeated twice": {http.MethodPost, unconnected, 3, false},
		"a send whose connection broke is not":          {http.MethodPost, cut, 1, true},
		"nor one of which nothing is known":             {http.MethodPost, func(*http.Request) (*http.Response, error) { return nil, io.EOF }, 1, true},
		"nor a deletion":                                {http.MethodDelete, cut, 1, true},
		"a look-up whose connection broke is once":      {http.MethodGet, cut, 2, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				calls := 0
				c := newClient(t, func(r *http.Request) (*http.Response, error) {
					calls++
					return row.far(r)
				})
				r := send()
				r.Method = row.method
				_, err := c.Call(t.Context(), r)
				wantKind(t, err, graph.Unreachable)
				wantSent(t, err, row.sent)
				if calls != row.calls {
					t.Errorf("%d calls, want %d", calls, row.calls)
				}
			})
		})
	}
}

func TestUnreadableAnswers(t *testing.T) {
	t.Parallel()
	bomb := func(size int) string {
		var b bytes.Buffer
		z := gzip.NewWriter(&b)
		for range size >> 20 {
			_, _ = z.Write(make([]byte, 1<<20))
		}
		_ = z.Close()
		return b.String()
	}
	for name, row := range map[string]struct {
		status  int
		headers map[string]string
		body    string
		want    graph.Kind // "": an answer
	}{
		"a redirect":                          {302, map[string]string{"Location": "/v25.0/1/messages"}, "{}", graph.Unreadable},
		"a redirect that keeps the method":    {307, map[string]string{"Location": "https://evil.example/"}, "{}", graph.Unreadable},
		"no body":                             {200, nil, "", graph.Unreadable},
		"no body and a 5xx":                   {502, nil, "", graph.Unavailable},
		"a page instead of JSON is an answer": {502, nil, "<html>", ""},
		"exactly 4 MiB":                       {200, nil, strings.Repeat(" ", 4<<20), ""},
		"one byte more":                       {200, nil, strings.Repeat(" ", 4<<20+1), graph.Unreadable},
		"a gzip bomb of 64 MiB":               {200, map[string]string{"Content-Encoding": "gzip"}, bomb(1 << 26), graph.Unreadable},
		"compressed, and not too large":       {200, map[string]string{"Content-Encoding": "gzip"}, bomb(1 << 20), ""},
		"said to be compressed, and is not":   {200, map[string]string{"Content-Encoding": "gzip"}, "{}", graph.Unreachable},
		"cut off":                             {200, map[string]string{"Content-Length": "9"}, "{}", graph.Unreachable},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			calls := 0
			c := serve(t, func(w http.ResponseWriter, _ *http.Request) {
				calls++
				for name, value := range row.headers {
					w.Header().Set(name, value)
				}
				w.WriteHeader(row.status)
				_, _ = io.WriteString(w, row.body)
			})
			got, err := c.Call(t.Context(), send())
			if calls != 1 {
				t.Errorf("%d calls, want 1", calls)
			}
			if row.want != "" {
				wantKind(t, err, row.want)
				wantSent(t, err, true)
				return
			}
			if err != nil || got.Status != row.status {
				t.Errorf("%v, %v", got, err)
			}
		})
	}
}

func TestNoURLIsBuiltOfAnythingElse(t *testing.T) {
	t.Parallel()
	c := newClient(t, func(r *http.Request) (*http.Response, error) {
		return answer(200, r.URL.EscapedPath()), nil
	})
	for name, row := range map[string]struct {
		change func(*graph.Request)
		want   string // the path; "": refused
	}{
		"as it is":                        {func(*graph.Request) {}, "/v25.0/" + phoneID + "/messages"},
		"a group's id":                    {func(r *graph.Request) { r.Object = "Y2FwaV9ncm91cDoxOTUwNTU1MTIzNA==" }, "/v25.0/Y2FwaV9ncm91cDoxOTUwNTU1MTIzNA==/messages"},
		"the object itself":               {func(r *graph.Request) { r.Edge = "" }, "/v25.0/" + phoneID},
		"an edge of two words":            {func(r *graph.Request) { r.Edge = "a_b/c" }, "/v25.0/" + phoneID + "/a_b/c"},
		"another version":                 {func(r *graph.Request) { r.Version = "v9.10" }, "/v9.10/" + phoneID + "/messages"},
		"no object":                       {func(r *graph.Request) { r.Object = "" }, ""},
		"a node that has a name":          {func(r *graph.Request) { r.Object = "me" }, ""},
		"a dot segment":                   {func(r *graph.Request) { r.Object = ".." }, ""},
		"a dot in the object":             {func(r *graph.Request) { r.Object = "1.2" }, ""},
		"a slash in the object":           {func(r *graph.Request) { r.Object = "1/2" }, ""},
		"an escape in the object":         {func(r *graph.Request) { r.Object = "1%2f2" }, ""},
		"a question mark in the object":   {func(r *graph.Request) { r.Object = "1?a=b" }, ""},
		"a number sign in the object":     {func(r *graph.Request) { r.Object = "1#" }, ""},
		"a line break in the object":      {func(r *graph.Request) { r.Object = "1\r\n" }, ""},
		"another script's digits":         {func(r *graph.Request) { r.Object = "١٢٣" }, ""},
		"a semicolon in the object":       {func(r *graph.Request) { r.Object = "1;2" }, ""},
		"an object of 129 bytes":          {func(r *graph.Request) { r.Object = strings.Repeat("1", 129) }, ""},
		"a dot segment in the edge":       {func(r *graph.Request) { r.Edge = "../x" }, ""},
		"two slashes in the edge":         {func(r *graph.Request) { r.Edge = "a//b" }, ""},
		"a slash before the edge":         {func(r *graph.Request) { r.Edge = "/a" }, ""},
		"a slash after the edge":          {func(r *graph.Request) { r.Edge = "a/" }, ""},
		"an escape in the edge":           {func(r *graph.Request) { r.Edge = "a%2f" }, ""},
		"capitals in the edge":            {func(r *graph.Request) { r.Edge = "Messages" }, ""},
		"a question mark in the edge":     {func(r *graph.Request) { r.Edge = "messages?a" }, ""},
		"a version without a v":           {func(r *graph.Request) { r.Version = "25.0" }, ""},
		"a version with a path":           {func(r *graph.Request) { r.Version = "v25.0/1" }, ""},
		"a version of one number":         {func(r *graph.Request) { r.Version = "v25" }, ""},
		"another method":                  {func(r *graph.Request) { r.Method = "PUT" }, ""},
		"a method with a space":           {func(r *graph.Request) { r.Method = "GET /" }, ""},
		"the token as a parameter":        {func(r *graph.Request) { r.Query = url.Values{"access_token": {"x"}} }, ""},
		"a method as a parameter":         {func(r *graph.Request) { r.Query = url.Values{"method": {"delete"}} }, ""},
		"other objects as a parameter":    {func(r *graph.Request) { r.Query = url.Values{"ids": {"1,2"}} }, ""},
		"a line break in a content type":  {func(r *graph.Request) { r.ContentType = "a/b\r\nHost: evil" }, ""},
		"a line break in the token":       {func(r *graph.Request) { r.Token = "a\r\nHost: evil" }, ""},
		"no token":                        {func(r *graph.Request) { r.Token = "" }, ""},
		"a parameter that breaks the URL": {func(r *graph.Request) { r.Query = url.Values{"a&b=#?/": {"\r\n"}} }, "/v25.0/" + phoneID + "/messages"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := send()
			row.change(&r)
			got, err := c.Call(t.Context(), r)
			switch {
			case row.want == "" && err == nil:
				t.Errorf("the path %s was asked", got.Body)
			case row.want == "":
				wantSent(t, err, false)
			case err != nil:
				t.Error(err)
			case string(got.Body) != row.want:
				t.Errorf("path %s, want %s", got.Body, row.want)
			}
		})
	}
}

package graph_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"bauta/webhook/graph"
)

// mediaClient is one whose far side is given.
func mediaClient(t testing.TB, url string, far http.RoundTripper) *graph.Client {
	t.Helper()
	c, err := graph.New(graph.Options{URL: url, Version: "v25.0", HTTP: &http.Client{Transport: far}})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestTheTokenGoesToThePlatformsHostsOnly(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		url string
		at  string // the host that is asked; "": none
	}{
		"the platform's media host":             {"https://lookaside.fbsbx.com/whatsapp_business/attachments/?mid=1&ext=2&hash=3", "lookaside.fbsbx.com"},
		"in capitals":                           {"https://LookAside.FBSBX.com/a", "lookaside.fbsbx.com"},
		"the API's own host":                    {"https://graph.example/a", "graph.example"},
		"another host":                          {"https://media.example/a?b=c", ""},
		"plain http":                            {"http://lookaside.fbsbx.com/", ""},
		"plain http to the API's host":          {"http://graph.example/", ""},
		"another scheme":                        {"ftp://lookaside.fbsbx.com/", ""},
		"a scheme with a host in its path":      {"https:lookaside.fbsbx.com", ""},
		"no scheme":                             {"//lookaside.fbsbx.com/", ""},
		"a file":                                {"file:///etc/passwd", ""},
		"a user":                                {"https://a@lookaside.fbsbx.com/", ""},
		"an empty user":                         {"https://@lookaside.fbsbx.com/", ""},
		"the host as a user":                    {"https://lookaside.fbsbx.com@evil.example/", ""},
		"the host as a user with a password":    {"https://lookaside.fbsbx.com:443@evil.example/", ""},
		"the host after a backslash":            {`https://evil.example\@lookaside.fbsbx.com/`, ""},
		"the host before a backslash":           {`https://lookaside.fbsbx.com\.evil.example/`, ""},
		"as a part before":                      {"https://lookaside.fbsbx.com.evil.example/", ""},
		"as a part after":                       {"https://evillookaside.fbsbx.com/", ""},
		"below it":                              {"https://a.lookaside.fbsbx.com/", ""},
		"its parent":                            {"https://fbsbx.com/", ""},
		"in the path":                           {"https://evil.example/lookaside.fbsbx.com", ""},
		"in the fragment":                       {"https://evil.example/#@lookaside.fbsbx.com", ""},
		"with a fragment":                       {"https://lookaside.fbsbx.com/#a", ""},
		"a port":                                {"https://lookaside.fbsbx.com:8443/", ""},
		"its own port written out":              {"https://lookaside.fbsbx.com:443/", ""},
		"an empty port":                         {"https://lookaside.fbsbx.com:/", ""},
		"the API's host with a port":            {"https://graph.example:8443/", ""},
		"a dot at the end":                      {"https://lookaside.fbsbx.com./", ""},
		"an escaped dot":                        {"https://lookaside%2efbsbx.com/", ""},
		"letters of another script":             {"https://lооkaside.fbsbx.com/", ""},
		"a letter that folds to k":              {"https://loo\u212aaside.fbsbx.com/", ""},
		"such a letter escaped":                 {"https://loo%E2%84%AAaside.fbsbx.com/", ""},
		"a full-width dot":                      {"https://lookaside\uff0efbsbx.com/", ""},
		"a soft hyphen":                         {"https://look\u00adaside.fbsbx.com/", ""},
		"a zero byte":                           {"https://lookaside.fbsbx.com\x00.evil.example/", ""},
		"a line break":                          {"https://lookaside.fbsbx.com/\r\nHost: evil", ""},
		"a tab in the host":                     {"https://lookaside\t.fbsbx.com/", ""},
		"a space before":                        {" https://lookaside.fbsbx.com/", ""},
		"loopback":                              {"https://127.0.0.1/", ""},
		"instance metadata":                     {"http://169.254.169.254/latest/meta-data", ""},
		"loopback in IPv6":                      {"https://[::1]/", ""},
		"a zone":                                {"https://[fe80::1%25lookaside.fbsbx.com]/", ""},
		"the address of a name as one number":   {"https://2130706433/", ""},
		"localhost":                             {"https://localhost/", ""},
		"nothing":                               {"", ""},
		"longer than a URL is":                  {"https://lookaside.fbsbx.com/" + strings.Repeat("a", 9000), ""},
		"a semicolon after the host":            {"https://lookaside.fbsbx.com;evil.example/", ""},
		"two hosts":                             {"https://lookaside.fbsbx.com,evil.example/", ""},
		"a question mark right after a host":    {"https://evil.example?@lookaside.fbsbx.com/", ""},
		"a question mark right after the right": {"https://lookaside.fbsbx.com?@evil.example/", "lookaside.fbsbx.com"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			at := ""
			c := mediaClient(t, "https://graph.example", trip(func(r *http.Request) (*http.Response, error) {
				at = r.URL.Host
				if r.Host != r.URL.Host || r.Header.Get("Authorization") != "Bearer "+token || strings.Contains(r.URL.String(), token) {
					t.Errorf("Host %s, %s", r.Host, r.URL)
				}
				return answer(200, "x"), nil
			}))
			m, err := c.Download(t.Context(), token, row.url)
			if at != row.at {
				t.Errorf("%q was asked, want %q", at, row.at)
			}
			if row.at == "" {
				wantKind(t, err, graph.Refused)
				wantSent(t, err, false)
			} else if err != nil {
				t.Error(err)
			} else {
				_ = m.Body.Close()
			}
		})
	}
	t.Run("plain http to a stand-in that graph_url names", func(t *testing.T) {
		t.Parallel()
		c := mediaClient(t, "http://127.0.0.1:8081", trip(func(*http.Request) (*http.Response, error) { return answer(200, "x"), nil }))
		for url, want := range map[string]graph.Kind{
			"http://127.0.0.1:8081/m": "", "http://127.0.0.1:8082/m": graph.Refused, "http://127.0.0.1/m": graph.Refused,
			"http://localhost:8081/m": graph.Refused, "http://lookaside.fbsbx.com/m": graph.Refused, "http://media.example/m": graph.Refused,
		} {
			if _, err := c.Download(t.Context(), token, url); want != "" {
				wantKind(t, err, want)
			} else if err != nil {
				t.Error(url, err)
			}
		}
	})
}

func FuzzTheTokenGoesToThePlatformsHostsOnly(f *testing.F) {
	for _, seed := range []string{"https://lookaside.fbsbx.com/a", "https://a@b", "https://graph.example:1/", "https://media.example./?#"} {
		f.Add(seed)
	}
	hosts := []string{"lookaside.fbsbx.com", "graph.example"}
	c := mediaClient(f, "https://graph.example", trip(func(r *http.Request) (*http.Response, error) {
		if r.URL.Scheme != "https" || !slices.Contains(hosts, r.URL.Host) || r.Host != r.URL.Host || r.URL.User != nil {
			f.Errorf("%q was asked", r.URL)
		}
		return answer(200, ""), nil
	}))
	f.Fuzz(func(t *testing.T, url string) {
		if m, err := c.Download(context.Background(), token, url); err == nil {
			_ = m.Body.Close()
		}
	})
}

func TestAMediumComesAsItIs(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct{ header, want string }{
		"a picture":                       {"image/jpeg", "image/jpeg"},
		"sound with its codec":            {"Audio/OGG; codecs=opus", "audio/ogg; codecs=opus"},
		"a name of a file is not told":    {`application/pdf; name="+16505551234.pdf"; charset=utf-8`, "application/pdf; charset=utf-8"},
		"none":                            {"", "application/octet-stream"},
		"one that is none":                {"image", "application/octet-stream"},
		"one that is broken":              {"image/;;==", "application/octet-stream"},
		"one that is longer than any is ": {"image/" + strings.Repeat("a", 300), "application/octet-stream"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if got := r.Header.Get("Accept-Encoding"); got != "identity" {
					t.Errorf("Accept-Encoding %s", got)
				}
				w.Header()["Content-Type"] = []string{row.header}
				_, _ = io.WriteString(w, "abc")
			}))
			t.Cleanup(server.Close)
			m, err := mediaClient(t, server.URL, server.Client().Transport).Download(t.Context(), token, server.URL+"/m")
			if err != nil {
				t.Fatal(err)
			}
			body, err := io.ReadAll(m.Body)
			if m.Type != row.want || m.Length != 3 || string(body) != "abc" || err != nil || m.Body.Close() != nil {
				t.Errorf("%s, %d, %s, %v", m.Type, m.Length, body, err)
			}
		})
	}
}

func TestAnswersThatAreNoMedium(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		status  int
		headers map[string]string
		body    string
		want    graph.Kind
	}{
		"a redirect to an allowed host": {302, map[string]string{"Location": "https://lookaside.fbsbx.com/"}, "", graph.Unreadable},
		"a redirect elsewhere":          {307, map[string]string{"Location": "https://evil.example/"}, "", graph.Unreadable},
		"an expired URL":                {404, nil, "quoted", graph.NotFound},
		"a refused token":               {401, nil, refused(190), graph.TokenRefused},
		"a broken store":                {500, nil, "quoted", graph.Unavailable},
		"a part":                        {206, nil, "ab", graph.Unreadable},
		"too large, and says so":        {200, map[string]string{"Content-Length": "104857601"}, "", graph.Unreadable},
		"compressed unasked":            {200, map[string]string{"Content-Encoding": "gzip"}, "ab", graph.Unreadable},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			calls := 0
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				calls++
				for name, value := range row.headers {
					w.Header().Set(name, value)
				}
				w.WriteHeader(row.status)
				_, _ = io.WriteString(w, row.body)
			}))
			t.Cleanup(server.Close)
			_, err := mediaClient(t, server.URL, server.Client().Transport).Download(t.Context(), token, server.URL+"/m")
			wantKind(t, err, row.want)
			if calls != 1 {
				t.Errorf("%d calls", calls)
			}
		})
	}
}

// endless is a body without an end; stuck one that stops after a byte.
type endless struct{}

func (endless) Read(p []byte) (int, error) { return len(p), nil }

type stuck struct {
	context.Context
	given bool
}

func (s *stuck) Read(p []byte) (int, error) {
	if !s.given {
		s.given = true
		p[0] = 'x'
		return 1, nil
	}
	<-s.Done()
	return 0, context.Cause(s)
}

func TestAMediumIsBounded(t *testing.T) {
	t.Parallel()
	far := func(body func(*http.Request) io.Reader) trip {
		return func(r *http.Request) (*http.Response, error) {
			return &http.Response{StatusCode: 200, ContentLength: -1, Body: io.NopCloser(body(r)), Header: http.Header{}}, nil
		}
	}
	t.Run("in size", func(t *testing.T) {
		t.Parallel()
		for size, want := range map[int64]graph.Kind{100 << 20: "", 100<<20 + 1: graph.Unreadable} {
			m, err := newClient(t, far(func(*http.Request) io.Reader { return io.LimitReader(endless{}, size) })).Download(t.Context(), token, "https://graph.example/m")
			if err != nil {
				t.Fatal(err)
			}
			n, err := io.Copy(io.Discard, m.Body)
			if want != "" {
				wantKind(t, err, want)
			} else if err != nil {
				t.Error(err)
			}
			if n > 100<<20 || m.Length != -1 {
				t.Errorf("%d bytes came, length %d", n, m.Length)
			}
			_ = m.Body.Close()
		}
	})
	t.Run("in standstill, and a slow reader is not the platform's", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			m, err := newClient(t, far(func(r *http.Request) io.Reader { return &stuck{Context: r.Context()} })).Download(t.Context(), token, "https://graph.example/m")
			if err != nil {
				t.Fatal(err)
			}
			time.Sleep(time.Hour) // virtual: a slow reader
			if n, err := m.Body.Read(make([]byte, 9)); n != 1 || err != nil {
				t.Errorf("%d, %v", n, err)
			}
			time.Sleep(time.Hour) // virtual: slow once more
			started := time.Now()
			_, err = m.Body.Read(make([]byte, 9))
			wantKind(t, err, graph.TooSlow)
			if took := time.Since(started); took != 30*time.Second {
				t.Errorf("it took %v, want 30s", took)
			}
			_ = m.Body.Close()
		})
	})
	t.Run("by its caller", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			m, err := newClient(t, far(func(r *http.Request) io.Reader { return &stuck{Context: r.Context(), given: true} })).Download(ctx, token, "https://graph.example/m")
			if err != nil {
				t.Fatal(err)
			}
			time.AfterFunc(time.Second, cancel)
			_, err = io.ReadAll(m.Body)
			wantKind(t, err, graph.Canceled)
			_ = m.Body.Close()
		})
	})
	t.Run("by what was announced", func(t *testing.T) {
		t.Parallel()
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "9")
			_, _ = io.WriteString(w, "abc")
		}))
		t.Cleanup(server.Close)
		m, err := mediaClient(t, server.URL, server.Client().Transport).Download(t.Context(), token, server.URL+"/m")
		if err != nil {
			t.Fatal(err)
		}
		_, err = io.ReadAll(m.Body)
		wantKind(t, err, graph.Unreachable)
		_ = m.Body.Close()
	})
}

// TestMediaHostsHaveTheirOwnBreakers: a store of media that is down stops neither
// sends nor another store.
func TestMediaHostsHaveTheirOwnBreakers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		calls := 0
		c := mediaClient(t, "https://graph.example", trip(func(r *http.Request) (*http.Response, error) {
			if r.URL.Host == "lookaside.fbsbx.com" {
				calls++
				return unconnected(r)
			}
			return answer(200, "{}"), nil
		}))
		for range 3 {
			_, err := c.Download(t.Context(), token, "https://lookaside.fbsbx.com/a")
			if _, ok := errors.AsType[*graph.Error](err); !ok {
				t.Fatal(err)
			}
		}
		_, err := c.Download(t.Context(), token, "https://lookaside.fbsbx.com/a")
		wantKind(t, err, graph.BreakerOpen)
		if calls != 5 {
			t.Errorf("%d calls, want 5: each twice, then none", calls)
		}
		if m, err := c.Download(t.Context(), token, "https://graph.example/a"); err != nil {
			t.Error(err)
		} else {
			_ = m.Body.Close()
		}
		if _, err := c.Call(t.Context(), send()); err != nil {
			t.Error(err)
		}
	})
}

package graph_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/iotest"
	"testing/synctest"
	"time"

	"bauta/webhook/graph"
)

// paced gives one byte after each pause.
type paced struct {
	bytes int
	pause time.Duration
}

func (p *paced) Read(b []byte) (int, error) {
	if p.bytes == 0 {
		return 0, io.EOF
	}
	p.bytes--
	<-time.After(p.pause)
	b[0] = 'x'
	return 1, nil
}

func upload(from io.Reader) graph.Request {
	return graph.Request{
		Token: token, Object: phoneID, Edge: "media", Method: http.MethodPost,
		ContentType: "multipart/form-data; boundary=b", Stream: from,
	}
}

func TestAnUploadIsStreamed(t *testing.T) {
	t.Parallel()
	for name, size := range map[string]int{"a file": 8 << 20, "nothing": 0} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := serve(t, func(w http.ResponseWriter, r *http.Request) {
				n, err := io.Copy(io.Discard, r.Body)
				if n != int64(size) || err != nil || r.Header.Get("Content-Type") != "multipart/form-data; boundary=b" {
					t.Errorf("%d bytes (%v), %s", n, err, r.Header.Get("Content-Type"))
				}
				_, _ = io.WriteString(w, `{"id":"1"}`)
			})
			got, err := c.Call(t.Context(), upload(strings.NewReader(strings.Repeat("x", size))))
			if err != nil || string(got.Body) != `{"id":"1"}` {
				t.Errorf("%v, %v", got, err)
			}
		})
	}
}

func TestABrokenStreamIsTheCallersFault(t *testing.T) {
	t.Parallel()
	c := serve(t, func(_ http.ResponseWriter, r *http.Request) { _, _ = io.Copy(io.Discard, r.Body) })
	// More often than a breaker would bear.
	for range 7 {
		_, err := c.Call(t.Context(), upload(io.MultiReader(strings.NewReader("ab"), iotest.ErrReader(errors.New("quoted")))))
		wantKind(t, err, graph.SourceBroken)
		wantSent(t, err, true)
	}
}

// swallow reads a body as fast as it comes.
func swallow(r *http.Request) (*http.Response, error) {
	read := make(chan error, 1)
	go func() {
		_, err := io.Copy(io.Discard, r.Body)
		_ = r.Body.Close()
		read <- err
	}()
	select {
	case err := <-read:
		if err != nil {
			return nil, err
		}
		return answer(200, `{"id":"1"}`), nil
	case <-r.Context().Done():
		return nil, context.Cause(r.Context())
	}
}

func TestStreamsAreBoundedByStandstill(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		far  trip
		from io.Reader
		want graph.Kind
		took time.Duration
	}{
		"one that moves may take an hour": {swallow, &paced{180, 20 * time.Second}, "", time.Hour},
		"one that stands still may not":   {swallow, &paced{2, time.Minute}, graph.SourceBroken, 30 * time.Second},
		"a platform that does not read": {func(r *http.Request) (*http.Response, error) {
			<-r.Context().Done()
			return nil, context.Cause(r.Context())
		}, strings.NewReader("x"), graph.TooSlow, 30 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				started := time.Now()
				_, err := newClient(t, row.far).Call(t.Context(), upload(row.from))
				if row.want != "" {
					wantKind(t, err, row.want)
				} else if err != nil {
					t.Error(err)
				}
				if took := time.Since(started); took != row.took {
					t.Errorf("it took %v, want %v", took, row.took)
				}
				time.Sleep(time.Minute) // virtual: until the stream's last read ends
			})
		})
	}
}

// TestUploadsAndSendsHaveTheirOwnBreakers: media may be down while messages go out.
func TestUploadsAndSendsHaveTheirOwnBreakers(t *testing.T) {
	t.Parallel()
	c := newClient(t, func(r *http.Request) (*http.Response, error) {
		_, _ = io.Copy(io.Discard, r.Body)
		if strings.HasSuffix(r.URL.Path, "/media") {
			return answer(500, refused(131000)), nil
		}
		return answer(200, "{}"), nil
	})
	for range 5 {
		if _, err := c.Call(t.Context(), upload(strings.NewReader("x"))); err != nil {
			t.Fatal(err)
		}
	}
	_, err := c.Call(t.Context(), upload(strings.NewReader("x")))
	wantKind(t, err, graph.BreakerOpen)
	if _, err := c.Call(t.Context(), send()); err != nil {
		t.Error(err)
	}
}

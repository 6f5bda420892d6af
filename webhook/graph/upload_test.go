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

func upload(from io.Reader, length int64) graph.Request {
	return graph.Request{
		Token: token, Object: phoneID, Edge: "media", Method: http.MethodPost,
		ContentType: "multipart/form-data; boundary=b", Stream: from, Length: length,
	}
}

func TestAnUploadIsStreamed(t *testing.T) {
	t.Parallel()
	const size = 8 << 20
	for name, row := range map[string]struct{ length, header int64 }{
		"of known length": {size, size}, "of unknown length": {-1, -1}, "of a length that makes no sense": {-7, -1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := serve(t, func(w http.ResponseWriter, r *http.Request) {
				n, err := io.Copy(io.Discard, r.Body)
				if n != size || err != nil || r.ContentLength != row.header || r.Header.Get("Content-Type") != "multipart/form-data; boundary=b" {
					t.Errorf("%d bytes of %d (%v), %s", n, r.ContentLength, err, r.Header.Get("Content-Type"))
				}
				_, _ = io.WriteString(w, `{"id":"1"}`)
			})
			from := io.LimitReader(strings.NewReader(strings.Repeat("x", size)), size)
			got, err := c.Call(t.Context(), upload(from, row.length))
			if err != nil || string(got.Body) != `{"id":"1"}` {
				t.Errorf("%v, %v", got, err)
			}
		})
	}
	t.Run("of nothing", func(t *testing.T) {
		t.Parallel()
		c := serve(t, func(w http.ResponseWriter, r *http.Request) {
			if r.ContentLength != 0 {
				t.Errorf("length %d", r.ContentLength)
			}
			_, _ = io.WriteString(w, `{"id":"1"}`)
		})
		if _, err := c.Call(t.Context(), upload(strings.NewReader(""), 0)); err != nil {
			t.Error(err)
		}
	})
}

func TestABrokenStreamIsTheCallersFault(t *testing.T) {
	t.Parallel()
	for name, from := range map[string]io.Reader{
		"it fails":               io.MultiReader(strings.NewReader("ab"), iotest.ErrReader(errors.New("quoted"))),
		"it is shorter":          strings.NewReader("abc"),
		"it is longer than said": strings.NewReader("abcde"),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			far := make(chan error, 64)
			c := serve(t, func(_ http.ResponseWriter, r *http.Request) {
				_, err := io.Copy(io.Discard, r.Body)
				far <- err
			})
			_, err := c.Call(t.Context(), upload(from, 4))
			wantKind(t, err, graph.SourceBroken)
			wantSent(t, err, true)
			for range 6 {
				_, err := c.Call(t.Context(), upload(iotest.ErrReader(io.ErrClosedPipe), 4))
				wantKind(t, err, graph.SourceBroken)
			}
		})
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
				_, err := newClient(t, row.far).Call(t.Context(), upload(row.from, -1))
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
		if _, err := c.Call(t.Context(), upload(strings.NewReader("x"), 1)); err != nil {
			t.Fatal(err)
		}
	}
	_, err := c.Call(t.Context(), upload(strings.NewReader("x"), 1))
	wantKind(t, err, graph.BreakerOpen)
	if _, err := c.Call(t.Context(), send()); err != nil {
		t.Error(err)
	}
}

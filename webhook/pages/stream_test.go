package pages_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"bauta/webhook/pages"
)

// answer is a response that can be read while it is written.
type answer struct {
	mu     sync.Mutex
	header http.Header
	text   strings.Builder
	status int
	// hang: every write waits until it is closed.
	hang chan struct{}
}

func (a *answer) Header() http.Header { return a.header }
func (a *answer) WriteHeader(s int)   { a.status = s }
func (a *answer) Flush()              {}

func (a *answer) Write(p []byte) (int, error) {
	if a.hang != nil {
		<-a.hang
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.text.Write(p)
}

func (a *answer) got() string {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.text.String()
}

// reading opens the stream as a browser does; ended is closed when the stream ends it.
func reading(ctx context.Context, s *pages.Stream, a *answer, from, language string) (ended chan struct{}) {
	r := httptest.NewRequest(http.MethodGet, "/at/live", nil).WithContext(ctx)
	r.Header.Set("Last-Event-ID", from)
	r.Header.Set("Accept-Language", language)
	a.header, ended = http.Header{}, make(chan struct{})
	go func() {
		defer close(ended)
		s.ServeHTTP(a, r)
	}()
	return ended
}

func row(n int) pages.Patch {
	return pages.Patch{Place: "rows", How: pages.Append, Fragment: "row", Data: n}
}

func TestAPatchReachesWhoeverListensInTheirLanguage(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := pages.NewStream(pages.StreamOptions{Site: newSite(t)})
		ctx, cancel := context.WithCancel(t.Context())
		var en, it answer
		one, two := reading(ctx, s, &en, "", "en"), reading(ctx, s, &it, "", "it")
		synctest.Wait()
		s.Publish(row(3))
		synctest.Wait()
		if !strings.Contains(en.got(), "3 rows") || !strings.Contains(it.got(), "3 righe") || !strings.Contains(en.got(), `"how":"append"`) {
			t.Errorf("got %s and %s", en.got(), it.got())
		}
		if kind := en.header.Get("Content-Type"); kind != "text/event-stream; charset=utf-8" {
			t.Errorf("the stream is %s", kind)
		}
		time.Sleep(31 * time.Second)
		if n := strings.Count(en.got(), ": beat"); n != 2 {
			t.Errorf("%d heartbeats in half a minute", n)
		}
		cancel()
		<-one
		<-two
	})
}

func TestWhoComesBackGetsWhatCameMeanwhile(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := pages.NewStream(pages.StreamOptions{Site: newSite(t), Kept: 3})
		before := s.Last()
		s.Publish(row(11), row(12), row(13))
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		var back, late, stranger, fresh answer
		reading(ctx, s, &back, before, "en")
		synctest.Wait()
		s.Publish(row(14))
		reading(ctx, s, &late, before, "en")
		reading(ctx, s, &stranger, "999999999999999999", "en")
		reading(ctx, s, &fresh, "", "en")
		synctest.Wait()
		if got := back.got(); strings.Index(got, "11 rows") > strings.Index(got, "14 rows") || strings.Count(got, " rows") != 4 {
			t.Errorf("who came back got %s", got)
		}
		for name, a := range map[string]*answer{"who was away too long": &late, "who knows another stream": &stranger} {
			if !strings.Contains(a.got(), `"how":"reload"`) || strings.Contains(a.got(), "rows") {
				t.Errorf("%s got %s", name, a.got())
			}
		}
		if strings.Contains(fresh.got(), "data:") {
			t.Errorf("who knows nothing got %s", fresh.got())
		}
	})
}

func TestWhoDoesNotKeepUpIsCutOffAndNobodyWaits(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := pages.NewStream(pages.StreamOptions{Site: newSite(t), Waiting: 4})
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		slow, quick := answer{hang: make(chan struct{})}, answer{}
		ended := reading(ctx, s, &slow, "", "en")
		reading(ctx, s, &quick, "", "en")
		synctest.Wait()
		for n := range 10 {
			s.Publish(row(n + 2))
			synctest.Wait()
		}
		if n := strings.Count(quick.got(), " rows"); n != 10 {
			t.Errorf("who kept up got %d of 10", n)
		}
		close(slow.hang)
		<-ended
	})
}

func TestOnlySoManyMayListenAndAnEndIsAnEnd(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := pages.NewStream(pages.StreamOptions{Site: newSite(t), Readers: 1})
		var one, two, three answer
		ended := reading(t.Context(), s, &one, "", "en")
		synctest.Wait()
		<-reading(t.Context(), s, &two, "", "en")
		if two.status != http.StatusServiceUnavailable {
			t.Errorf("one too many got %d", two.status)
		}
		s.Close()
		<-ended
		<-reading(t.Context(), s, &three, "", "en")
		if three.status != http.StatusServiceUnavailable {
			t.Errorf("after the end: %d", three.status)
		}
	})
}

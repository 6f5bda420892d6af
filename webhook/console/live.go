package console

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"time"

	"bauta/webhook/access"
	"bauta/webhook/pages"
)

// drawing says what a live page shows now.
type drawing func(c *Console, v *visit) ([]pages.Patch, error)

// live streams what changed of one page, until the reader goes or the session ends.
func (c *Console) live(draw drawing) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet {
			// A stream of which only the head is asked for would have no end.
			w.Header().Set("Allow", http.MethodGet)
			http.Error(w, "ask for it by GET", http.StatusMethodNotAllowed)
			return
		}
		v, err := c.enter(w, r)
		if err != nil {
			http.Error(w, "log in first", http.StatusUnauthorized)
			return
		}
		if _, err := draw(c, v); err != nil {
			_, status := problemOf(err)
			http.Error(w, "there is nothing to follow", status)
			return
		}
		if !c.streams.enter(v.session.TokenID) {
			http.Error(w, "too many pages are open: close some, and load this one anew", http.StatusServiceUnavailable)
			return
		}
		defer c.streams.leave(v.session.TokenID)
		c.stream(v, draw) //nolint:contextcheck // a visit has its request's
	}
}

const (
	// mostStreams is how many pages may be live at a time, for all who look.
	mostStreams = 64
	// ownStreams is how many for one token: fewer connections than a browser makes to one
	// host, so that its other pages still load.
	ownStreams = 4
)

// streams counts open streams by token. Safe for concurrent use.
type streams struct {
	mu  sync.Mutex
	all int
	of  map[string]int
}

func newStreams() *streams { return &streams{of: map[string]int{}} }

// enter is false where there are enough.
func (s *streams) enter(token string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.all >= mostStreams || s.of[token] >= ownStreams {
		return false
	}
	s.all++
	s.of[token]++
	return true
}

func (s *streams) leave(token string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.all--
	if s.of[token]--; s.of[token] == 0 {
		delete(s.of, token)
	}
}

// asOf says of when a live page is. Blind: it could not be looked at anew since.
type asOf struct {
	At    time.Time
	Blind bool
}

func (c *Console) stream(v *visit, draw drawing) {
	ctx, cancel := context.WithDeadline(v.ctx(), v.session.Expires)
	defer cancel()
	stop := context.AfterFunc(c.ended, cancel)
	defer stop()
	s := pages.NewStream(pages.StreamOptions{Site: c.site})
	done := make(chan struct{})
	v.r = v.r.WithContext(ctx)
	go func() {
		defer close(done)
		defer s.Close()
		c.follow(v, s, draw)
	}()
	// The bounds of the listener are for requests that end; where none is set, as in tests,
	// none has to be lifted.
	_ = http.NewResponseController(v.w).SetReadDeadline(time.Time{})
	// Every patch is all of its place: nothing that was missed is needed.
	asked := v.r.Clone(ctx)
	asked.Header.Del("Last-Event-ID")
	asked.URL.RawQuery = ""
	s.ServeHTTP(v.w, asked)
	cancel()
	<-done
}

// follow publishes what changed since the page was drawn.
func (c *Console) follow(v *visit, s *pages.Stream, draw drawing) {
	ticker := time.NewTicker(c.Every)
	defer ticker.Stop()
	shown := map[string]string{}
	language := c.site.ReaderOf(v.r).Language
	last := asOf{At: c.Now()}
	for {
		select {
		case <-v.ctx().Done():
			return
		case <-ticker.C:
		}
		if _, err := c.enter(v.w, v.r); errors.Is(err, access.ErrInvalid) {
			s.Publish(pages.Patch{How: pages.Reload}) // it leads to the login
			return
		}
		patches, err := draw(c, v)
		if last.Blind = err != nil; err == nil {
			last.At = c.Now()
		}
		for _, p := range append(patches, pages.Patch{Place: "as-of", How: pages.Replace, Fragment: "as_of", Data: last}) {
			text, err := c.site.Fragment(language, p.Fragment, p.Data)
			if err != nil || shown[p.Place] == text {
				continue
			}
			shown[p.Place] = text
			s.Publish(p)
		}
	}
}

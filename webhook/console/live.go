package console

import (
	"context"
	"errors"
	"net/http"
	"time"

	"bauta/webhook/access"
	"bauta/webhook/pages"
)

// drawing says what a live page shows now.
type drawing func(c *Console, v *visit) ([]pages.Patch, error)

// live streams what changed of one page, until the reader goes or the session ends.
func (c *Console) live(draw drawing) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		v, err := c.enter(w, r)
		if err != nil {
			http.Error(w, "log in first", http.StatusUnauthorized)
			return
		}
		select {
		case c.streams <- struct{}{}:
			defer func() { <-c.streams }()
		default:
			http.Error(w, "too many pages are open", http.StatusServiceUnavailable)
			return
		}
		c.stream(v, draw)
	}
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
		if err != nil {
			continue // the next look may be luckier; the page says when it was drawn
		}
		for _, p := range patches {
			text, err := c.site.Fragment(language, p.Fragment, p.Data)
			if err != nil || shown[p.Place] == text {
				continue
			}
			shown[p.Place] = text
			s.Publish(p)
		}
	}
}

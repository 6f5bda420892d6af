package pages

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"time"
)

// How a patch changes its place.
const (
	Replace = "replace" // what is in it
	Append  = "append"  // behind what is in it
	Prepend = "prepend" // before what is in it
	Remove  = "remove"  // the element itself
	Reload  = "reload"  // the whole page, for what is too much for patches
)

// Patch is a change of the pages that are open. It is drawn for every reader in their
// language.
type Patch struct {
	// Place is the id of the element that is changed, How one of the constants above.
	Place, How string
	// Fragment is the template that is drawn with Data.
	Fragment string
	Data     any
}

// StreamOptions of a Stream. What is 0 takes the value in brackets.
type StreamOptions struct {
	Site *Site
	// Kept is how many patches are kept for who was away for a moment (256); Waiting how
	// many may wait for one reader before the connection is closed (64); Readers how many
	// may listen (64).
	Kept, Waiting, Readers int
	// Heartbeat is sent where nothing happens (15 s), and Patience is how long one write
	// may take (10 s).
	Heartbeat, Patience time.Duration
}

// Stream brings patches to open pages by server-sent events. Who was away asks with
// Last-Event-ID, and gets what came meanwhile, or is told to load the page anew. Safe for
// concurrent use.
type Stream struct {
	options StreamOptions

	mu      sync.Mutex
	next    int64
	kept    []kept
	readers map[chan kept]bool
	closed  bool
}

// kept is a patch and its number.
type kept struct {
	id    int64
	patch Patch
}

// NewStream returns a stream that nothing was published on yet.
func NewStream(o StreamOptions) *Stream {
	or := func(v *int, otherwise int) {
		if *v <= 0 {
			*v = otherwise
		}
	}
	or(&o.Kept, 256)
	or(&o.Waiting, 64)
	or(&o.Readers, 64)
	if o.Heartbeat <= 0 {
		o.Heartbeat = 15 * time.Second
	}
	if o.Patience <= 0 {
		o.Patience = 10 * time.Second
	}
	// Numbers begin with the time, so that one of an earlier process is none of this.
	return &Stream{options: o, next: time.Now().UnixMilli() << 16, readers: map[chan kept]bool{}}
}

// Publish brings patches to everybody who listens, in order. It waits for nobody: who does
// not keep up is cut off, comes back and is given what is kept.
func (s *Stream) Publish(patches ...Patch) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, p := range patches {
		s.next++
		k := kept{id: s.next, patch: p}
		s.kept = append(s.kept, k)
		if over := len(s.kept) - s.options.Kept; over > 0 {
			s.kept = slices.Delete(s.kept, 0, over)
		}
		for reader := range s.readers {
			select {
			case reader <- k:
			default:
				delete(s.readers, reader)
				close(reader)
			}
		}
	}
}

// Last is the number of the newest patch. A page that is drawn now says it in
// data-live-from, so that nothing is lost between the page and its stream: read it before
// what the page shows.
func (s *Stream) Last() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return strconv.FormatInt(s.next, 10)
}

// Close ends the connections, and every one that comes.
func (s *Stream) Close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
	for reader := range s.readers {
		delete(s.readers, reader)
		close(reader)
	}
}

var errTooMany = errors.New("too many pages are open, or the program is stopping")

// listen returns what came after a number and what comes. It is false where something in
// between is not kept any more.
func (s *Stream) listen(after int64) (missed []kept, coming chan kept, complete bool, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed || len(s.readers) >= s.options.Readers {
		return nil, nil, false, errTooMany
	}
	for _, k := range s.kept {
		if k.id > after {
			missed = append(missed, k)
		}
	}
	complete = after <= s.next && after >= s.next-int64(len(s.kept))
	coming = make(chan kept, s.options.Waiting)
	s.readers[coming] = true
	return missed, coming, complete, nil
}

func (s *Stream) leave(coming chan kept) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.readers[coming] {
		delete(s.readers, coming)
		close(coming)
	}
}

// ServeHTTP streams until the reader goes, does not keep up, or Close.
func (s *Stream) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	from := r.Header.Get("Last-Event-ID")
	if from == "" {
		from = r.URL.Query().Get("from")
	}
	after, err := strconv.ParseInt(from, 10, 64)
	if err != nil {
		after = -1
	}
	missed, coming, complete, err := s.listen(after)
	if err != nil {
		w.Header().Set("Retry-After", "5")
		http.Error(w, err.Error(), http.StatusServiceUnavailable)
		return
	}
	defer s.leave(coming)
	h := w.Header()
	h.Set("Content-Type", "text/event-stream; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Accel-Buffering", "no")
	out := &listener{stream: s, w: w, control: http.NewResponseController(w), language: s.options.Site.ReaderOf(r).Language}
	if !complete {
		missed = []kept{{id: s.number(), patch: Patch{How: Reload}}}
		if from == "" {
			missed = nil
		}
	}
	if out.write(": here\nretry: 1000\n\n") != nil {
		return
	}
	for _, k := range missed {
		if out.send(k) != nil {
			return
		}
	}
	out.follow(r.Context(), coming)
}

func (s *Stream) number() int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.next
}

// listener is one connection.
type listener struct {
	stream   *Stream
	w        http.ResponseWriter
	control  *http.ResponseController
	language string
}

// follow sends what comes until something ends it.
func (l *listener) follow(ctx context.Context, coming <-chan kept) {
	beat := time.NewTicker(l.stream.options.Heartbeat)
	defer beat.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-beat.C:
			if l.write(": beat\n\n") != nil {
				return
			}
		case k, open := <-coming:
			if !open || l.send(k) != nil {
				return
			}
		}
	}
}

// send draws a patch in the reader's language and writes it.
func (l *listener) send(k kept) error {
	html := ""
	if k.patch.Fragment != "" {
		var err error
		if html, err = l.stream.options.Site.Fragment(l.language, k.patch.Fragment, k.patch.Data); err != nil {
			return err
		}
	}
	body, err := json.Marshal(map[string]string{"place": k.patch.Place, "how": k.patch.How, "html": html})
	if err != nil {
		return fmt.Errorf("pages: write a patch: %w", err)
	}
	return l.write("id: " + strconv.FormatInt(k.id, 10) + "\ndata: " + string(body) + "\n\n")
}

func (l *listener) write(text string) error {
	// Where a deadline cannot be set, as in tests, none is needed.
	_ = l.control.SetWriteDeadline(time.Now().Add(l.stream.options.Patience))
	if _, err := l.w.Write([]byte(text)); err != nil {
		return err
	}
	return l.control.Flush()
}

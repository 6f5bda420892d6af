package e2e

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"bauta/webhook/simulator"
)

// source is a customer who writes one numbered message after the other.
type source struct {
	person simulator.Person
	// name tells the sources of one endpoint apart; acked is how many messages were
	// answered 200.
	name  int
	acked atomic.Int64
	// exposed are messages that the store had not on disk when it was killed.
	exposed []exposure
}

// exposure is what a store lost when it was killed at until: the messages from and up to,
// but not including, to were acknowledged after its snapshot, which began at since.
type exposure struct {
	since, until time.Time
	from, to     int
}

func (s *source) taken() int { return int(s.acked.Load()) }

// lostIn tells that a message may be lost.
func (s *source) lostIn(n int) bool {
	return slices.ContainsFunc(s.exposed, func(e exposure) bool { return e.from <= n && n < e.to })
}

// life is how often the store had forgotten something when a delivery came.
func (s *source) life(at time.Time) (n int) {
	for _, e := range s.exposed {
		if at.After(e.until) {
			n++
		}
	}
	return n
}

// forgotten tells that a delivery was noted in a store, if it was, that forgot it.
func (s *source) forgotten(at time.Time) bool {
	return slices.ContainsFunc(s.exposed, func(e exposure) bool { return at.After(e.since) && at.Before(e.until) })
}

// body is a customer's message number n. The business that it goes to is one of the
// fault suite's two.
func (s *source) body(b simulator.Business, n int) []byte {
	return b.Inbound(simulator.Message{
		From: s.person, ID: simulator.MessageID(s.person, false, fmt.Sprintf("3A%s%07d", s.person.Number[4:], n)), At: time.Unix(1789000000+int64(n), 0), Type: "text",
		Content: simulator.Part{{Name: "body", Value: fmt.Sprintf("message %d of writer %d in the storm", n, s.name)}}, Ad: ctwa(),
	})
}

// write sends messages every so often until the storm is over, each again and again
// until a node takes it, as the platform does. The one that it is at, it ends.
func (w *storm) write(over <-chan struct{}, t *testing.T, s *source, b simulator.Business, every time.Duration) {
	pace := time.NewTicker(every)
	defer pace.Stop()
	client := &http.Client{Timeout: 5 * time.Second, Transport: &http.Transport{}}
	defer client.CloseIdleConnections()
	for n := 0; ; n++ {
		if !w.deliver(t, client, s.body(b, n)) {
			t.Errorf("no node took a message within %s of the end", patience)
			return
		}
		s.acked.Store(int64(n + 1))
		if w.fault.redeliver {
			for _, again := range []int{n, max(0, n-3), n} {
				if !w.deliver(t, client, s.body(b, again)) {
					return
				}
			}
		}
		select {
		case <-pace.C:
		case <-over:
			return
		}
	}
}

// deliver posts a body to one node after the other until one answers 200.
func (w *storm) deliver(t *testing.T, client *http.Client, body []byte) bool {
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	deadline := time.After(w.plan.patience)
	for {
		sender := simulator.Sender{Client: client, URL: w.url() + "/webhooks/main", Secret: appSecret}
		if status, err := sender.Send(t.Context(), body); err == nil && status == http.StatusOK {
			return true
		}
		w.refused.Add(1)
		select {
		case <-tick.C:
		case <-deadline:
			return false
		}
	}
}

// How long an endpoint takes for an event: long enough that most lanes have one under way
// at any time, and short where a flood has to drain; while it dawdles, all lanes do.
const (
	taking   = 60 * time.Millisecond
	draining = 20 * time.Millisecond
	dawdling = 700 * time.Millisecond
)

// arrival is one event at an endpoint.
type arrival struct {
	number int
	handle string
	at     time.Time
}

// sink is an endpoint: it notes what it answers 200.
type sink struct {
	server *httptest.Server
	began  time.Time
	// takes is how long it takes for an event, in ns.
	takes atomic.Int64
	mu    sync.Mutex
	// manner, where there is one, answers in the place of 200.
	manner func(http.ResponseWriter, *http.Request)
	got    map[int][]arrival
	leaks  []string
	// says is how a message tells which one it is, hidden whom nobody may read.
	says   *regexp.Regexp
	hidden []simulator.Person
	change chan struct{}
}

func newSink(t *testing.T, hidden []simulator.Person) *sink {
	t.Helper()
	k := &sink{began: time.Now(), got: map[int][]arrival{}, says: regexp.MustCompile(`"message (\d+) of writer (\d+) in the storm"`), hidden: hidden, change: make(chan struct{}, 1)}
	k.takes.Store(int64(taking))
	k.server = httptest.NewServer(k)
	t.Cleanup(func() {
		k.behave(nil)
		k.server.CloseClientConnections()
		k.server.Close()
	})
	return k
}

// behave changes how the endpoint answers; nil is 200.
func (k *sink) behave(manner func(http.ResponseWriter, *http.Request)) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.manner = manner
}

func (k *sink) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 8<<20))
	if err != nil {
		return
	}
	k.mu.Lock()
	manner := k.manner
	k.mu.Unlock()
	if manner != nil {
		manner(w, r)
		return
	}
	// An endpoint takes its time: what strikes meets requests that are under way.
	select {
	case <-time.After(time.Duration(k.takes.Load())):
	case <-r.Context().Done():
		return
	}
	found := k.says.FindSubmatch(body)
	text, leak := legibleIn(string(body)), ""
	for _, p := range k.hidden {
		if notation := text.notation(p.Number) + text.notation(p.UserID); notation != "" {
			leak = notation
		}
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if leak != "" {
		k.leaks = append(k.leaks, leak)
	}
	if found == nil {
		return // an own event
	}
	number, _ := strconv.Atoi(string(found[1]))
	writer, _ := strconv.Atoi(string(found[2]))
	k.got[writer] = append(k.got[writer], arrival{number: number, handle: r.Header.Get("Bauta-Handle"), at: time.Now()})
	select {
	case k.change <- struct{}{}:
	default:
	}
}

// wait returns once all that was acknowledged came, or patience ends.
func (k *sink) wait(sources []*source, patience time.Duration) {
	deadline := time.After(patience)
	for {
		if _, kept := k.missing(sources); kept == 0 {
			return
		}
		select {
		case <-k.change:
		case <-deadline:
			return
		}
	}
}

// missing counts what was acknowledged and did not come; kept is without what a store
// may have forgotten.
func (k *sink) missing(sources []*source) (lost, kept int) {
	k.mu.Lock()
	defer k.mu.Unlock()
	for _, s := range sources {
		came := map[int]bool{}
		for _, a := range k.got[s.name] {
			came[a.number] = true
		}
		for n := range s.taken() {
			if came[n] {
				continue
			}
			lost++
			if !s.lostIn(n) {
				kept++
			}
		}
	}
	return lost, kept
}

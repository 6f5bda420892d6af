package forward_test

import (
	"fmt"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"bauta/webhook"
	"bauta/webhook/forward"
)

// capacity is an endpoint that works on so many requests at once, a second each, and
// answers what is beyond with its status.
type capacity struct {
	*receiver
	mu     sync.Mutex
	room   int
	status int
	over   int // answered with status
	done   int
	peak   int // most requests at once since it was asked
}

func newCapacity(room, status int) *capacity {
	c := &capacity{room: room, status: status}
	c.receiver = newReceiver(func(string, int) (*http.Response, error) { return c.work(), nil })
	return c
}

func (c *capacity) work() *http.Response {
	now := c.underWay()
	c.mu.Lock()
	c.peak = max(c.peak, now)
	full := now > c.room
	if full {
		c.over++
	}
	status := c.status
	c.mu.Unlock()
	if full {
		return says(status)
	}
	<-time.After(time.Second)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.done++
	return says(200)
}

// asked returns and forgets what happened since it was asked last.
func (c *capacity) asked() (over, done, peak int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	over, done, peak = c.over, c.done, c.peak
	c.over, c.done, c.peak = 0, 0, 0
	return over, done, peak
}

func (c *capacity) set(room int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.room = room
}

// An endpoint that can do 8 at once gets about as many, keeps what it does, and gets
// more when it can do more.
func TestConcurrencyFollowsWhatTheEndpointCanDo(t *testing.T) {
	t.Parallel()
	for _, status := range []int{429, 502, 503, 504} {
		t.Run(fmt.Sprint(status), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				c, e := newCapacity(24, status), crm()
				e.Concurrency = 32
				n := run(t, newStore(), c, func(o *forward.Options) { o.Businesses = acme(e) })
				for i := range 200 {
					for _, id := range names(fmt.Sprintf("e%03d-", i), 40) {
						n.accept(toCRM(fmt.Sprintf("c%03d", i)), id)
					}
				}
				pass(time.Minute)
				c.asked()
				pass(time.Minute)
				over, done, peak := c.asked()
				if peak > 25 || over*20 > done || done < 60*12 {
					t.Errorf("in a minute %d done, %d too many, at most %d at once; want about 24 at once and hardly any too many", done, over, peak)
				}
				c.set(1000)
				pass(time.Minute)
				if _, done, peak := c.asked(); peak != 32 || done < 60*24 {
					t.Errorf("with room %d done, at most %d at once; want the configured 32", done, peak)
				}
			})
		})
	}
}

// What a single event does to its endpoint costs the others little: one time-out halves
// once, and success wins it back.
func TestATimeOutHalvesOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		hung := map[string]bool{}
		rc := newReceiver(func(id string, n int) (*http.Response, error) {
			mu.Lock()
			hang := n == 1 && len(hung) < 4 && id[0] == 'h'
			hung[id] = hang
			mu.Unlock()
			if hang {
				<-time.After(10 * time.Second)
				return nil, timeout{}
			}
			<-time.After(time.Second)
			return says(200), nil
		})
		e := crm()
		e.Concurrency = 16
		n := run(t, newStore(), rc, func(o *forward.Options) { o.Businesses = acme(e) })
		for i, id := range names("h", 4) {
			n.accept(toCRM(fmt.Sprint("hangs", i)), id)
		}
		for i := range 12 {
			n.accept(toCRM(fmt.Sprint("c", i)), names(fmt.Sprintf("e%02d-", i), 100)...)
		}
		pass(9 * time.Second)
		before := len(rc.arrivals())
		pass(4 * time.Second)
		if got := len(rc.arrivals()) - before; got < 4*7 {
			t.Errorf("%d requests in the 4 s after four hung together, want at least the half of 16 a second", got)
		}
		pass(2 * time.Minute)
		if n.store.waiting() != 0 {
			t.Errorf("%d wait", n.store.waiting())
		}
	})
}

type timeout struct{}

func (timeout) Error() string   { return "time-out" }
func (timeout) Timeout() bool   { return true }
func (timeout) Temporary() bool { return true }

// Retry-After of one conversation is that conversation's; of two it is the endpoint's.
func TestRetryAfterRestsTheEndpointWhenTwoConversationsAreTold(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		told map[string]bool
		want time.Duration // nothing arrives before that
	}{
		"one conversation": {map[string]bool{"a": true}, 0},
		"two of them":      {map[string]bool{"a": true, "b": true}, 40 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				rc := newReceiver(func(id string, n int) (*http.Response, error) {
					if n == 1 && row.told[id] {
						return says(429, "Retry-After", "40"), nil
					}
					return says(200), nil
				})
				e := crm()
				e.Concurrency = 1
				n := run(t, newStore(), rc, func(o *forward.Options) { o.Businesses = acme(e) })
				n.accept(toCRM("ada"), "a")
				n.accept(toCRM("bea"), "b")
				synctest.Wait()
				n.accept(toCRM("cleo"), "c")
				pass(2 * time.Minute)
				for _, got := range rc.arrivals() {
					if got.ID == "c" && (got.At < row.want || got.At > row.want+10*time.Second) {
						t.Errorf("another conversation's event came after %v, want %v", got.At, row.want)
					}
					if got.ID == "a" && got.At != 0 && got.At < 40*time.Second {
						t.Errorf("the first came again after %v, want not before 40 s", got.At)
					}
				}
				if n.store.waiting() != 0 {
					t.Errorf("%d wait", n.store.waiting())
				}
			})
		})
	}
}

// One business has very many lanes at an endpoint that fails, or is slow; another's
// events are on their way at once, first ones and repetitions.
func TestABusinessWithVeryManyLanesStarvesNoOther(t *testing.T) {
	t.Parallel()
	for name, answer := range map[string]func() (*http.Response, error){
		"its endpoint is slow":  func() (*http.Response, error) { <-time.After(9 * time.Second); return says(200), nil },
		"its endpoint fails":    func() (*http.Response, error) { return says(500), nil },
		"its endpoint refuses":  func() (*http.Response, error) { return says(400), nil },
		"its endpoint is quick": func() (*http.Response, error) { return says(200), nil },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				big, small := crm(), crm()
				big.URL, big.ID = "https://big.example", "big"
				big.Retry.Schedule = []time.Duration{time.Hour}
				failed := map[string]bool{}
				rc := newReceiver(func(id string, n int) (*http.Response, error) {
					if n == 1 && failed[id] {
						return says(500), nil
					}
					return says(200), nil
				})
				failed["again"] = true
				n := run(t, newStore(), nil, func(o *forward.Options) {
					o.Businesses = []webhook.Business{{ID: "acme", Endpoints: []webhook.Endpoint{small}}, {ID: "corp", Endpoints: []webhook.Endpoint{big}}}
					o.Transport = func(e webhook.Endpoint) http.RoundTripper {
						if e.ID == "big" {
							return wire(func(*http.Request) (*http.Response, error) { return answer() })
						}
						return rc
					}
				})
				const many = 10000
				for i := range many {
					n.accept(webhook.Lane{Business: "corp", Endpoint: "big", Conversation: webhook.Conversation(fmt.Sprint("c", i))}, fmt.Sprint("big", i))
				}
				pass(20 * time.Second)
				rc.mu.Lock()
				rc.start = time.Now()
				rc.mu.Unlock()
				n.accept(toCRM("ada"), "first")
				n.accept(toCRM("bea"), "again")
				pass(3 * time.Second)
				got := map[string]time.Duration{}
				for _, a := range rc.arrivals() {
					got[a.ID] = a.At
				}
				if len(got) != 2 || got["first"] > 100*time.Millisecond || got["again"] > 1500*time.Millisecond || n.store.waitingOf("acme") != 0 {
					t.Errorf("arrivals %v, %d of the small business wait; want the first at once and the repetition after a second", got, n.store.waitingOf("acme"))
				}
			})
		})
	}
}

// Retries that fill the queue leave first tries their room.
func TestFirstTriesHaveRoomBesideRetries(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		rc := newReceiver(func(string, int) (*http.Response, error) {
			<-time.After(time.Second)
			return says(200), nil
		})
		e := crm()
		e.Concurrency = 2
		s := newStore()
		for i := range 500 {
			s.append(toCRM(fmt.Sprint("old", i)), 0, event(fmt.Sprint("old", i)))
		}
		n := run(t, s, rc, func(o *forward.Options) { o.Businesses = acme(e) })
		pass(10 * time.Second)
		begin := time.Since(rc.start)
		for _, id := range names("new", 12) {
			n.accept(toCRM(id), id)
		}
		pass(10 * time.Second)
		fresh := 0
		for _, a := range rc.arrivals() {
			if a.At >= begin && a.ID[:3] == "new" {
				fresh++
			}
		}
		if fresh != 12 {
			t.Errorf("%d of 12 new events came within 10 s beside a backlog, want all", fresh)
		}
	})
}

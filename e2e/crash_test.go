package e2e

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"bauta/webhook/simulator"
)

const (
	streamed  = 400
	streamers = 4
)

// platform sends a stream and, as Meta does, sends again what was not
// acknowledged; every tenth webhook it sends twice anyway. Each streamer has
// customers of its own and sends their messages in order.
type platform struct{ url atomic.Value }

func (p *platform) stream(t *testing.T, streamer int, failed *atomic.Int32) {
	client := &http.Client{Timeout: 10 * time.Second, Transport: &http.Transport{}}
	defer client.CloseIdleConnections()
	for i := streamer; i < streamed; i += streamers {
		body := says(someone(i%writers), fmt.Sprintf("3A05%05d", i), fmt.Sprintf("number %d of the stream", i), ctwa())
		again := i%10 == 0
		tick := time.NewTicker(20 * time.Millisecond)
		for sent := 0; sent == 0 || again && sent == 1; {
			url, _ := p.url.Load().(string)
			sender := simulator.Sender{Client: client, URL: url + "/webhooks/main", Secret: appSecret}
			if status, err := sender.Send(t.Context(), body); err == nil && status == http.StatusOK {
				sent++
				continue
			}
			failed.Add(1)
			select {
			case <-tick.C:
			case <-t.Context().Done():
				tick.Stop()
				return
			}
		}
		tick.Stop()
	}
}

// A node is killed in the middle of a stream. What it acknowledged is delivered,
// what it did not the platform sends again: nothing is missing, every customer's
// messages come in order, and at most one of each lane comes twice.
func TestAKillInTheMiddleOfAStream(t *testing.T) {
	t.Parallel()
	s := start(t, setup{Timeout: "300ms", Endpoint: "own_events: false"})
	var p platform
	p.url.Store(s.public)
	var failed atomic.Int32
	var streaming sync.WaitGroup
	for streamer := range streamers {
		streaming.Go(func() { p.stream(t, streamer, &failed) })
	}
	s.crm.wait(t, streamed/4)
	s.kill()
	again := serve(t, s.dir)
	p.url.Store(again.public)
	streaming.Wait()
	eventuallyAll(t, s.crm)
	if failed.Load() == 0 {
		t.Error("no webhook met the kill: the test proves nothing")
	}
	twice, last, ids := map[string]int{}, map[string]int{}, map[string]bool{}
	for _, d := range s.crm.all() {
		lane, number := d.header.Get("Bauta-Handle"), numberOf(t, d.body)
		if id := d.header.Get("webhook-id"); ids[id] {
			if twice[lane]++; twice[lane] > 1 {
				t.Errorf("a lane has %d duplicates after one crash", twice[lane])
			}
			continue
		} else {
			ids[id] = true
		}
		if before, ok := last[lane]; ok && number < before {
			t.Errorf("message %d came after message %d of the same customer", number, before)
		}
		last[lane] = number
	}
	if len(ids) != streamed || len(last) != writers {
		t.Errorf("%d messages of %d customers, want %d of %d", len(ids), len(last), streamed, writers)
	}
	if s.redis.Client.Ping(t.Context()).Err() != nil {
		t.Error("Redis went away")
	}
	s.bauta = again
	secrets := make([]string, writers)
	for i := range secrets {
		secrets[i] = someone(i).Number
	}
	for _, d := range s.crm.all() {
		sweep(t, "a delivered body", d.body, secrets...)
	}
}

// eventuallyAll waits until every message of the stream came at least once.
func eventuallyAll(t testing.TB, c *crm) {
	t.Helper()
	for n := streamed; ; n++ {
		seen := map[int]bool{}
		got := c.wait(t, n)
		for _, d := range got {
			seen[numberOf(t, d.body)] = true
		}
		if len(seen) == streamed {
			return
		}
		n = len(got)
	}
}

// numberOf is which message of a stream or batch a body is.
func numberOf(t testing.TB, body string) (n int) {
	t.Helper()
	_, rest, _ := strings.Cut(body, `"number `)
	if _, err := fmt.Sscanf(rest, "%d of", &n); err != nil {
		t.Fatalf("not one of the messages: %s", body)
	}
	return n
}

package e2e

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/prometheus/client_golang/prometheus"
	goredis "github.com/redis/go-redis/v9"

	"bauta/ads"
	"bauta/redis"
	"bauta/redis/endpoints"
	"bauta/redis/lanes"
	"bauta/redis/redistest"
	"bauta/webhook"
	"bauta/webhook/forward"
	"bauta/webhook/meta"
	"bauta/webhook/receive"
	"bauta/webhook/simulator"
)

// rig is the way of a POST in this process, on a real Redis: Echo, receiver,
// pipeline, lanes.
type rig struct {
	*world

	echo *echo.Echo
	// trips counts exchanges with Redis: a command, or a pipeline.
	trips *redistest.Fault
	store *redis.Store
}

func newRig(b *testing.B) *rig {
	b.Helper()
	r := &rig{trips: &redistest.Fault{}, echo: receive.NewEcho(slog.New(slog.DiscardHandler), nil)}
	r.store = redistest.Standalone(b).Open(b, redis.Options{Hooks: []goredis.Hook{r.trips}})
	one := acme()
	one.Endpoints[0].URL, one.Endpoints[0].Secrets = "https://crm.example/hook", []string{crmSecret}
	r.world = newWorld(b, r.store, newKeys(b), one, ads.Policy{})
	r.clock.Store(time.Now().UnixNano())
	verifier, err := meta.NewVerifier([]string{appSecret})
	if err != nil {
		b.Fatal(err)
	}
	receiver, err := receive.New(receive.Options{
		Apps: []receive.App{{ID: "main", VerifyToken: "a-verify-token", Verifier: verifier}}, Pipeline: r.Pipeline,
		Registerer: prometheus.NewRegistry(), Logger: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		b.Fatal(err)
	}
	receiver.Register(r.echo)
	return r
}

// post sends a signed body and wants it stored.
func (r *rig) post(b *testing.B, body []byte) {
	b.Helper()
	request := httptest.NewRequestWithContext(b.Context(), http.MethodPost, "/webhooks/main", bytes.NewReader(body))
	request.Header.Set("X-Hub-Signature-256", simulator.Sign(appSecret, body))
	answer := httptest.NewRecorder()
	r.echo.ServeHTTP(answer, request)
	if answer.Code != http.StatusOK {
		b.Fatalf("a webhook was answered %d", answer.Code)
	}
}

// posts are a body of one message each of many customers, whose messages can be
// made new ones in place.
type posts struct {
	body []byte
	// ids are where the message ids stand in the body.
	ids    []int
	people []simulator.Person
	round  int
}

func newPosts(size int) *posts {
	const open, end = `{"object":"whatsapp_business_account","entry":[`, `]}`
	p := &posts{body: []byte(open)}
	for i := range size {
		person := simulator.Person{
			Number: fmt.Sprintf("1650555%04d", i), UserID: fmt.Sprintf("US.1349120865530274%04d", i), Name: "Ada Rossi",
		}
		p.people = append(p.people, person)
		one := says(person, p.stanza(i), strings.Repeat("Is it in stock? ", 18), ctwa())
		entry := bytes.TrimSuffix(bytes.TrimPrefix(one, []byte(open)), []byte(end))
		if i > 0 {
			p.body = append(p.body, ',')
		}
		p.ids = append(p.ids, len(p.body)+bytes.Index(entry, []byte(simulator.MessageID(person, false, p.stanza(i)))))
		p.body = append(p.body, entry...)
	}
	p.body = append(p.body, end...)
	return p
}

func (p *posts) stanza(i int) string { return fmt.Sprintf("3A%06X%012X", i, p.round) }

// next gives every message a new id: an event of its own.
func (p *posts) next() []byte {
	p.round++
	for i, at := range p.ids {
		copy(p.body[at:], simulator.MessageID(p.people[i], false, p.stanza(i)))
	}
	return p.body
}

// BenchmarkReceive is one POST from its request to 200: everything is in Redis
// by then. The customers are known and hidden.
func BenchmarkReceive(b *testing.B) {
	for _, size := range []int{1, 200} {
		b.Run(fmt.Sprintf("%d events of 1 KB", size), func(b *testing.B) {
			r, p := newRig(b), newPosts(size)
			r.post(b, p.body)
			r.trips.Arm(0, false)
			b.SetBytes(int64(len(p.body)))
			b.ReportAllocs()
			for b.Loop() {
				r.post(b, p.next())
			}
			b.ReportMetric(float64(r.trips.Count())/float64(b.N), "trips/op")
			b.ReportMetric(float64(b.N*size)/b.Elapsed().Seconds(), "events/s")
		})
	}
}

// answering is an endpoint in this process that takes everything.
type answering struct{ got chan struct{} }

func (a answering) RoundTrip(r *http.Request) (*http.Response, error) {
	_, err := io.Copy(io.Discard, r.Body)
	_ = r.Body.Close()
	a.got <- struct{}{}
	return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: http.NoBody, Request: r}, err
}

// delivering runs a forwarder on the rig's lanes until the benchmark ends.
func (r *rig) delivering(b *testing.B, way answering) {
	b.Helper()
	r.lanes = lanes.New(lanes.Options{
		Store: r.store, Keys: r.vault, Lease: func(webhook.EndpointKey) time.Duration { return time.Minute },
	})
	f, err := forward.New(forward.Options{
		Businesses: []webhook.Business{r.business}, Lanes: r.lanes, Wakes: r.lanes, Pauses: endpoints.New(r.store),
		Transport: func(webhook.Endpoint) http.RoundTripper { return way },
	})
	if err != nil {
		b.Fatal(err)
	}
	r.Queue, r.Courier = r.lanes, f
	ctx, cancel := context.WithCancel(context.WithoutCancel(b.Context()))
	ended := make(chan error, 1)
	go func() { ended <- f.Run(ctx) }()
	b.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			b.Error(err)
		}
	})
}

// BenchmarkThrough is one POST from its request to the last request to the
// endpoint: storing, leasing, decrypting, signing and finishing each event's lane.
func BenchmarkThrough(b *testing.B) {
	for _, size := range []int{1, 200} {
		b.Run(fmt.Sprintf("%d events of 1 KB", size), func(b *testing.B) {
			r, p, way := newRig(b), newPosts(size), answering{got: make(chan struct{}, size)}
			r.delivering(b, way)
			wait := func() {
				for range size {
					<-way.got
				}
			}
			r.post(b, p.body)
			wait()
			r.trips.Arm(0, false)
			b.ReportAllocs()
			for b.Loop() {
				r.post(b, p.next())
				wait()
			}
			b.ReportMetric(float64(r.trips.Count())/float64(b.N), "trips/op")
			b.ReportMetric(float64(b.N*size)/b.Elapsed().Seconds(), "events/s")
		})
	}
}

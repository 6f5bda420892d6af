package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"bauta/webhook/simulator"
)

const (
	appSecret = "the_app_secret_of_the_measurement"
	firstWABA = 102290129340398
)

// traffic writes webhooks of messages, each of a new mark, its customers in turn: every
// stride-th, for a stride that shares no factor with their number, 0 for all as they
// follow. They belong to one business after the other, 0 for one. So many write in a
// second, 0 for one.
type traffic struct {
	customers, stride, businesses, perSecond int
	// next is the number of the next event; marks before it were used.
	next int
}

// event is a POST that is ready to be sent.
type event struct {
	body      []byte
	signature string
	mark      string
}

// one is a webhook with one message of about 1 KB, from a Click-to-WhatsApp ad.
func (t *traffic) one() event {
	body, mark := t.body()
	return event{body: body, signature: simulator.Sign(appSecret, body), mark: mark}
}

func (t *traffic) many(n int) []event {
	out := make([]event, n)
	for i := range out {
		out[i] = t.one()
	}
	return out
}

// batch is a webhook with so many messages.
func (t *traffic) batch(size int) (event, error) {
	bodies := make([][]byte, size)
	for i := range bodies {
		bodies[i], _ = t.body()
	}
	body, err := simulator.Batch(bodies...)
	return event{body: body, signature: simulator.Sign(appSecret, body)}, err
}

func (t *traffic) body() ([]byte, string) {
	n := t.next
	t.next++
	who := n * max(t.stride, 1) % t.customers
	mark := markOf(n)
	from := simulator.Person{Number: fmt.Sprintf("39333%07d", who), UserID: fmt.Sprintf("IT.13491208655302%07d", who), Name: "Ada Rossi"}
	which := who % max(t.businesses, 1)
	business := simulator.Business{WABA: strconv.Itoa(firstWABA + which), PhoneNumberID: strconv.Itoa(106540352242922 + which), Number: strconv.Itoa(15550783881 + which)}
	return business.Inbound(simulator.Message{
		From: from, ID: simulator.MessageID(from, false, fmt.Sprintf("3A%018X", n)), At: time.Unix(1789000000+int64(n/max(t.perSecond, 1)), 0), Type: "text",
		Content: simulator.Part{{Name: "body", Value: markOpen + mark + strings.Repeat(" is it still in stock?", 16)}},
		Ad:      &simulator.Ad{Type: "ad", ID: "120226305854810726", Headline: "Chat with us", Body: "Succulents", ClickID: "Aff-abc123"},
	}), mark
}

func newClient(connections int) *http.Client {
	return &http.Client{Timeout: time.Minute, Transport: &http.Transport{MaxIdleConnsPerHost: connections, DisableCompression: true}}
}

// closed posts events over so many connections, each as soon as its last was answered.
func closed(ctx context.Context, url string, events []event, connections int) error {
	client := newClient(connections)
	defer client.CloseIdleConnections()
	queue := make(chan event, len(events))
	for _, e := range events {
		queue <- e
	}
	close(queue)
	failed := make([]error, connections)
	var all sync.WaitGroup
	for i := range connections {
		all.Go(func() {
			for e := range queue {
				if failed[i] = post(ctx, client, url, e.body, e.signature); failed[i] != nil {
					return
				}
			}
		})
	}
	all.Wait()
	return errors.Join(failed...)
}

// sent is when a paced event was due, and when it was answered. Both count from the
// moment it was due: who comes late waits as well.
type sent struct {
	mark          string
	due, answered time.Time
}

// paced posts events at a steady rate, whether earlier ones are answered or not.
func paced(ctx context.Context, url string, events []event, rate int) ([]sent, error) {
	client := newClient(256)
	defer client.CloseIdleConnections()
	out, failed := make([]sent, len(events)), make([]error, len(events))
	began := time.Now()
	var all sync.WaitGroup
	for i, e := range events {
		due := began.Add(time.Duration(i) * time.Second / time.Duration(rate))
		select {
		case <-time.After(time.Until(due)):
		case <-ctx.Done():
			return nil, ctx.Err()
		}
		all.Go(func() {
			failed[i] = post(ctx, client, url, e.body, e.signature)
			out[i] = sent{mark: e.mark, due: due, answered: time.Now()}
		})
	}
	all.Wait()
	return out, errors.Join(failed...)
}

package e2e

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	bits "encoding/binary"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"bauta/masking"
	"bauta/redis"
	"bauta/redis/lanes"
	"bauta/redis/lanes/lanestest"
	"bauta/redis/redistest"
	"bauta/redis/vault"
	"bauta/webhook"
)

// BenchmarkMemory fills a real server with customers who have a number and a user id,
// and with their dedupe entries, and reports what the server says that each takes, keys,
// expiry and allocator included. MEMORY_CUSTOMERS and MEMORY_EVENTS (of each customer)
// are how many: `make bench-memory`.
func BenchmarkMemory(b *testing.B) {
	customers, events := amount(b, "MEMORY_CUSTOMERS", 10_000), amount(b, "MEMORY_EVENTS", 10)
	for b.Loop() {
		server := redistest.Standalone(b)
		f := newFilling(b, server.Open(b, redis.Options{}))
		used := func() float64 {
			text, err := server.Client.Info(b.Context(), "memory").Result()
			if err != nil {
				b.Fatal(err)
			}
			return number(text, "used_memory:")
		}
		empty := used()
		f.each(customers, f.mint)
		settled := used()
		f.each(customers, func(i int) { f.remember(i, events) })
		b.ReportMetric((settled-empty)/float64(customers), "B/customer")
		b.ReportMetric((used()-settled)/float64(customers*events), "B/event")
		server.Stop()
	}
}

// BenchmarkTraffic has a node receive and deliver messages of many customers, and reports
// what each costs the server that keeps them, in bytes: over the network in and out, and
// of its append-only file.
func BenchmarkTraffic(b *testing.B) {
	server := redistest.Standalone(b, "--appendonly", "yes", "--appendfsync", "everysec", "--auto-aof-rewrite-percentage", "0")
	s := start(b, setup{Default: "hidden", Server: server, Endpoint: "own_events: false"})
	const people = 50
	stats := func() (in, out, aof float64) {
		text, err := server.Client.Info(b.Context(), "everything").Result()
		if err != nil {
			b.Fatal(err)
		}
		return number(text, "total_net_input_bytes:"), number(text, "total_net_output_bytes:"), number(text, "aof_current_size:")
	}
	send := func(round int) {
		for i := range people {
			s.send(b, says(someone(i), fmt.Sprintf("3A%06X%012X", i, round), strings.Repeat("Is it in stock? ", 18), nil))
		}
		s.crm.wait(b, people*(round+1))
	}
	send(0) // customers are known from now on
	in, out, aof := stats()
	round := 0
	for b.Loop() {
		round++
		send(round)
	}
	inNow, outNow, aofNow := stats()
	events := float64(people * round)
	b.ReportMetric((inNow-in)/events, "in/event")
	b.ReportMetric((outNow-out)/events, "out/event")
	b.ReportMetric((aofNow-aof)/events, "aof/event")
}

func amount(b *testing.B, name string, otherwise int) int {
	b.Helper()
	text, ok := os.LookupEnv(name) //nolint:forbidigo // make tells how many
	if !ok {
		return otherwise
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 {
		b.Fatalf("%s=%q: want a whole number from 1", name, text)
	}
	return n
}

// number is a line of INFO.
func number(text, name string) float64 {
	for line := range strings.Lines(text) {
		if value, ok := strings.CutPrefix(line, name); ok {
			n, _ := strconv.ParseFloat(strings.TrimSpace(value), 64)
			return n
		}
	}
	return 0
}

// filling writes as the pipeline does, with the same vault and lanes.
type filling struct {
	*testing.B

	vault   *vault.Vault
	lanes   *lanes.Lanes
	handles *masking.Handles
	key     webhook.DataKey
}

func newFilling(b *testing.B, store *redis.Store) *filling {
	b.Helper()
	set, ring := newKeys(b), lanestest.NewRing(b)
	key, err := ring.BusinessKey(b.Context(), "acme")
	if err != nil {
		b.Fatal(err)
	}
	return &filling{
		B: b, vault: vault.New(store, set, vault.Options{}), handles: masking.NewHandles(set),
		lanes: lanes.New(lanes.Options{Store: store, Keys: ring}), key: key,
	}
}

// each does something for so many customers, several at a time.
func (f *filling) each(customers int, do func(i int)) {
	var all sync.WaitGroup
	const workers = 16
	for w := range workers {
		all.Go(func() {
			for i := w; i < customers && !f.Failed(); i += workers {
				do(i)
			}
		})
	}
	all.Wait()
}

// id is a customer's, drawn from a number as evenly as by chance.
func id(i int) string {
	var out [16]byte
	bits.BigEndian.PutUint64(out[:8], uint64(i)*0x9e3779b97f4a7c15)
	bits.BigEndian.PutUint64(out[8:], uint64(i))
	return base64.RawURLEncoding.EncodeToString(out[:])
}

func (f *filling) mint(i int) {
	phone, okPhone := masking.ParseNumber(fmt.Sprintf("39333%07d", i))
	user, okUser := masking.ParseUserID(fmt.Sprintf("IT.77%018d", i))
	handle, err := f.handles.Mint(rand.Reader, "IT")
	if !okPhone || !okUser || err != nil {
		f.Errorf("customer %d: %v", i, err)
		return
	}
	now := time.Now()
	c := &webhook.Customer{
		ID: id(i), Business: "acme", Created: now, Envelope: masking.Identity{Number: phone},
		Links: []webhook.Link{
			{Identity: masking.Identity{Number: phone}, Evidence: "message", Since: now},
			{Identity: masking.Identity{UserID: user}, Evidence: "message", Since: now},
		},
		Scopes: map[string]*webhook.Standing{
			webhook.Direct: {Handle: handle, Visibility: webhook.Hidden, Rule: "pilot", Reason: "rule", Decided: now, DecidedBy: "evt_1"},
		},
	}
	_, first, err := f.vault.Mint(f.Context(), c)
	if errors.Is(err, webhook.ErrHandleTaken) {
		f.mint(i) // draws another one
		return
	}
	if err != nil || !first {
		f.Errorf("mint customer %d: %t, %v", i, first, err)
	}
}

// remember has events of a customer recognised; they go to no endpoint.
func (f *filling) remember(i, events int) {
	items := make([]webhook.Item, events)
	for n := range items {
		var dedupe [8]byte
		_, _ = rand.Read(dedupe[:])
		items[n] = webhook.Item{
			Business: "acme", Conversation: webhook.Conversation(id(i)), Customer: id(i), Key: f.key, Dedupe: bits.BigEndian.Uint64(dedupe[:]),
			Delivery: webhook.Delivery{ID: "evt", Field: "messages", Kind: "message", Accepted: time.Now()},
		}
	}
	if _, err := f.lanes.Append(context.WithoutCancel(f.Context()), items); err != nil {
		f.Errorf("events of customer %d: %v", i, err)
	}
}

package lanes_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"bauta/redis"
	"bauta/redis/lanes"
	"bauta/redis/lanes/lanestest"
	"bauta/redis/redistest"
	"bauta/webhook"
)

// bench is a node on a standalone server.
func bench(b *testing.B) (*lanes.Lanes, *lanestest.Ring) {
	b.Helper()
	ring := lanestest.NewRing(b)
	return lanes.New(lanes.Options{
		Store: redistest.Standalone(b).Open(b, redis.Options{}), Keys: ring,
		Lease: func(webhook.EndpointKey) time.Duration { return time.Minute },
	}), ring
}

func BenchmarkAppend(b *testing.B) {
	for _, size := range []int{1, 200} {
		b.Run(fmt.Sprintf("%d events of 1 KB", size), func(b *testing.B) {
			l, ring := bench(b)
			items := make([]webhook.Item, size)
			for i := range items {
				items[i] = ring.Item(b, lanestest.Customer(), fmt.Sprintf("evt_%d", i), 0, "crm")
				items[i].Delivery.Body = []byte(strings.Repeat("x", 1024))
			}
			dedupe := uint64(0)
			b.ReportAllocs()
			for b.Loop() {
				for i := range items {
					dedupe++
					items[i].Dedupe = dedupe
				}
				if _, err := l.Append(b.Context(), items); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.N*size)/b.Elapsed().Seconds(), "events/s")
		})
	}
}

func BenchmarkAppendAndFinish(b *testing.B) {
	l, ring := bench(b)
	item := ring.Item(b, lanestest.Customer(), "evt_1", 0, "crm")
	item.Delivery.Body = []byte(strings.Repeat("x", 1024))
	b.ReportAllocs()
	for b.Loop() {
		item.Dedupe++
		out, err := l.Append(b.Context(), []webhook.Item{item})
		if err != nil {
			b.Fatal(err)
		}
		if _, _, err := l.Finish(b.Context(), out[0].Leases[0], webhook.Verdict{Outcome: webhook.Delivered}, time.Minute); err != nil {
			b.Fatal(err)
		}
	}
}

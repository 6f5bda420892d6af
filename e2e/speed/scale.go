package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"runtime"
	"strconv"
	"strings"
	"time"
)

// sizes are whole numbers, as a flag with commas between them.
type sizes []int

// String implements flag.Value.
func (s *sizes) String() string { return strings.Trim(fmt.Sprint(*s), "[]") }

// Set implements flag.Value.
func (s *sizes) Set(text string) error {
	for part := range strings.SplitSeq(text, ",") {
		n, err := strconv.Atoi(part)
		if err != nil || n < 1 {
			return fmt.Errorf("%q is not a whole number from 1", part)
		}
		*s = append(*s, n)
	}
	return nil
}

const (
	// fewCustomers are as many as write where businesses are counted, at least.
	fewCustomers = 1000
	// stride picks customers far from each other, and shares no factor with powers of ten.
	stride = 7919
	// fillWithin bounds how long it may take until all customers wrote once.
	fillWithin = 2 * time.Hour
)

// crowd is a Bauta among so many. kind is what there are many of.
type crowd struct {
	*subject

	kind, size string
	crm        *sink
	traffic    traffic
	// idle is what runs without events, for each second: the balance of events and the
	// look at what is due.
	idle struct{ server, redis time.Duration }
}

// scale measures what an event costs among few and among many: customers, of whom
// each has a lane that waits for an endpoint that is gone, and businesses.
func (p plan) scale(ctx context.Context, out, progress io.Writer) error {
	folder, err := os.MkdirTemp("", "bauta-speed")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(folder) }()
	var crowds []*crowd
	gather := func(kind string, size int, t traffic) error {
		began := time.Now()
		c, err := p.crowd(ctx, folder, t)
		if err != nil {
			return fmt.Errorf("%d %s: %w", size, kind, err)
		}
		c.kind, c.size = kind, strconv.Itoa(size)
		crowds = append(crowds, c)
		_, _ = fmt.Fprintf(progress, "%d %s wrote once, in %.0f s\n", size, kind, time.Since(began).Seconds())
		return nil
	}
	defer func() {
		for _, c := range crowds {
			c.stop()
			c.crm.server.Close()
		}
	}()
	for _, n := range p.many {
		if err := gather("customers, a lane of each waiting", n, traffic{customers: n, businesses: 1, perSecond: ackRate}); err != nil {
			return err
		}
	}
	for _, n := range p.businesses {
		if err := gather("businesses", n, traffic{customers: max(n, fewCustomers), businesses: n, perSecond: ackRate}); err != nil {
			return err
		}
	}
	var r results
	for _, c := range crowds {
		if err := c.rest(ctx, p, &r); err != nil {
			return err
		}
	}
	for range p.rounds {
		first := map[string]float64{}
		for _, c := range crowds {
			if err := c.measure(ctx, p, &r, first); err != nil {
				return err
			}
		}
	}
	_, _ = fmt.Fprintf(out, "%d rounds of %d events each, %d connections; %s, %d cores\n\n", p.rounds, p.events, p.lanes, runtime.Version(), runtime.NumCPU())
	return r.print(out)
}

// crowd starts a Bauta and has every customer write once.
func (p plan) crowd(ctx context.Context, folder string, t traffic) (*crowd, error) {
	crm, archive := newSink(), newSink()
	archive.gone.Store(true)
	defer archive.server.Close() // nobody is there later either
	s, err := startBauta(ctx, p, folder, company{businesses: t.businesses, endpoints: map[string]*sink{"crm": crm, "archive": archive}})
	if err != nil {
		return nil, err
	}
	c := &crowd{subject: s, crm: crm, traffic: t}
	for left := t.customers; left > 0; left -= batchSize {
		batch, err := c.traffic.batch(min(left, batchSize))
		if err != nil {
			return nil, err
		}
		if err := closed(ctx, s.url, []event{batch}, 1); err != nil {
			return nil, err
		}
	}
	c.traffic.stride = stride
	return c, c.arrive(ctx, fillWithin)
}

// arrive waits until everything reached the endpoint that is there.
func (c *crowd) arrive(ctx context.Context, within time.Duration) error {
	return until(ctx, within, fmt.Sprintf("%d events reach the endpoint", c.traffic.next), func() bool { return c.crm.got.Load() >= int64(c.traffic.next) })
}

// rest notes what is spent while nothing happens.
func (c *crowd) rest(ctx context.Context, p plan, r *results) error {
	got, err := c.stretch(ctx, 1, func() error {
		select {
		case <-time.After(2 * p.steady):
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	})
	if err != nil {
		return err
	}
	seconds := 1 / got.perSecond
	c.idle.server, c.idle.redis = time.Duration(float64(got.server)/seconds), time.Duration(float64(got.redis)/seconds)
	r.note(c.name("idle, with Redis"), "% of a core", 0, 100*(c.idle.server+c.idle.redis).Seconds())
	return nil
}

func (c *crowd) name(figure string) string { return c.size + " " + c.kind + ": " + figure }

// measure notes what an event costs, without what runs anyway, and beside it how much
// that is of what it costs in the first crowd of its kind.
func (c *crowd) measure(ctx context.Context, p plan, r *results, first map[string]float64) error {
	events := c.traffic.many(p.events)
	got, err := c.stretch(ctx, p.events, func() error {
		if err := closed(ctx, c.url, events, p.lanes); err != nil {
			return err
		}
		return c.arrive(ctx, arriveWithin)
	})
	if err != nil {
		return err
	}
	took := float64(time.Second) / got.perSecond
	server, redis := micros(got.server)-c.idle.server.Seconds()*took/1e3, micros(got.redis)-c.idle.redis.Seconds()*took/1e3
	all := server + redis
	if first[c.kind] == 0 {
		first[c.kind] = all
	}
	r.note(c.name("CPU"), "µs/event", 0, server)
	r.note(c.name("CPU of Redis"), "µs/event", 0, redis)
	r.note(c.name("commands of Redis"), "per event", 0, got.commands)
	r.note(c.name("both beside the fewest"), "×", 0, all/first[c.kind])
	return nil
}

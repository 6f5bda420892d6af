package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"
)

// spent is what a stretch of work cost, for each event of it.
type spent struct {
	// server and redis are CPU time, events the rate of the whole stretch.
	server, redis time.Duration
	perSecond     float64
	commands      float64
	reads         float64
	allocations   float64
}

// stretch measures do, which handles n events.
func (s *subject) stretch(ctx context.Context, n int, do func() error) (spent, error) {
	before, err := s.clocks(ctx)
	if err != nil {
		return spent{}, err
	}
	if err := do(); err != nil {
		return spent{}, err
	}
	after, err := s.clocks(ctx)
	if err != nil {
		return spent{}, err
	}
	each := func(d time.Duration) time.Duration { return d / time.Duration(n) }
	return spent{
		server: each(after.server - before.server), redis: each(after.redis - before.redis),
		perSecond:   float64(n) / after.at.Sub(before.at).Seconds(),
		commands:    float64(after.work.commands-before.work.commands) / float64(n),
		reads:       float64(after.work.reads-before.work.reads) / float64(n),
		allocations: (after.allocations - before.allocations) / float64(n),
	}, nil
}

type clocks struct {
	at            time.Time
	server, redis time.Duration
	work          work
	allocations   float64
}

func (s *subject) clocks(ctx context.Context) (c clocks, err error) {
	if c.work, err = s.store.work(ctx); err != nil {
		return c, err
	}
	if c.allocations, err = s.allocations(ctx); err != nil {
		return c, err
	}
	if c.redis, err = s.store.cpu(); err != nil {
		return c, err
	}
	c.server, err = s.cpu()
	c.at = time.Now()
	return c, err
}

// floor measures the floor's two halves.
func (p plan) floor(ctx context.Context, folder string, r *results) error {
	s, err := startFloor(ctx)
	if err != nil {
		return err
	}
	defer s.stop()
	t := traffic{customers: p.customers}
	if err := closed(ctx, s.url, t.many(p.customers), p.lanes); err != nil {
		return err
	}
	events := t.many(p.events)
	got, err := s.stretch(ctx, p.events, func() error { return closed(ctx, s.url, events, p.lanes) })
	if err != nil {
		return err
	}
	steady, err := paced(ctx, s.url, t.many(int(ackRate*p.steady.Seconds())), ackRate)
	if err != nil {
		return err
	}
	post, err := p.bareClient(ctx, folder, events[0].body)
	if err != nil {
		return err
	}
	r.floor(got, post, latencies(steady, answeredAt))
	return nil
}

// bareClient is what it costs to post a body, for each time.
func (p plan) bareClient(ctx context.Context, folder string, body []byte) (time.Duration, error) {
	file := filepath.Join(folder, "body.json")
	if err := os.WriteFile(file, body, 0o600); err != nil {
		return 0, err
	}
	self, err := os.Executable()
	if err != nil {
		return 0, err
	}
	to := newSink()
	defer to.server.Close()
	through := make(chan struct{})
	d, err := start(ctx, func([]byte) { close(through) }, self, "floor-deliver", to.server.URL, file, fmt.Sprint(p.events), fmt.Sprint(p.lanes))
	if err != nil {
		return 0, err
	}
	defer d.stop()
	select {
	case <-through:
	case <-d.ended:
		return 0, fmt.Errorf("the bare client ended after %d of %d events", to.got.Load(), p.events)
	}
	cpu, err := d.cpu()
	return cpu / time.Duration(p.events), err
}

func answeredAt(s sent) time.Time { return s.answered }

// latencies are how long after it was due each event reached a point, in order.
func latencies(all []sent, at func(sent) time.Time) []time.Duration {
	out := make([]time.Duration, 0, len(all))
	for _, s := range all {
		out = append(out, at(s).Sub(s.due))
	}
	slices.Sort(out)
	return out
}

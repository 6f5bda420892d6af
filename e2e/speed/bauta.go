package main

import (
	"context"
	"fmt"
	"time"
)

const (
	// ackRate and throughRate are the steady loads, in events a second.
	ackRate     = 500
	throughRate = 200
	batchSize   = 1000
	// arriveWithin bounds how long deliveries may go on after the last POST.
	arriveWithin = 2 * time.Minute
)

// stored measures Bauta's receiving half: its endpoint is gone, so that events only wait.
func (p plan) stored(ctx context.Context, folder string, r *results) error {
	to := newSink()
	defer to.server.Close()
	to.gone.Store(true)
	s, err := startBauta(ctx, p, folder, company{businesses: 1, endpoints: map[string]*sink{"crm": to}})
	if err != nil {
		return err
	}
	defer s.stop()
	t := traffic{customers: p.customers}
	if err := closed(ctx, s.url, t.many(p.customers), p.lanes); err != nil {
		return err
	}
	events := t.many(p.events)
	one, err := s.stretch(ctx, p.events, func() error { return closed(ctx, s.url, events, p.lanes) })
	if err != nil {
		return err
	}
	batches := make([]event, p.events/batchSize)
	for i := range batches {
		if batches[i], err = t.batch(batchSize); err != nil {
			return err
		}
	}
	many, err := s.stretch(ctx, len(batches)*batchSize, func() error { return closed(ctx, s.url, batches, 2) })
	if err != nil {
		return err
	}
	r.stored(one, many)
	return nil
}

// through measures all of Bauta: received, masked, stored, delivered, settled.
func (p plan) through(ctx context.Context, folder string, r *results) error {
	to := newSink()
	defer to.server.Close()
	s, err := startBauta(ctx, p, folder, company{businesses: 1, endpoints: map[string]*sink{"crm": to}})
	if err != nil {
		return err
	}
	defer s.stop()
	t := traffic{customers: p.customers}
	arrive := func() error {
		return until(ctx, arriveWithin, fmt.Sprintf("%d events reach the endpoint", t.next), func() bool { return to.got.Load() >= int64(t.next) })
	}
	if err := closed(ctx, s.url, t.many(p.customers), p.lanes); err != nil {
		return err
	}
	if err := arrive(); err != nil {
		return err
	}
	events := t.many(p.events)
	all, err := s.stretch(ctx, p.events, func() error {
		if err := closed(ctx, s.url, events, p.lanes); err != nil {
			return err
		}
		return arrive()
	})
	if err != nil {
		return err
	}
	acks, err := paced(ctx, s.url, t.many(int(ackRate*p.steady.Seconds())), ackRate)
	if err != nil {
		return err
	}
	if err := arrive(); err != nil {
		return err
	}
	ends, err := paced(ctx, s.url, t.many(int(throughRate*p.steady.Seconds())), throughRate)
	if err != nil {
		return err
	}
	if err := arrive(); err != nil {
		return err
	}
	memory, err := s.peak()
	if err != nil {
		return err
	}
	to.mu.Lock()
	defer to.mu.Unlock()
	r.through(all, latencies(acks, answeredAt), latencies(ends, func(e sent) time.Time { return to.arrived[e.mark] }), memory)
	return nil
}

// Package endpoints keeps which endpoints are paused, why and for how long: one
// truth for the whole cluster, with one probe at a time.
package endpoints

import (
	"context"
	"fmt"
	"time"

	"bauta/redis"
	"bauta/redis/lanes/place"
	"bauta/webhook"
)

// Endpoints implements forward's Pauses. Safe for concurrent use, on any number
// of nodes. Time is Redis's.
type Endpoints struct {
	store   *redis.Store
	scripts scripts
}

// New builds Endpoints.
func New(store *redis.Store) *Endpoints { return &Endpoints{store: store, scripts: newScripts()} }

// Pause pauses the endpoint for p.Left from now, or without end if p.Endless, and
// ends a probe that is out. A pause in force that lasts longer stays as it is, but
// for one that p.Instead replaces.
// All nodes are told.
func (s *Endpoints) Pause(ctx context.Context, e webhook.EndpointKey, p webhook.Pause) error {
	left := max(p.Left, 0).Milliseconds()
	c := s.scripts.pause.Call([]string{s.key(e)}, left, p.Endless, p.Reason, p.Count, redis.WakeChannel, message(e), p.Instead)
	if err := s.store.Do(ctx, c).Err; err != nil {
		return fmt.Errorf("pause an endpoint: %w", err)
	}
	return nil
}

// Probe tells the endpoint's standing. After the end of its pause one caller in
// the cluster gets Probe true; until that one pauses or resumes, and no longer
// than lease, everybody else sees the endpoint paused.
func (s *Endpoints) Probe(ctx context.Context, e webhook.EndpointKey, lease time.Duration) (webhook.Standstill, error) {
	out, err := standstill(s.store.Do(ctx, s.scripts.probe.Call([]string{s.key(e)}, max(lease.Milliseconds(), 1))))
	if err != nil {
		return webhook.Standstill{}, fmt.Errorf("probe an endpoint: %w", err)
	}
	return out, nil
}

// Resume lifts a pause that has an end, and tells all nodes. An endless one stays.
func (s *Endpoints) Resume(ctx context.Context, e webhook.EndpointKey) error {
	return s.lift(ctx, e, false)
}

// Lift lifts every pause, also an endless one: it is the operator's word.
func (s *Endpoints) Lift(ctx context.Context, e webhook.EndpointKey) error {
	return s.lift(ctx, e, true)
}

func (s *Endpoints) lift(ctx context.Context, e webhook.EndpointKey, endless bool) error {
	if err := s.store.Do(ctx, s.scripts.lift.Call([]string{s.key(e)}, endless, redis.WakeChannel, message(e))).Err; err != nil {
		return fmt.Errorf("resume an endpoint: %w", err)
	}
	return nil
}

// State tells the standing of endpoints, in their order, in one round trip. It
// never hands out a probe: an endpoint whose pause is over and that nobody
// probed yet is paused with nothing left.
func (s *Endpoints) State(ctx context.Context, ends []webhook.EndpointKey) ([]webhook.Standstill, error) {
	calls := make([]redis.Call, len(ends))
	for i, e := range ends {
		calls[i] = s.scripts.probe.Call([]string{s.key(e)}, 0)
	}
	out := make([]webhook.Standstill, len(ends))
	for i, r := range s.store.Pipeline(ctx, calls) {
		one, err := standstill(r)
		if err != nil {
			return nil, fmt.Errorf("read the state of endpoints: %w", err)
		}
		out[i] = one
	}
	return out, nil
}

func (s *Endpoints) key(e webhook.EndpointKey) string {
	return s.store.Keys().Endpoint(e.Business, e.Endpoint)
}

func message(e webhook.EndpointKey) string {
	return place.Message(webhook.Lane{Business: e.Business, Endpoint: e.Endpoint})
}

// standstill reads what the script probe says: who probes, the ms
// left (-1: endless), reason, count. No values: the endpoint works.
func standstill(r redis.Result) (webhook.Standstill, error) {
	reply, err := r.List()
	if err != nil || len(reply) == 0 {
		return webhook.Standstill{}, err
	}
	if len(reply) != 4 {
		return webhook.Standstill{}, fmt.Errorf("%w: the script for probing answered %d values", redis.ErrRefused, len(reply))
	}
	var left, count int64
	probes, _ := reply[0].(int64)
	if left, err = (redis.Result{Value: reply[1]}).Int(); err != nil {
		return webhook.Standstill{}, err
	}
	if count, err = (redis.Result{Value: reply[3]}).Int(); err != nil {
		return webhook.Standstill{}, err
	}
	reason, _ := reply[2].(string)
	out := webhook.Standstill{Paused: true, Probe: probes == 1, Probed: probes == 2, Pause: webhook.Pause{Reason: reason, Count: int(count)}}
	if out.Pause.Endless = left < 0; left > 0 {
		out.Pause.Left = time.Duration(left) * time.Millisecond
	}
	return out, nil
}

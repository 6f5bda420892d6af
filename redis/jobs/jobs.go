// Package jobs keeps what operators want done with many dead letters of an endpoint: one
// job for each endpoint, in the hands of one node at a time. A node that ends leaves a
// lease that runs out, and another one goes on.
package jobs

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"bauta/redis"
	"bauta/webhook"
	"bauta/webhook/operate"
)

const (
	// lease is for how long a node has a job that it says nothing of.
	lease = 15 * time.Second
	// life is how long a job is remembered after the last word of it.
	life = 7 * 24 * time.Hour
)

// Jobs implements operate.Jobs and operate.Shifts. Safe for concurrent use, on any number
// of nodes. Time is Redis's.
type Jobs struct {
	store   *redis.Store
	scripts scripts
}

// New builds Jobs.
func New(store *redis.Store) *Jobs { return &Jobs{store: store, scripts: newScripts()} }

// order is what does not change about a job, as it is kept.
type order struct {
	ID    string       `json:"id"`
	Work  operate.Work `json:"work"`
	By    string       `json:"by"`
	Rate  int          `json:"rate"`
	Total int64        `json:"total"`
	Begun int64        `json:"begun"`

	Reason string `json:"reason,omitempty"`
	Status int    `json:"status,omitempty"`
	Since  int64  `json:"since,omitempty"`
	Until  int64  `json:"until"`
}

// Begin keeps a job that nobody works on yet. operate.ErrUnderWay: the endpoint has one
// that has not ended.
func (s *Jobs) Begin(ctx context.Context, j operate.Job) error {
	f := j.Filter
	o := order{
		ID: j.ID, Work: j.Work, By: j.By, Rate: j.Rate, Total: j.Total, Begun: j.Begun.UnixMilli(),
		Reason: f.Reason, Status: f.Status, Until: f.Until.UnixMilli(),
	}
	if !f.Since.IsZero() {
		o.Since = f.Since.UnixMilli()
	}
	text, err := json.Marshal(o)
	if err != nil {
		return fmt.Errorf("keep a job: %w", err)
	}
	n, err := s.store.Do(ctx, s.scripts.begin.Call([]string{s.key(j.Endpoint())}, j.ID, text, life.Milliseconds())).Int()
	if err != nil {
		return fmt.Errorf("keep a job: %w", err)
	}
	if n == 0 {
		return operate.ErrUnderWay
	}
	return nil
}

// Claim gives the first job of some endpoints that nobody works on to a node; false if
// there is none.
func (s *Jobs) Claim(ctx context.Context, node string, ends []webhook.EndpointKey) (operate.Job, bool, error) {
	calls := make([]redis.Call, len(ends))
	for i, e := range ends {
		calls[i] = redis.Command("HGET", s.key(e), "state")
	}
	for i, r := range s.store.Pipeline(ctx, calls) {
		state, _, err := r.Text()
		if err != nil {
			return operate.Job{}, false, fmt.Errorf("claim a job: %w", err)
		}
		if state != operate.Running {
			continue
		}
		n, err := s.store.Do(ctx, s.scripts.claim.Call([]string{s.key(ends[i])}, node, lease.Milliseconds(), life.Milliseconds())).Int()
		if err != nil {
			return operate.Job{}, false, fmt.Errorf("claim a job: %w", err)
		}
		if n == 0 {
			continue
		}
		found, err := s.List(ctx, ends[i:i+1])
		if err != nil || len(found) == 0 {
			return operate.Job{}, false, err
		}
		return found[0], true, nil
	}
	return operate.Job{}, false, nil
}

// Advance notes how far a node came, and with State that it ended. It renews the lease,
// and is false if the node is to stop: the job was cancelled, or is another node's.
func (s *Jobs) Advance(ctx context.Context, node string, j operate.Job) (bool, error) {
	call := s.scripts.advance.Call([]string{s.key(j.Endpoint())}, node, j.ID, j.Done, j.Gone, j.Failed, j.State, lease.Milliseconds(), life.Milliseconds())
	n, err := s.store.Do(ctx, call).Int()
	if err != nil {
		return false, fmt.Errorf("note the progress of a job: %w", err)
	}
	return n == 1, nil
}

// List tells of the newest job of each of some endpoints, where there is one.
func (s *Jobs) List(ctx context.Context, ends []webhook.EndpointKey) ([]operate.Job, error) {
	calls := make([]redis.Call, len(ends))
	for i, e := range ends {
		calls[i] = redis.Command("HGETALL", s.key(e))
	}
	var out []operate.Job
	for i, r := range s.store.Pipeline(ctx, calls) {
		reply, err := r.List()
		if err != nil {
			return nil, fmt.Errorf("list jobs: %w", err)
		}
		if len(reply) == 0 {
			continue
		}
		j, err := read(ends[i], reply)
		if err != nil {
			return nil, fmt.Errorf("list jobs: %w", err)
		}
		out = append(out, j)
	}
	return out, nil
}

// Cancel ends a job; false if it is not there, or has ended. What is under way with one
// dead letter is finished.
func (s *Jobs) Cancel(ctx context.Context, e webhook.EndpointKey, id string) (bool, error) {
	n, err := s.store.Do(ctx, s.scripts.cancel.Call([]string{s.key(e)}, id, life.Milliseconds())).Int()
	if err != nil {
		return false, fmt.Errorf("cancel a job: %w", err)
	}
	return n == 1, nil
}

func (s *Jobs) key(e webhook.EndpointKey) string { return s.store.Keys().Job(e.Business, e.Endpoint) }

// read reads a job's hash.
func read(e webhook.EndpointKey, reply []any) (operate.Job, error) {
	fields := map[string]string{}
	for i := 0; i+1 < len(reply); i += 2 {
		name, _ := reply[i].(string)
		fields[name], _ = reply[i+1].(string)
	}
	var o order
	if err := json.Unmarshal([]byte(fields["order"]), &o); err != nil {
		return operate.Job{}, fmt.Errorf("%w: a job cannot be read: it was changed by somebody else, or written by a newer version", redis.ErrRefused)
	}
	number := func(name string) int64 {
		n, _ := strconv.ParseInt(fields[name], 10, 64)
		return n
	}
	j := operate.Job{
		ID: o.ID, Work: o.Work, By: o.By, Rate: o.Rate, Total: o.Total, Begun: time.UnixMilli(o.Begun).UTC(), State: fields["state"],
		Done: number("done"), Gone: number("gone"), Failed: number("failed"),
		Filter: operate.LetterFilter{Business: e.Business, Endpoint: e.Endpoint, Reason: o.Reason, Status: o.Status, Until: time.UnixMilli(o.Until)},
	}
	if o.Since > 0 {
		j.Filter.Since = time.UnixMilli(o.Since)
	}
	if at := number("ended"); at > 0 {
		j.Ended = time.UnixMilli(at).UTC()
	}
	return j, nil
}

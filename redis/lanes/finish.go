package lanes

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"bauta/redis"
	"bauta/redis/lanes/place"
	"bauta/redis/lanes/tally"
	"bauta/webhook"
)

// Letter is what is kept of a dead letter beside its event.
type Letter struct {
	Reason       string               `json:"reason"`
	Status       int                  `json:"status,omitempty"`
	Conversation webhook.Conversation `json:"conversation"`
}

// Finish applies a verdict to the head under its lease, and leases the lane again
// for next if its then head is due; that head is more. webhook.ErrLeaseLost if
// the lease is not in force: nothing was changed. After any other error the
// verdict may have been applied: the lane is due again when the lease ends.
func (l *Lanes) Finish(ctx context.Context, lease webhook.Lease, v webhook.Verdict, next time.Duration) (more webhook.Leased, ok bool, err error) {
	p, err := place.Of(l.names, lease.Lane)
	if err != nil {
		return webhook.Leased{}, false, err
	}
	g := l.grant(next)
	c, err := l.verdict(p, lease, v, finishing{grant: g, next: next})
	if err != nil {
		return webhook.Leased{}, false, err
	}
	r := l.step(ctx, p, g, c)
	if r.Err == nil && r.Value == int64(0) {
		return webhook.Leased{}, false, webhook.ErrLeaseLost
	}
	reply, err := r.List()
	if err != nil || len(reply) == 0 {
		return webhook.Leased{}, false, err
	}
	return l.leased(ctx, p, g, reply)
}

// finishing is what follows a verdict.
type finishing struct {
	grant grant
	next  time.Duration
}

// verdict is the script for a verdict.
func (l *Lanes) verdict(p place.Place, lease webhook.Lease, v webhook.Verdict, f finishing) (redis.Call, error) {
	token, accepted, id, ok := parseFence(lease.Token)
	if !ok {
		return redis.Call{}, fmt.Errorf("finish a delivery: its lease has no token of a lane: this is a fault of Bauta")
	}
	own, aside := place.Split(p.Lane.Conversation)
	outcome := v.Outcome
	if outcome == webhook.Aside && aside != "" {
		// It is alone already; in yet another lane it would only lose its name.
		outcome = webhook.Again
	}
	counts, minute := place.Minute(l.names, p.Shard, p.Lane.Business, accepted)
	keys := []string{p.Due, p.List, p.Head, p.Ages, p.Ends, p.Depths, counts}
	args := []any{
		word(outcome), string(p.Lane.Conversation), token, f.grant.token, wait(v.After), counted(v),
		f.next.Milliseconds(), minute, p.End(), redis.WakeChannel,
	}
	switch outcome {
	case webhook.Dead:
		letter, err := json.Marshal(Letter{Reason: v.Reason, Status: v.Status, Conversation: place.Conversation(own)})
		if err != nil {
			return redis.Call{}, fmt.Errorf("finish a delivery: %w", err)
		}
		keys = append(keys, l.names.Dead(p.Shard, p.Lane.Business, p.Lane.Endpoint, id),
			l.names.Deads(p.Shard, p.Lane.Business, p.Lane.Endpoint))
		args = append(args, id, letter, l.options.DeadLetter(p.Lane.Business).Milliseconds())
	case webhook.Aside:
		to := p.Lane
		to.Conversation = place.Aside(own, id)
		keys = append(keys, l.names.LaneAt(p.Shard, to), l.names.HeadAt(p.Shard, to))
		args = append(args, string(to.Conversation))
	case webhook.Delivered:
		if v.Shows != "" {
			keys = append(keys, l.names.Shown(p.Lane.Business, v.Shows, place.Conversation(own)))
			args = append(args, p.Lane.Endpoint, l.options.Shown(p.Lane.Business).Milliseconds())
		}
	case webhook.Again, webhook.Dropped, webhook.Expired:
	}
	return l.scripts.finish.Call(keys, args...), nil
}

// counted says how an attempt counts: not, as an attempt, or as a refusal too.
func counted(v webhook.Verdict) int {
	switch {
	case v.Refused:
		return 2
	case v.Counted:
		return 1
	}
	return 0
}

// wait is a wait in ms, rounded up: the shortest one is none at all otherwise.
func wait(after time.Duration) int64 {
	return (max(after, 0) + time.Millisecond - 1).Milliseconds()
}

// word names an outcome for the script, which counts under it. An outcome that
// does not exist keeps the head.
func word(o webhook.Outcome) string {
	switch o {
	case webhook.Delivered:
		return tally.Out
	case webhook.Dropped:
		return tally.Dropped
	case webhook.Expired:
		return tally.Expired
	case webhook.Dead:
		return tally.Dead
	case webhook.Aside:
		return tally.Aside
	case webhook.Again:
	}
	return "again"
}

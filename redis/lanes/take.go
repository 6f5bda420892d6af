package lanes

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"bauta/redis"
	"bauta/redis/lanes/element"
	"bauta/redis/lanes/place"
	"bauta/webhook"
)

// Take leases a due lane and returns its head. ok is false if the lane is empty,
// leased, or not due yet. After an error the lane may be leased to nobody: it is
// due again when that lease ends.
func (l *Lanes) Take(ctx context.Context, lane webhook.Lane, lease time.Duration) (head webhook.Leased, ok bool, err error) {
	p, err := place.Of(l.names, lane)
	if err != nil {
		return webhook.Leased{}, false, err
	}
	grant := l.grant(lease)
	r := l.scripts.take.Call([]string{p.Due, p.List, p.Head, p.Ages, p.Ends},
		string(lane.Conversation), grant.token, lease.Milliseconds(), p.End())
	reply, err := l.step(ctx, p, grant, r).List()
	if err != nil || len(reply) == 0 {
		return webhook.Leased{}, false, err
	}
	return l.leased(ctx, p, grant, reply)
}

// step sends a call that moves a lane on: a verdict, or a lease. Where replicas are asked
// for, nothing is sent to an endpoint on the word of a server that they do not follow:
// beside another master, what it says was delivered is forgotten when it is demoted. A
// lease that comes to nobody by this is let go with the next look.
func (l *Lanes) step(ctx context.Context, p place.Place, g grant, c redis.Call) redis.Result {
	r := l.store.Replicated(ctx, []redis.Call{c})[0]
	if errors.Is(r.Err, redis.ErrUnproven) {
		l.lost.add([]webhook.Lease{{Lane: p.Lane, Token: g.token, Deadline: g.deadline}})
	}
	return r
}

// one sends a call whose loss at a fail-over does no harm: the event is still
// where it was.
func (l *Lanes) one(ctx context.Context, c redis.Call) redis.Result {
	return l.store.Pipeline(ctx, []redis.Call{c})[0]
}

// grant is a lease that is asked for. Its deadline is counted from before the
// command is sent, on the monotonic clock.
type grant struct {
	token    string
	deadline time.Time
}

func (l *Lanes) grant(lease time.Duration) grant {
	return grant{token: newToken(), deadline: l.options.Now().Add(lease)}
}

// leased reads a head that a script leased: element, attempts, first try,
// refusals.
func (l *Lanes) leased(ctx context.Context, p place.Place, g grant, reply []any) (webhook.Leased, bool, error) {
	if len(reply) != 4 {
		return webhook.Leased{}, false, fmt.Errorf("%w: a script on a lane answered %d values", redis.ErrRefused, len(reply))
	}
	text, _ := reply[0].(string)
	d, err := l.open(ctx, p, text)
	if err != nil {
		return webhook.Leased{}, false, err
	}
	_, aside := place.Split(p.Lane.Conversation)
	d.Aside = aside != ""
	d.Attempts, d.Refusals = int(number(reply[1])), int(number(reply[3]))
	if first := number(reply[2]); first > 0 {
		d.FirstTry = time.UnixMilli(first)
	}
	lease := webhook.Lease{Lane: p.Lane, Token: fence(g.token, d.Accepted, d.ID), Deadline: g.deadline}
	return webhook.Leased{Lease: lease, Delivery: d}, true, nil
}

// open reads a head. One that cannot be read is there all the same: its lane waits for
// it until somebody takes it away.
func (l *Lanes) open(ctx context.Context, p place.Place, text string) (webhook.Delivery, error) {
	e, err := element.Parse(text)
	if err != nil {
		return element.Unreadable(text, l.options.Now()), nil //nolint:nilerr // said by Unreadable
	}
	return e.Open(ctx, l.keys, p.Lane.Business, place.Conversation(p.Lane.Conversation))
}

// number reads a decimal reply, 0 if it is none.
func number(v any) int64 {
	text, _ := v.(string)
	n, _ := strconv.ParseInt(text, 10, 64)
	return n
}

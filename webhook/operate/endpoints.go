package operate

import (
	"context"
	"fmt"
	"net/url"
	"time"

	"bauta/webhook"
)

// The states of an endpoint.
const (
	// Delivering: nothing is in the way.
	Delivering = "delivering"
	// Paused until a time; the next event after it is the probe.
	Paused = "paused"
	// ProbeDue: the pause is over, and the next event is the probe. Probing: it is out.
	ProbeDue = "probe_due"
	Probing  = "probing"
	// Off until an operator resumes it.
	Off = "off"
)

// PausedByOperator is the reason of a pause that an operator made.
const PausedByOperator = "operator"

// mostPause is the longest pause with an end.
const mostPause = 30 * 24 * time.Hour

// Endpoint is how one stands.
type Endpoint struct {
	Key webhook.EndpointKey
	// Platform: it is the platform itself, which gets Bauta's own messages to customers.
	Platform bool
	// Target is scheme and host of its URL; what follows may be a secret.
	Target string
	// Fields that it gets; empty: all.
	Fields []string
	State  string
	// Reason of a pause, from a closed set, Until when it lasts (zero: it has no end, or
	// is over), Pauses how many in a row.
	Reason string
	Until  time.Time
	Pauses int
	// Waiting and Oldest as in Waiting; Dead are its dead letters.
	Waiting int64
	Oldest  time.Time
	Dead    int64
	// Here is how it stands at this node; nil where none delivers.
	Here *Here
}

// Here is how an endpoint stands at one node.
type Here struct {
	// Most is how many requests at once are configured, Limit how many are made at most
	// now, InFlight how many are under way, Queued how much work waits for them.
	Most, Limit, InFlight, Queued int
}

// Node tells of this process: forward.
type Node interface {
	Here(key webhook.EndpointKey) (Here, bool)
}

// Endpoints tells how endpoints stand: of one business, or of all that the actor sees ("").
func (d *Desk) Endpoints(ctx context.Context, a Actor, business string) ([]Endpoint, error) {
	some, err := d.businesses(a, business)
	if err != nil {
		return nil, err
	}
	var keys []webhook.EndpointKey
	var out []Endpoint
	for _, b := range some {
		keys = append(keys, keysOf(b)...)
		for i := range b.Endpoints {
			e := &b.Endpoints[i]
			out = append(out, Endpoint{Key: webhook.EndpointKey{Business: b.ID, Endpoint: e.ID}, Platform: e.Platform, Target: targetOf(e), Fields: e.Fields})
		}
	}
	states, err := d.Pauses.State(ctx, keys)
	if err != nil {
		return nil, fmt.Errorf("endpoints: %w", err)
	}
	waiting, err := d.Counts.Waiting(ctx)
	if err != nil {
		return nil, fmt.Errorf("endpoints: %w", err)
	}
	for i := range out {
		e := &out[i]
		e.stand(states[i], d.Now())
		for _, w := range waiting {
			if w.Endpoint == e.Key {
				e.Waiting, e.Oldest = w.Events, w.Oldest
			}
		}
		if e.Dead, err = d.Letters.Count(ctx, LetterFilter{Business: e.Key.Business, Endpoint: e.Key.Endpoint}); err != nil {
			return nil, fmt.Errorf("endpoints: %w", err)
		}
		if d.Node != nil {
			if here, ok := d.Node.Here(e.Key); ok {
				e.Here = &here
			}
		}
	}
	return out, nil
}

// stand says how the cluster sees it.
func (e *Endpoint) stand(s webhook.Standstill, now time.Time) {
	e.State = Delivering
	if !s.Paused {
		return
	}
	e.Reason, e.Pauses = s.Pause.Reason, s.Pause.Count
	switch {
	case s.Pause.Endless:
		e.State = Off
	case s.Probed:
		e.State = Probing
	case s.Pause.Left > 0:
		e.State, e.Until = Paused, now.Add(s.Pause.Left).UTC()
	default:
		e.State = ProbeDue
	}
}

// keysOf are a business's endpoints.
func keysOf(b *webhook.Business) []webhook.EndpointKey {
	keys := make([]webhook.EndpointKey, len(b.Endpoints))
	for i := range b.Endpoints {
		keys[i] = webhook.EndpointKey{Business: b.ID, Endpoint: b.Endpoints[i].ID}
	}
	return keys
}

func targetOf(e *webhook.Endpoint) string {
	u, err := url.Parse(e.URL)
	if err != nil || u.Host == "" {
		return ""
	}
	return u.Scheme + "://" + u.Host
}

// PauseEndpoint has nothing sent to an endpoint: for a time, or until it is resumed (0).
// Events go on being accepted, and wait. It takes the place of every other pause.
func (d *Desk) PauseEndpoint(ctx context.Context, a Actor, key webhook.EndpointKey, lasts time.Duration) error {
	if lasts < 0 || lasts > mostPause {
		return invalid("a pause lasts at most 30 days, or until it is resumed")
	}
	if _, err := d.endpoint(a, key); err != nil {
		return err
	}
	return d.act(ctx, a, ofEndpoint(ActPause, key), func(ctx context.Context) (string, error) {
		return Done, d.Pauses.Pause(ctx, key, webhook.Pause{Left: lasts, Endless: lasts == 0, Reason: PausedByOperator, Count: 1, Instead: true})
	})
}

// ResumeEndpoint lifts a pause, whatever its reason, and has what waits delivered at once.
// false: there was none.
func (d *Desk) ResumeEndpoint(ctx context.Context, a Actor, key webhook.EndpointKey) (bool, error) {
	if _, err := d.endpoint(a, key); err != nil {
		return false, err
	}
	paused := false
	err := d.act(ctx, a, ofEndpoint(ActResume, key), func(ctx context.Context) (string, error) {
		states, err := d.Pauses.State(ctx, []webhook.EndpointKey{key})
		if err != nil || !states[0].Paused {
			return Nothing, err
		}
		paused = true
		return Done, d.Pauses.Lift(ctx, key)
	})
	return paused, err
}

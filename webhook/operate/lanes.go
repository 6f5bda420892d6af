package operate

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"bauta/webhook"
)

const (
	// mostEvents bounds how many events of one lane are told of.
	mostEvents = 50
	// mostLanes bounds among how many lanes of an endpoint one is looked for.
	mostLanes = 20_000
)

// LaneState is what the store has of a lane.
type LaneState struct {
	Lane webhook.Lane
	// Events wait; Queue are the first of them, without bodies. An event that cannot be read
	// has Unreadable set.
	Events int64
	Queue  []webhook.Delivery
	// Due is when the head is tried next or, while it is Leased, when the lease ends.
	Due    time.Time
	Leased bool
	// Attempts, Refusals and FirstTry (zero: none yet) are the head's.
	Attempts, Refusals int
	FirstTry           time.Time
}

// Lane is a lane as people may see it.
type Lane struct {
	// Hash names it, as in logs (webhook.LaneHash).
	Hash     string
	Endpoint webhook.EndpointKey
	// Aside: it is one event that stepped aside from its conversation.
	Aside bool
	// Waiting is how many events wait, Oldest when the head was accepted.
	Waiting int64
	Oldest  time.Time
	// NextTry of the head; LeaseUntil instead, while a node has it in hand.
	NextTry, LeaseUntil time.Time
	Attempts, Refusals  int
	FirstTry            time.Time
	// Events are the first that wait, in order: at most 50. Of a group, by a handle, those
	// that are under the handle alone.
	Events []Event
	// Tried are the attempts of this node with events of the lane, the newest first.
	Tried []Tried
}

// Event is one that waits: never its content.
type Event struct {
	// ID is the delivery's (webhook-id).
	ID, Field, Kind string
	Accepted        time.Time
	Unreadable      bool
}

// Tried is an attempt as people may see it.
type Tried struct {
	At       time.Time
	Endpoint webhook.EndpointKey
	// Lane is its hash.
	Lane               string
	Event, Field, Kind string
	// Number from 1; Status 0 if there was no answer; Reason and Outcome from closed sets.
	Number          int
	Status          int
	Reason, Outcome string
	Took            time.Duration
}

// Lanes lists an endpoint's lanes with waiting events, those whose heads wait longest
// first, and the cursor of what follows, "" at the end.
func (d *Desk) Lanes(ctx context.Context, a Actor, key webhook.EndpointKey, p Page) ([]Lane, string, error) {
	if _, err := d.endpoint(a, key); err != nil {
		return nil, "", err
	}
	found, next, err := d.Options.Lanes.Waiting(ctx, key, p.After, p.limit())
	if err != nil {
		return nil, "", fmt.Errorf("lanes: %w", err)
	}
	out, err := d.look(ctx, found, 1, nil)
	return out, next, err
}

// Lane tells of one lane by its hash. It looks among the 20 000 lanes of the endpoint
// whose heads wait longest. ErrUnknown: nothing waits under that hash.
func (d *Desk) Lane(ctx context.Context, a Actor, key webhook.EndpointKey, hash string) (Lane, error) {
	if _, err := d.endpoint(a, key); err != nil {
		return Lane{}, err
	}
	for cursor, seen := "", 0; seen < mostLanes; {
		found, next, err := d.Options.Lanes.Waiting(ctx, key, cursor, MostPage)
		if err != nil {
			return Lane{}, fmt.Errorf("lane: %w", err)
		}
		if i := slices.IndexFunc(found, func(l webhook.Lane) bool { return webhook.LaneHash(d.PRF, l) == hash }); i >= 0 {
			lanes, err := d.look(ctx, found[i:i+1], mostEvents, nil)
			if err != nil || len(lanes) == 0 {
				return Lane{}, cmpOr(err, ErrUnknown)
			}
			return lanes[0], nil
		}
		seen += len(found)
		if cursor = next; cursor == "" {
			break
		}
	}
	return Lane{}, ErrUnknown
}

// Deliveries is what is under way to the endpoints under one handle.
type Deliveries struct {
	// Lanes in which something waits.
	Lanes []Lane
	// Tried are the attempts of this node, the newest first, also of lanes where nothing
	// waits any more. Of a group: with anybody's events.
	Tried []Tried
	// Dead are its dead letters, the oldest first: at most 100.
	Dead []DeadLetter
}

// Deliveries tells what is under way under a handle: the conversation in the handle's own
// scope and in no other. webhook.ErrUnknownHandle: it names nobody.
func (d *Desk) Deliveries(ctx context.Context, a Actor, business, handle string) (Deliveries, error) {
	some, err := d.businesses(a, business)
	if err != nil || business == "" {
		return Deliveries{}, ErrUnknown
	}
	b := some[0]
	named, ok := d.Handles.Parse(handle)
	if !ok {
		return Deliveries{}, webhook.ErrUnknownHandle
	}
	conversations, err := d.Customers.ConversationsOf(ctx, b, named.Key)
	if err != nil {
		return Deliveries{}, fmt.Errorf("deliveries: %w", err)
	}
	var lanes []webhook.Lane
	for _, key := range keysOf(b) {
		for _, c := range conversations {
			lanes = append(lanes, webhook.Lane{Business: b.ID, Endpoint: key.Endpoint, Conversation: c})
		}
	}
	under := func(e *webhook.Delivery) bool {
		parsed, ok := d.Handles.Parse(e.Handle)
		return !ok || parsed.Key == named.Key
	}
	var out Deliveries
	if out.Lanes, err = d.look(ctx, lanes, mostEvents, under); err != nil {
		return Deliveries{}, err
	}
	out.Tried = d.tried(MostPage, func(at *attempt) bool {
		return at.lane.Business == b.ID && slices.ContainsFunc(conversations, func(c webhook.Conversation) bool { return belongs(at.lane.Conversation, c) })
	})
	for _, c := range conversations {
		letters, _, err := d.DeadLetters(ctx, a, LetterFilter{Business: b.ID, Conversation: c}, Page{Limit: 100})
		if err != nil {
			return Deliveries{}, err
		}
		out.Dead = append(out.Dead, letters...)
	}
	return out, nil
}

// Attempts are the last of this node, the newest first: at endpoints of a business, or of
// all that the actor sees (""), or at one endpoint; at most limit.
func (d *Desk) Attempts(a Actor, key webhook.EndpointKey, limit int) ([]Tried, error) {
	if _, err := d.businesses(a, key.Business); err != nil {
		return nil, err
	}
	return d.tried(min(max(limit, 1), MostPage), func(at *attempt) bool {
		return a.sees(at.lane.Business) && (key.Business == "" || at.lane.Business == key.Business) && (key.Endpoint == "" || at.lane.Endpoint == key.Endpoint)
	}), nil
}

// look tells of lanes; nil for want: of all events.
func (d *Desk) look(ctx context.Context, lanes []webhook.Lane, limit int, want func(*webhook.Delivery) bool) ([]Lane, error) {
	states, err := d.Options.Lanes.Look(ctx, lanes, limit)
	if err != nil {
		return nil, fmt.Errorf("lanes: %w", err)
	}
	out := make([]Lane, len(states))
	for i := range states {
		s := &states[i]
		l := Lane{
			Hash: webhook.LaneHash(d.PRF, s.Lane), Endpoint: s.Lane.Target(), Aside: aside(s.Lane.Conversation), Waiting: s.Events,
			Attempts: s.Attempts, Refusals: s.Refusals, FirstTry: s.FirstTry,
		}
		if s.Leased {
			l.LeaseUntil = s.Due
		} else {
			l.NextTry = s.Due
		}
		for j := range s.Queue {
			e := &s.Queue[j]
			if j == 0 {
				l.Oldest = e.Accepted.UTC()
			}
			if want == nil || want(e) {
				l.Events = append(l.Events, Event{ID: e.ID, Field: e.Field, Kind: e.Kind, Accepted: e.Accepted.UTC(), Unreadable: e.Unreadable})
			}
		}
		l.Tried = d.tried(mostEvents, func(at *attempt) bool { return at.lane == s.Lane })
		out[i] = l
	}
	return out, nil
}

func (d *Desk) tried(limit int, want func(*attempt) bool) []Tried {
	if d.Recent == nil {
		return nil
	}
	found := d.Recent.last(limit, want)
	out := make([]Tried, len(found))
	for i := range found {
		at := &found[i]
		out[i] = Tried{
			At: at.at.UTC(), Endpoint: at.lane.Target(), Lane: webhook.LaneHash(d.PRF, at.lane), Event: at.event, Field: at.field, Kind: at.kind,
			Number: at.number, Status: at.status, Reason: at.reason, Outcome: at.outcome, Took: at.took,
		}
	}
	return out
}

// aside tells the lane of an event that stepped aside: one tilde alone begins its id.
func aside(name webhook.Conversation) bool {
	return strings.Contains(strings.ReplaceAll(string(name), "~~", ""), "~")
}

// belongs tells that a lane is a conversation's, or that of an event that stepped aside
// from it.
func belongs(name, c webhook.Conversation) bool {
	own := strings.ReplaceAll(string(c), "~", "~~")
	return string(name) == own || strings.HasPrefix(string(name), own+"~") && !strings.HasPrefix(string(name), own+"~~")
}

func cmpOr(err, other error) error {
	if err != nil {
		return err
	}
	return other
}

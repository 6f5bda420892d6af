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
	// mostDead bounds how many dead letters of a conversation are read.
	mostDead = 100
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
	// Hash names it, as in traces (webhook.LaneHash); in the log it has other names.
	Hash     string
	Endpoint webhook.EndpointKey
	// Aside: it is one event that stepped aside from its conversation.
	Aside bool
	// Waiting is how many events wait. Oldest is when the head was accepted; by a handle,
	// the first event that is under it.
	Waiting int64
	Oldest  time.Time
	// NextTry of the head; LeaseUntil instead, while a node has it in hand.
	NextTry, LeaseUntil time.Time
	// Attempts and the like are the head's; by a handle, 0 where it is under another one.
	Attempts, Refusals int
	FirstTry           time.Time
	// Events are the first that wait, in order: at most 50. By a handle, those that are
	// under no other one.
	Events []Event
	// Tried are the attempts of this node with events of the lane, the newest first; by a
	// handle as Events.
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
	// waits any more.
	Tried []Tried
	// Dead are its dead letters, the oldest first: at most 100.
	Dead []DeadLetter
}

// Deliveries tells what is under way under a handle: the conversation in the handle's own
// scope and in no other, without what is there under another handle, such as one that the
// customer had before. Errands are not in it: those for groups lie in the direct chat.
// webhook.ErrUnknownHandle: it names nobody.
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
	for i := range b.Endpoints {
		for _, c := range conversations {
			if e := &b.Endpoints[i]; !e.Platform {
				lanes = append(lanes, webhook.Lane{Business: b.ID, Endpoint: e.ID, Conversation: c})
			}
		}
	}
	under := func(handle string) bool {
		parsed, ok := d.Handles.Parse(handle)
		return !ok || parsed.Key == named.Key
	}
	var out Deliveries
	if out.Lanes, err = d.look(ctx, lanes, mostEvents, under); err != nil {
		return Deliveries{}, err
	}
	out.Lanes = slices.DeleteFunc(out.Lanes, func(l Lane) bool { return len(l.Events) == 0 && l.Waiting <= mostEvents })
	out.Tried = d.tried(MostPage, func(at *attempt) bool {
		return at.lane.Business == b.ID && at.lane.Endpoint != webhook.PlatformEndpoint && under(at.handle) &&
			slices.ContainsFunc(conversations, func(c webhook.Conversation) bool { return belongs(at.lane.Conversation, c) })
	})
	out.Dead, err = d.deadUnder(ctx, b.ID, conversations, under)
	return out, err
}

// deadUnder lists dead letters of conversations, without errands.
func (d *Desk) deadUnder(ctx context.Context, business string, conversations []webhook.Conversation, under func(handle string) bool) (out []DeadLetter, err error) {
	for _, c := range conversations {
		letters, _, err := d.Letters.List(ctx, LetterFilter{Business: business, Conversation: c}, "", mostDead)
		if err != nil {
			return nil, fmt.Errorf("dead letters: %w", err)
		}
		for i := range letters {
			if l := &letters[i]; l.Lane.Endpoint != webhook.PlatformEndpoint && under(l.Delivery.Handle) {
				out = append(out, d.letter(l))
			}
		}
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

// look tells of lanes and of the events under the handles that are wanted; nil: of all.
func (d *Desk) look(ctx context.Context, lanes []webhook.Lane, limit int, under func(handle string) bool) ([]Lane, error) {
	states, err := d.Options.Lanes.Look(ctx, lanes, limit)
	if err != nil {
		return nil, fmt.Errorf("lanes: %w", err)
	}
	if under == nil {
		under = func(string) bool { return true }
	}
	out := make([]Lane, len(states))
	for i := range states {
		out[i] = d.laneOf(&states[i], under)
	}
	return out, nil
}

func (d *Desk) laneOf(s *LaneState, under func(handle string) bool) Lane {
	l := Lane{Hash: webhook.LaneHash(d.PRF, s.Lane), Endpoint: s.Lane.Target(), Aside: aside(s.Lane.Conversation), Waiting: s.Events}
	if s.Leased {
		l.LeaseUntil = s.Due
	} else {
		l.NextTry = s.Due
	}
	for i := range s.Queue {
		e := &s.Queue[i]
		if !under(e.Handle) {
			continue
		}
		if i == 0 {
			l.Attempts, l.Refusals, l.FirstTry = s.Attempts, s.Refusals, s.FirstTry
		}
		if len(l.Events) == 0 {
			l.Oldest = e.Accepted.UTC()
		}
		l.Events = append(l.Events, Event{ID: e.ID, Field: e.Field, Kind: e.Kind, Accepted: e.Accepted.UTC(), Unreadable: e.Unreadable})
	}
	l.Tried = d.tried(mostEvents, func(at *attempt) bool { return at.lane == s.Lane && under(at.handle) })
	return l
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

package webhook

import (
	"context"
	"errors"
	"time"

	"bauta/webhook/meta"
)

// ErrLeaseLost says that a lane's lease is not in force any more: another node
// has the lane, and nothing was changed.
var ErrLeaseLost = errors.New("webhook: the lane's lease is lost: another node delivers it")

// Conversation names what is kept in order: a customer id (direct), or
// "g:"+keyed group id, or "w:"+WABA+":"+field. Its shard is computed from it.
type Conversation string

// Item is one proven event on its way into the lanes of its endpoints.
type Item struct {
	Business     string
	Conversation Conversation
	// Customer whose data key encrypts the body, "" for the business's key.
	Customer string
	Key      DataKey
	// Dedupe is the keyed id of the event, 8 bytes of PRF as a positive number.
	Dedupe uint64
	// Earlier are conversations that became part of this one of late: what is known
	// in one of them is known.
	Earlier   []Conversation
	Endpoints []string
	Delivery  Delivery
}

// Delivery is what an endpoint gets, and what is known of its way there.
type Delivery struct {
	// ID is stable over retries, replays and redeliveries: the webhook-id. It
	// has no dot in it and tells nothing about a person.
	ID    string
	Field string
	Kind  string
	Body  []byte
	// Visibility, Handle and Decision are the Bauta-* headers; empty for
	// events without a subject customer.
	Visibility, Handle, Decision string
	// Held marks an event released from holding (header Bauta-Held: true).
	Held     bool
	Accepted time.Time
	// At is when it happened by the platform's word, Stage how far a status says that
	// its message has come, and Message (keyed, 8 bytes of PRF) which one that is. Zero
	// where no endpoint of the business asks for them (max_age, statuses).
	At      time.Time
	Stage   meta.Stage
	Message uint64
	// Shows is the customer whose number it carries because they shared it, "" for none:
	// it is counted for them once it is delivered.
	Shows string
	// Attempts made so far and the time of the first; kept per endpoint.
	Attempts int
	FirstTry time.Time
	// Refusals are those of the attempts that the endpoint refused (4xx).
	Refusals int
	// Aside: it stepped aside from its lane and is alone in one of its own.
	Aside bool
	// Erased: the data key is gone, there is nothing left to deliver.
	Erased bool
	// Unreadable: what is stored is no event, or that of a newer version. ID is made up,
	// and always the same.
	Unreadable bool
}

// Age is how old the event was at now: since it happened, or was accepted, whichever
// is longer ago.
func (d *Delivery) Age(now time.Time) time.Duration {
	since := d.Accepted
	if !d.At.IsZero() && d.At.Before(since) {
		since = d.At
	}
	return now.Sub(since)
}

// Staged tells a status that has a stage and is asked for it.
func (d *Delivery) Staged() bool { return d.Stage != meta.NoStage }

// Lane is all events of one conversation towards one endpoint, in order.
type Lane struct {
	Business, Endpoint string
	Conversation       Conversation
}

// Target is the endpoint that the lane leads to.
func (l Lane) Target() EndpointKey { return EndpointKey{l.Business, l.Endpoint} }

// EndpointKey names an endpoint: a business's id and the endpoint's within it.
type EndpointKey struct {
	Business, Endpoint string
}

// Pause is an endpoint's rest: nothing is sent to it and no attempt is counted.
type Pause struct {
	// Left is how long it lasts from now.
	Left time.Duration
	// Endless: until the operator resumes it; Left says nothing then.
	Endless bool
	// Reason from forward's closed set of reasons.
	Reason string
	// Count is how many pauses in a row this is, from 1; a success ends the row.
	Count int
	// Instead of whatever pause is in force, also of one that lasts longer: the operator's
	// word. It is not kept.
	Instead bool
}

// Standstill is an endpoint's standing as the cluster sees it. The zero value
// is an endpoint at work.
type Standstill struct {
	Paused bool
	Pause  Pause
	// Probe: the caller may make the one attempt that decides whether the
	// endpoint works again. Paused is true then, and Left 0.
	Probe bool
	// Probed: somebody makes that attempt, or may until Left is over.
	Probed bool
}

// LeaseSlack is what a lease lasts beyond the time that an attempt may take.
const LeaseSlack = 10 * time.Second

// Lease is the right to deliver a lane's head until Deadline (this node's
// monotonic clock). Token fences: a stale one changes nothing.
type Lease struct {
	Lane     Lane
	Token    string
	Deadline time.Time
}

// Leased is a lane's head in the hands of its lease's holder.
type Leased struct {
	Lease    Lease
	Delivery Delivery
}

// Appended is what became of an item.
type Appended struct {
	// Duplicate: it was stored before; nothing was appended.
	Duplicate bool
	// Leases are the lanes that were idle and are now leased to this node.
	Leases []Lease
}

// Outcome is what to do with a lane's head after an attempt.
type Outcome uint8

// The outcomes. The zero value keeps the head for another attempt.
const (
	Again Outcome = iota
	Delivered
	Dead
	// Aside moves the head into a lane of its own, so that its lane goes on.
	Aside
	// Dropped takes the head away without a dead letter.
	Dropped
	// Expired does so too: the endpoint does not want it any more, by its options.
	Expired
)

// Verdict is an outcome with its details.
type Verdict struct {
	Outcome Outcome
	// After is the wait before the next attempt (Again, Aside).
	After time.Duration
	// Counted: the attempt counts (Again, Aside); a pause does not.
	Counted bool
	// Refused: it counts as a refusal too.
	Refused bool
	// Reason from a closed set, kept with dead letters and counted.
	Reason string
	// Status is the endpoint's HTTP status, 0 if there was none.
	Status int
	// Shows as in Delivery (Delivered).
	Shows string
}

// HeldEvent is an event that could not be proven clean. It is kept encrypted,
// apart from the lanes.
type HeldEvent struct {
	ID       string
	Business string
	Field    string
	// Reason from a closed set; Positions are JSON paths, never values.
	Reason    string
	Positions []string
	At        time.Time
	// Raw is the platform's own envelope of this one event.
	Raw []byte
	// Customer whose key encrypts it, "" for the business's.
	Customer string
	Key      DataKey
	// Dedupe as in Item: one hold per event, however often it comes.
	Dedupe uint64
	// Conversation whose dedupe ids it is recognised by, as in Item; it is
	// derived from Customer or Field where it is empty.
	Conversation Conversation
	// Earlier as in Item.
	Earlier []Conversation
}

// DeadLetter is an event that an endpoint would not take.
type DeadLetter struct {
	ID       string
	Lane     Lane
	Reason   string
	Status   int
	At       time.Time
	Delivery Delivery
}

// Carrier delivers what goes to no URL: errands.
type Carrier interface {
	// Carry makes one attempt with a lane's head, and says what is to be done with it:
	// Again with After 0 leaves the wait to the endpoint's schedule. Of a lane of its
	// own (Delivery.Aside) the conversation ends with ~ and the delivery's id. ctx ends
	// with the endpoint's timeout. What an attempt may have done must not be
	// done again: Carry itself sees to that.
	Carry(ctx context.Context, lane Lane, d *Delivery) Carried
}

// Carried is the outcome of an attempt.
type Carried struct {
	Verdict Verdict
	// Fault: the other side does not work; it counts against it in the breaker.
	Fault bool
	// Untried: the other side was not called; the attempt tells nothing of it, also
	// not that it works.
	Untried bool
}

package forward

import (
	"context"
	"time"

	"bauta/webhook"
)

// Lanes is where events wait in order. It knows nothing of paused endpoints:
// the Forwarder asks Pauses before it takes. Every implementation is safe for
// concurrent use by all nodes.
//
// A lease belongs to whoever holds its token. It ends when another takes the
// lane, which is possible once the lease's time is over; until then Finish
// works, also late. Every success of Take and Finish puts a new token in force,
// so a call that is repeated because its reply was lost changes nothing.
// Lease.Deadline is this node's monotonic clock at the time of sending the
// command, plus the lease.
type Lanes interface {
	// Take leases a due lane for the given time and returns its head, with
	// Attempts, Refusals, FirstTry and Aside as the store keeps them. ok is false if the
	// lane is empty, leased by somebody, or not due yet. A head whose data key
	// is gone comes back with Erased set and no body.
	Take(ctx context.Context, lane webhook.Lane, lease time.Duration) (head webhook.Leased, ok bool, err error)
	// Finish applies the verdict to the head under the lease, and in the same
	// step leases the lane again for next if its (then) head is due now: that
	// head is more, with ok true. With next 0 nothing is leased, and a lane
	// that is due is open to all at once.
	//
	//   Again      the head stays; due after v.After. With After 0 and next > 0
	//              that is the renewal of a lease: more is the same head.
	//   Delivered, Dropped   the head is gone.
	//   Dead       the head becomes a dead letter with v.Reason and v.Status.
	//   Aside      the head moves, with its counts, into a lane of its own in
	//              the same shard, Aside set, due after v.After.
	//
	// v.Counted adds one to Attempts, and sets FirstTry if it is zero (by the
	// store's clock); v.Refused adds one to Refusals. webhook.ErrLeaseLost if the token is not in force:
	// nothing was changed.
	Finish(ctx context.Context, lease webhook.Lease, v webhook.Verdict, next time.Duration) (more webhook.Leased, ok bool, err error)
	// Due lists lanes that are due and not leased now, those due longest first,
	// at most limit for each endpoint (so that no endpoint crowds out another).
	Due(ctx context.Context, limit int) ([]webhook.Lane, error)
}

// Progress remembers what statuses endpoints were sent, for those that want none that
// comes late (statuses: forward_only).
type Progress interface {
	// Advance notes that the head under the lease, a status, is about to be sent, and
	// tells whether one of a later stage of its message was before: overtaken. Where
	// one may be under way beside this lane, wait says how long to leave the head alone.
	Advance(ctx context.Context, lease webhook.Lease, d *webhook.Delivery) (overtaken bool, wait time.Duration, err error)
}

// Pauses is the cluster's truth about paused endpoints. Durations, not times,
// cross this interface: clocks of nodes differ, the store's own decides.
type Pauses interface {
	// Pause pauses the endpoint for p.Left from now, or without end if
	// p.Endless. A pause in force that lasts longer stays as it is. Either way
	// a probe that is out is over. The other nodes get a Wake for the endpoint.
	Pause(ctx context.Context, e webhook.EndpointKey, p webhook.Pause) error
	// Probe tells the endpoint's standing. If its pause has an end and that has
	// passed, one caller in the cluster gets Probe true: it alone may make one
	// attempt, and says Pause or Resume afterwards. For the length of the lease
	// everybody else sees the endpoint paused (Left: what remains of the
	// lease). An endless pause is never probed.
	Probe(ctx context.Context, e webhook.EndpointKey, lease time.Duration) (webhook.Standstill, error)
	// Resume lifts a pause that has an end, and forgets the probe. An endless
	// pause stays: only the operator lifts it. The other nodes get a Wake.
	Resume(ctx context.Context, e webhook.EndpointKey) error
}

// Wakes tells this node what others did. It may lose and repeat; the sweep is
// the safety net.
type Wakes interface {
	// Wake returns the lanes that became due without a lease (replays, releases,
	// leases given back). A lane without a conversation means: the endpoint was
	// paused or resumed, ask Pauses. The channel is closed when ctx ends. Whoever
	// fills it never waits for the reader for long: it drops instead.
	Wake(ctx context.Context) <-chan webhook.Lane
}

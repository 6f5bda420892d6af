package operate

import (
	"context"
	"fmt"
	"time"

	"bauta/webhook"
)

// LetterFilter says which dead letters. Business is needed; zero values of the others are
// all. Since is inclusive, Until exclusive, both of when it became one.
type LetterFilter struct {
	Business, Endpoint string
	Since, Until       time.Time
	Reason             string
	Status             int
	// Conversation that it belongs to.
	Conversation webhook.Conversation
}

// DeadLetter is an event that an endpoint would not take, as people may see it.
type DeadLetter struct {
	ID       string
	Endpoint webhook.EndpointKey
	// Event is the delivery's id (webhook-id).
	Event       string
	Field, Kind string
	// Reason from a closed set; Status is the endpoint's HTTP status, 0 if there was none.
	Reason   string
	Status   int
	Attempts int
	// Accepted, first tried (zero: never), and given up.
	Accepted, FirstTry, At time.Time
	// Lane is the hash of the lane that it was in.
	Lane string
	// Unreadable: it cannot be replayed by this version.
	Unreadable bool
}

// Work is what is done with dead letters.
type Work string

// The kinds of work.
const (
	// Replay puts them at the end of their lanes, under the webhook-id that they had.
	Replay Work = "replay"
	// Drop deletes them for good.
	Drop Work = "drop"
)

// DeadLetters lists dead letters, the oldest first, and the cursor of what follows, "" at
// the end. A page may be short, or empty, although more follows.
func (d *Desk) DeadLetters(ctx context.Context, a Actor, f LetterFilter, p Page) ([]DeadLetter, string, error) {
	if err := d.letters(a, f); err != nil {
		return nil, "", err
	}
	found, next, err := d.Letters.List(ctx, f, p.After, p.limit())
	if err != nil {
		return nil, "", fmt.Errorf("dead letters: %w", err)
	}
	out := make([]DeadLetter, len(found))
	for i := range found {
		out[i] = d.letter(&found[i])
	}
	return out, next, nil
}

func (d *Desk) letter(l *webhook.DeadLetter) DeadLetter {
	return DeadLetter{
		ID: l.ID, Endpoint: l.Lane.Target(), Event: l.Delivery.ID, Field: l.Delivery.Field, Kind: l.Delivery.Kind,
		Reason: l.Reason, Status: l.Status, Attempts: l.Delivery.Attempts, Accepted: l.Delivery.Accepted.UTC(),
		FirstTry: l.Delivery.FirstTry, At: l.At.UTC(), Lane: webhook.LaneHash(d.PRF, l.Lane), Unreadable: l.Delivery.Unreadable,
	}
}

// CountDeadLetters counts those that a filter selects. With a reason, a status or a
// conversation all are read.
func (d *Desk) CountDeadLetters(ctx context.Context, a Actor, f LetterFilter) (int64, error) {
	if err := d.letters(a, f); err != nil {
		return 0, err
	}
	n, err := d.Letters.Count(ctx, f)
	if err != nil {
		return 0, fmt.Errorf("count dead letters: %w", err)
	}
	return n, nil
}

// letters tells that a filter is about what the actor sees.
func (d *Desk) letters(a Actor, f LetterFilter) error {
	if f.Endpoint != "" {
		_, err := d.endpoint(a, webhook.EndpointKey{Business: f.Business, Endpoint: f.Endpoint})
		return err
	}
	if _, err := d.businesses(a, f.Business); err != nil || f.Business == "" {
		return ErrUnknown
	}
	return nil
}

// WorkOnLetter replays or drops one dead letter of a business; false if it is not there
// (any more).
func (d *Desk) WorkOnLetter(ctx context.Context, a Actor, business, id string, work Work) (bool, error) {
	if err := d.letters(a, LetterFilter{Business: business}); err != nil {
		return false, err
	}
	if work != Replay && work != Drop {
		return false, invalid("dead letters are replayed or dropped")
	}
	if err := named(id, "a dead letter"); err != nil {
		return false, err
	}
	done := false
	err := d.act(ctx, a, &Action{Business: business, What: actOn(work), On: "dead_letter=" + id}, func(ctx context.Context) (outcome string, err error) {
		done, err = d.Letters.Do(ctx, work, business, id)
		return doneIf(done), err
	})
	return done, err
}

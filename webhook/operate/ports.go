package operate

import (
	"context"
	"time"

	"bauta/masking"
	"bauta/webhook"
)

// Businesses are those of the configuration: *webhook.Directory.
type Businesses interface {
	ByID(id string) *webhook.Business
	All() []*webhook.Business
}

// Counts reads the counters of events. Safe for concurrent use.
type Counts interface {
	// Minutes of a span in which events were accepted, the oldest first.
	Minutes(ctx context.Context, business string, span Span) ([]Tally, error)
	// Waiting is what waits now, for each endpoint for which something does.
	Waiting(ctx context.Context) ([]Waiting, error)
	// Unaccounted is by how many events what was counted and what is there differed
	// lately, and when everything had been looked at; zero: not yet.
	Unaccounted(ctx context.Context, business string) (n int64, looked time.Time, err error)
}

// Pauses keeps which endpoints are paused. Safe for concurrent use.
type Pauses interface {
	State(ctx context.Context, ends []webhook.EndpointKey) ([]webhook.Standstill, error)
	Pause(ctx context.Context, e webhook.EndpointKey, p webhook.Pause) error
	// Lift lifts every pause, also an endless one, and has what waits delivered.
	Lift(ctx context.Context, e webhook.EndpointKey) error
}

// Held keeps what could not be proven clean. An id that is none of a held event is
// ErrUnknown. Safe for concurrent use.
type Held interface {
	List(ctx context.Context, business, cursor string, limit int) ([]HeldEvent, string, error)
	Count(ctx context.Context, business string) (int64, error)
	// Drop throws one away; false if there is none (any more).
	Drop(ctx context.Context, business, id string) (bool, error)
}

// Releaser runs held events through again.
type Releaser interface {
	Release(ctx context.Context, business, id string) (Release, error)
}

// Letters keeps dead letters. An id that is none of a dead letter is ErrUnknown. Safe
// for concurrent use.
type Letters interface {
	List(ctx context.Context, f LetterFilter, cursor string, limit int) ([]webhook.DeadLetter, string, error)
	Count(ctx context.Context, f LetterFilter) (int64, error)
	// Do replays or drops one of a business; false if there is none (any more).
	Do(ctx context.Context, what Work, business, id string) (bool, error)
}

// Journal is the log of what operators did. Safe for concurrent use.
type Journal interface {
	Note(ctx context.Context, actions ...Action) error
	// Actions returns at most limit actions that follow a place, in order; "" is the
	// beginning. ErrUnknown: there is no such place.
	Actions(ctx context.Context, business, after string, limit int) ([]Noted, error)
	// Latest is Actions from the end: the newest first, before a place, "" is the end.
	Latest(ctx context.Context, business, before string, limit int) ([]Noted, error)
}

// Handles recognises handles: *masking.Handles.
type Handles interface {
	Parse(text string) (masking.Reference, bool)
}

// Customers leads from a handle to the conversations that it names, and to nothing else:
// *webhook.Consents. webhook.ErrUnknownHandle and webhook.ErrErased: it names nobody.
type Customers interface {
	ConversationsOf(ctx context.Context, b *webhook.Business, key string) ([]webhook.Conversation, error)
}

// Lanes looks at what waits, and changes nothing. Safe for concurrent use.
type Lanes interface {
	// Waiting lists lanes of an endpoint, those whose heads wait longest first.
	Waiting(ctx context.Context, e webhook.EndpointKey, cursor string, limit int) ([]webhook.Lane, string, error)
	// Look tells of lanes, and of those of events that stepped aside from one, with at most
	// limit events of each. Lanes without events are not told of.
	Look(ctx context.Context, lanes []webhook.Lane, limit int) ([]LaneState, error)
}

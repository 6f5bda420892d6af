package console

import (
	"context"
	"time"

	"bauta/webhook"
	"bauta/webhook/access"
	"bauta/webhook/operate"
)

// Sessions opens and checks sessions: *access.Sessions.
type Sessions interface {
	Open(g webhook.Grant) (value string, s access.Session, err error)
	// Check returns access.ErrInvalid where there is no session, or not any more.
	Check(ctx context.Context, value string) (access.Session, error)
}

// Health is what /readyz on the admin listener says.
type Health interface {
	// Ready is nil, or what is stuck, in words that may be shown.
	Ready(ctx context.Context) error
	// Warnings fail nothing, such as "raw_path_present: acme".
	Warnings() []string
}

// Desk is what an operator sees and does: *operate.Desk.
type Desk interface {
	Glance
	Endpoints
	Trials
	Lanes
	Held
	Letters
	Jobs
	Figures
	Configuration
	Journal
}

// Glance is the overview.
type Glance interface {
	Holders(a operate.Actor) []string
	Overview(ctx context.Context, a operate.Actor, q operate.Query) (operate.Overview, error)
}

// Endpoints tells how endpoints stand, and pauses and resumes them.
type Endpoints interface {
	Endpoints(ctx context.Context, a operate.Actor, business string) ([]operate.Endpoint, error)
	PauseEndpoint(ctx context.Context, a operate.Actor, key webhook.EndpointKey, lasts time.Duration) error
	ResumeEndpoint(ctx context.Context, a operate.Actor, key webhook.EndpointKey) (bool, error)
}

// Trials makes requests to endpoints that are no deliveries.
type Trials interface {
	TestEndpoint(ctx context.Context, a operate.Actor, key webhook.EndpointKey) (webhook.Trial, error)
	ShakeHands(ctx context.Context, a operate.Actor, key webhook.EndpointKey, verifyToken string) (webhook.Trial, error)
}

// Lanes is what is under way. webhook.ErrUnknownHandle and webhook.ErrErased: the handle
// names nobody.
type Lanes interface {
	Lanes(ctx context.Context, a operate.Actor, key webhook.EndpointKey, p operate.Page) ([]operate.Lane, string, error)
	Lane(ctx context.Context, a operate.Actor, key webhook.EndpointKey, hash string) (operate.Lane, error)
	Deliveries(ctx context.Context, a operate.Actor, business, handle string) (operate.Deliveries, error)
	Attempts(a operate.Actor, key webhook.EndpointKey, limit int) ([]operate.Tried, error)
}

// Held is what could not be proven clean.
type Held interface {
	HeldEvents(ctx context.Context, a operate.Actor, business string, p operate.Page) ([]operate.HeldEvent, string, error)
	ReleaseHeld(ctx context.Context, a operate.Actor, business, id string) (operate.Release, error)
	DropHeld(ctx context.Context, a operate.Actor, business, id string) (bool, error)
}

// Letters are the dead letters.
type Letters interface {
	DeadLetters(ctx context.Context, a operate.Actor, f operate.LetterFilter, p operate.Page) ([]operate.DeadLetter, string, error)
	CountDeadLetters(ctx context.Context, a operate.Actor, f operate.LetterFilter) (int64, error)
	WorkOnLetter(ctx context.Context, a operate.Actor, business, id string, work operate.Work) (bool, error)
}

// Jobs is work on many dead letters of one endpoint.
type Jobs interface {
	BeginJob(ctx context.Context, a operate.Actor, work operate.Work, f operate.LetterFilter, rate int) (operate.Job, error)
	JobList(ctx context.Context, a operate.Actor, business string) ([]operate.Job, error)
	CancelJob(ctx context.Context, a operate.Actor, business, id string) (bool, error)
}

// Figures are what was decided, by rules and by customers.
type Figures interface {
	Decisions(ctx context.Context, a operate.Actor, business string, span operate.Span) (operate.Decisions, error)
	Sharing(ctx context.Context, a operate.Actor, business string, span operate.Span) (operate.SharingOverTime, error)
}

// Configuration is what is loaded, and loads it anew.
type Configuration interface {
	Configuration(a operate.Actor) (operate.Loaded, error)
	Reload(ctx context.Context, a operate.Actor) (operate.Outcome, error)
}

// Journal is what operators did.
type Journal interface {
	LatestActions(ctx context.Context, a operate.Actor, business string, p operate.Page) ([]operate.Action, string, error)
}

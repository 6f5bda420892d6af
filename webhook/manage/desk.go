package manage

import (
	"context"
	"time"

	"bauta/webhook"
	"bauta/webhook/operate"
)

// Desk is what an operator sees and does: *operate.Desk. What it is asked for that is not
// the actor's is operate.ErrUnknown or operate.ErrNotYours. Safe for concurrent use.
type Desk interface {
	Glance
	Actions
	Figures
	Endpoints
	Trials
	Lanes
	Attempts
	Held
	Letters
	Jobs
	JobEnds
	Tokens
	Configuration
}

// Glance tells how things stand.
type Glance interface {
	Holders(a operate.Actor) []string
	Overview(ctx context.Context, a operate.Actor, q operate.Query) (operate.Overview, error)
}

// Actions are what operators did, the oldest first, or the newest.
type Actions interface {
	Actions(ctx context.Context, a operate.Actor, business string, p operate.Page) ([]operate.Action, string, error)
	LatestActions(ctx context.Context, a operate.Actor, business string, p operate.Page) ([]operate.Action, string, error)
}

// Figures are what was counted over time.
type Figures interface {
	Balance(ctx context.Context, a operate.Actor, business string, span operate.Span, minutes bool) (operate.Balance, error)
	Decisions(ctx context.Context, a operate.Actor, business string, span operate.Span) (operate.Decisions, error)
	Sharing(ctx context.Context, a operate.Actor, business string, span operate.Span) (operate.SharingOverTime, error)
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
}

// Attempts are what this node tried lately.
type Attempts interface {
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
	Job(ctx context.Context, a operate.Actor, business, id string) (operate.Job, error)
}

// JobEnds ends jobs.
type JobEnds interface {
	CancelJob(ctx context.Context, a operate.Actor, business, id string) (bool, error)
}

// Tokens tells which tokens are in force.
type Tokens interface {
	Tokens(ctx context.Context, a operate.Actor, business string) ([]webhook.Grant, error)
}

// Configuration is what is loaded, and loads it anew.
type Configuration interface {
	Configuration(a operate.Actor) (operate.Loaded, error)
	Reload(ctx context.Context, a operate.Actor) (operate.Outcome, error)
}

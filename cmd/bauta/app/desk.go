package app

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"bauta/redis/audit"
	"bauta/redis/balance"
	"bauta/redis/counts"
	"bauta/redis/deadletters"
	"bauta/redis/endpoints"
	"bauta/redis/held"
	"bauta/redis/jobs"
	"bauta/redis/lanes"
	"bauta/redis/lanes/pages"
	"bauta/redis/tokens"
	"bauta/webhook"
	"bauta/webhook/access"
	"bauta/webhook/forward"
	"bauta/webhook/operate"
)

// desk builds what an operator sees and does. Courier as in pipeline; adjust may add
// what only a running node has.
func (k *core) desk(courier webhook.Courier, adjust func(*operate.Options)) (*operate.Desk, error) {
	bulk := k.store.Bulk()
	releaser, err := newReleaser(k, courier)
	if err != nil {
		return nil, err
	}
	o := operate.Options{
		Businesses: k.directory, Apps: k.apps, Counts: eventCounts{reader: counts.New(bulk), core: k},
		Pauses: pauses{endpoints.New(k.store), k.lanes}, Held: heldEvents{k.held}, Releaser: releaser,
		Letters: letters{deadletters.New(deadletters.Options{Store: k.store, Endpoints: k.endpointIDs})},
		Journal: journal{audit.New(audit.Options{
			Store: k.store, Keys: k.vault, Book: audit.Actions, Retention: func(b string) time.Duration { return k.retention(b).Audit },
		})},
		Handles: k.handles, Customers: k.deciding.consents, Lanes: waitingLanes{lanes.New(lanes.Options{Store: bulk, Keys: k.vault})},
		Figures: k.figures, PRF: k.keys, Logger: k.logger, Now: time.Now,
	}
	registry := tokens.New(k.store)
	o.Tokens = grants{registry, access.New(access.Options{Keys: k.keys, Registry: registry})}
	work := jobs.New(k.store)
	o.Jobs, o.Shifts, o.Trials = work, work, forward.NewTester(k.endpoint, nil, version())
	if adjust != nil {
		adjust(&o)
	}
	desk, err := operate.New(o)
	if err != nil {
		return nil, fmt.Errorf("build what operators see: %w", err)
	}
	return desk, nil
}

// eventCounts tells what was counted of events.
type eventCounts struct {
	reader *counts.Counts
	core   *core
}

// Minutes implements operate.Counts.
func (c eventCounts) Minutes(ctx context.Context, business string, span operate.Span) ([]operate.Tally, error) {
	minutes, err := c.reader.Minutes(ctx, business, span.From, span.To)
	out := make([]operate.Tally, len(minutes))
	for i := range minutes {
		m := &minutes[i]
		out[i] = operate.Tally{
			From: m.At.UTC(), To: m.At.Add(time.Minute).UTC(), Accepted: m.In, Delivered: m.Out, Waiting: m.Waiting(), Dead: m.Dead,
			Held: m.Held, Expired: m.Expired, Dropped: m.Dropped, Erased: m.Erased, Lost: m.Lost,
		}
	}
	return out, err
}

// Waiting implements operate.Counts.
func (c eventCounts) Waiting(ctx context.Context) ([]operate.Waiting, error) {
	waiting, err := c.reader.Waiting(ctx)
	out := make([]operate.Waiting, len(waiting))
	for i, w := range waiting {
		out[i] = operate.Waiting(w)
	}
	return out, err
}

// Unaccounted implements operate.Counts.
func (c eventCounts) Unaccounted(ctx context.Context, business string) (int64, time.Time, error) {
	state, err := balance.Read(ctx, c.core.store.Bulk())
	return state.Unaccounted[business], state.Looked, err
}

// grants issues tokens and keeps which are in force.
type grants struct {
	*tokens.Tokens

	issuer *access.Tokens
}

// Issue implements operate.Tokens.
func (g grants) Issue(ctx context.Context, wanted webhook.Grant) (string, webhook.Grant, error) {
	return g.issuer.Issue(ctx, wanted)
}

// pauses keeps which endpoints are paused, and wakes what waits for one.
type pauses struct {
	*endpoints.Endpoints

	lanes *lanes.Lanes
}

// Lift implements operate.Pauses.
func (p pauses) Lift(ctx context.Context, e webhook.EndpointKey) error {
	if err := p.Endpoints.Lift(ctx, e); err != nil {
		return err
	}
	_, err := p.lanes.Rouse(ctx, e)
	return err
}

// heldEvents keeps what could not be proven clean.
type heldEvents struct{ *held.Held }

// List implements operate.Held.
func (h heldEvents) List(ctx context.Context, business, cursor string, limit int) ([]operate.HeldEvent, string, error) {
	found, next, err := h.Held.List(ctx, business, cursor, limit)
	out := make([]operate.HeldEvent, len(found))
	for i, e := range found {
		out[i] = operate.HeldEvent{ID: e.ID, Business: e.Business, Field: e.Field, Reason: e.Reason, At: e.At.UTC(), Size: e.Size}
		for _, p := range e.Positions {
			out[i].Positions = append(out[i].Positions, operate.PositionOf(p))
		}
	}
	return out, next, unknownIf(err, pages.ErrCursor)
}

// Drop implements operate.Held.
func (h heldEvents) Drop(ctx context.Context, business, id string) (bool, error) {
	ok, err := h.Held.Drop(ctx, business, id)
	return ok, unknownIf(err, held.ErrID)
}

// letters keeps dead letters.
type letters struct{ *deadletters.DeadLetters }

// List implements operate.Letters.
func (l letters) List(ctx context.Context, f operate.LetterFilter, cursor string, limit int) ([]webhook.DeadLetter, string, error) {
	found, next, err := l.DeadLetters.List(ctx, deadletters.Filter(f), cursor, limit)
	return found, next, unknownIf(err, pages.ErrCursor)
}

// Count implements operate.Letters.
func (l letters) Count(ctx context.Context, f operate.LetterFilter) (int64, error) {
	return l.DeadLetters.Count(ctx, deadletters.Filter(f))
}

// Do implements operate.Letters.
func (l letters) Do(ctx context.Context, what operate.Work, business, id string) (bool, error) {
	if !strings.HasPrefix(id, business+":") {
		return false, fmt.Errorf("%w: %w", operate.ErrUnknown, deadletters.ErrID)
	}
	do := l.Replay
	if what == operate.Drop {
		do = l.Drop
	}
	ok, err := do(ctx, id)
	return ok, unknownIf(err, deadletters.ErrID)
}

// waitingLanes looks at lanes.
type waitingLanes struct{ *lanes.Lanes }

// Waiting implements operate.Lanes.
func (l waitingLanes) Waiting(ctx context.Context, e webhook.EndpointKey, cursor string, limit int) ([]webhook.Lane, string, error) {
	found, next, err := l.Lanes.Waiting(ctx, e, cursor, limit)
	return found, next, unknownIf(err, lanes.ErrCursor)
}

// Look implements operate.Lanes.
func (l waitingLanes) Look(ctx context.Context, some []webhook.Lane, limit int) ([]operate.LaneState, error) {
	found, err := l.Lanes.Look(ctx, some, limit)
	out := make([]operate.LaneState, len(found))
	for i, s := range found {
		out[i] = operate.LaneState(s)
	}
	return out, err
}

// unknownIf says that a name leads to nothing where it is none.
func unknownIf(err, name error) error {
	if errors.Is(err, name) {
		return fmt.Errorf("%w: %w", operate.ErrUnknown, err)
	}
	return err
}

// journal is the log of what operators did: what and its outcome stand in one word each.
type journal struct{ *audit.Log }

// Note implements operate.Journal.
func (j journal) Note(ctx context.Context, actions ...operate.Action) error {
	lines := make([]webhook.Reversal, len(actions))
	for i, a := range actions {
		lines[i] = webhook.Reversal{At: a.At, Business: a.Business, Handle: a.On, By: a.By, For: a.What + " " + a.Outcome}
	}
	return j.Log.Note(ctx, lines)
}

// Actions implements operate.Journal.
func (j journal) Actions(ctx context.Context, business, after string, limit int) ([]operate.Noted, error) {
	return noted(j.Page(ctx, business, after, limit))
}

// Latest implements operate.Journal.
func (j journal) Latest(ctx context.Context, business, before string, limit int) ([]operate.Noted, error) {
	return noted(j.Last(ctx, business, before, limit))
}

func noted(entries []audit.Entry, err error) ([]operate.Noted, error) {
	out := make([]operate.Noted, len(entries))
	for i, e := range entries {
		what, outcome, _ := strings.Cut(e.For, " ")
		out[i] = operate.Noted{Cursor: e.Cursor, Action: operate.Action{At: e.At, Business: e.Business, By: e.By, What: what, On: e.Handle, Outcome: outcome}}
	}
	return out, unknownIf(err, audit.ErrCursor)
}

package operate

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"bauta/webhook"
)

// What operators do, a closed set.
const (
	ActPause    = "endpoint_pause"
	ActResume   = "endpoint_resume"
	ActRelease  = "held_release"
	ActDropHeld = "held_drop"
	ActCancel   = "job_cancel"
	ActReload   = "reload"
	// A test event and a handshake: refused where the endpoint did not take it.
	ActTest      = "endpoint_test"
	ActHandshake = "endpoint_handshake"
	// Tokens are issued and revoked by commands.
	ActIssue  = "token_issue"
	ActRevoke = "token_revoke"
)

// The outcomes of actions, a closed set. A line with Begun is written before anything is
// done; where no other follows it, a node ended in between, and nobody knows.
const (
	Begun   = "begun"
	Done    = "done"
	Nothing = "nothing"
	// Refused: it cannot be done, or who was asked would not; Failed: nobody knows whether it
	// was done.
	Refused = "refused"
	Failed  = "failed"
)

// Action is what an operator did: a line of the audit log.
type Action struct {
	At       time.Time
	Business string
	// By is the id of the token that they showed, or Command. Label is that token's, while it
	// is in force; it is not noted but looked up.
	By, Label string
	// What from a closed set; On what in words such as endpoint=crm; Outcome.
	What, On, Outcome string
}

// Noted is one of the audit log.
type Noted struct {
	Action

	// Cursor leads to what follows.
	Cursor string
}

// settleTimeout bounds the noting of an outcome.
const settleTimeout = 5 * time.Second

// act does something that the audit log has to know of: without it nothing is done. Do
// may put more into On, for the line of the outcome.
func (d *Desk) act(ctx context.Context, a Actor, action *Action, do func(context.Context) (outcome string, err error)) error {
	action.At, action.By, action.Outcome = d.Now(), a.By, Begun
	if err := d.Journal.Note(ctx, *action); err != nil {
		return fmt.Errorf("%s: the audit log takes no lines, so nothing was done: %w", action.What, err)
	}
	outcome, err := do(ctx)
	switch {
	case errors.Is(err, ErrUnknown), errors.Is(err, ErrUnderWay):
		outcome = Refused
	case err != nil:
		outcome = Failed
	}
	action.At, action.Outcome = d.Now(), outcome
	after, cancel := context.WithTimeout(context.WithoutCancel(ctx), settleTimeout)
	defer cancel()
	if noted := d.Journal.Note(after, *action); noted != nil {
		d.Logger.WarnContext(ctx, "the outcome of an operator's action is not in the audit log", "business", action.Business, "action", action.What, "outcome", outcome, "error", noted)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", action.What, err)
	}
	return nil
}

// Actions lists what operators did with a business, the oldest first, and the cursor of
// what follows, "" at the end. With "" as the business: what concerned all.
func (d *Desk) Actions(ctx context.Context, a Actor, business string, p Page) ([]Action, string, error) {
	return d.actions(ctx, a, business, p, d.Journal.Actions)
}

// LatestActions is Actions from the end: the newest first, and the cursor of what was
// before.
func (d *Desk) LatestActions(ctx context.Context, a Actor, business string, p Page) ([]Action, string, error) {
	return d.actions(ctx, a, business, p, d.Journal.Latest)
}

func (d *Desk) actions(ctx context.Context, a Actor, business string, p Page, read func(ctx context.Context, business, cursor string, limit int) ([]Noted, error)) ([]Action, string, error) {
	if business == "" {
		business = webhook.AllBusinesses
	}
	if business == webhook.AllBusinesses && !a.All() {
		return nil, "", ErrNotYours
	}
	if business != webhook.AllBusinesses {
		if _, err := d.holders(a, business); err != nil {
			return nil, "", err
		}
	}
	// One more than asked for tells whether there is another page.
	found, err := read(ctx, business, p.After, p.limit()+1)
	if err != nil {
		return nil, "", fmt.Errorf("actions: %w", err)
	}
	next := ""
	if len(found) > p.limit() {
		found = found[:p.limit()]
		next = found[len(found)-1].Cursor
	}
	out := make([]Action, len(found))
	for i := range found {
		out[i] = found[i].Action
	}
	if err := d.label(ctx, business, out); err != nil {
		return nil, "", fmt.Errorf("actions: %w", err)
	}
	return out, next, nil
}

func ofEndpoint(what string, key webhook.EndpointKey) *Action {
	return &Action{Business: key.Business, What: what, On: "endpoint=" + key.Endpoint}
}

// named tells that an id of something can stand in the audit log: whoever acts chose it.
func named(id, what string) error {
	const longest = 300 // more than any id of ours has
	if id == "" || len(id) > longest || strings.ContainsFunc(id, func(c rune) bool { return c <= ' ' || c > '~' }) {
		return fmt.Errorf("%w: this is not the id of %s: take it from its list", ErrUnknown, what)
	}
	return nil
}

func actOn(work Work) string { return "dead_letter_" + string(work) }

func doneIf(ok bool) string {
	if ok {
		return Done
	}
	return Nothing
}

package console_test

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"sync"
	"time"

	"bauta/webhook"
	"bauta/webhook/operate"
)

// desk is one whose every list has something in it, under a hostile name; empty has
// nothing anywhere.
type desk struct {
	now   func() time.Time
	empty bool
	// fault is what everything fails with.
	fault error
	// still: what is released stays held.
	still bool
	// actions of the journal, the oldest first.
	actions []operate.Action

	mu sync.Mutex
	// done is what it was told to do, in order.
	done []string
	// waiting is how many events wait.
	waiting int64
}

func (d *desk) note(format string, a ...any) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.done = append(d.done, fmt.Sprintf(format, a...))
}

func (d *desk) acts() []string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return append([]string{}, d.done...)
}

func (d *desk) wait(n int64) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.waiting = n
}

func (d *desk) Holders(a operate.Actor) []string {
	if !a.All() {
		return []string{a.Business}
	}
	return []string{"acme", hostile, "_main"}
}

func (d *desk) Overview(_ context.Context, a operate.Actor, q operate.Query) (operate.Overview, error) {
	if d.fault != nil {
		return operate.Overview{}, d.fault
	}
	o := operate.Overview{At: d.now(), Step: q.Step}
	for at := q.Span.From; at.Before(q.Span.To); at = at.Add(q.Step) {
		o.All.Series = append(o.All.Series, operate.Point{Tally: operate.Tally{From: at, To: at.Add(q.Step)}})
	}
	for _, id := range d.Holders(a) {
		o.Businesses = append(o.Businesses, operate.Standing{Business: id, LookedAt: d.now()})
	}
	if d.empty {
		return o, nil
	}
	d.mu.Lock()
	waiting := d.waiting
	d.mu.Unlock()
	o.Businesses[0] = operate.Standing{
		Business: o.Businesses[0].Business, Waiting: 7 + waiting, Held: 2, Dead: 3, Oldest: d.now().Add(-time.Hour), Paused: 1, Unaccounted: 4,
		Total: operate.Point{Tally: operate.Tally{Accepted: 12345, Delivered: 12000, Expired: 5, Dropped: 6, Erased: 7, Lost: 1}, Masked: 11, Shown: 5},
	}
	o.All.Total, o.All.Waiting, o.All.Held, o.All.Dead, o.All.Oldest = o.Businesses[0].Total, o.Businesses[0].Waiting, 2, 3, o.Businesses[0].Oldest
	o.All.Series[0].Accepted, o.All.Series[0].Delivered, o.All.Series[1].Dead = 30, 30, 3
	o.Acknowledged = operate.Quantiles{P50: 2100 * time.Microsecond, P99: 18 * time.Millisecond, N: 400}
	return o, nil
}

func key() webhook.EndpointKey {
	return webhook.EndpointKey{Business: hostile, Endpoint: "crm" + hostile}
}

func (d *desk) Endpoints(context.Context, operate.Actor, string) ([]operate.Endpoint, error) {
	if d.fault != nil || d.empty {
		return nil, d.fault
	}
	var out []operate.Endpoint
	for i, state := range []string{operate.Delivering, operate.Paused, operate.ProbeDue, operate.Probing, operate.Off} {
		e := operate.Endpoint{Key: webhook.EndpointKey{Business: "acme", Endpoint: state}, Target: "https://crm.example", State: state, Pauses: i}
		out = append(out, e)
	}
	out[1].Reason, out[1].Until = "server_error", d.now().Add(90*time.Second)
	out = append(out,
		operate.Endpoint{
			Key: key(), Target: "https://" + hostile, State: operate.Off, Reason: hostile, Fields: []string{"messages", hostile}, Waiting: 9,
			Oldest: d.now().Add(-time.Hour), Dead: 2, Here: &operate.Here{Most: 8, Limit: 4, InFlight: 1, Queued: 3},
		},
		operate.Endpoint{Key: webhook.EndpointKey{Business: "acme", Endpoint: webhook.PlatformEndpoint}, Platform: true, State: operate.Delivering},
	)
	return out, nil
}

func (d *desk) PauseEndpoint(_ context.Context, a operate.Actor, k webhook.EndpointKey, lasts time.Duration) error {
	d.note("%s pauses %s/%s for %s", a.Business, k.Business, k.Endpoint, lasts)
	return d.fault
}

func (d *desk) ResumeEndpoint(_ context.Context, a operate.Actor, k webhook.EndpointKey) (bool, error) {
	d.note("%s resumes %s/%s", a.Business, k.Business, k.Endpoint)
	return !d.empty, d.fault
}

func (d *desk) TestEndpoint(_ context.Context, _ operate.Actor, k webhook.EndpointKey) (webhook.Trial, error) {
	d.note("tests %s/%s", k.Business, k.Endpoint)
	return webhook.Trial{Took: 12 * time.Millisecond, Status: 502, Reason: "server_error", Detail: "it failed: look at its log"}, d.fault
}

func (d *desk) ShakeHands(_ context.Context, _ operate.Actor, k webhook.EndpointKey, token string) (webhook.Trial, error) {
	d.note("shakes hands with %s/%s by %s", k.Business, k.Endpoint, token)
	return webhook.Trial{Took: time.Millisecond, Status: 200, OK: true}, d.fault
}

func (d *desk) lane() operate.Lane {
	return operate.Lane{
		Hash: "0123456789abcdef", Endpoint: key(), Aside: true, Waiting: 2, Oldest: d.now().Add(-time.Minute), NextTry: d.now().Add(time.Minute),
		Attempts: 3, Refusals: 1, Events: []operate.Event{{ID: "msg_1", Field: "messages", Kind: "text", Accepted: d.now(), Unreadable: true}},
		Tried: []operate.Tried{d.tried()},
	}
}

func (d *desk) tried() operate.Tried {
	return operate.Tried{At: d.now(), Endpoint: key(), Event: "msg_1", Field: "messages", Kind: "text", Number: 3, Status: 500, Reason: "server_error", Outcome: "again"}
}

func (d *desk) Lanes(context.Context, operate.Actor, webhook.EndpointKey, operate.Page) ([]operate.Lane, string, error) {
	if d.fault != nil || d.empty {
		return nil, "", d.fault
	}
	return []operate.Lane{d.lane()}, "the-next", nil
}

func (d *desk) Lane(_ context.Context, _ operate.Actor, k webhook.EndpointKey, hash string) (operate.Lane, error) {
	if d.fault != nil {
		return operate.Lane{}, d.fault
	}
	if d.empty || hash != "0123456789abcdef" || k != key() {
		return operate.Lane{}, operate.ErrUnknown
	}
	return d.lane(), nil
}

func (d *desk) Deliveries(_ context.Context, _ operate.Actor, _, handle string) (operate.Deliveries, error) {
	if d.fault != nil {
		return operate.Deliveries{}, d.fault
	}
	if d.empty {
		return operate.Deliveries{}, webhook.ErrUnknownHandle
	}
	return operate.Deliveries{Lanes: []operate.Lane{d.lane()}, Tried: []operate.Tried{d.tried()}, Dead: d.dead()}, nil
}

func (d *desk) HeldEvents(_ context.Context, _ operate.Actor, business string, _ operate.Page) ([]operate.HeldEvent, string, error) {
	if d.fault != nil || d.empty {
		return nil, "", d.fault
	}
	var out []operate.HeldEvent
	for _, reason := range []string{webhook.HeldLeak, webhook.HeldUnknownField, webhook.HeldUnmasked, webhook.HeldToken, webhook.HeldUnreadable, hostile} {
		out = append(out, operate.HeldEvent{
			ID: "1700000000000-" + reason, Business: business, Field: "messages", Reason: reason, At: d.now(), Size: 900,
			Positions: []operate.Position{{Pointer: "/entry/0/" + hostile, Notation: "digits"}, {}},
		})
	}
	return out, "the-next", nil
}

func (d *desk) ReleaseHeld(_ context.Context, _ operate.Actor, business, id string) (operate.Release, error) {
	d.note("releases %s of %s", id, business)
	switch {
	case d.empty:
		return operate.Gone, d.fault
	case d.still:
		return operate.StillHeld, d.fault
	}
	return operate.Released, d.fault
}

func (d *desk) DropHeld(_ context.Context, _ operate.Actor, business, id string) (bool, error) {
	d.note("drops held %s of %s", id, business)
	return !d.empty, d.fault
}

func (d *desk) dead() []operate.DeadLetter {
	return []operate.DeadLetter{{
		ID: "acme:crm:1700000000000-msg_1:3", Endpoint: key(), Event: "msg_1", Field: "messages", Kind: "text", Reason: hostile, Status: 404, Attempts: 5,
		Accepted: d.now(), At: d.now(), Lane: "0123456789abcdef", Unreadable: true,
	}}
}

func (d *desk) DeadLetters(context.Context, operate.Actor, operate.LetterFilter, operate.Page) ([]operate.DeadLetter, string, error) {
	if d.fault != nil || d.empty {
		return nil, "", d.fault
	}
	return d.dead(), "the-next", nil
}

func (d *desk) CountDeadLetters(_ context.Context, _ operate.Actor, f operate.LetterFilter) (int64, error) {
	if d.empty {
		return 0, d.fault
	}
	return 42, d.fault
}

func (d *desk) WorkOnLetter(_ context.Context, _ operate.Actor, business, id string, work operate.Work) (bool, error) {
	d.note("%ss %s of %s", work, id, business)
	return !d.empty, d.fault
}

func (d *desk) BeginJob(_ context.Context, a operate.Actor, work operate.Work, f operate.LetterFilter, rate int) (operate.Job, error) {
	d.note("begins to %s %s/%s reason=%s status=%d at %d", work, f.Business, f.Endpoint, f.Reason, f.Status, rate)
	return operate.Job{}, d.fault
}

func (d *desk) JobList(context.Context, operate.Actor, string) ([]operate.Job, error) {
	if d.fault != nil || d.empty {
		return nil, d.fault
	}
	f := operate.LetterFilter{Business: hostile, Endpoint: hostile}
	return []operate.Job{
		{ID: "J1", Work: operate.Replay, Filter: f, Rate: 50, State: operate.Running, Total: 40, Done: 12, Gone: 1, Begun: d.now()},
		{ID: "J2", Work: operate.Drop, Filter: f, Rate: 50, State: operate.Cancelled, Total: 40, Done: 12, Begun: d.now()},
		{ID: "J3", Work: operate.Drop, Filter: f, Rate: 50, State: operate.Ended, Total: 40, Done: 38, Failed: 2, Begun: d.now()},
	}, nil
}

func (d *desk) CancelJob(_ context.Context, _ operate.Actor, business, id string) (bool, error) {
	d.note("cancels %s of %s", id, business)
	return !d.empty, d.fault
}

func (d *desk) Decisions(_ context.Context, _ operate.Actor, _ string, span operate.Span) (operate.Decisions, error) {
	if d.fault != nil || d.empty {
		return operate.Decisions{}, d.fault
	}
	return operate.Decisions{
		From: span.From, To: span.To, Rules: []operate.RuleCount{{Rule: hostile, Reason: hostile, Hidden: 4}, {Reason: webhook.ReasonKnown, Visible: 2}, {Reason: webhook.ReasonUndecided, Undecided: 1}},
		Reports: []operate.ReportCount{{Rule: hostile, WouldHide: 3, Differs: 2}}, Ads: []operate.AdCount{{Ad: hostile, Hidden: 3}},
		OtherAds: operate.AdCount{Hidden: 7}, Series: []operate.DecisionCount{{From: span.From, To: span.To, Hidden: 4, Visible: 2}},
	}, nil
}

func (d *desk) Sharing(_ context.Context, _ operate.Actor, _ string, span operate.Span) (operate.SharingOverTime, error) {
	if d.fault != nil || d.empty {
		return operate.SharingOverTime{}, d.fault
	}
	one := operate.SharingCount{From: span.From, To: span.To, Asked: 9, Shared: 4, Declined: 2, Expired: 1, Withdrawn: 1, Undeliverable: 1, Refused: 1, HiddenAgain: 1, Erased: 1}
	return operate.SharingOverTime{Total: one, Series: []operate.SharingCount{one}}, nil
}

func (d *desk) Configuration(a operate.Actor) (operate.Loaded, error) {
	if !a.All() {
		return operate.Loaded{}, operate.ErrNotYours
	}
	return operate.Loaded{
		File: "bauta.yaml", At: d.now(), Warnings: []string{hostile},
		Settings: []operate.Setting{
			{Key: "listen", Value: "127.0.0.1:8080", Line: 3, Meaning: "where the platform and the businesses call"},
			{Key: "redis.url", Value: "[secret]", Line: 4},
			{Key: "businesses[0].id", Value: hostile, Line: 9},
			{Key: "limits.per_token", Value: "200/s"},
		},
	}, d.fault
}

func (d *desk) Reload(context.Context, operate.Actor) (operate.Outcome, error) {
	d.note("reloads")
	return operate.Outcome{At: d.now(), Faults: []string{"bauta.yaml:3:9: listen: " + hostile}}, d.fault
}

// LatestActions are those of d.actions, or some of every kind; a cursor is how many were
// shown.
func (d *desk) LatestActions(_ context.Context, a operate.Actor, business string, p operate.Page) ([]operate.Action, string, error) {
	if d.fault != nil || d.empty {
		return nil, "", d.fault
	}
	all := slices.Clone(d.actions)
	for _, what := range []string{
		operate.ActPause, operate.ActResume, operate.ActRelease, operate.ActDropHeld, operate.ActTest, operate.ActHandshake, operate.ActReload, operate.ActCancel,
		operate.ActIssue, operate.ActRevoke, "dead_letter_replay", "dead_letter_drop", hostile,
	} {
		for _, outcome := range []string{operate.Begun, operate.Done, operate.Nothing, operate.Refused, operate.Failed} {
			if d.actions != nil {
				break
			}
			by := a.By
			if what == operate.ActIssue {
				by = operate.Command
			}
			all = append(all, operate.Action{At: d.now(), Business: business, By: by, Label: hostile, What: what, On: "endpoint=" + hostile, Outcome: outcome})
		}
	}
	slices.Reverse(all)
	shown, _ := strconv.Atoi(p.After)
	all = all[min(shown, len(all)):]
	if len(all) <= p.Limit {
		return all, "", nil
	}
	return all[:p.Limit], strconv.Itoa(shown + p.Limit), nil
}

func (d *desk) Attempts(operate.Actor, webhook.EndpointKey, int) ([]operate.Tried, error) {
	if d.empty {
		return nil, d.fault
	}
	return d.lane().Tried, d.fault
}

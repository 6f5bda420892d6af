package manage_test

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"bauta/masking"
	"bauta/webhook"
	"bauta/webhook/operate"
)

// What the things of the desk hold, and nobody may be told: a user id, a message id, whom a
// lane is of, the end of an endpoint's URL, and its secret.
const (
	userID    = "IT.7430000000000001"
	messageID = "wamid.HBgMMzkzMzMxMTEyMjMzFQIAEhg"
	customer  = "c3VzdG9tZXItb25lLWlk"
	urlEnd    = "hook-9f27"
	secret    = "whsec_c2VjcmV0LW9mLWNybQ"
)

// What can be named.
const (
	heldID    = "1789027200000-Kx9-3"
	letterID  = "acme:crm:1789027200000-evt_1:7"
	jobID     = "J0BJ0BJ0BJ0BJ0BJ0BJ0BJ0BJ0"
	verifying = "verify-4711"
)

// stock is a store with something of everything that acme has, and nothing that other has.
// The desk on it is the real one.
type stock struct {
	mu      sync.Mutex
	fault   error
	tallies []operate.Tally
	pause   webhook.Standstill
	job     operate.Job
	gone    map[string]bool
	noted   []operate.Noted
	// still: what is released is held again. faults are those of the configuration.
	still  bool
	faults []string
	// shown are the verify tokens that handshakes were made with.
	shown []string
}

func newStock() *stock {
	return &stock{gone: map[string]bool{}, job: operate.Job{
		ID: jobID, Work: operate.Replay, Rate: 50, By: "token-1", State: operate.Running, Total: 9, Done: 4, Gone: 1, Begun: at(8),
		Filter: operate.LetterFilter{Business: "acme", Endpoint: "crm", Until: at(8), Reason: "refused", Status: 422},
	}}
}

func at(hour int) time.Time { return time.Date(2026, 9, 10, hour, 0, 0, 0, time.UTC) }

// crm is acme's endpoint.
func crm() webhook.EndpointKey { return webhook.EndpointKey{Business: "acme", Endpoint: "crm"} }

func businesses() []webhook.Business {
	end := webhook.Endpoint{ID: "crm", URL: "https://crm.example/" + urlEnd, Secrets: []string{secret}, Fields: []string{"messages"}}
	theirs := end
	theirs.ID = "their-crm"
	return []webhook.Business{
		{ID: "acme", Endpoints: []webhook.Endpoint{end, {ID: webhook.PlatformEndpoint, Platform: true}}},
		{ID: "other", Endpoints: []webhook.Endpoint{theirs}},
	}
}

// desk is the real one, on the stock.
func (s *stock) desk(tb testing.TB, directory *webhook.Directory, handles *masking.Handles, prf webhook.PRF, logger *slog.Logger) *operate.Desk {
	tb.Helper()
	recent := operate.NewRecent()
	recent.Note(webhook.Attempt{
		Lane: conversation(), Delivery: delivery(), Outcome: "again", Reason: "refused", Status: 422, Began: at(8), Ended: at(8).Add(12 * time.Millisecond),
	})
	desk, err := operate.New(operate.Options{
		Businesses: directory, Apps: func() []string { return []string{"main"} }, Counts: s, Pauses: s, Held: stockHeld{s}, Releaser: s, Letters: stockLetters{s},
		Journal: s, Tokens: stockTokens{s}, Handles: handles, Customers: s, Lanes: stockLanes{s}, Trials: s, Jobs: stockJobs{s}, Shifts: stockJobs{s},
		Figures: stockFigures{s}, PRF: prf, Logger: logger, Now: time.Now,
		Node: s, Recent: recent, Latency: s, Settings: s, Reloader: s,
	})
	if err != nil {
		tb.Fatal(err)
	}
	return desk
}

func conversation() webhook.Lane {
	return webhook.Lane{Business: "acme", Endpoint: "crm", Conversation: customer}
}

func delivery() *webhook.Delivery {
	return &webhook.Delivery{
		ID: "evt_1", Field: "messages", Kind: "message", Body: []byte(number + userID + messageID), Handle: "IT.1", Shows: customer,
		Accepted: at(7), FirstTry: at(7), Attempts: 2, Refusals: 1,
	}
}

func (s *stock) fail(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fault = err
}

func (s *stock) broken() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.fault
}

// take takes something away; false if it is not acme's, or was taken.
func (s *stock) take(business, id, want string) (bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	there := business == "acme" && id == want && !s.gone[id]
	if s.fault == nil && there {
		s.gone[id] = true
	}
	return there, s.fault
}

// count has n events accepted in each of some minutes from eight o'clock, all delivered
// but the first.
func (s *stock) count(minutes int, n int64) {
	for i := range minutes {
		from := at(8).Add(time.Duration(i) * time.Minute)
		s.tallies = append(s.tallies, operate.Tally{From: from, To: from.Add(time.Minute), Accepted: n, Delivered: n - 1, Waiting: 1})
	}
}

// Minutes implements operate.Counts.
func (s *stock) Minutes(_ context.Context, business string, span operate.Span) (out []operate.Tally, err error) {
	for _, t := range s.tallies {
		if business == "acme" && !t.From.Before(span.From) && t.From.Before(span.To) {
			out = append(out, t)
		}
	}
	return out, s.broken()
}

// Waiting implements operate.Counts.
func (s *stock) Waiting(context.Context) ([]operate.Waiting, error) {
	return []operate.Waiting{{Endpoint: crm(), Events: 3, Oldest: at(7)}}, s.broken()
}

// Unaccounted implements operate.Counts.
func (s *stock) Unaccounted(_ context.Context, business string) (int64, time.Time, error) {
	if business != "acme" {
		return 0, time.Time{}, s.broken()
	}
	return 2, at(8).Add(30 * time.Minute), s.broken()
}

// State implements operate.Pauses.
func (s *stock) State(_ context.Context, ends []webhook.EndpointKey) ([]webhook.Standstill, error) {
	out := make([]webhook.Standstill, len(ends))
	s.mu.Lock()
	defer s.mu.Unlock()
	if i := slices.Index(ends, crm()); i >= 0 {
		out[i] = s.pause
	}
	return out, s.fault
}

// Pause implements operate.Pauses.
func (s *stock) Pause(_ context.Context, _ webhook.EndpointKey, p webhook.Pause) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.pause = webhook.Standstill{Paused: true, Pause: p}
	return s.fault
}

// Lift implements operate.Pauses.
func (s *stock) Lift(context.Context, webhook.EndpointKey) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.pause = webhook.Standstill{}
	return s.fault
}

// Release implements operate.Releaser.
func (s *stock) Release(_ context.Context, business, id string) (operate.Release, error) {
	if there, err := s.take(business, id, heldID); err != nil || !there {
		return operate.Gone, err
	}
	if s.still {
		return operate.StillHeld, nil
	}
	return operate.Released, nil
}

type stockHeld struct{ *stock }

// List implements operate.Held.
func (s stockHeld) List(_ context.Context, business, cursor string, _ int) ([]operate.HeldEvent, string, error) {
	if business != "acme" {
		return nil, "", s.broken()
	}
	if cursor == "1789027200000-Kx9 3" {
		return nil, "", s.broken()
	}
	if cursor != "" {
		return nil, "", fmt.Errorf("%w: no cursor", operate.ErrUnknown)
	}
	return []operate.HeldEvent{{
		ID: heldID, Business: business, Field: "messages", Reason: webhook.HeldLeak, At: at(8), Size: 700,
		Positions: []operate.Position{operate.PositionOf("entry[0].changes[0].value.contacts." + number + " (digits)")},
	}}, "1789027200000-Kx9 3", s.broken()
}

// Count implements operate.Held.
func (s stockHeld) Count(_ context.Context, business string) (int64, error) {
	if business == "acme" {
		return 1, s.broken()
	}
	return 0, s.broken()
}

// Drop implements operate.Held.
func (s stockHeld) Drop(_ context.Context, business, id string) (bool, error) {
	return s.take(business, id, heldID)
}

type stockLetters struct{ *stock }

// List implements operate.Letters.
func (s stockLetters) List(_ context.Context, f operate.LetterFilter, cursor string, _ int) ([]webhook.DeadLetter, string, error) {
	if cursor != "" && !strings.Contains(cursor, " ") {
		return nil, "", operate.ErrUnknown
	}
	if !s.has(f) || cursor != "" {
		return nil, "", s.broken()
	}
	return []webhook.DeadLetter{{ID: letterID, Lane: conversation(), Reason: "refused", Status: 422, At: at(8), Delivery: *delivery()}}, "1789027200000-evt_1 acme:crm::7", s.broken()
}

// Count implements operate.Letters.
func (s stockLetters) Count(_ context.Context, f operate.LetterFilter) (int64, error) {
	if !s.has(f) {
		return 0, s.broken()
	}
	return 1, s.broken()
}

func (s stockLetters) has(f operate.LetterFilter) bool {
	return f.Business == "acme" && f.Endpoint != webhook.PlatformEndpoint && (f.Reason == "" || f.Reason == "refused") && (f.Status == 0 || f.Status == 422) &&
		!f.Since.After(at(8)) && (f.Until.IsZero() || f.Until.After(at(8)))
}

// Do implements operate.Letters.
func (s stockLetters) Do(_ context.Context, _ operate.Work, business, id string) (bool, error) {
	if !strings.HasPrefix(id, business+":") {
		return false, operate.ErrUnknown
	}
	return s.take(business, id, letterID)
}

// Note implements operate.Journal.
func (s *stock) Note(_ context.Context, actions ...operate.Action) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, a := range actions {
		s.noted = append(s.noted, operate.Noted{Action: a, Cursor: fmt.Sprintf("20706.%d.0", len(s.noted))})
	}
	return s.fault
}

// Actions implements operate.Journal.
func (s *stock) Actions(_ context.Context, business, after string, limit int) (out []operate.Noted, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	from := 1 + slices.IndexFunc(s.noted, func(n operate.Noted) bool { return n.Cursor == after })
	if from == 0 && after != "" {
		return nil, operate.ErrUnknown
	}
	for _, n := range s.noted[from:] {
		if n.Business == business && len(out) < limit {
			out = append(out, n)
		}
	}
	return out, s.fault
}

// Latest implements operate.Journal.
func (s *stock) Latest(_ context.Context, business, before string, limit int) (out []operate.Noted, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	end := len(s.noted)
	if before != "" {
		if end = slices.IndexFunc(s.noted, func(n operate.Noted) bool { return n.Cursor == before }); end < 0 {
			return nil, operate.ErrUnknown
		}
	}
	for _, n := range slices.Backward(s.noted[:end]) {
		if n.Business == business && len(out) < limit {
			out = append(out, n)
		}
	}
	return out, s.fault
}

type stockTokens struct{ *stock }

// Issue implements operate.Tokens: no route leads here.
func (stockTokens) Issue(context.Context, webhook.Grant) (string, webhook.Grant, error) {
	panic("a token is issued")
}

// List implements operate.Tokens.
func (s stockTokens) List(_ context.Context, business string, _ time.Time) ([]webhook.Grant, error) {
	return []webhook.Grant{{ID: "token-of-" + business, Business: business, Scopes: []string{"console"}, Label: "night shift", Issued: at(6), Expires: at(20)}}, s.broken()
}

// Revoke implements operate.Tokens: no route leads here.
func (stockTokens) Revoke(context.Context, string, string) (bool, error) { panic("a token is revoked") }

// ConversationsOf implements operate.Customers.
func (s *stock) ConversationsOf(_ context.Context, b *webhook.Business, key string) ([]webhook.Conversation, error) {
	if b.ID != "acme" {
		return nil, webhook.ErrUnknownHandle
	}
	return []webhook.Conversation{customer}, s.broken()
}

type stockLanes struct{ *stock }

// Waiting implements operate.Lanes.
func (s stockLanes) Waiting(_ context.Context, e webhook.EndpointKey, cursor string, _ int) ([]webhook.Lane, string, error) {
	switch {
	case cursor != "" && !strings.Contains(cursor, "-"):
		return nil, "", operate.ErrUnknown
	case e != crm() || cursor != "":
		return nil, "", s.broken()
	}
	return []webhook.Lane{conversation()}, "1789023600000-1", s.broken()
}

// Look implements operate.Lanes.
func (s stockLanes) Look(_ context.Context, lanes []webhook.Lane, _ int) (out []operate.LaneState, err error) {
	for _, l := range lanes {
		if l == conversation() {
			out = append(out, operate.LaneState{Lane: l, Events: 3, Queue: []webhook.Delivery{*delivery()}, Due: at(9), Attempts: 2, Refusals: 1, FirstTry: at(7)})
		}
	}
	return out, s.broken()
}

// Send implements operate.Trials.
func (s *stock) Send(context.Context, webhook.EndpointKey) (webhook.Trial, error) {
	return webhook.Trial{At: at(8), Took: 12500 * time.Microsecond, Status: 502, Reason: "server_error", Detail: "it failed: look at its log"}, s.broken()
}

// Shake implements operate.Trials.
func (s *stock) Shake(_ context.Context, _ webhook.EndpointKey, verifyToken string) (webhook.Trial, error) {
	s.mu.Lock()
	s.shown = append(s.shown, verifyToken)
	s.mu.Unlock()
	return webhook.Trial{At: at(8), Took: time.Millisecond, Status: 200, OK: true}, s.broken()
}

type stockJobs struct{ *stock }

// Begin implements operate.Jobs.
func (s stockJobs) Begin(_ context.Context, j operate.Job) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.fault == nil && s.job.State == operate.Running {
		return operate.ErrUnderWay
	}
	s.job = j
	return s.fault
}

// List implements operate.Jobs.
func (s stockJobs) List(_ context.Context, ends []webhook.EndpointKey) ([]operate.Job, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !slices.Contains(ends, crm()) {
		return nil, s.fault
	}
	return []operate.Job{s.job}, s.fault
}

// Cancel implements operate.Jobs.
func (s stockJobs) Cancel(context.Context, webhook.EndpointKey, string) (bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	was := s.job.State
	if s.fault == nil && was == operate.Running {
		s.job.State, s.job.Ended = operate.Cancelled, at(9)
	}
	return was == operate.Running, s.fault
}

// Claim implements operate.Shifts.
func (stockJobs) Claim(context.Context, string, []webhook.EndpointKey) (operate.Job, bool, error) {
	return operate.Job{}, false, nil
}

// Advance implements operate.Shifts.
func (stockJobs) Advance(context.Context, string, operate.Job) (bool, error) { return false, nil }

type stockFigures struct{ *stock }

// Read implements operate.Figures.
func (s stockFigures) Read(_ context.Context, business string, span operate.Span) ([]operate.Counted, error) {
	if business != "acme" {
		return nil, s.broken()
	}
	var out []operate.Counted
	for _, f := range []webhook.Figure{
		{Kind: webhook.FigureEvent, What: webhook.Masked},
		{Kind: webhook.FigureDecision, What: "hidden", By: "pilot", Why: "rule"},
		{Kind: webhook.FigureDecision, What: "visible", Why: webhook.ReasonKnown},
		{Kind: webhook.FigureReport, What: "visible", By: "later", Why: "hidden"},
		{Kind: webhook.FigureSharing, What: "asked"},
		{Kind: webhook.FigureSharing, What: "shared"},
	} {
		out = append(out, operate.Counted{Figure: f, At: span.From, N: 3})
	}
	return out, s.broken()
}

// Ads implements operate.Figures.
func (s stockFigures) Ads(_ context.Context, business string, span operate.Span) ([]operate.Counted, error) {
	if business != "acme" {
		return nil, s.broken()
	}
	return []operate.Counted{{Figure: webhook.Figure{Kind: webhook.FigureAd, What: "hidden", By: "120210000000000001"}, At: span.From, N: 3}}, s.broken()
}

// Here implements operate.Node.
func (s *stock) Here(key webhook.EndpointKey) (operate.Here, bool) {
	return operate.Here{Most: 32, Limit: 16, InFlight: 2, Queued: 1}, key == crm()
}

// Acknowledged implements operate.Latency.
func (s *stock) Acknowledged() operate.Quantiles {
	return operate.Quantiles{P50: 2100 * time.Microsecond, P99: 18 * time.Millisecond, N: 400}
}

// Loaded implements operate.Settings.
func (s *stock) Loaded() operate.Loaded {
	return operate.Loaded{
		File: "bauta.yaml", At: at(6), Warnings: []string{"businesses[0].endpoints[0].secrets: one is short"},
		Settings: []operate.Setting{
			{Key: "businesses[0].endpoints[0].secrets[0]", Value: "[secret]", Line: 12, Meaning: "signs deliveries"},
			{Key: "log.level", Value: "info", Meaning: "from which level on"},
		},
	}
}

// Reload implements operate.Reloader.
func (s *stock) Reload(context.Context) (operate.Outcome, error) {
	return operate.Outcome{Changed: len(s.faults) == 0, At: at(9), Faults: s.faults}, s.broken()
}

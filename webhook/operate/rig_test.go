package operate_test

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"bauta/masking"
	"bauta/webhook"
	"bauta/webhook/access"
	"bauta/webhook/operate"
)

// What must never be told. Everything that the desk asks has all of it, wherever there is
// a place.
const (
	number    = "393331234567"
	userID    = "IT.1029384756102938"
	messageID = "wamid.HBgMMzkzMzMxMjM0NTY3FQIAERgSOTlCQkIzNTZDQkQ5RTk4RkI0AA=="
	secret    = "whsec_cGxhbnRlZCBzZWNyZXQ="
	payload   = "see you at the old bridge"
	customer  = "c7d1f0a2b3948576"
)

func planted() []string { return []string{number, userID, messageID, secret, payload, customer} }

const handle = "IT.9041174520836617350284"

// morning is 8:30:30 UTC.
func morning() time.Time { return time.Date(2026, 9, 10, 8, 30, 30, 0, time.UTC) }

func crm() webhook.EndpointKey { return webhook.EndpointKey{Business: "acme", Endpoint: "crm"} }

func lane(of webhook.EndpointKey, more string) webhook.Lane {
	return webhook.Lane{Business: of.Business, Endpoint: of.Endpoint, Conversation: customer + webhook.Conversation(more)}
}

// operator sees everything, clerk what is acme's, stranger nothing.
func operator() operate.Actor { return operate.Actor{By: "token-all", Business: webhook.AllBusinesses} }
func clerk() operate.Actor    { return operate.Actor{By: "token-acme", Business: "acme"} }

// house is everything that a desk asks, in memory. Safe for concurrent use.
type house struct {
	mu  sync.Mutex
	now time.Time
	// fault is what everything but the journal fails with, mute what the journal does.
	fault, mute error
	journal     []operate.Action
	// asked counts what was asked of the counters.
	asked int

	pauses  map[webhook.EndpointKey]webhook.Standstill
	held    []operate.HeldEvent
	still   bool
	letters []webhook.DeadLetter
	// worked are the dead letters that were worked on, in order, with how.
	worked []string
	trial  webhook.Trial
	shaken []string
	jobs   map[webhook.EndpointKey]operate.Job
	holder map[webhook.EndpointKey]string
	queues map[webhook.Lane]operate.LaneState
	counts []operate.Counted
	ads    []operate.Counted
	grants []webhook.Grant
	reload operate.Outcome
	// step is called before each dead letter that is worked on.
	step func()
}

func newHouse() *house {
	return &house{
		now: morning(), pauses: map[webhook.EndpointKey]webhook.Standstill{}, jobs: map[webhook.EndpointKey]operate.Job{},
		holder: map[webhook.EndpointKey]string{}, queues: map[webhook.Lane]operate.LaneState{}, step: func() {},
	}
}

func businesses() []webhook.Business {
	ends := func() []webhook.Endpoint {
		return []webhook.Endpoint{
			{ID: "crm", URL: "https://user:" + secret + "@crm.example:8443/hooks/" + secret + "?to=" + number, Secrets: []string{secret}, Fields: []string{"messages"}},
			{ID: "bot", URL: "https://bot.example/" + payload},
			{ID: webhook.PlatformEndpoint, Platform: true},
		}
	}
	return []webhook.Business{{ID: "acme", Endpoints: ends()}, {ID: "umbrella", Endpoints: ends()}}
}

// open opens a desk in the house; change may leave something out.
func (h *house) open(t *testing.T, change ...func(*operate.Options)) *operate.Desk {
	t.Helper()
	recent := operate.NewRecent()
	for n := range 3 {
		recent.Note(webhook.Attempt{
			Lane: lane(crm(), ""), Delivery: delivery(n), Outcome: "again", Reason: "server_error", Status: 503, Began: morning().Add(time.Duration(n) * time.Second), Ended: morning().Add(time.Duration(n)*time.Second + 40*time.Millisecond),
		})
	}
	o := operate.Options{
		Businesses: webhook.NewDirectory(businesses()), Apps: func() []string { return []string{"main"} }, Counts: counts{h}, Pauses: pauses{h}, Held: held{h},
		Releaser: held{h}, Letters: letters{h}, Journal: journal{h}, Tokens: tokens{h}, Handles: handles{}, Customers: handles{}, Lanes: lanes{h}, Trials: trials{h},
		Jobs: jobs{h}, Shifts: jobs{h}, Figures: figures{h}, PRF: prf{}, Logger: slog.New(slog.DiscardHandler), Now: h.clock,
		Node: node{}, Recent: recent, Latency: node{}, Settings: node{}, Reloader: reloader{h},
	}
	for _, c := range change {
		c(&o)
	}
	d, err := operate.New(o)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func (h *house) clock() time.Time {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.now
}

func (h *house) later(d time.Duration) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.now = h.now.Add(d)
}

// lines are those of the journal: who, what, on what, outcome.
func (h *house) lines() []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	var out []string
	for _, a := range h.journal {
		out = append(out, strings.Join([]string{a.Business, a.By, a.What, a.On, a.Outcome}, " "))
	}
	return out
}

// delivery has everything in it that nobody may be told.
func delivery(n int) *webhook.Delivery {
	return &webhook.Delivery{
		ID: fmt.Sprint("evt_", n), Field: "messages", Kind: "text", Body: []byte(payload + number + userID + messageID), Visibility: "hidden", Handle: handle,
		Decision: payload, Accepted: morning().Add(-time.Duration(10-n) * time.Minute), Message: 39333123, Shows: customer, Attempts: 2, FirstTry: morning().Add(-time.Minute),
	}
}

// dies makes dead letters of an endpoint.
func (h *house) dies(of webhook.EndpointKey, n int) {
	for i := range n {
		id := fmt.Sprintf("%s:%s:%d", of.Business, of.Endpoint, i)
		h.letters = append(h.letters, webhook.DeadLetter{ID: id, Lane: lane(of, ""), Reason: "refused", Status: 422, At: morning().Add(-time.Hour), Delivery: *delivery(i)})
	}
}

type counts struct{ *house }

func (c counts) Minutes(_ context.Context, business string, span operate.Span) ([]operate.Tally, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.asked++
	var out []operate.Tally
	for at := span.From; at.Before(span.To) && business == "acme"; at = at.Add(10 * time.Minute) {
		out = append(out, operate.Tally{From: at, To: at.Add(time.Minute), Accepted: 10, Delivered: 4, Waiting: 3, Dead: 1, Held: 1, Lost: 1})
	}
	return out, c.fault
}

func (c counts) Waiting(context.Context) ([]operate.Waiting, error) {
	return []operate.Waiting{
		{Endpoint: crm(), Events: 3, Oldest: morning().Add(-time.Hour)},
		{Endpoint: webhook.EndpointKey{Business: "acme", Endpoint: "bot"}, Events: 2, Oldest: morning().Add(-2 * time.Hour)},
		{Endpoint: webhook.EndpointKey{Business: "umbrella", Endpoint: "crm"}, Events: 100},
	}, c.fault
}

func (c counts) Unaccounted(_ context.Context, business string) (int64, time.Time, error) {
	if business == "umbrella" {
		return 2, morning().Add(-time.Hour), c.fault
	}
	return 1, morning(), c.fault
}

type pauses struct{ *house }

func (p pauses) State(_ context.Context, ends []webhook.EndpointKey) ([]webhook.Standstill, error) {
	out := make([]webhook.Standstill, len(ends))
	for i, e := range ends {
		out[i] = p.pauses[e]
	}
	return out, p.fault
}

func (p pauses) Pause(_ context.Context, e webhook.EndpointKey, pause webhook.Pause) error {
	if p.fault == nil {
		p.pauses[e] = webhook.Standstill{Paused: true, Pause: pause}
	}
	return p.fault
}

func (p pauses) Lift(_ context.Context, e webhook.EndpointKey) error {
	delete(p.pauses, e)
	return p.fault
}

type held struct{ *house }

func (h held) List(_ context.Context, business, _ string, limit int) ([]operate.HeldEvent, string, error) {
	var out []operate.HeldEvent
	for _, e := range h.held {
		if e.Business == business && len(out) < limit {
			out = append(out, e)
		}
	}
	return out, "", h.fault
}

func (h held) Count(ctx context.Context, business string) (int64, error) {
	all, _, err := h.List(ctx, business, "", 1000)
	return int64(len(all)), err
}

func (h held) Drop(_ context.Context, business, id string) (bool, error) {
	before := len(h.held)
	if h.fault == nil {
		h.held = slices.DeleteFunc(h.held, func(e operate.HeldEvent) bool { return e.Business == business && e.ID == id })
	}
	return len(h.held) < before, h.fault
}

func (h held) Release(ctx context.Context, business, id string) (operate.Release, error) {
	if h.still {
		return operate.StillHeld, h.fault
	}
	if ok, err := h.Drop(ctx, business, id); !ok || err != nil {
		return operate.Gone, err
	}
	return operate.Released, nil
}

type letters struct{ *house }

func (l letters) List(_ context.Context, f operate.LetterFilter, cursor string, limit int) ([]webhook.DeadLetter, string, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	var out []webhook.DeadLetter
	for _, one := range l.letters {
		if one.ID > cursor && one.Lane.Business == f.Business && (f.Endpoint == "" || one.Lane.Endpoint == f.Endpoint) && (f.Reason == "" || one.Reason == f.Reason) && (f.Conversation == "" || f.Conversation == one.Lane.Conversation) {
			out = append(out, one)
		}
	}
	slices.SortFunc(out, func(a, b webhook.DeadLetter) int { return strings.Compare(a.ID, b.ID) })
	if len(out) > limit {
		return out[:limit], out[limit-1].ID, l.fault
	}
	return out, "", l.fault
}

func (l letters) Count(ctx context.Context, f operate.LetterFilter) (int64, error) {
	all, _, err := l.List(ctx, f, "", 1<<20)
	return int64(len(all)), err
}

func (l letters) Do(_ context.Context, what operate.Work, business, id string) (bool, error) {
	l.step()
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.fault != nil {
		return false, l.fault
	}
	if !strings.HasPrefix(id, business+":") {
		return false, operate.ErrUnknown
	}
	i := slices.IndexFunc(l.letters, func(one webhook.DeadLetter) bool { return one.ID == id })
	if i < 0 {
		return false, nil
	}
	l.letters = slices.Delete(slices.Clone(l.letters), i, i+1)
	l.worked = append(l.worked, string(what)+" "+id)
	return true, nil
}

type journal struct{ *house }

func (j journal) Note(_ context.Context, actions ...operate.Action) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.mute == nil {
		j.journal = append(j.journal, actions...)
	}
	return j.mute
}

func (j journal) Actions(_ context.Context, business, after string, limit int) ([]operate.Noted, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	var out []operate.Noted
	for i, a := range j.journal {
		cursor := fmt.Sprintf("%06d", i)
		if a.Business == business && cursor > after && len(out) < limit {
			out = append(out, operate.Noted{Action: a, Cursor: cursor})
		}
	}
	return out, j.fault
}

func (j journal) Latest(_ context.Context, business, before string, limit int) ([]operate.Noted, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	var out []operate.Noted
	for i, a := range slices.Backward(j.journal) {
		cursor := fmt.Sprintf("%06d", i)
		if a.Business == business && (before == "" || cursor < before) && len(out) < limit {
			out = append(out, operate.Noted{Action: a, Cursor: cursor})
		}
	}
	return out, j.fault
}

type tokens struct{ *house }

func (k tokens) Issue(_ context.Context, g webhook.Grant) (string, webhook.Grant, error) {
	g.ID = fmt.Sprint("token", len(k.grants))
	if k.fault == nil {
		k.grants = append(k.grants, g)
	}
	return "eyJ.the.token", g, k.fault
}

func (k tokens) List(_ context.Context, business string, _ time.Time) ([]webhook.Grant, error) {
	return slices.DeleteFunc(slices.Clone(k.grants), func(g webhook.Grant) bool { return g.Business != business }), k.fault
}

func (k tokens) Revoke(_ context.Context, business, id string) (bool, error) {
	before := len(k.grants)
	k.grants = slices.DeleteFunc(k.grants, func(g webhook.Grant) bool { return g.Business == business && g.ID == id })
	return len(k.grants) < before, k.fault
}

type handles struct{}

func (handles) Parse(text string) (masking.Reference, bool) {
	return masking.Reference{Key: strings.TrimPrefix(text, "IT.")}, strings.HasPrefix(text, "IT.")
}

func (handles) ConversationsOf(_ context.Context, b *webhook.Business, key string) ([]webhook.Conversation, error) {
	if "IT."+key != handle || b.ID != "acme" {
		return nil, webhook.ErrUnknownHandle
	}
	return []webhook.Conversation{customer}, nil
}

type lanes struct{ *house }

func (l lanes) Waiting(_ context.Context, e webhook.EndpointKey, _ string, limit int) ([]webhook.Lane, string, error) {
	var out []webhook.Lane
	for at := range l.queues {
		if at.Target() == e && len(out) < limit {
			out = append(out, at)
		}
	}
	return out, "", l.fault
}

func (l lanes) Look(_ context.Context, some []webhook.Lane, limit int) ([]operate.LaneState, error) {
	var out []operate.LaneState
	for _, one := range some {
		if s, ok := l.queues[one]; ok {
			s.Queue = s.Queue[:min(limit, len(s.Queue))]
			out = append(out, s)
		}
	}
	return out, l.fault
}

// waits puts events into a lane.
func (h *house) waits(at webhook.Lane, events ...*webhook.Delivery) {
	s := operate.LaneState{Lane: at, Events: int64(len(events)), Due: morning().Add(time.Minute), Attempts: 2, Refusals: 1, FirstTry: morning().Add(-time.Minute)}
	for _, e := range events {
		s.Queue = append(s.Queue, *e)
	}
	h.queues[at] = s
}

type trials struct{ *house }

func (s trials) Send(context.Context, webhook.EndpointKey) (webhook.Trial, error) {
	return s.trial, s.fault
}

func (s trials) Shake(_ context.Context, k webhook.EndpointKey, verifyToken string) (webhook.Trial, error) {
	s.shaken = append(s.shaken, k.Endpoint+" by "+verifyToken)
	return s.trial, s.fault
}

type jobs struct{ *house }

func (s jobs) Begin(_ context.Context, j operate.Job) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.jobs[j.Endpoint()].State == operate.Running {
		return operate.ErrUnderWay
	}
	if s.fault == nil {
		s.jobs[j.Endpoint()] = j
		delete(s.holder, j.Endpoint())
	}
	return s.fault
}

func (s jobs) List(_ context.Context, ends []webhook.EndpointKey) ([]operate.Job, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []operate.Job
	for _, e := range ends {
		if j, ok := s.jobs[e]; ok {
			out = append(out, j)
		}
	}
	return out, s.fault
}

func (s jobs) Cancel(_ context.Context, e webhook.EndpointKey, id string) (bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	j := s.jobs[e]
	if j.ID != id || j.State != operate.Running || s.fault != nil {
		return false, s.fault
	}
	j.State = operate.Cancelled
	s.jobs[e] = j
	return true, nil
}

func (s jobs) Claim(_ context.Context, node string, ends []webhook.EndpointKey) (operate.Job, bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, e := range ends {
		if by := s.holder[e]; s.jobs[e].State == operate.Running && (by == "" || by == node) {
			s.holder[e] = node
			return s.jobs[e], true, s.fault
		}
	}
	return operate.Job{}, false, s.fault
}

func (s jobs) Advance(_ context.Context, node string, j operate.Job) (bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	kept := s.jobs[j.Endpoint()]
	if kept.ID != j.ID || s.holder[j.Endpoint()] != node {
		return false, s.fault
	}
	state := kept.State
	kept.Done, kept.Gone, kept.Failed = j.Done, j.Gone, j.Failed
	if state == operate.Running {
		kept.State = j.State
	}
	s.jobs[j.Endpoint()] = kept
	return state == operate.Running, s.fault
}

// die has the lease of whoever works on an endpoint's job run out.
func (h *house) die(e webhook.EndpointKey) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.holder, e)
}

type figures struct{ *house }

func (f figures) Read(_ context.Context, business string, span operate.Span) ([]operate.Counted, error) {
	return within(f.counts, business, span), f.fault
}

func (f figures) Ads(_ context.Context, business string, span operate.Span) ([]operate.Counted, error) {
	return within(f.ads, business, operate.Span{From: span.From.Truncate(24 * time.Hour), To: span.To}), f.fault
}

func within(all []operate.Counted, business string, span operate.Span) []operate.Counted {
	return slices.DeleteFunc(slices.Clone(all), func(c operate.Counted) bool {
		return c.Figure.Business != business || c.At.Before(span.From) || !c.At.Before(span.To)
	})
}

type node struct{}

func (node) Here(k webhook.EndpointKey) (operate.Here, bool) {
	return operate.Here{Most: 32, Limit: 4, InFlight: 2, Queued: 9}, k == crm()
}

func (node) Acknowledged() operate.Quantiles { return operate.Quantiles{P50: 2, P99: 3, N: 4} }

func (node) Loaded() operate.Loaded { return operate.Loaded{File: "bauta.yaml", At: morning()} }

type reloader struct{ *house }

func (r reloader) Reload(context.Context) (operate.Outcome, error) { return r.reload, r.fault }

type prf struct{}

func (prf) PRF(label string, parts ...string) (sum [32]byte) {
	mac := hmac.New(sha256.New, []byte("a key"))
	_, _ = mac.Write([]byte(label + "\n" + strings.Join(parts, "\n")))
	copy(sum[:], mac.Sum(nil))
	return sum
}

// errAway is what the house fails with; its words are no secret.
func errAway() error { return errors.New("the store is away") }

func grant(business string, scopes ...string) webhook.Grant {
	return webhook.Grant{ID: "token-" + business, Business: business, Scopes: scopes, Label: "Ada, on call"}
}

// consoles have the scope that operators need.
func consoles(business string) webhook.Grant { return grant(business, access.Console) }

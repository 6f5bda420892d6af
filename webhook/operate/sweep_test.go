package operate_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"reflect"
	"strings"
	"testing"

	"bauta/webhook"
	"bauta/webhook/operate"
)

// answers are what the desk says to who sees everything, by its methods.
func answers(ctx context.Context, d *operate.Desk) map[string]func(operate.Actor) (any, error) {
	span, page := operate.LastSpan(morning(), operate.MostSpan), operate.Page{Limit: 100}
	letters := operate.LetterFilter{Business: "acme"}
	two := func(v any, _ string, err error) (any, error) { return v, err }
	return map[string]func(operate.Actor) (any, error){
		"Actions":          func(a operate.Actor) (any, error) { return two(d.Actions(ctx, a, "acme", page)) },
		"Attempts":         func(a operate.Actor) (any, error) { return d.Attempts(a, webhook.EndpointKey{}, 100) },
		"Balance":          func(a operate.Actor) (any, error) { return d.Balance(ctx, a, "acme", span, true) },
		"BeginJob":         func(a operate.Actor) (any, error) { return d.BeginJob(ctx, a, operate.Replay, replayAll(), 0) },
		"CancelJob":        func(a operate.Actor) (any, error) { return d.CancelJob(ctx, a, "acme", "J1") },
		"Configuration":    func(a operate.Actor) (any, error) { return d.Configuration(a) },
		"CountDeadLetters": func(a operate.Actor) (any, error) { return d.CountDeadLetters(ctx, a, letters) },
		"DeadLetters":      func(a operate.Actor) (any, error) { return two(d.DeadLetters(ctx, a, letters, page)) },
		"Decisions":        func(a operate.Actor) (any, error) { return d.Decisions(ctx, a, "acme", span) },
		"Deliveries":       func(a operate.Actor) (any, error) { return d.Deliveries(ctx, a, "acme", handle) },
		"DropHeld":         func(a operate.Actor) (any, error) { return d.DropHeld(ctx, a, "acme", "1") },
		"Endpoints":        func(a operate.Actor) (any, error) { return d.Endpoints(ctx, a, "") },
		"Finish": func(a operate.Actor) (any, error) {
			j, err := d.BeginJob(ctx, a, operate.Drop, operate.LetterFilter{Business: "acme", Endpoint: "bot"}, 1000)
			return j, errors.Join(err, finish(ctx, d, j))
		},
		"HeldEvents": func(a operate.Actor) (any, error) { return two(d.HeldEvents(ctx, a, "acme", page)) },
		"Holders":    func(a operate.Actor) (any, error) { return d.Holders(a), nil },
		"IssueToken": func(operate.Actor) (any, error) { return two2(d.IssueToken(ctx, operate.Operator(), consoles("acme"))) },
		"Job":        func(a operate.Actor) (any, error) { return d.Job(ctx, a, "acme", "J1") },
		"JobList":    func(a operate.Actor) (any, error) { return d.JobList(ctx, a, "") },
		"Lane": func(a operate.Actor) (any, error) {
			return d.Lane(ctx, a, crm(), webhook.LaneHash(prf{}, lane(crm(), "")))
		},
		"LatestActions":  func(a operate.Actor) (any, error) { return two(d.LatestActions(ctx, a, "acme", page)) },
		"Lanes":          func(a operate.Actor) (any, error) { return two(d.Lanes(ctx, a, crm(), page)) },
		"Overview":       func(a operate.Actor) (any, error) { return d.Overview(ctx, a, operate.Query{Span: span}) },
		"PauseEndpoint":  func(a operate.Actor) (any, error) { return nil, d.PauseEndpoint(ctx, a, crm(), 0) },
		"ReleaseHeld":    func(a operate.Actor) (any, error) { return d.ReleaseHeld(ctx, a, "acme", "1") },
		"Reload":         func(a operate.Actor) (any, error) { return d.Reload(ctx, a) },
		"ResumeEndpoint": func(a operate.Actor) (any, error) { return d.ResumeEndpoint(ctx, a, crm()) },
		"RevokeToken":    func(operate.Actor) (any, error) { return d.RevokeToken(ctx, operate.Operator(), "acme", "token-acme") },
		"ShakeHands":     func(a operate.Actor) (any, error) { return d.ShakeHands(ctx, a, crm(), secret) },
		"Sharing":        func(a operate.Actor) (any, error) { return d.Sharing(ctx, a, "acme", span) },
		"TestEndpoint":   func(a operate.Actor) (any, error) { return d.TestEndpoint(ctx, a, crm()) },
		"Tokens":         func(a operate.Actor) (any, error) { return d.Tokens(ctx, a, "") },
		"Work": func(operate.Actor) (any, error) {
			over, cancel := context.WithCancel(ctx)
			cancel()
			d.Work(over)
			return nil, nil
		},
		"WorkOnLetter": func(a operate.Actor) (any, error) {
			return d.WorkOnLetter(ctx, a, "acme", "acme:crm:1", operate.Replay)
		},
	}
}

func finish(ctx context.Context, d *operate.Desk, j operate.Job) error {
	_, err := d.Finish(ctx, j, func(operate.Job) {})
	return err
}

func two2(_ string, g webhook.Grant, err error) (any, error) { return g, err }

// crowded is a house with something in every room.
func crowded() *house {
	h := full()
	h.dies(webhook.EndpointKey{Business: "acme", Endpoint: "bot"}, 2)
	h.held = append(h.held, operate.HeldEvent{ID: "1", Business: "acme", Field: "messages", Reason: "leak", Positions: []operate.Position{operate.PositionOf("messages." + number)}})
	h.jobs[crm()] = operate.Job{ID: "J1", State: operate.Ended, Filter: operate.LetterFilter{Business: "acme", Endpoint: "crm"}}
	h.waits(lane(crm(), ""), delivery(0), delivery(1))
	h.waits(lane(crm(), "~evt_2"), delivery(2))
	h.grants = []webhook.Grant{consoles("acme"), consoles("_")}
	return h
}

// No answer holds a number, a user's id, a message's id, a secret, a body, or what Bauta
// calls a customer; nor does the journal, nor the log.
func TestNothingThatTheDeskSaysTellsWhoSomebodyIs(t *testing.T) {
	t.Parallel()
	desk := reflect.TypeFor[*operate.Desk]()
	named := answers(t.Context(), crowded().open(t))
	for method := range desk.Methods() {
		if named[method.Name] == nil {
			t.Errorf("nobody asks what %s answers", method.Name)
		}
	}
	for name := range named {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, fault := range []error{nil, errAway()} {
				for _, a := range []operate.Actor{operator(), clerk(), {}} {
					h := crowded()
					var log bytes.Buffer
					d := h.open(t, func(o *operate.Options) {
						o.Logger = slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
					})
					h.fault = fault
					said, err := answers(t.Context(), d)[name](a)
					if err != nil && fault == nil && a == operator() {
						t.Errorf("it fails: %v", err)
					}
					text, marshalled := json.Marshal(said)
					if marshalled != nil {
						t.Fatal(marshalled)
					}
					clean(t, fmt.Sprintf("%s %+v %v %s %s", text, said, err, strings.Join(h.lines(), "\n"), log.String()))
				}
			}
		})
	}
}

func clean(t *testing.T, text string) {
	t.Helper()
	for _, p := range planted() {
		for _, written := range []string{p, base64.StdEncoding.EncodeToString([]byte(p)), base64.RawURLEncoding.EncodeToString([]byte(p)), fmt.Sprintf("%d", []byte(p))} {
			if strings.Contains(text, strings.Trim(written, "[]=")) {
				t.Errorf("%q stands in %s", p, text)
			}
		}
	}
}

// Where the outcome cannot be noted the log says so, and no more.
func TestAnOutcomeThatIsNotNotedIsLogged(t *testing.T) {
	t.Parallel()
	h := crowded()
	var log bytes.Buffer
	d := h.open(t, func(o *operate.Options) {
		o.Logger, o.Journal = slog.New(slog.NewTextHandler(&log, nil)), &breaking{journal: journal{h}}
	})
	if ok, err := d.WorkOnLetter(t.Context(), clerk(), "acme", "acme:crm:1", operate.Drop); !ok || err != nil {
		t.Errorf("%t, %v", ok, err)
	}
	for _, want := range []string{"level=WARN", "not in the audit log", "business=acme", "action=dead_letter_drop", "outcome=done"} {
		if !strings.Contains(log.String(), want) {
			t.Errorf("the log lacks %q: %s", want, log.String())
		}
	}
	clean(t, log.String())
}

// breaking takes one line and no other.
type breaking struct {
	journal

	n int
}

func (b *breaking) Note(ctx context.Context, actions ...operate.Action) error {
	if b.n++; b.n > 1 {
		return errors.New("the log is full")
	}
	return b.journal.Note(ctx, actions...)
}

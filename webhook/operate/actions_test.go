package operate_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"bauta/webhook"
	"bauta/webhook/operate"
)

// deed is one thing that operators do. Business and endpoint are those of acme/crm where a
// test does not say others.
type deed struct {
	name, what, on string
	// do says whether anything was done.
	do func(ctx context.Context, d *operate.Desk, a operate.Actor, of webhook.EndpointKey) (bool, error)
	// outcome where all is well, and where there is nothing to do.
	outcome, nothing string
	// whole: it is about everything, and for who sees everything.
	whole bool
}

func deeds() []deed {
	held := func(do func(*operate.Desk, context.Context, operate.Actor, string, string) (bool, error)) func(context.Context, *operate.Desk, operate.Actor, webhook.EndpointKey) (bool, error) {
		return func(ctx context.Context, d *operate.Desk, a operate.Actor, of webhook.EndpointKey) (bool, error) {
			return do(d, ctx, a, of.Business, "1789000000000-a")
		}
	}
	letter := func(work operate.Work) func(context.Context, *operate.Desk, operate.Actor, webhook.EndpointKey) (bool, error) {
		return func(ctx context.Context, d *operate.Desk, a operate.Actor, of webhook.EndpointKey) (bool, error) {
			return d.WorkOnLetter(ctx, a, of.Business, of.Business+":crm:0", work)
		}
	}
	return []deed{
		{name: "pausing an endpoint", what: "endpoint_pause", on: "endpoint=crm", outcome: "done", do: func(ctx context.Context, d *operate.Desk, a operate.Actor, of webhook.EndpointKey) (bool, error) {
			err := d.PauseEndpoint(ctx, a, of, time.Hour)
			return err == nil, err
		}},
		{name: "resuming an endpoint", what: "endpoint_resume", on: "endpoint=crm", outcome: "done", nothing: "nothing", do: func(ctx context.Context, d *operate.Desk, a operate.Actor, of webhook.EndpointKey) (bool, error) {
			return d.ResumeEndpoint(ctx, a, of)
		}},
		{name: "a test event", what: "endpoint_test", on: "endpoint=crm", outcome: "done", nothing: "refused", do: func(ctx context.Context, d *operate.Desk, a operate.Actor, of webhook.EndpointKey) (bool, error) {
			trial, err := d.TestEndpoint(ctx, a, of)
			return trial.OK, err
		}},
		{name: "a handshake", what: "endpoint_handshake", on: "endpoint=crm", outcome: "done", nothing: "refused", do: func(ctx context.Context, d *operate.Desk, a operate.Actor, of webhook.EndpointKey) (bool, error) {
			trial, err := d.ShakeHands(ctx, a, of, secret)
			return trial.OK, err
		}},
		{name: "releasing a held event", what: "held_release", on: "held=1789000000000-a", outcome: "done", nothing: "nothing", do: held(func(d *operate.Desk, ctx context.Context, a operate.Actor, business, id string) (bool, error) {
			out, err := d.ReleaseHeld(ctx, a, business, id)
			return out == operate.Released, err
		})},
		{name: "dropping a held event", what: "held_drop", on: "held=1789000000000-a", outcome: "done", nothing: "nothing", do: held((*operate.Desk).DropHeld)},
		{name: "replaying a dead letter", what: "dead_letter_replay", on: "dead_letter=acme:crm:0", outcome: "done", nothing: "nothing", do: letter(operate.Replay)},
		{name: "dropping a dead letter", what: "dead_letter_drop", on: "dead_letter=acme:crm:0", outcome: "done", nothing: "nothing", do: letter(operate.Drop)},
		{name: "beginning a job", what: "dead_letter_replay", on: "endpoint=crm job=*", outcome: "done", nothing: "done", do: func(ctx context.Context, d *operate.Desk, a operate.Actor, of webhook.EndpointKey) (bool, error) {
			j, err := d.BeginJob(ctx, a, operate.Replay, operate.LetterFilter{Business: of.Business, Endpoint: of.Endpoint}, 0)
			return j.Total > 0, err
		}},
		{name: "a reload", what: "reload", on: "configuration", outcome: "done", whole: true, do: func(ctx context.Context, d *operate.Desk, a operate.Actor, _ webhook.EndpointKey) (bool, error) {
			out, err := d.Reload(ctx, a)
			return out.Changed, err
		}},
	}
}

// full has something for every deed, bare nothing.
func full() *house {
	h := bare()
	h.pauses[crm()] = webhook.Standstill{Paused: true, Pause: webhook.Pause{Endless: true}}
	h.held = []operate.HeldEvent{{ID: "1789000000000-a", Business: "acme"}}
	h.dies(crm(), 3)
	h.trial = webhook.Trial{OK: true, Status: 200}
	return h
}

func bare() *house {
	h := newHouse()
	h.reload = operate.Outcome{Changed: true}
	return h
}

// wanted are the two lines that a deed leaves.
func (d *deed) wanted(a operate.Actor, outcome string) []string {
	business := "acme"
	if d.whole {
		business = "_"
	}
	head := strings.Join([]string{business, a.By, d.what, d.on}, " ")
	return []string{head + " begun", head + " " + outcome}
}

// compare passes over the id of a job.
func (h *house) compare(t *testing.T, want []string) {
	t.Helper()
	got := h.lines()
	for i := range got {
		if at := strings.Index(got[i], " job="); at >= 0 {
			id, outcome, _ := strings.Cut(got[i][at+len(" job="):], " ")
			if len(id) != 26 {
				t.Errorf("the job's id is %q", id)
			}
			got[i] = got[i][:at] + " job=* " + outcome
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("the journal has\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestEveryDeedIsInTheJournal(t *testing.T) {
	t.Parallel()
	for _, d := range deeds() {
		t.Run(d.name, func(t *testing.T) {
			t.Parallel()
			for _, a := range []operate.Actor{operator(), clerk(), operate.Operator()} {
				if d.whole && !a.All() {
					continue
				}
				h := full()
				if done, err := d.do(t.Context(), h.open(t), a, crm()); !done || err != nil {
					t.Errorf("done: %t, %v", done, err)
				}
				h.compare(t, d.wanted(a, d.outcome))
				if at := h.journal[1].At; !at.Equal(morning()) {
					t.Errorf("at %v", at)
				}
				if d.nothing == "" {
					continue
				}
				h = bare()
				if done, err := d.do(t.Context(), h.open(t), a, crm()); done || err != nil {
					t.Errorf("with nothing to do: %t, %v", done, err)
				}
				h.compare(t, d.wanted(a, d.nothing))
			}
		})
	}
}

func TestADeedThatFailsIsInTheJournal(t *testing.T) {
	t.Parallel()
	for _, d := range deeds() {
		t.Run(d.name, func(t *testing.T) {
			t.Parallel()
			h := full()
			h.fault = errAway()
			if _, err := d.do(t.Context(), h.open(t), operator(), crm()); err == nil || !strings.Contains(err.Error(), "the store is away") {
				t.Errorf("it fails with %v", err)
			}
			h.compare(t, d.wanted(operator(), "failed"))
		})
	}
}

// The caller may be gone when it is over: what came of it is noted all the same.
func TestWhoGoesAwayLeavesAnOutcome(t *testing.T) {
	t.Parallel()
	for _, d := range deeds() {
		t.Run(d.name, func(t *testing.T) {
			t.Parallel()
			h := full()
			ctx, cancel := context.WithCancel(t.Context())
			h.step = cancel
			_, _ = d.do(ctx, h.open(t, func(o *operate.Options) { o.Journal = attentive{journal{h}, t} }), operator(), crm())
			h.compare(t, d.wanted(operator(), d.outcome))
		})
	}
}

// attentive is a journal that takes nothing from who is gone.
type attentive struct {
	journal

	t *testing.T
}

func (j attentive) Note(ctx context.Context, actions ...operate.Action) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if _, bounded := ctx.Deadline(); !bounded && actions[0].Outcome != operate.Begun {
		j.t.Error("the noting of an outcome has no end")
	}
	return j.journal.Note(ctx, actions...)
}

func TestWithoutAJournalNothingIsDone(t *testing.T) {
	t.Parallel()
	for _, d := range deeds() {
		t.Run(d.name, func(t *testing.T) {
			t.Parallel()
			h := full()
			h.mute = errors.New("the log is full")
			if _, err := d.do(t.Context(), h.open(t), operator(), crm()); err == nil || !strings.Contains(err.Error(), "nothing was done: the log is full") {
				t.Errorf("it fails with %v", err)
			}
			if len(h.worked)+len(h.jobs)+len(h.shaken) > 0 || len(h.held) != 1 || !h.pauses[crm()].Pause.Endless {
				t.Error("something was done")
			}
		})
	}
}

// Who may not see a business learns nothing of it, and leaves nothing: not even a line.
func TestNobodyActsOnWhatIsNotTheirs(t *testing.T) {
	t.Parallel()
	umbrella := webhook.EndpointKey{Business: "umbrella", Endpoint: "crm"}
	for _, d := range deeds() {
		t.Run(d.name, func(t *testing.T) {
			t.Parallel()
			for name, row := range map[string]struct {
				by operate.Actor
				of webhook.EndpointKey
			}{
				"another's business":          {clerk(), umbrella},
				"a business that is not":      {operator(), webhook.EndpointKey{Business: "nobody", Endpoint: "crm"}},
				"no business":                 {operator(), webhook.EndpointKey{Endpoint: "crm"}},
				"no business, by its clerk":   {clerk(), webhook.EndpointKey{Endpoint: "crm"}},
				"all businesses":              {operator(), webhook.EndpointKey{Business: "_", Endpoint: "crm"}},
				"an app's name, by a clerk":   {clerk(), webhook.EndpointKey{Business: "_main", Endpoint: "crm"}},
				"an actor who is nobody":      {operate.Actor{}, crm()},
				"nobody of no business":       {operate.Actor{}, webhook.EndpointKey{}},
				"an actor without a business": {operate.Actor{By: "token"}, crm()},
			} {
				if d.whole && row.by.All() {
					continue
				}
				h := full()
				done, err := d.do(t.Context(), h.open(t), row.by, row.of)
				want := operate.ErrUnknown
				if d.whole {
					want = operate.ErrNotYours
				}
				if done || !errors.Is(err, want) {
					t.Errorf("%s: done %t, %v", name, done, err)
				}
				h.compare(t, nil)
			}
		})
	}
}

func TestAnEndpointThatIsNotThereIsUnknown(t *testing.T) {
	t.Parallel()
	for _, d := range deeds() {
		if !strings.HasPrefix(d.on, "endpoint=") {
			continue
		}
		t.Run(d.name, func(t *testing.T) {
			t.Parallel()
			h := full()
			for _, of := range []string{"nothing", "", "CRM"} {
				if done, err := d.do(t.Context(), h.open(t), operator(), webhook.EndpointKey{Business: "acme", Endpoint: of}); done || err == nil {
					t.Errorf("%q: done %t, %v", of, done, err)
				}
			}
			h.compare(t, nil)
		})
	}
}

// An id is chosen by whoever acts: what is none of ours does not come into the journal.
func TestTheJournalTakesNoInventedNames(t *testing.T) {
	t.Parallel()
	for _, id := range []string{"", "two words", "a\nline", "a\x1b[2J", "\xff", "é", strings.Repeat("a", 301)} {
		h := full()
		d := h.open(t)
		_, released := d.ReleaseHeld(t.Context(), operator(), "acme", id)
		_, dropped := d.DropHeld(t.Context(), operator(), "acme", id)
		_, worked := d.WorkOnLetter(t.Context(), operator(), "acme", id, operate.Drop)
		_, revoked := d.RevokeToken(t.Context(), operate.Operator(), "acme", id)
		_, cancelled := d.CancelJob(t.Context(), operator(), "acme", id)
		for what, err := range map[string]error{"release": released, "drop": dropped, "work": worked, "revoke": revoked, "cancel": cancelled} {
			if !errors.Is(err, operate.ErrUnknown) {
				t.Errorf("%s %q: %v", what, id, err)
			}
		}
		h.compare(t, nil)
	}
}

// What the store does not know, and what cannot be at the same time, was refused.
func TestWhatCannotBeDoneWasRefused(t *testing.T) {
	t.Parallel()
	h := full()
	d := h.open(t)
	if _, err := d.WorkOnLetter(t.Context(), clerk(), "acme", "umbrella:crm:0", operate.Drop); !errors.Is(err, operate.ErrUnknown) {
		t.Errorf("another's dead letter: %v", err)
	}
	h.compare(t, []string{"acme token-acme dead_letter_drop dead_letter=umbrella:crm:0 begun", "acme token-acme dead_letter_drop dead_letter=umbrella:crm:0 refused"})
	h.still = true
	if out, err := d.ReleaseHeld(t.Context(), clerk(), "acme", "1789000000000-a"); out != operate.StillHeld || err != nil {
		t.Errorf("still held: %v, %v", out, err)
	}
	h.reload = operate.Outcome{Faults: []string{"bauta.yaml:3:1: businesses: is missing"}}
	if out, err := d.Reload(t.Context(), operator()); len(out.Faults) != 1 || err != nil {
		t.Errorf("a reload: %v, %v", out, err)
	}
	if got := h.lines(); !strings.HasSuffix(got[3], "held=1789000000000-a refused") || !strings.HasSuffix(got[5], "configuration refused") {
		t.Errorf("the journal has %q", got)
	}
}

func TestThePlatformIsNotTried(t *testing.T) {
	t.Parallel()
	h := full()
	d := h.open(t)
	platform := webhook.EndpointKey{Business: "acme", Endpoint: webhook.PlatformEndpoint}
	if _, err := d.TestEndpoint(t.Context(), operator(), platform); !errors.Is(err, operate.ErrInvalid) {
		t.Errorf("a test: %v", err)
	}
	if _, err := d.ShakeHands(t.Context(), operator(), platform, ""); !errors.Is(err, operate.ErrInvalid) {
		t.Errorf("a handshake: %v", err)
	}
	if _, err := d.ShakeHands(t.Context(), operator(), crm(), strings.Repeat("v", 257)); !errors.Is(err, operate.ErrInvalid) {
		t.Errorf("a long verify token: %v", err)
	}
	h.compare(t, nil)
	// Its errands can be held up and let go, as everything else.
	if err := d.PauseEndpoint(t.Context(), operator(), platform, 0); err != nil {
		t.Error(err)
	}
}

func TestAPauseHasALength(t *testing.T) {
	t.Parallel()
	h := bare()
	d := h.open(t)
	for _, lasts := range []time.Duration{-time.Second, 30*24*time.Hour + time.Second} {
		if err := d.PauseEndpoint(t.Context(), operator(), crm(), lasts); !errors.Is(err, operate.ErrInvalid) {
			t.Errorf("%v: %v", lasts, err)
		}
	}
	h.compare(t, nil)
	for lasts, want := range map[time.Duration]webhook.Pause{
		0:                   {Endless: true, Reason: "operator", Count: 1, Instead: true},
		time.Hour:           {Left: time.Hour, Reason: "operator", Count: 1, Instead: true},
		30 * 24 * time.Hour: {Left: 30 * 24 * time.Hour, Reason: "operator", Count: 1, Instead: true},
	} {
		if err := d.PauseEndpoint(t.Context(), operator(), crm(), lasts); err != nil || h.pauses[crm()].Pause != want {
			t.Errorf("%v: %+v, %v", lasts, h.pauses[crm()].Pause, err)
		}
	}
}

func TestTheJournalIsReadByPages(t *testing.T) {
	t.Parallel()
	h := full()
	h.grants = []webhook.Grant{consoles("acme"), consoles("umbrella")}
	d := h.open(t)
	for range 3 {
		if err := d.PauseEndpoint(t.Context(), clerk(), crm(), 0); err != nil {
			t.Fatal(err)
		}
	}
	if err := d.PauseEndpoint(t.Context(), operate.Operator(), webhook.EndpointKey{Business: "umbrella", Endpoint: "bot"}, 0); err != nil {
		t.Fatal(err)
	}
	if _, err := d.Reload(t.Context(), operator()); err != nil {
		t.Fatal(err)
	}
	var seen []string
	for cursor := ""; ; {
		some, next, err := d.Actions(t.Context(), clerk(), "acme", operate.Page{After: cursor, Limit: 4})
		if err != nil || len(some) > 4 {
			t.Fatalf("%d, %v", len(some), err)
		}
		for _, a := range some {
			seen = append(seen, a.By+" "+a.Label+" "+a.What+" "+a.Outcome)
		}
		if cursor = next; cursor == "" {
			break
		}
	}
	want := []string{}
	for range 3 {
		want = append(want, "token-acme Ada, on call endpoint_pause begun", "token-acme Ada, on call endpoint_pause done")
	}
	if !slices.Equal(seen, want) {
		t.Errorf("acme's journal is %q", seen)
	}
	var back []string
	for cursor := ""; ; {
		some, next, err := d.LatestActions(t.Context(), clerk(), "acme", operate.Page{After: cursor, Limit: 4})
		if err != nil || len(some) > 4 {
			t.Fatalf("%d, %v", len(some), err)
		}
		for _, a := range some {
			back = append(back, a.By+" "+a.Label+" "+a.What+" "+a.Outcome)
		}
		if cursor = next; cursor == "" {
			break
		}
	}
	if slices.Reverse(back); !slices.Equal(back, want) {
		t.Errorf("from its end acme's journal is %q", back)
	}
	if some, next, err := d.Actions(t.Context(), operator(), "umbrella", operate.Page{Limit: 2}); len(some) != 2 || next != "" || err != nil || some[0].By != "operator" || some[0].Label != "" {
		t.Errorf("a page that is full, and the last: %v, %q, %v", some, next, err)
	}
	for _, of := range []string{"", "_"} {
		if some, _, err := d.Actions(t.Context(), operator(), of, operate.Page{Limit: 10}); len(some) != 2 || err != nil || some[0].What != "reload" {
			t.Errorf("what concerned all: %v, %v", some, err)
		}
		if _, _, err := d.LatestActions(t.Context(), clerk(), of, operate.Page{}); !errors.Is(err, operate.ErrNotYours) {
			t.Errorf("from the end, by a clerk: %v", err)
		}
		if _, _, err := d.Actions(t.Context(), clerk(), of, operate.Page{}); !errors.Is(err, operate.ErrNotYours) {
			t.Errorf("by a clerk: %v", err)
		}
	}
	for _, of := range []string{"umbrella", "nobody", "_main"} {
		if _, _, err := d.LatestActions(t.Context(), clerk(), of, operate.Page{}); !errors.Is(err, operate.ErrUnknown) {
			t.Errorf("from the end, of %s by acme's clerk: %v", of, err)
		}
		if _, _, err := d.Actions(t.Context(), clerk(), of, operate.Page{}); !errors.Is(err, operate.ErrUnknown) {
			t.Errorf("of %s by acme's clerk: %v", of, err)
		}
	}
	h.fault = errAway()
	if _, _, err := d.Actions(t.Context(), operator(), "acme", operate.Page{}); !errors.Is(err, h.fault) {
		t.Errorf("%v", err)
	}
}

func TestAnActorIsMadeOfAGrant(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		grant webhook.Grant
		want  operate.Actor
		err   error
	}{
		"of one business":         {consoles("acme"), operate.Actor{By: "token-acme", Business: "acme"}, nil},
		"of all businesses":       {consoles("_"), operate.Actor{By: "token-_", Business: "_"}, nil},
		"with other scopes alone": {grant("acme", "messages", "manage"), operate.Actor{}, operate.ErrNotYours},
		"without scopes":          {grant("_"), operate.Actor{}, operate.ErrNotYours},
		"of nobody":               {webhook.Grant{ID: "x", Scopes: []string{"console"}}, operate.Actor{}, operate.ErrNotYours},
		"none":                    {webhook.Grant{}, operate.Actor{}, operate.ErrNotYours},
	} {
		if got, err := operate.ActorOf(row.grant); got != row.want || !errors.Is(err, row.err) {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
}

func TestTokensAreMadeByCommandsAlone(t *testing.T) {
	t.Parallel()
	h := full()
	d := h.open(t)
	for _, a := range []operate.Actor{operator(), clerk(), {}, {By: operate.Command, Business: "acme"}} {
		if _, _, err := d.IssueToken(t.Context(), a, consoles("acme")); !errors.Is(err, operate.ErrNotYours) {
			t.Errorf("%+v issues: %v", a, err)
		}
		if _, err := d.RevokeToken(t.Context(), a, "acme", "token0"); !errors.Is(err, operate.ErrNotYours) {
			t.Errorf("%+v revokes: %v", a, err)
		}
	}
	for _, of := range []string{"nobody", "", "_main"} {
		if _, _, err := d.IssueToken(t.Context(), operate.Operator(), consoles(of)); !errors.Is(err, operate.ErrUnknown) {
			t.Errorf("for %q: %v", of, err)
		}
	}
	h.compare(t, nil)
	for _, of := range []string{"_", "umbrella", "acme"} {
		wanted := consoles(of)
		if of == "acme" {
			wanted.Label = ""
		}
		if token, g, err := d.IssueToken(t.Context(), operate.Operator(), wanted); token == "" || g.Business != of || err != nil {
			t.Fatalf("%q, %+v, %v", token, g, err)
		}
	}
	list := func(a operate.Actor, of string) (ids []string) {
		t.Helper()
		grants, err := d.Tokens(t.Context(), a, of)
		if err != nil {
			t.Fatal(err)
		}
		for _, g := range grants {
			ids = append(ids, g.Business+" "+g.ID)
		}
		return ids
	}
	for _, row := range []struct {
		by   operate.Actor
		of   string
		want []string
	}{
		{operator(), "", []string{"_ token0", "acme token2", "umbrella token1"}},
		{operator(), "_", []string{"_ token0"}},
		{operator(), "umbrella", []string{"umbrella token1"}},
		{clerk(), "", []string{"acme token2"}},
		{clerk(), "acme", []string{"acme token2"}},
	} {
		if got := list(row.by, row.of); !slices.Equal(got, row.want) {
			t.Errorf("%s sees of %q %q", row.by.Business, row.of, got)
		}
	}
	if _, err := d.Tokens(t.Context(), clerk(), "_"); !errors.Is(err, operate.ErrNotYours) {
		t.Errorf("a clerk sees those of all: %v", err)
	}
	if _, err := d.Tokens(t.Context(), clerk(), "umbrella"); !errors.Is(err, operate.ErrUnknown) {
		t.Errorf("a clerk sees another's: %v", err)
	}
	if ok, err := d.RevokeToken(t.Context(), operate.Operator(), "umbrella", "token0"); ok || err != nil {
		t.Errorf("of another: %t, %v", ok, err)
	}
	if ok, err := d.RevokeToken(t.Context(), operate.Operator(), "_", "token0"); !ok || err != nil {
		t.Errorf("revoke: %t, %v", ok, err)
	}
	want := []string{
		"_ operator token_issue token begun", "_ operator token_issue token=token0 label=Ada, on call done",
		"umbrella operator token_issue token begun", "umbrella operator token_issue token=token1 label=Ada, on call done",
		"acme operator token_issue token begun", "acme operator token_issue token=token2 done",
		"umbrella operator token_revoke token=token0 begun", "umbrella operator token_revoke token=token0 nothing",
		"_ operator token_revoke token=token0 begun", "_ operator token_revoke token=token0 done",
	}
	h.compare(t, want)
}

func TestADeskSaysWhatItLacks(t *testing.T) {
	t.Parallel()
	_, err := operate.New(operate.Options{})
	if err == nil {
		t.Fatal("a desk without anything was built")
	}
	for _, name := range []string{
		"Businesses", "Counts", "Pauses", "Held", "Releaser", "Letters", "Journal", "Tokens", "Handles", "Customers", "Lanes", "Trials",
		"Jobs", "Shifts", "Figures", "PRF", "Logger", "Now",
	} {
		if !strings.Contains(err.Error(), "Options."+name+" is missing") {
			t.Errorf("nothing is said of %s", name)
		}
	}
}

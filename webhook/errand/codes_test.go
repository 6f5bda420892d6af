package errand_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"bauta/webhook"
	"bauta/webhook/graph"
)

// Every code of webhooks.md 6.6 that a message can be answered with. What "may have
// gone out" is never sent again; what "was not sent" keeps the question.
func TestEveryCodeOfThePlatform(t *testing.T) {
	t.Parallel()
	const windowClosed, unreachable = "failed question 0", "failed question 1"
	long, minute := 10*time.Minute, time.Minute
	type end struct {
		reason  string
		outcome webhook.Outcome
		after   time.Duration
		fault   bool
		told    string
	}
	again := func(reason string, after time.Duration) end {
		e := end{reason: reason, outcome: webhook.Again, after: after}
		if after > 30*time.Second {
			e.outcome = webhook.Aside
		}
		return e
	}
	refused := func(reason string) end { return end{reason, webhook.Dropped, 0, false, unreachable} }
	unknown := end{"unknown", webhook.Dropped, 0, true, ""}
	throttled := end{"throttled", webhook.Aside, minute, true, ""}
	for want, codes := range map[end][]int{
		again("token_refused", long):        {0, 190},
		again("forbidden", long):            {3, 10, 200, 299, 131005},
		again("account", long):              {368, 131031, 131037, 131042, 131045, 131048, 133010},
		throttled:                           {4, 80007, 130429},
		again("pair_limit", 16*time.Second): {131056},
		unknown:                             {1, 2, 131000, 131016, 131057, 133004},
		{"window_closed", webhook.Dropped, 0, false, windowClosed}: {131047},
		refused("undeliverable"):                                   {131021, 131026, 131030, 130403, 130497},
		refused("opted_out"):                                       {131049, 131050, 130472},
		refused("refused"):                                         {33, 100, 131008, 131009, 135000, 131051, 131052, 131053, 131062, 131064, 132000, 132001, 133016, 139100},
	} {
		for _, code := range codes {
			t.Run(fmt.Sprintf("%d is %s", code, want.reason), func(t *testing.T) {
				t.Parallel()
				r := newRig(t)
				e := ask()
				// The stand-in answers with the code that the callback data ask for.
				e.Question = fmt.Sprintf("error_%d", code)
				e.Question += strings.Repeat("-", 16-len(e.Question))
				r.store.change(func(c *webhook.Customer) { c.Scopes[webhook.Direct].Sharing.Question.ID = e.Question })
				got := r.carry("d1", e)
				told := strings.Join(r.store.told(), ", ")
				if d := cmp.Diff(fmt.Sprint(want), fmt.Sprint(end{got.Verdict.Reason, got.Verdict.Outcome, got.Verdict.After, got.Fault, told})); d != "" {
					t.Fatalf("(-want +got):\n%s", d)
				}
				if got.Verdict.Counted || got.Untried {
					t.Errorf("%+v, want one that does not count and tells of the platform", got)
				}
				keeps := want.outcome == webhook.Again || want.outcome == webhook.Aside
				if tried := r.store.tried() != ""; tried == keeps {
					t.Errorf("noted as begun: %v, want %v", tried, !keeps)
				}
				if n := len(r.arrived()); n != 1 {
					t.Errorf("%d calls, want 1", n)
				}
			})
		}
	}
}

func TestAnAnswerThatIsNoneIsNotKnownToBeSent(t *testing.T) {
	t.Parallel()
	for _, mode := range []string{"garbage", "cut", "silent", "slow"} {
		t.Run(mode, func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			e := ask()
			e.Question = "answer_" + mode
			e.Question += strings.Repeat("-", 16-len(e.Question))
			r.store.change(func(c *webhook.Customer) { c.Scopes[webhook.Direct].Sharing.Question.ID = e.Question })
			got := r.carry("d1", e)
			r.want("first", got, webhook.Dropped, "unknown")
			if !got.Fault {
				t.Error("it does not count against the platform")
			}
			r.pass(time.Minute)
			r.want("again", r.carry("d1", e), webhook.Dropped, "unknown")
			if n := len(r.reached()); n != 1 {
				t.Errorf("ada has %d messages, want the one that nobody told of", n)
			}
		})
	}
}

func TestWithoutAConnectionTheQuestionWaits(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	closed, err := graph.New(graph.Options{URL: "http://127.0.0.1:1", Version: "v25.0", HTTP: graph.NewHTTP(), RetryFor: time.Nanosecond})
	if err != nil {
		t.Fatal(err)
	}
	r.build(closed)
	got := r.carry("d1", ask())
	r.want("question", got, webhook.Again, "unreachable")
	if !got.Fault || !got.Verdict.Counted || got.Verdict.After != 0 || r.store.tried() != "" {
		t.Errorf("%+v, tried %q; want a fault of the platform, by the endpoint's schedule", got, r.store.tried())
	}
}

func TestWithoutAnAccessTokenTheQuestionWaitsAndTheOperatorIsToldOnce(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.token = ""
	for range 3 {
		got := r.carry("d1", ask())
		r.want("question", got, webhook.Aside, "token_refused")
		if !got.Untried || got.Fault {
			t.Errorf("%+v, want no word on the platform", got)
		}
	}
	if n := strings.Count(r.log.String(), "renew access_token"); n != 1 {
		t.Errorf("the operator is told %d times, want once", n)
	}
	r.pass(time.Hour)
	r.carry("d1", ask())
	if n := strings.Count(r.log.String(), "renew access_token"); n != 2 {
		t.Errorf("the operator is told %d times after an hour, want twice", n)
	}
}

func TestAnAnswerWithoutACode(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name    string
		answer  graph.Answer
		outcome webhook.Outcome
		reason  string
	}{
		{"401 is the token's", graph.Answer{Status: 401}, webhook.Aside, "token_refused"},
		{"403 is a permission", graph.Answer{Status: 403}, webhook.Aside, "forbidden"},
		{"429 waits", graph.Answer{Status: 429, Header: http.Header{"Retry-After": {"7"}}}, webhook.Aside, "throttled"},
		{"408 may have been sent", graph.Answer{Status: 408}, webhook.Dropped, "unknown"},
		{"502 may have been sent", graph.Answer{Status: 502}, webhook.Dropped, "unknown"},
		{"404 is refused", graph.Answer{Status: 404}, webhook.Dropped, "refused"},
		{"a new code with 4xx is refused", graph.Answer{Status: 400, Code: 131999}, webhook.Dropped, "refused"},
		{"a new code with 5xx may have been sent", graph.Answer{Status: 500, Code: 131999}, webhook.Dropped, "unknown"},
		{"a limit that says more than that may have been sent", graph.Answer{Status: 400, Code: 130429}, webhook.Dropped, "unknown"},
		{"success without an id", graph.Answer{Status: 200, Body: []byte(`{"messages":[]}`)}, webhook.Dropped, "unknown"},
		{"success with an id of unknown form", graph.Answer{Status: 200, Body: []byte(`{"messages":[{"id":"new"}]}`)}, webhook.Delivered, "sent"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			r.build(platformFunc(func(context.Context, graph.Request) (*graph.Answer, error) { return &c.answer, nil }))
			r.want("question", r.carry("d1", ask()), c.outcome, c.reason)
		})
	}
}

func TestAWaitIsAtLeastWhatThePlatformAsksFor(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	answer := graph.Answer{Status: 400, Code: 130429, Unsent: true, Header: http.Header{"Retry-After": {"90"}}}
	r.build(platformFunc(func(context.Context, graph.Request) (*graph.Answer, error) { return &answer, nil }))
	if got := r.carry("d1", ask()); got.Verdict.After != 90*time.Second {
		t.Errorf("wait %v, want 90 s", got.Verdict.After)
	}
}

package operate_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"bauta/masking"
	"bauta/webhook"
	"bauta/webhook/operate"
)

const (
	before = "IT.1111111111111111111111"
	now    = "IT.2222222222222222222222"
)

// shelf is one direct chat: what waits, was tried and is dead in it, under the handle from
// before and the one of now, and the errands that lie in it for every scope.
type shelf struct {
	conversation webhook.Conversation
	at           time.Time
}

func (s *shelf) of(id, kind, handle string) webhook.Delivery {
	return webhook.Delivery{ID: id, Field: "messages", Kind: kind, Handle: handle, Accepted: s.at}
}

func (s *shelf) lane(endpoint string) webhook.Lane {
	return webhook.Lane{Business: "acme", Endpoint: endpoint, Conversation: s.conversation}
}

func (*shelf) Parse(text string) (masking.Reference, bool) {
	return masking.Reference{Key: text}, strings.HasPrefix(text, "IT.")
}

func (s *shelf) ConversationsOf(context.Context, *webhook.Business, string) ([]webhook.Conversation, error) {
	return []webhook.Conversation{s.conversation}, nil
}

func (*shelf) Waiting(context.Context, webhook.EndpointKey, string, int) ([]webhook.Lane, string, error) {
	return nil, "", nil
}

func (s *shelf) Look(_ context.Context, lanes []webhook.Lane, _ int) ([]operate.LaneState, error) {
	var out []operate.LaneState
	for _, l := range lanes {
		if l.Endpoint == "bot" {
			continue // nothing waits there
		}
		state := operate.LaneState{Lane: l, Attempts: 4, Refusals: 2, FirstTry: s.at}
		if l.Endpoint == webhook.PlatformEndpoint {
			state.Queue = []webhook.Delivery{s.of("evt_errand", "question", "")}
		} else {
			later := s.of("evt_now", "message", now)
			later.Accepted = s.at.Add(time.Hour)
			state.Queue = []webhook.Delivery{s.of("evt_before", "message", before), later}
		}
		state.Events = int64(len(state.Queue))
		out = append(out, state)
	}
	return out, nil
}

type deadOf struct {
	operate.Letters

	shelf *shelf
}

func (l deadOf) List(context.Context, operate.LetterFilter, string, int) ([]webhook.DeadLetter, string, error) {
	return []webhook.DeadLetter{
		{ID: "acme:1", Lane: l.shelf.lane("crm"), Delivery: l.shelf.of("dead_before", "message", before)},
		{ID: "acme:2", Lane: l.shelf.lane("crm"), Delivery: l.shelf.of("dead_now", "message", now)},
		{ID: "acme:3", Lane: l.shelf.lane(webhook.PlatformEndpoint), Delivery: l.shelf.of("dead_errand", "question", "")},
	}, "", nil
}

func TestDeliveriesUnderAHandleAreNeitherThoseOfAnotherHandleNorOfAnotherScope(t *testing.T) {
	t.Parallel()
	s := &shelf{conversation: "somebody", at: time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)}
	recent := operate.NewRecent()
	for _, one := range []struct{ endpoint, id, handle string }{
		{"crm", "tried_before", before}, {"crm", "tried_now", now}, {"crm", "tried_nobody", ""}, {webhook.PlatformEndpoint, "tried_errand", ""},
	} {
		d := s.of(one.id, "message", one.handle)
		recent.Note(webhook.Attempt{Lane: s.lane(one.endpoint), Delivery: &d})
	}
	desk := newHouse().open(t, func(o *operate.Options) {
		o.Handles, o.Customers, o.Lanes, o.Letters, o.Recent = s, s, s, deadOf{shelf: s}, recent
	})
	got, err := desk.Deliveries(t.Context(), operate.Operator(), "acme", now)
	if err != nil {
		t.Fatal(err)
	}
	var seen []string
	for _, l := range got.Lanes {
		if l.Endpoint != crm() || !l.Oldest.Equal(s.at.Add(time.Hour)) || l.Attempts != 0 || l.Refusals != 0 || !l.FirstTry.IsZero() {
			t.Errorf("the lane says what is another handle's, or another scope's: %+v", l)
		}
		for _, e := range l.Events {
			seen = append(seen, e.ID)
		}
		for _, a := range l.Tried {
			seen = append(seen, a.Event)
		}
	}
	for _, a := range got.Tried {
		seen = append(seen, a.Event)
	}
	for _, l := range got.Dead {
		seen = append(seen, l.Event)
	}
	want := []string{"evt_now", "tried_nobody", "tried_now", "tried_nobody", "tried_now", "dead_now"}
	if !slices.Equal(seen, want) {
		t.Errorf("under the handle of now there is\n%q, want\n%q", seen, want)
	}
}

package lanes_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"bauta/redis/lanes"
	"bauta/redis/lanes/element"
	"bauta/redis/lanes/lanestest"
	"bauta/redis/lanes/place"
	"bauta/webhook"
)

func (w *world) look(l *lanes.Lanes, limit int, at ...webhook.Lane) []lanes.State {
	w.Helper()
	states, err := l.Look(w.Context(), at, limit)
	if err != nil {
		w.Fatalf("look: %v", err)
	}
	return states
}

func ids(s lanes.State) (out []string) {
	for i := range s.Queue {
		out = append(out, s.Queue[i].ID)
	}
	return out
}

func TestALaneIsLookedAtWithoutTouchingIt(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		l, who := w.node(long), lanestest.Customer()
		at := lane(who, "crm")
		w.append(l, w.ring.Item(t, who, "evt_1", 1, "crm"), w.ring.Item(t, who, "evt_2", 2, "crm"), w.ring.Item(t, who, "evt_3", 3, "crm"))
		before := w.dump()
		for _, row := range []struct {
			limit int
			want  []string
		}{{0, nil}, {1, []string{"evt_1"}}, {2, []string{"evt_1", "evt_2"}}, {50, []string{"evt_1", "evt_2", "evt_3"}}} {
			states := w.look(l, row.limit, at, lane(lanestest.Customer(), "crm"), lane(who, "bot"))
			if len(states) != 1 || states[0].Events != 3 || states[0].Lane != at || !slices.Equal(ids(states[0]), row.want) {
				w.Fatalf("at most %d: %+v", row.limit, states)
			}
		}
		s := w.look(l, 1, at)[0]
		// Appending leased it to this node.
		if !s.Leased || time.Until(s.Due) > long || time.Until(s.Due) < long/2 || s.Attempts != 0 || !s.FirstTry.IsZero() {
			w.Errorf("in hand: %+v", s)
		}
		if e := s.Queue[0]; e.Field != "messages" || e.Kind != "message" || e.Body != nil || e.Handle != "IT.9041174520836617350284" || time.Since(e.Accepted) > time.Minute || e.Unreadable {
			w.Errorf("the head is %+v", e)
		}
		if text, err := json.Marshal(s); err != nil || strings.Contains(string(text), lanestest.Secret) {
			w.Errorf("it shows a body: %s, %v", text, err)
		}
		for key, text := range w.dump() {
			if before[key] != text {
				w.Errorf("looking changed %s", key)
			}
		}
	})
}

func TestTheHeadsAttemptsAreTold(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		l, who := w.node(0), lanestest.Customer()
		at := lane(who, "crm")
		w.append(l, w.ring.Item(t, who, "evt_1", 1, "crm"))
		w.finish(l, w.take(l, at, long).Lease, webhook.Verdict{Counted: true, Refused: true, After: 5 * time.Millisecond}, 0)
		w.finish(l, w.take(l, at, long).Lease, webhook.Verdict{Counted: true, After: time.Minute}, 0)
		s := w.look(l, 1, at)[0]
		if s.Attempts != 2 || s.Refusals != 1 || s.Leased || time.Since(s.FirstTry) > time.Minute || time.Until(s.Due) > time.Minute || time.Until(s.Due) < 30*time.Second {
			w.Errorf("%+v", s)
		}
	})
}

// What stepped aside from a conversation is told of with it, and alone by its own name.
func TestWhatSteppedAsideIsTold(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		l, who := w.node(0), lanestest.Customer()
		at := lane(who, "crm")
		w.append(l, w.ring.Item(t, who, "evt_1", 1, "crm"), w.ring.Item(t, who, "evt_2", 2, "crm"))
		w.finish(l, w.take(l, at, long).Lease, webhook.Verdict{Outcome: webhook.Aside, Counted: true}, 0)
		aside := lane(string(place.Aside(webhook.Conversation(who), "evt_1")), "crm")
		states := w.look(l, 9, at)
		if len(states) != 2 || states[0].Lane != at || !slices.Equal(ids(states[0]), []string{"evt_2"}) || states[1].Lane != aside || !slices.Equal(ids(states[1]), []string{"evt_1"}) {
			w.Fatalf("%+v", states)
		}
		if alone := w.look(l, 9, aside); len(alone) != 1 || alone[0].Lane != aside {
			w.Errorf("alone: %+v", alone)
		}
		if listed, _, err := l.Waiting(w.Context(), at.Target(), "", 9); len(listed) != 2 || !slices.Contains(listed, aside) || err != nil {
			w.Errorf("listed: %v, %v", listed, err)
		}
	})
}

func TestAnEventThatCannotBeReadIsToldAsSuch(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		l, who := w.node(0), lanestest.Customer()
		at := lane(who, "crm")
		w.append(l, w.ring.Item(t, who, "evt_1", 1, "crm"), w.ring.Item(t, who, "evt_2", 2, "crm"))
		w.spoil(at, 0, element.Stamp(time.Now())+"9of the future")
		s := w.look(l, 9, at)[0]
		if len(s.Queue) != 2 || !s.Queue[0].Unreadable || s.Queue[0].ID == "" || s.Queue[1].ID != "evt_2" {
			w.Errorf("%+v", s.Queue)
		}
	})
}

// Those whose heads wait longest come first, page by page, each once; also many of one
// millisecond.
func TestWaitingLanesAreListedByPages(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		l := w.node(0)
		var want []webhook.Lane
		start := time.Now().Add(-time.Hour).Truncate(time.Millisecond)
		for n := range 40 {
			who := fmt.Sprintf("%02d%s", n, lanestest.Customer())
			item := w.ring.Item(t, who, fmt.Sprint("evt_", n), uint64(n+1), "crm")
			item.Delivery.Accepted = start.Add(time.Duration(n/15) * time.Second)
			w.append(l, item)
			want = append(want, lane(who, "crm"))
		}
		w.append(l, w.ring.Item(t, "another endpoint's", "evt_x", 99, "bot"))
		for _, limit := range []int{1, 7, 15, 39, 40, 500} {
			var got []webhook.Lane
			for cursor := ""; ; {
				some, next, err := l.Waiting(w.Context(), want[0].Target(), cursor, limit)
				if err != nil || len(some) > limit {
					w.Fatalf("by %d: %d, %v", limit, len(some), err)
				}
				got = append(got, some...)
				if cursor = next; cursor == "" {
					break
				}
			}
			if !slices.Equal(got, want) {
				w.Errorf("by %d: %d lanes, want %d in order", limit, len(got), len(want))
			}
		}
		none, next, err := l.Waiting(w.Context(), webhook.EndpointKey{Business: "umbrella", Endpoint: "crm"}, "", 9)
		if len(none) != 0 || next != "" || err != nil {
			w.Errorf("of another: %v, %q, %v", none, next, err)
		}
	})
}

func TestWhatIsNoCursorOfLanesIsSaid(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		for _, cursor := range []string{"x", "-", "1", "1-", "-1", "1-x", "1--1", "1-65537", "+inf-0", "-5-0", "99999999999999999999-0", "1-0 LIMIT"} {
			if _, _, err := w.node(0).Waiting(w.Context(), lane("", "crm").Target(), cursor, 9); !errors.Is(err, lanes.ErrCursor) {
				w.Errorf("%q: %v", cursor, err)
			}
		}
	})
}

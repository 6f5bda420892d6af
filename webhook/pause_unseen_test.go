package webhook

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"bauta/masking"
	"bauta/masking/sharing"
)

// twin is one of two customers of whom the business has asked the same in the direct
// chat, and who wrote the same there; one of them is asked in a group first.
type twin struct {
	*parlour

	stanza int
}

func newTwin(t *testing.T, grouped bool) *twin {
	t.Helper()
	w := &twin{parlour: newParlour(t, paused)}
	w.accept(t, w.message(ada(), text("Hello"), ""))
	if !grouped {
		w.now = w.now.Add(5 * time.Second)
		return w
	}
	w.accept(t, w.message(ada(), text("Hi"), inLisbon))
	if _, err := w.request(t, lisbon); err != nil {
		t.Fatal(err)
	}
	w.ask(t, lisbon, questionStanza)
	return w
}

// carries has a question of the direct chat that is on its way reach the customer.
func (w *twin) carries(t *testing.T) {
	t.Helper()
	s := w.only(t).Scopes[Direct].Sharing
	if s.State == sharing.Asked && s.Question.Stanza == "" && w.now.Before(s.Question.Expires) {
		w.stanza++
		w.ask(t, Direct, fmt.Sprintf("3EB0DIRECT%010d", w.stanza))
	}
}

// said is what the business reads of the direct chat, and what it is told if it asks.
func (w *twin) said(t *testing.T, asks bool) (Seen, string) {
	t.Helper()
	seen, told := Seen{}, ""
	var err error
	if asks {
		seen, err = w.request(t, Direct)
		told = fmt.Sprint(err)
		if lately, ok := err.(*LatelyError); ok { //nolint:errorlint // as it is answered
			told = lately.Wait.String()
		}
	}
	if !asks || err != nil {
		if seen, err = w.consents.View(t.Context(), w.business, w.only(t).Scopes[Direct].Handle.Key()); err != nil {
			t.Fatal(err)
		}
	}
	return seen, told
}

// Whenever the business looks, and whenever it asks, it reads the same of a customer who
// is asked in a group as of one who is in none: when a group's question begins and ends
// does not show.
func TestWhenAGroupsQuestionEndsDoesNotShow(t *testing.T) {
	t.Parallel()
	const day = 24 * time.Hour
	for name, row := range map[string]struct {
		asks, writes []time.Duration
	}{
		"asked at once":                            {[]time.Duration{time.Hour}, []time.Duration{day, 5 * day, 8 * day, 9 * day}},
		"asked later, while the window is open":    {[]time.Duration{3*day + time.Hour}, []time.Duration{3 * day, 7*day + time.Hour}},
		"asked while it is closed":                 {[]time.Duration{3 * day}, []time.Duration{5 * day, 8 * day}},
		"asked while it is closed, and it stays":   {[]time.Duration{3 * day}, []time.Duration{13 * day}},
		"the customer does not write in between":   {[]time.Duration{time.Hour}, []time.Duration{20 * day}},
		"the customer writes when all of it ended": {[]time.Duration{time.Hour}, []time.Duration{7*day + 2*time.Hour}},
		"asked again when it has just ended":       {[]time.Duration{time.Hour, 7*day + 2*time.Hour}, []time.Duration{7 * day}},
		"asked again and again":                    {[]time.Duration{time.Hour, 2 * day, 7*day + 2*time.Hour, 9 * day, 16 * day}, []time.Duration{7*day + time.Hour, 9 * day, 15 * day}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			alone, grouped := newTwin(t, false), newTwin(t, true)
			for at := time.Duration(0); at < 24*day; at += time.Hour {
				var seen [2]Seen
				var told [2]string
				for i, w := range []*twin{alone, grouped} {
					w.now = w.now.Add(time.Hour)
					if slices.Contains(row.writes, at) {
						w.accept(t, w.message(ada(), text("Good morning"), ""))
						w.carries(t)
					}
					seen[i], told[i] = w.said(t, slices.Contains(row.asks, at))
					w.carries(t)
				}
				ids := cmpopts.IgnoreFields(Question{}, "ID", "Language", "Version", "TextHash", "Stanza", "Held")
				handles := cmpopts.IgnoreFields(Seen{}, "Handle")
				if diff := cmp.Diff(seen[0], seen[1], ids, handles, cmp.AllowUnexported(masking.Number{})); diff != "" || told[0] != told[1] {
					t.Fatalf("after %v one is told %q, the other %q, and they read differently:\n%s", at, told[0], told[1], diff)
				}
			}
		})
	}
}

// What is shown is what counts: an answer before the time that the business reads counts,
// one after it does not, also where the question waited for a group's.
func TestAQuestionEndsWhenItSays(t *testing.T) {
	t.Parallel()
	for grouped, wait := range map[bool]time.Duration{false: 0, true: 7*24*time.Hour - time.Hour} {
		for late, want := range map[bool]sharing.State{false: sharing.Shared, true: sharing.Expired} {
			w := newTwin(t, grouped)
			w.now = w.now.Add(2 * time.Hour)
			seen, _ := w.said(t, true)
			if grouped && seen.State != sharing.Asked || w.state(t, Direct) == sharing.Waiting != grouped {
				t.Fatalf("grouped %v: it is %v, and reads %v", grouped, w.state(t, Direct), seen.State)
			}
			w.now = w.now.Add(wait)
			w.accept(t, w.message(ada(), text("Good morning"), ""))
			w.carries(t)
			w.now = seen.Question.Expires.Add(-10 * time.Second)
			if late {
				w.now = w.now.Add(10 * time.Second)
			}
			w.accept(t, w.tap(ada(), w.token(t, Direct, sharing.ActShare), fmt.Sprintf("3EB0DIRECT%010d", w.stanza)))
			if got := w.state(t, Direct); got != want {
				t.Errorf("grouped %v, late %v: it is %v, want %v", grouped, late, got, want)
			}
		}
	}
}

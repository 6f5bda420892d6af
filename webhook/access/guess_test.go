package access_test

import (
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"bauta/webhook"
	"bauta/webhook/access"
)

// guests is a door of the issuer's with the usual limits, whose clock stands still.
func guests(i *issuer) *access.Door {
	failures := prometheus.NewCounterVec(prometheus.CounterOpts{Name: "failures"}, []string{"reason"})
	limiter := access.NewLimiter(access.Limits{Now: func() time.Time { return i.now }})
	return access.NewDoor(i.tokens, limiter, webhook.NewDirectory([]webhook.Business{{ID: "acme"}}), failures)
}

// guesses is a flood: many wrong tokens at the same time from each address. It returns
// how many were judged, the others were told to come later.
func guesses(t *testing.T, door *access.Door, token string, addresses, each int) int {
	t.Helper()
	var judged atomic.Int32
	var all sync.WaitGroup
	for a := range addresses {
		from := netip.MustParseAddr(fmt.Sprintf("192.0.2.%d", a+1))
		for n := range each {
			all.Go(func() {
				wrong := token[:len(token)-6] + fmt.Sprintf("%06d", n)
				_, err := door.Enter(t.Context(), from, []string{wrong})
				busy, late := errors.AsType[*access.BusyError](err)
				switch {
				case late && busy.Wait > 0:
				case err == access.ErrInvalid: //nolint:errorlint // it is never wrapped
					judged.Add(1)
				default:
					t.Errorf("a guess: %v", err)
				}
			})
		}
	}
	all.Wait()
	return int(judged.Load())
}

// However many come at once, an address has ten guesses and one more a second, and who
// has a right token is let in beside them, from the same address too.
func TestGuessesAtTheSameTimeShareOneMeasure(t *testing.T) {
	t.Parallel()
	i := newIssuer(t)
	token, _ := i.issue(i.wanted())
	door := guests(i)
	if got := guesses(t, door, token, 3, 400); got != 3*10 {
		t.Errorf("%d guesses were judged, want 10 of each address", got)
	}
	if _, err := door.Enter(t.Context(), netip.MustParseAddr("192.0.2.1"), []string{token}); err != nil {
		t.Errorf("a right token from that address: %v", err)
	}
	i.now = i.now.Add(2 * time.Second)
	if got := guesses(t, door, token, 3, 100); got != 3*2 {
		t.Errorf("%d guesses were judged two seconds later, want 2 of each address", got)
	}
}

// Where no token is shown nothing is guessed, and who guessed too often is not heard.
func TestWhoShowsNothingGuessesNothing(t *testing.T) {
	t.Parallel()
	i := newIssuer(t)
	door, from := guests(i), netip.MustParseAddr("192.0.2.1")
	for n := range 1000 {
		if _, err := door.Enter(t.Context(), from, nil); err != access.ErrInvalid { //nolint:errorlint // it is never wrapped
			t.Fatalf("call %d without a token: %v", n, err)
		}
	}
	token, _ := i.issue(i.wanted())
	guesses(t, door, token, 1, 10)
	if _, err := door.Enter(t.Context(), from, nil); err == nil || !strings.Contains(err.Error(), "too many") {
		t.Errorf("afterwards: %v", err)
	}
}

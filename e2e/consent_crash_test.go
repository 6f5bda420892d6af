package e2e

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"bauta/webhook/simulator"
)

// pin makes the next node of this folder listen where this one does, so that the
// platform finds it.
func (s *story) pin(t testing.TB) {
	t.Helper()
	path := filepath.Join(s.dir, "bauta.yaml")
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	pinned := strings.Replace("\n"+string(text), "\n"+`listen: "127.0.0.1:0"`, fmt.Sprintf("listen: %q", strings.TrimPrefix(s.public, "http://")), 1)
	if err := os.WriteFile(path, []byte(pinned), 0o600); err != nil {
		t.Fatal(err)
	}
}

// again starts the node that was killed.
func (s *story) again(t testing.TB) {
	t.Helper()
	s.pin(t)
	s.bauta = serve(t, s.dir)
}

// asked waits until the ledger has so many lines that somebody was asked.
func (s *story) asked(t testing.TB, n int) {
	t.Helper()
	eventually(t, "the questions in the ledger", func(context.Context) bool { return s.ledgerHas(t, "asked") >= n }) //nolint:contextcheck // a command has a deadline of its own
}

// ledgerHas counts the lines of a type in the ledger, which verifies.
func (s *story) ledgerHas(t testing.TB, kind string) int {
	t.Helper()
	stdout, stderr, code := run(t, "consents", "export", "--config", filepath.Join(s.dir, "bauta.yaml"), "--business", "acme")
	if code != 0 {
		t.Fatalf("consents export: %d %s", code, stderr)
	}
	return strings.Count(stdout, `"type":"`+kind+`"`)
}

// breaks kills the node a moment after it got something to do, starts it again, and
// has the platform send what was not acknowledged.
func (s *story) breaks(t testing.TB, random *rand.Rand, do func()) {
	t.Helper()
	done := make(chan struct{})
	go func() {
		defer close(done)
		do()
	}()
	moment := time.NewTimer(time.Duration(random.IntN(30_000)) * time.Microsecond)
	select {
	case <-moment.C:
	case <-t.Context().Done():
	}
	s.kill()
	<-done
	s.again(t)
	s.settle(t)
}

// A node is killed around every act of a customer: each act counts once, is
// written down once, and is told once, before anything is shown.
func TestKillsAroundWhatCustomersDecide(t *testing.T) {
	t.Parallel()
	const people = 1
	random := rand.New(rand.NewPCG(4, 2026))
	s := decides(t, setup{Timeout: "300ms"}, ada())
	for n := range people {
		who := somebody(n)
		quietly := func(do func() error) func() {
			return func() {
				_ = do()
				_ = s.graph.Flush(t.Context()) // what the kill cut off stays
			}
		}
		m := simulator.Text(who, "Hello")
		m.Ad = ctwa()
		s.breaks(t, random, quietly(func() error { _, err := s.graph.Say(business().PhoneNumberID, m); return err }))
		// A question that the kill met may be lost, never repeated: then the business asks.
		handle := s.handleOf(t, who)
		question := s.firstQuestion(t, who, handle)
		s.breaks(t, random, quietly(func() error { _, err := s.graph.Tap(who, question.ID, button(t, question, 0).Title); return err }))
		s.writes(t, who, fmt.Sprintf("shown to you %d", n), nil)
		eventually(t, "a message that shows", s.has(fmt.Sprintf("shown to you %d", n)))
		s.tellsOnce(t, who, "number_shared")
		s.breaks(t, random, func() {
			request, err := http.NewRequestWithContext(t.Context(), http.MethodDelete, s.admin+"/v1/customers/"+handle+"/sharing", http.NoBody)
			if err != nil {
				return
			}
			request.Header.Set("Authorization", "Bearer "+s.manage)
			if response, err := client().Do(request); err == nil {
				_ = response.Body.Close()
			}
		})
		if got := s.asks(t, http.MethodDelete, "/v1/customers/"+handle+"/sharing"); got.status != http.StatusOK {
			t.Fatalf("a withdrawal: %d %s", got.status, got.body)
		}
		s.writes(t, who, fmt.Sprintf("hidden from you %d", n), nil)
		eventually(t, "a message that hides", s.has(fmt.Sprintf("hidden from you %d", n)))
	}
	for kind, want := range map[string]int{"shared": people, "withdrawn": people} {
		if got := s.ledgerHas(t, kind); got != want {
			t.Errorf("the ledger has %d lines %s, want %d", got, kind, want)
		}
	}
	if stdout, stderr, code := run(t, "consents", "verify", "--config", filepath.Join(s.dir, "bauta.yaml"), "--business", "acme"); code != 0 {
		t.Errorf("consents verify: %d %s %s", code, stdout, stderr)
	}
	ids := map[string]bool{}
	withdrawn := 0
	for _, d := range s.crm.all() {
		if id := d.header.Get("webhook-id"); !ids[id] {
			ids[id] = true
			if kindOf(d) == "number_withdrawn" {
				withdrawn++
			}
		}
		if strings.Contains(d.body, "hidden from you") {
			for n := range people {
				s.hides(t, somebody(n), d)
			}
		}
	}
	if withdrawn != people {
		t.Errorf("number_withdrawn is told %d times, want %d", withdrawn, people)
	}
	for n := range people {
		questions := map[string]int{}
		for _, d := range s.graph.Phone(somebody(n)) {
			if len(d.Buttons) > 0 {
				questions[d.Buttons[0].ID]++
			}
		}
		for _, times := range questions {
			if times > 1 {
				t.Errorf("one question came %d times", times)
			}
		}
	}
}

// handleOf waits for the first delivery about a person, who is found by their name.
func (s *story) handleOf(t testing.TB, who simulator.Person) (handle string) {
	t.Helper()
	eventually(t, "a first delivery", func(context.Context) bool {
		for _, d := range s.crm.all() {
			if strings.Contains(d.body, `"`+who.Name+`"`) {
				handle = d.header.Get("Bauta-Handle")
			}
		}
		return handle != ""
	})
	return handle
}

// firstQuestion is the question on a person's phone. The business asks for one, in the
// place of one that was lost with a node.
func (s *story) firstQuestion(t testing.TB, who simulator.Person, handle string) simulator.Delivered {
	t.Helper()
	var found simulator.Delivered
	look := func(context.Context) bool {
		seen := s.asks(t, http.MethodGet, "/v1/customers/"+handle) //nolint:contextcheck // the call is made within the test
		if in(t, seen.body, "sharing", "state") == "unasked" {
			s.asks(t, http.MethodPost, "/v1/customers/"+handle+"/share-requests") //nolint:contextcheck // the call is made within the test
		}
		for _, d := range s.graph.Phone(who) {
			if len(d.Buttons) == 2 {
				found = d
			}
		}
		return found.ID != ""
	}
	eventually(t, "a question on the phone", look)
	s.settle(t)
	return found
}

// tellsOnce wants one own event of a kind with a person's number, before everything
// else that shows it.
func (s *story) tellsOnce(t testing.TB, who simulator.Person, kind string) {
	t.Helper()
	ids := map[string]bool{}
	for _, d := range s.crm.all() {
		if !strings.Contains(d.body, who.Number) {
			continue
		}
		if kindOf(d) == kind {
			ids[d.header.Get("webhook-id")] = true
		} else if len(ids) == 0 {
			t.Errorf("the number is shown before %s: %s", kind, d.body)
		}
	}
	if len(ids) != 1 {
		t.Errorf("%s is told %d times, want 1", kind, len(ids))
	}
}

// Two nodes get the same tap at the same moment: it counts once.
func TestATapAtTwoNodesAtOnce(t *testing.T) {
	t.Parallel()
	s := decides(t, setup{}, ada())
	other := serve(t, s.dir)
	s.writes(t, ada(), "Hello", ctwa())
	s.gets(t, "hidden")
	question := s.on(t, ada(), 1)
	s.settle(t)
	s.asked(t, 1)
	var tap []byte
	s.graph.HoldBack()
	s.taps(t, ada(), question, button(t, question, 0).Title)
	s.graph.Release(func(held [][]byte) [][]byte {
		tap = held[len(held)-1]
		return held[:len(held)-1]
	})
	var both sync.WaitGroup
	for i := range 6 {
		node := []*bauta{s.bauta, other}[i%2]
		both.Go(func() {
			sender := simulator.Sender{Client: client(), URL: node.public + "/webhooks/main", Secret: appSecret}
			if status, err := sender.Send(t.Context(), tap); err != nil || status != http.StatusOK {
				t.Errorf("the tap is answered %d, %v", status, err)
			}
		})
	}
	both.Wait()
	s.writes(t, ada(), "Did it work?", nil)
	s.gets(t, "number_shared", "shared", "shared")
	s.on(t, ada(), 2) // the confirmation
	s.settle(t)
	s.quiet(t)
	s.tellsOnce(t, ada(), "number_shared")
	if got := s.ledgerHas(t, "shared"); got != 1 || s.ledgerHas(t, "refused") != 0 {
		t.Errorf("the ledger has %d lines shared, %d refused", got, s.ledgerHas(t, "refused"))
	}
	if got := s.graph.Phone(ada()); len(got) != 2 {
		t.Errorf("%d messages on the phone, want the question and the confirmation", len(got))
	}
}

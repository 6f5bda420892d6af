package e2e

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"bauta/redis/redistest"
	"bauta/webhook/simulator"
)

// somebody is one of many people.
func somebody(n int) simulator.Person {
	return simulator.Person{
		Number: fmt.Sprintf("1650555%04d", 300+n), UserID: fmt.Sprintf("US.74300000000%05d", 300+n), Name: fmt.Sprintf("Some Body %d", n),
	}
}

// passage is how customers end.
type passage struct {
	name string
	// named: by a handle, which nobody has who was visible.
	named bool
	// ends ends one of them, by the handle that the business has.
	ends func(t *testing.T, s *story, who simulator.Person, handle string)
	// passes is the time that goes by at the store once all have ended.
	passes time.Duration
}

// passages: a business or an operator erases, a customer asks to be forgotten, and
// retention.customer is over (365 days since they were last seen, by default).
func passages() []passage {
	return []passage{
		{name: "erased by the business", named: true, ends: func(t *testing.T, s *story, _ simulator.Person, handle string) {
			t.Helper()
			if got := s.asks(t, http.MethodDelete, "/v1/customers/"+handle); got.status != http.StatusOK {
				t.Fatalf("erased: %d %s", got.status, got.body)
			}
		}},
		{name: "erased by the operator", ends: func(t *testing.T, s *story, who simulator.Person, _ string) {
			t.Helper()
			if _, stderr, code := s.operate(t, "+"+who.Number, "customers", "erase", "--number-stdin"); code != 0 {
				t.Fatalf("erased: exit %d: %s", code, stderr)
			}
		}},
		{name: "erased by themselves", ends: func(t *testing.T, s *story, who simulator.Person, _ string) {
			t.Helper()
			s.erasesByWord(t, who)
		}},
		{name: "expired", ends: func(*testing.T, *story, simulator.Person, string) {}, passes: 366 * 24 * time.Hour},
	}
}

// returns are what of a customer may come first when they are back.
func returns() map[string]func(t *testing.T, s *story, who simulator.Person, old []byte) {
	return map[string]func(t *testing.T, s *story, who simulator.Person, old []byte){
		"an organic message": func(*testing.T, *story, simulator.Person, []byte) {},
		"a late status": func(t *testing.T, s *story, who simulator.Person, _ []byte) {
			t.Helper()
			s.send(t, business().Outcome(simulator.Status{To: who, ID: simulator.MessageID(who, true, "3EB0B1"), At: time.Now(), Status: "delivered"}))
		},
		"an ad": func(t *testing.T, s *story, who simulator.Person, _ []byte) {
			t.Helper()
			s.writes(t, who, "from the ad again", ctwa())
		},
		"an old event again": func(t *testing.T, s *story, _ simulator.Person, old []byte) {
			t.Helper()
			s.send(t, old)
			eventually(t, "the old event", s.hasSince(s.read, "the first message"))
		},
	}
}

// Whatever of them comes first, and whether they were hidden or known before: whoever
// was erased or expired starts hidden, under a new handle.
func TestWhoEndedComesBackHidden(t *testing.T) {
	t.Parallel()
	for _, how := range passages() {
		for _, known := range []bool{false, true} {
			if how.named && known {
				continue
			}
			t.Run(fmt.Sprintf("%s, known: %t", how.name, known), func(t *testing.T) {
				t.Parallel()
				comeBack(t, how, known)
			})
		}
	}
}

// leaver is a customer who ends.
type leaver struct {
	simulator.Person

	first, handle string
	old           []byte
}

func comeBack(t *testing.T, how passage, known bool) {
	t.Helper()
	server, clock := redistest.Timed(t)
	s := decides(t, setup{Server: server, Sharing: "ask: never, keywords: {erase: [forget me]}"}, ada())
	var people []leaver
	var imported strings.Builder
	for first := range returns() {
		who := somebody(len(people))
		people = append(people, leaver{Person: who, first: first})
		fmt.Fprintln(&imported, "+"+who.Number)
	}
	ad, kind := ctwa(), "hidden"
	if known {
		kind = "visible"
		if stdout, stderr, code := s.operate(t, imported.String(), "customers", "import-known"); code != 0 {
			t.Fatalf("import: exit %d: %s%s", code, stdout, stderr)
		}
	}
	for n := range people {
		p := &people[n]
		p.old = says(p.Person, fmt.Sprintf("3A0E%02d", n), "the first message", ad)
		s.send(t, p.old)
		p.handle = s.gets(t, kind)[0].header.Get("Bauta-Handle")
	}
	for _, p := range people {
		how.ends(t, s, p.Person, p.handle)
	}
	clock.Set(t, how.passes)
	for n, p := range people {
		s.read = len(s.crm.all())
		before := s.read
		returns()[p.first](t, s, p.Person, p.old)
		text := fmt.Sprintf("back again %d", n)
		s.writes(t, p.Person, text, nil)
		eventually(t, "the message of who comes back", s.has(text))
		s.hidesWhoReturns(t, p, s.crm.all()[before:])
	}
}

// hidesWhoReturns wants everything from a customer's return on to be of somebody
// hidden, whom the business does not know.
func (s *story) hidesWhoReturns(t *testing.T, p leaver, got []delivery) {
	t.Helper()
	for _, d := range got {
		if kindOf(d) == "customer_erased" {
			continue
		}
		s.hides(t, p.Person, d)
		if v := d.header.Get("Bauta-Visibility"); v != "hidden" {
			t.Errorf("%s first: %s comes %s", p.first, d.header.Get("Bauta-Decision"), v)
		}
		handle := d.header.Get("Bauta-Handle")
		if handle == "" || handle == p.handle || p.handle != "" && strings.Contains(d.body, p.handle) {
			t.Errorf("%s first: the handle was %q, and is %q in %s", p.first, p.handle, handle, d.body)
		}
	}
}

// erasesByWord has a person ask to be forgotten, and waits until they are.
func (s *story) erasesByWord(t testing.TB, who simulator.Person) {
	t.Helper()
	s.read = len(s.crm.all())
	s.writes(t, who, "forget me", nil)
	eventually(t, "the erasure by keyword", s.told("customer_erased"))
	s.settle(t)
	s.read = len(s.crm.all())
}

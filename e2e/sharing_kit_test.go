package e2e

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"bauta/webhook/simulator"
)

// story is a conversation whose customers decide: the phone shows Bauta's questions,
// and the business has a token for the management API.
type story struct {
	conversation

	manage string
	// read is how many deliveries of the CRM the story has read.
	read int
}

// decides starts a story.
func decides(t testing.TB, s setup, people ...simulator.Person) *story {
	t.Helper()
	if s.Sharing == "" {
		s.Sharing = "ask: first_contact, ask_pause: 0s, rate: 1000/s"
	}
	c := converse(t, s, people...)
	return &story{conversation: c, manage: issue(t, c.dir, "--scope", "manage")}
}

// settle has the platform send all that waits, statuses of Bauta's messages included.
func (s *story) settle(t testing.TB) {
	t.Helper()
	if err := s.graph.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// on waits until a person's phone has so many messages, and returns the last.
func (s *story) on(t testing.TB, who simulator.Person, n int) simulator.Delivered {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for {
		if got := s.graph.Phone(who); len(got) >= n {
			return got[n-1]
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			t.Fatalf("%d messages on the phone after %s, want %d\n%s", len(s.graph.Phone(who)), patience, n, s.log())
		}
	}
}

// writes has a person write.
func (s *story) writes(t testing.TB, who simulator.Person, text string, ad *simulator.Ad) {
	t.Helper()
	m := simulator.Text(who, text)
	m.Ad = ad
	s.says(t, m)
}

func (s *story) says(t testing.TB, m simulator.Message) {
	t.Helper()
	if _, err := s.graph.Say(business().PhoneNumberID, m); err != nil {
		t.Fatal(err)
	}
	s.settle(t)
}

// taps has a person tap a button of a message on their phone.
func (s *story) taps(t testing.TB, who simulator.Person, on simulator.Delivered, button string) {
	t.Helper()
	if _, err := s.graph.Tap(who, on.ID, button); err != nil {
		t.Fatal(err)
	}
	s.settle(t)
}

// gets waits for the next n deliveries of the CRM, and wants them to be of these
// kinds: an own event's type, or the visibility of a platform event.
func (s *story) gets(t testing.TB, kinds ...string) []delivery {
	t.Helper()
	all := s.crm.wait(t, s.read+len(kinds))
	got := all[s.read : s.read+len(kinds)]
	s.read += len(kinds)
	for i, want := range kinds {
		if kind := kindOf(got[i]); kind != want {
			t.Fatalf("delivery %d of %v is %q: %s", i, kinds, kind, got[i].body)
		}
	}
	return got
}

func kindOf(d delivery) string {
	var own struct{ Type string }
	if json.Unmarshal([]byte(d.body), &own) == nil && own.Type != "" {
		return own.Type
	}
	return d.header.Get("Bauta-Visibility")
}

// quiet wants that the CRM got nothing that the story did not read.
func (s *story) quiet(t testing.TB) {
	t.Helper()
	for _, d := range s.crm.all()[s.read:] {
		t.Errorf("the CRM also got %q: %s", kindOf(d), d.body)
	}
}

// asks makes a call of the management API.
func (s *story) asks(t testing.TB, method, path string) answered {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, s.admin+path, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+s.manage)
	return do(t, request)
}

// button is the id of a button on a message.
func button(t testing.TB, on simulator.Delivered, n int) simulator.Button {
	t.Helper()
	if n >= len(on.Buttons) {
		t.Fatalf("the message %q has %d buttons", on.Text, len(on.Buttons))
	}
	return on.Buttons[n]
}

// hides wants none of a person's identities in what the CRM got from a delivery on.
func (s *story) hides(t testing.TB, who simulator.Person, got ...delivery) {
	t.Helper()
	for _, d := range got {
		sweep(t, "a delivery", d.body, who.Number, who.UserID)
		for name, values := range d.header {
			sweep(t, "the header "+name, strings.Join(values, " "), who.Number, who.UserID)
		}
	}
}

package e2e

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"bauta/webhook/simulator"
)

// Two subgroups and the direct chat of one customer are three people to the business.
func TestTwoSubgroupsAndTheDirectChat(t *testing.T) {
	t.Parallel()
	s := tellsWith(t, setup{}, simulator.GraphOptions{People: []simulator.Person{ada(), bea()}, Respelled: true})

	// Both join by the invite link, in one change: an event each, neither names anybody.
	s.joins(t, lisbon, ada(), bea())
	joined := s.hidden(t, ada(), "hidden", "hidden")
	s.hides(t, bea(), joined...)
	inLisbon := joined[0].handle()
	if other := joined[1].handle(); other == inLisbon || strings.Contains(joined[0].body, other) || strings.Contains(joined[1].body, inLisbon) {
		t.Fatalf("the change is not split: %s %s", joined[0].body, joined[1].body)
	}
	s.joins(t, porto, ada())
	inPorto := s.hidden(t, ada(), "hidden")[0].handle()
	// Nobody declared the third group: doubt hides.
	s.joins(t, undeclared, ada())
	inUndeclared := s.hidden(t, ada(), "hidden")
	if got := inUndeclared[0].header.Get("Bauta-Decision"); got != "group_not_declared" {
		t.Errorf("in an undeclared group the reason is %q", got)
	}

	// Asked while the direct chat's window is closed, the question waits, untold.
	s.requests(t, inLisbon, "asked")
	if got := s.graph.Phone(ada()); len(got) > 0 {
		t.Fatalf("asked outside the window: %+v", got)
	}
	direct := s.arrives(t, ada())
	question := s.reads(t, ada(), "Lisbon runners")

	// The tap is the group's alone: nothing of it is in the direct lane.
	s.taps(t, ada(), question, 0)
	s.reads(t, ada(), "Lisbon runners")
	s.quiet(t) // nor in the group's, until its next event
	s.stands(t, inLisbon, "asked")
	s.writesIn(t, lisbon, ada(), "Call me")
	shared := s.shown(t, ada(), "number_shared", "shared")
	if in(t, shared[0].body, "data", "handle") != inLisbon || in(t, shared[0].body, "data", "group_id") != lisbon || in(t, shared[0].body, "data", "number") != "+"+ada().Number {
		t.Errorf("number_shared says %s", shared[0].body)
	}
	message := shared[1]
	s.stands(t, inLisbon, "shared")
	value := []any{"entry", 0, "changes", 0, "value", "messages", 0}
	if in(t, message.body, append(value, "from")...) != ada().Number || in(t, message.body, append(value, "from_user_id")...) != inLisbon {
		t.Errorf("a shared member's message: %s", message.body)
	}
	s.hides(t, bea(), message)

	// Nothing else was shared.
	s.writesIn(t, porto, ada(), "And here?")
	s.writesIn(t, "", ada(), "And here?")
	rest := s.hidden(t, ada(), "hidden", "hidden")
	if rest[0].handle() != inPorto && rest[1].handle() != inPorto {
		t.Errorf("in the other group: %s", rest[0].body)
	}
	s.stands(t, direct, "unasked")
	s.stands(t, inPorto, "unasked")

	// What the business writes to the group is reported for each member.
	sent := s.call(t, http.MethodPost, messages(), `{"messaging_product":"whatsapp","recipient_type":"group","to":"`+lisbon+`","type":"text","text":{"body":"Sunday at nine"}}`)
	if sent.status != http.StatusOK {
		t.Fatalf("a message to the group: %d %s", sent.status, sent.body)
	}
	s.settle(t)
	for _, d := range s.gets(t, "shared", "hidden", "shared", "hidden", "shared", "hidden") {
		s.hides(t, bea(), d)
		if d.handle() != inLisbon {
			s.hides(t, ada(), d)
		}
	}

	// The other way round: sharing in the direct chat shows nothing in the groups.
	s.requests(t, direct, "asked")
	s.taps(t, ada(), s.phoneAfter(t, ada(), "Sunday at nine"), 0)
	s.shown(t, ada(), "number_shared", "shared")
	s.writesIn(t, porto, ada(), "Still hidden?")
	s.hidden(t, ada(), "hidden")

	// Leaving ends the scope; whoever joins again is somebody else.
	s.leaves(t, lisbon, ada())
	s.hidden(t, ada(), "number_withdrawn", "hidden")
	s.joins(t, lisbon, ada())
	again := s.hidden(t, ada(), "hidden")[0].handle()
	if again == inLisbon {
		t.Error("who joined again has the handle from before")
	}
	s.writesIn(t, "", ada(), "Here it is still shared")
	s.shown(t, ada(), "shared")
	s.writesIn(t, lisbon, ada(), "Here it is not")
	s.hidden(t, ada(), "hidden")
	s.written(t, inLisbon, "asked shared hidden_again")
	s.apart(t, direct, inLisbon, inPorto, inUndeclared[0].handle(), again)
	s.ends(t, ada(), bea())
}

// phoneAfter reads a person's phone past a message of the business's.
func (s *saga) phoneAfter(t testing.TB, who simulator.Person, text string) simulator.Delivered {
	t.Helper()
	s.reads(t, who, text)
	return s.phone(t, who)
}

// One question is with a customer at a time: first the direct chat's, then each
// group's, always to the direct chat and only when they write there.
func TestGroupsAreAskedOneByOne(t *testing.T) {
	t.Parallel()
	s := tells(t, setup{Sharing: "ask: first_contact, ask_pause: 0s, rate: 1000/s"}, ada())
	s.joins(t, lisbon, ada())
	s.joins(t, porto, ada())
	s.joins(t, undeclared, ada())
	s.writesIn(t, porto, ada(), "Hello")
	inPorto := s.hidden(t, ada(), "hidden", "hidden", "hidden", "hidden")[3].handle()
	s.arrives(t, ada())
	first := s.reads(t, ada(), "May acme see your phone number?")
	s.writesIn(t, "", ada(), "Anybody?")
	s.hidden(t, ada(), "hidden")
	s.taps(t, ada(), first, 1)
	s.hidden(t, ada(), "hidden")
	s.reads(t, ada(), "nothing was shared")

	// Whose id sorts first of the two is asked next.
	s.writesIn(t, "", ada(), "Another question")
	s.hidden(t, ada(), "hidden")
	s.taps(t, ada(), s.reads(t, ada(), "Lisbon runners"), 1)
	s.reads(t, ada(), "nothing was shared")
	s.writesIn(t, "", ada(), "And another")
	s.hidden(t, ada(), "hidden")
	s.taps(t, ada(), s.reads(t, ada(), "Porto bakers"), 0)
	s.reads(t, ada(), "Porto bakers")
	s.writesIn(t, porto, ada(), "Shared here")
	shared := s.shown(t, ada(), "number_shared", "shared")
	if in(t, shared[0].body, "data", "handle") != inPorto {
		t.Errorf("number_shared is about %s", shared[0].body)
	}

	// Of the group that nobody declared there is no name to ask with.
	s.writesIn(t, "", ada(), "No more questions?")
	s.hidden(t, ada(), "hidden")
	s.writesIn(t, lisbon, ada(), "Hidden here")
	s.hidden(t, ada(), "hidden")
	if got := len(s.graph.Phone(ada())); got != s.onPhones[ada().Name] {
		t.Errorf("%d messages on the phone, want %d", got, s.onPhones[ada().Name])
	}
	s.ends(t, ada())
}

// Who asks to join is hidden before they are a member: in the request, when they take it
// back, and under the same handle once they join; the direct chat's is another.
func TestWhoAsksToJoinAGroupIsHidden(t *testing.T) {
	t.Parallel()
	s := tellsWith(t, setup{}, simulator.GraphOptions{People: []simulator.Person{ada(), bea()}, Respelled: true})
	asks := func(who simulator.Person) (created, revoked string) {
		t.Helper()
		asked, err := s.graph.AskToJoin(lisbon, who)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(string(asked), who.UserID) {
			t.Fatalf("the platform's own event does not name the person: %s", asked)
		}
		s.send(t, asked)
		created = s.hidden(t, who, "hidden")[0].body
		s.clock.pass(time.Minute)
		s.send(t, []byte(strings.Replace(string(asked), "group_join_request_created", "group_join_request_revoked", 1)))
		return created, s.hidden(t, who, "hidden")[0].body
	}
	created, revoked := asks(ada())
	for _, part := range []struct{ body, want string }{{created, "group_join_request_created"}, {revoked, "group_join_request_revoked"}} {
		if got := in(t, part.body, "entry", 0, "changes", 0, "value", "groups", 0, "type"); got != part.want {
			t.Errorf("it is %q, want %q", got, part.want)
		}
	}
	handle := s.crm.all()[0].handle()
	if got := s.crm.all()[1].handle(); got != handle || !strings.Contains(created, handle) || !strings.Contains(revoked, handle) {
		t.Errorf("asked under %s, taken back under %s: %s %s", handle, got, created, revoked)
	}
	other, _ := asks(bea())
	if strings.Contains(other, handle) {
		t.Errorf("another person has the same handle: %s", other)
	}
	s.joins(t, lisbon, ada())
	if got := s.hidden(t, ada(), "hidden")[0].handle(); got != handle {
		t.Errorf("joined under %s, asked under %s", got, handle)
	}
	if got := s.arrives(t, ada()); got == handle {
		t.Errorf("the direct chat has the group's handle")
	}
	s.quiet(t)
}

package e2e

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"bauta/webhook/simulator"
)

// shares brings a person to share in the direct chat, and returns the handle.
func (s *saga) shares(t *testing.T, who simulator.Person) string {
	t.Helper()
	handle := s.arrives(t, who)
	s.requests(t, handle, "asked")
	s.taps(t, who, s.phone(t, who), 0)
	s.shown(t, who, "number_shared", "shared")
	s.phone(t, who)
	return handle
}

// A shared number that changes is hidden again, and asked for, unless it was agreed
// that the new one is shared too; however the platform tells.
func TestTheNumberChangesWhileItIsShared(t *testing.T) {
	t.Parallel()
	old := withoutUserID(ada())
	for name, c := range map[string]struct {
		form simulator.Form
		who  simulator.Person
	}{
		"told": {simulator.Told, ada()}, "told as before user ids": {simulator.ToldByNumber, old}, "told by user id": {simulator.ToldByUserID, ada()},
	} {
		for _, shares := range []string{"false", "true"} {
			t.Run(name+", share_new_number "+shares, func(t *testing.T) {
				t.Parallel()
				s := tells(t, setup{Sharing: "ask: on_request, ask_pause: 0s, share_new_number: " + shares}, c.who)
				handle := s.shares(t, c.who)
				var now simulator.Person
				s.moves(t, func() (err error) {
					now, err = s.graph.Change(c.who, simulator.Person{Number: "16505550177"}, c.form)
					return err
				})
				was := c.who
				if shares == "true" {
					told := s.shown(t, now, "identity_changed", "number_shared", "shared")
					s.hides(t, was, told...)
					if got := in(t, told[1].body, "data", "number"); got != "+16505550177" {
						t.Errorf("number_shared names %q", got)
					}
					s.writesIn(t, "", now, "My new number")
					after := s.shown(t, now, "shared")
					s.hides(t, was, after...)
					if in(t, after[0].body, "entry", 0, "changes", 0, "value", "messages", 0, "from") != now.Number || after[0].handle() != handle {
						t.Errorf("after the change: %s", after[0].body)
					}
					s.written(t, handle, "asked shared number_renewed")
				} else {
					told := s.hidden(t, now, "identity_changed", "number_withdrawn", "hidden")
					s.hides(t, was, told...)
					question := s.reads(t, now, "see your phone number?")
					s.writesIn(t, "", now, "My new number")
					after := s.hidden(t, now, "hidden")
					s.hides(t, was, after...)
					if after[0].handle() != handle {
						t.Errorf("the handle is another after the change")
					}
					s.taps(t, now, question, 0)
					again := s.shown(t, now, "number_shared", "shared")
					s.hides(t, was, again...)
					s.written(t, handle, "asked shared hidden_again asked shared")
				}
				s.ends(t, was, now)
			})
		}
	}
}

// The platform may tell late: whoever writes from the new number first is somebody new,
// and nothing is shared of them, also when it tells. The business hears nothing of it:
// the one shows, the other hides.
func TestTheNewNumberWritesFirst(t *testing.T) {
	t.Parallel()
	s := tells(t, setup{Sharing: "ask: on_request, ask_pause: 0s, share_new_number: true", Default: "hidden"}, ada())
	handle := s.shares(t, ada())
	now, err := s.graph.Change(ada(), simulator.Person{Number: "16505550177"}, simulator.Untold)
	if err != nil {
		t.Fatal(err)
	}
	s.writesIn(t, "", now, "It is me")
	first := s.hidden(t, now, "hidden")
	if first[0].handle() == handle {
		t.Error("a new number and user id are the customer's by nobody's word")
	}
	s.send(t, changed(ada(), now))
	s.hides(t, now, s.gets(t, "shared")...)
	s.writesIn(t, "", now, "And now?")
	s.hidden(t, now, "hidden")
	s.ends(t, ada(), now)
}

// Another user id changes nothing of what is shared; a number that went to somebody
// else is theirs, and hidden.
func TestTheUserIDChangesAndTheNumberIsReassigned(t *testing.T) {
	t.Parallel()
	s := tells(t, setup{}, ada())
	handle := s.shares(t, ada())
	var now simulator.Person
	s.moves(t, func() (err error) {
		now, err = s.graph.Change(ada(), simulator.Person{UserID: "US.7430000000000099"}, simulator.Told)
		return err
	})
	told := s.shown(t, now, "identity_changed", "shared")
	sweep(t, "a change of the user id", told[0].body+told[1].body, ada().UserID, now.UserID)
	s.writesIn(t, "", now, "Still me")
	if after := s.shown(t, now, "shared"); after[0].handle() != handle {
		t.Error("the handle is another")
	}

	heir := s.graph.Reassign(simulator.Person{Number: ada().Number, UserID: "US.7430000000000123", Name: "Somebody else"})
	s.writesIn(t, "", heir, "Who was this?")
	theirs := s.hidden(t, heir, "hidden")
	if theirs[0].handle() == handle {
		t.Error("somebody else has the handle")
	}
	now.Number, now.Hides = "", true
	s.writesIn(t, "", now, "I have no number")
	s.hides(t, heir, s.gets(t, "number_withdrawn", "hidden")...)
	s.written(t, handle, "asked shared hidden_again")
	s.ends(t, heir, ada())
}

// What waits for the endpoint stays as it was when it came, and what is told of the
// number stands in front of what it holds for.
func TestWhatWaitsStaysAsItCame(t *testing.T) {
	t.Parallel()
	s := tells(t, setup{}, ada())
	s.requests(t, s.arrives(t, ada()), "asked")
	question := s.phone(t, ada())
	s.crm.answer(http.StatusServiceUnavailable)
	s.writesIn(t, "", ada(), "while it is hidden")
	s.taps(t, ada(), question, 0)
	s.crm.answer(http.StatusOK)
	got := s.gets(t, "hidden", "number_shared", "shared")
	s.hides(t, ada(), got[0])
	if !strings.Contains(got[0].body, "while it is hidden") {
		t.Errorf("the first is %s", got[0].body)
	}

	confirmation := s.phone(t, ada())
	s.crm.answer(http.StatusServiceUnavailable)
	s.writesIn(t, "", ada(), "while it is shared")
	s.taps(t, ada(), confirmation, 0)
	s.crm.answer(http.StatusOK)
	got = s.gets(t, "shared", "number_withdrawn", "withdrawn")
	s.hides(t, ada(), got[1:]...)
	if !strings.Contains(got[0].body, "while it is shared") {
		t.Errorf("the first is %s", got[0].body)
	}
	s.phone(t, ada())
	s.ends(t, ada())
}

// Outside the platform's 24 hours a question waits, and is asked when the customer
// writes again: as Bauta counts them, and as the platform does.
func TestAQuestionWaitsForTheWindow(t *testing.T) {
	t.Parallel()
	s := tells(t, setup{}, ada(), bea())
	s.clock.pass(-25 * time.Hour)
	handle := s.arrives(t, ada())
	s.clock.pass(25 * time.Hour)
	s.requests(t, handle, "not_askable")
	if got := in(t, s.asks(t, http.MethodGet, "/v1/customers/"+handle).body, "sharing", "askable"); got != "false" {
		t.Errorf("askable is %q", got)
	}
	other := s.arrives(t, bea())
	s.clock.pass(25 * time.Hour)
	s.requests(t, other, "asked")
	eventually(t, "the platform's word counts", func(context.Context) bool { return s.state(t, other) == "not_askable" }) //nolint:contextcheck // the call is made within the test
	for _, p := range []simulator.Person{ada(), bea()} {
		if got := s.graph.Phone(p); len(got) > 0 {
			t.Fatalf("asked outside the window: %+v", got)
		}
		s.writesIn(t, "", p, "Hello again")
		s.hidden(t, p, "hidden")
		s.reads(t, p, "May acme see your phone number?")
	}
	s.stands(t, handle, "asked")
	s.written(t, handle, "asked")
	s.ends(t, ada(), bea())
}

// Who declined is asked again after a while, if it is configured so.
func TestAskingAgain(t *testing.T) {
	t.Parallel()
	s := tells(t, setup{Sharing: "ask: first_contact, ask_pause: 0s, ask_again_after: 1s"}, ada())
	s.arrives(t, ada())
	s.taps(t, ada(), s.reads(t, ada(), "May acme see"), 1)
	s.hidden(t, ada(), "hidden")
	s.reads(t, ada(), "nothing was shared")
	eventually(t, "asked again", func(context.Context) bool {
		s.writesIn(t, "", ada(), "Hello") //nolint:contextcheck // it is said within the test
		s.hidden(t, ada(), "hidden")
		return len(s.graph.Phone(ada())) > 2
	})
	s.reads(t, ada(), "May acme see")
	s.ends(t, ada())
}

// Customers are asked in their country's language, in the business's own words where it
// has some.
func TestTheLanguageOfAQuestion(t *testing.T) {
	t.Parallel()
	italian := simulator.Person{Number: "393471234599", UserID: "IT.7430000000000044", Name: "Ida"}
	s := tells(t, setup{
		Business: "name: Lucky Shrub",
		Sharing:  `ask: first_contact, ask_pause: 0s, texts: {en: {question: "Your number, for {business}?"}}, languages: {DE: it}`,
	}, ada(), italian, dan())
	for text, who := range map[string]simulator.Person{
		"Your number, for Lucky Shrub?":                         ada(),
		"Lucky Shrub può vedere il tuo numero di telefono?":     italian,
		"Lucky Shrub può vedere il tuo numero di telefono?\n\n": dan(),
	} {
		handle := s.arrives(t, who)
		s.reads(t, who, text)
		lines := s.ledger(t, handle)
		if want := map[bool]string{true: "en", false: "it"}[who == ada()]; len(lines) != 1 || lines[0].Language != want {
			t.Errorf("the ledger has %+v", lines)
		}
	}
	s.ends(t, ada(), italian, dan())
}

const words = `keywords: {share: [share my number], withdraw: [hide my number], show: [what do you see], erase: [forget me]}`

// A word acts when it is the whole message; in a group for that group.
func TestWordsThatAct(t *testing.T) {
	t.Parallel()
	s := tells(t, setup{Sharing: "ask: on_request, ask_pause: 0s, " + words}, ada(), bea())
	direct := s.arrives(t, ada())
	s.joins(t, lisbon, ada())
	inLisbon := s.hidden(t, ada(), "hidden")[0].handle()
	for _, text := range []string{"share my number please", "Please share my number", "share my  number", "share", "hide my number"} {
		s.writesIn(t, "", ada(), text)
		s.hidden(t, ada(), "hidden")
	}
	s.writesIn(t, lisbon, ada(), " Share my NUMBER ")
	s.shown(t, ada(), "number_shared", "shared")
	s.reads(t, ada(), "in the group “Lisbon runners”")
	s.writesIn(t, "", ada(), "what do you see")
	s.hidden(t, ada(), "hidden")
	overview := s.reads(t, ada(), "In this chat your phone number is hidden")
	if !strings.Contains(overview.Text, "In the group “Lisbon runners” you share") {
		t.Errorf("the overview says %q", overview.Text)
	}
	s.writesIn(t, "", ada(), "SHARE my number")
	s.shown(t, ada(), "number_shared", "shared")
	s.writesIn(t, lisbon, ada(), "hide my number")
	s.hidden(t, ada(), "number_withdrawn", "withdrawn")
	s.writesIn(t, "", ada(), "The direct chat goes on")
	s.shown(t, ada(), "shared")
	s.written(t, inLisbon, "shared withdrawn")
	s.written(t, direct, "shared")

	s.writesIn(t, "", ada(), "forget me")
	s.shown(t, ada(), "shared")
	erased := s.gets(t, "customer_erased", "customer_erased")
	s.hides(t, ada(), erased...)
	s.writesIn(t, "", ada(), "Hello")
	back := s.hidden(t, ada(), "hidden")
	if got := back[0].handle(); got == direct || got == inLisbon {
		t.Error("who was erased returns under the same handle")
	}
	s.apart(t, direct, inLisbon, back[0].handle())
	s.ends(t, ada())
}

func TestWordsAreOffByDefault(t *testing.T) {
	t.Parallel()
	s := tells(t, setup{}, ada())
	handle := s.arrives(t, ada())
	for _, text := range []string{"share my number", "share", "SHARE", "yes", "stop"} {
		s.writesIn(t, "", ada(), text)
		s.hidden(t, ada(), "hidden")
	}
	s.written(t, handle, "")
	s.ends(t, ada())
}

// A new handle after the withdrawal: the old one leads nowhere, and nothing that the
// business gets has both.
func TestAWithdrawalStartsAfresh(t *testing.T) {
	t.Parallel()
	s := tells(t, setup{Sharing: "ask: on_request, ask_pause: 0s, new_handle_on_withdraw: true"}, ada())
	handle := s.arrives(t, ada())
	s.requests(t, handle, "asked")
	s.taps(t, ada(), s.phone(t, ada()), 0)
	s.shown(t, ada(), "number_shared", "shared")
	s.taps(t, ada(), s.phone(t, ada()), 0)
	withdrawn := s.hidden(t, ada(), "number_withdrawn")
	if in(t, withdrawn[0].body, "data", "handle") != handle {
		t.Errorf("number_withdrawn is about %s", withdrawn[0].body)
	}
	s.writesIn(t, "", ada(), "Hello again")
	after := s.hidden(t, ada(), "withdrawn")[0].handle()
	if after == handle {
		t.Error("the handle is the one from before")
	}
	if got := s.asks(t, http.MethodGet, "/v1/customers/"+handle); got.status != http.StatusNotFound {
		t.Errorf("the old handle is answered %d: %s", got.status, got.body)
	}
	if got := s.call(t, http.MethodPost, messages(), text(handle, "Are you there?")); got.status < 400 || strings.Contains(got.body, after) {
		t.Errorf("a message to the old handle is answered %d: %s", got.status, got.body)
	}
	if got := s.call(t, http.MethodPost, messages(), text(after, "Are you there?")); got.status != http.StatusOK {
		t.Errorf("a message to the new handle is answered %d: %s", got.status, got.body)
	}
	s.settle(t)
	s.hidden(t, ada(), "withdrawn", "withdrawn", "withdrawn")
	s.apart(t, handle, after)
	s.ends(t, ada())
}

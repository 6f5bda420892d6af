package e2e

import (
	"bytes"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"bauta/masking"
	"bauta/masking/keys"
	"bauta/masking/sharing"
	"bauta/webhook/simulator"
)

// forger has everything that a forged tap can be made of.
type forger struct {
	*saga
	// who was asked under handle, in question; token is on its first button.
	who              simulator.Person
	handle, token    string
	question, notice simulator.Delivered
	// other was asked too.
	other         simulator.Person
	otherQuestion simulator.Delivered
	buttons       *sharing.Tokens
	handles       *masking.Handles
}

// claims are those of a button that would count.
func (f *forger) claims(t *testing.T) sharing.Claims {
	t.Helper()
	ref, ok := f.handles.Parse(f.handle)
	if !ok {
		t.Fatalf("no handle: %q", f.handle)
	}
	view := f.asks(t, http.MethodGet, "/v1/customers/"+f.handle)
	return sharing.Claims{
		Business: "acme", Handle: ref.Key, Action: sharing.ActShare,
		Question: in(t, view.body, "sharing", "question", "id"), Expires: time.Now().Add(time.Hour),
	}
}

// tap is what an honest phone would send, with another token on the button.
func (f *forger) tap(token string) simulator.Message {
	m := simulator.Reply(f.who, simulator.Button{Kind: "button_reply", ID: token, Title: "Share my number"})
	m.Quoted = f.question.ID
	return m
}

// forgery is a tap that must have no effect; want is the reason in the ledger.
type forgery struct {
	make func(*testing.T, *forger) simulator.Message
	want string
}

func forgeries() map[string]forgery {
	return map[string]forgery{
		"one character is another": {func(_ *testing.T, f *forger) simulator.Message {
			at := len(f.token) - 10
			return f.tap(f.token[:at] + string("AB"[btoi(f.token[at] == 'A')]) + f.token[at+1:])
		}, "forged"},
		"signed with nothing": {func(_ *testing.T, f *forger) simulator.Message {
			return f.tap(f.token[:strings.LastIndexByte(f.token, '.')+1])
		}, "forged"},
		"forwarded": {func(_ *testing.T, f *forger) simulator.Message {
			m := f.tap(f.token)
			m.Forwarded = true
			return m
		}, "forwarded"},
		"its time is over": {func(t *testing.T, f *forger) simulator.Message {
			claims := f.claims(t)
			claims.Expires = time.Now().Add(-time.Second)
			return f.tap(f.buttons.Issue(claims))
		}, "expired"},
		"on a message of the business": {func(_ *testing.T, f *forger) simulator.Message {
			m := f.tap(f.token)
			m.Quoted = f.notice.ID
			return m
		}, "other_message"},
		"on no message": {func(_ *testing.T, f *forger) simulator.Message {
			m := f.tap(f.token)
			m.Quoted = ""
			return m
		}, "other_message"},
		"as a template's button": {func(_ *testing.T, f *forger) simulator.Message {
			return simulator.Reply(f.who, simulator.Button{Kind: "button", ID: f.token, Title: "Track my order"})
		}, "other_message"},
		"of another customer": {func(_ *testing.T, f *forger) simulator.Message {
			return f.tap(f.otherQuestion.Buttons[0].ID)
		}, "other_customer"},
		"of another business": {func(t *testing.T, f *forger) simulator.Message {
			claims := f.claims(t)
			claims.Business = "neighbour"
			return f.tap(f.buttons.Issue(claims))
		}, "other_customer"},
		"for a group": {func(t *testing.T, f *forger) simulator.Message {
			claims := f.claims(t)
			claims.Scope = lisbon
			return f.tap(f.buttons.Issue(claims))
		}, "other_customer"},
		"of another question": {func(t *testing.T, f *forger) simulator.Message {
			claims := f.claims(t)
			claims.Question = "AAAAAAAAAAAAAAAA"
			return f.tap(f.buttons.Issue(claims))
		}, "not_pending"},
		"with an action that there is not": {func(t *testing.T, f *forger) simulator.Message {
			claims := f.claims(t)
			claims.Action = "x"
			return f.tap(f.buttons.Issue(claims))
		}, "forged"},
	}
}

// No button that is not the customer's own, of the present question, in force and on
// the very message lifts the mask.
func TestForgedButtonsHaveNoEffect(t *testing.T) {
	t.Parallel()
	s := tells(t, setup{}, ada())
	file, err := os.ReadFile(filepath.Join(s.dir, "keys.json"))
	if err != nil {
		t.Fatal(err)
	}
	set, err := keys.Read(bytes.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for name, c := range forgeries() {
		// One after the other, each with people of its own: they read one CRM's events.
		n += 2
		f := &forger{
			saga: s, who: someone(n), other: someone(n + 1),
			buttons: sharing.NewTokens(set), handles: masking.NewHandles(set),
		}
		f.who.Name, f.other.Name = name, "not "+name
		for i, who := range []simulator.Person{f.who, f.other} {
			handle := s.arrives(t, who)
			s.requests(t, handle, "asked")
			question := s.reads(t, who, "May acme see")
			if i == 0 {
				f.handle, f.question, f.token = handle, question, button(t, question, 0).ID
			} else {
				f.otherQuestion = question
			}
		}
		if got := s.call(t, http.MethodPost, messages(), text(f.handle, "We are here")); got.status != http.StatusOK {
			t.Fatalf("%s: the business writes: %d %s", name, got.status, got.body)
		}
		f.notice = s.reads(t, f.who, "We are here")
		s.hidden(t, f.who, "hidden", "hidden", "hidden")

		s.says(t, c.make(t, f))
		got := s.hidden(t, f.who, "hidden")[0]
		if !strings.Contains(got.body, `"bauta:void"`) || strings.Contains(got.body, f.token) {
			t.Errorf("%s: the business reads %s", name, got.body)
		}
		s.reads(t, f.who, "does not work any more")
		s.written(t, f.handle, "asked refused:"+c.want)
		s.stands(t, f.handle, "asked")
		if got := len(s.graph.Phone(f.other)); got != 1 {
			t.Errorf("%s: the other customer has %d messages", name, got)
		}
		s.quiet(t)
	}
	s.ends(t, someone(2), someone(3))
}

// A button counts once, and only for whoever was asked. A business cannot put it under
// another label: it never sees a token, and could not send one.
func TestAButtonCountsOnceAndForOneCustomer(t *testing.T) {
	t.Parallel()
	s := tells(t, setup{Business: "name: Lucky Shrub"}, ada(), bea())
	his, hers := s.arrives(t, ada()), s.arrives(t, bea())
	s.requests(t, his, "asked")
	question := s.reads(t, ada(), "May Lucky Shrub see")
	token := button(t, question, 0).ID

	relabelled := `{"messaging_product":"whatsapp","recipient":"` + hers + `","type":"interactive","interactive":{"type":"button","body":{"text":"Your parcel is here"},` +
		`"action":{"buttons":[{"type":"reply","reply":{"id":"TOKEN","title":"Track my order"}}]}}}`
	escaped := strings.ReplaceAll(token, "e", `\u0065`)
	for _, forged := range []string{token, "x" + token + "x", escaped, "bauta:share", "bauta:void"} {
		if got := s.call(t, http.MethodPost, messages(), strings.ReplaceAll(relabelled, "TOKEN", forged)); got.status != http.StatusBadRequest || strings.Contains(got.body, token) {
			t.Errorf("a message with a button of Bauta's is answered %d: %s", got.status, got.body)
		}
	}
	if got := s.graph.Phone(bea()); len(got) != 0 {
		t.Fatalf("the relabelled button is on a phone: %+v", got)
	}

	// The other customer got it by other ways, and taps.
	m, err := s.graph.Tapped(ada(), question.ID, token)
	if err != nil {
		t.Fatal(err)
	}
	m.From = bea()
	s.says(t, m)
	replayed := s.hidden(t, bea(), "hidden")
	s.hides(t, ada(), replayed...)
	s.written(t, hers, "refused:other_customer")
	s.reads(t, bea(), "does not work any more")
	s.stands(t, hers, "unasked")
	s.stands(t, his, "asked")

	// The customer types it: that message goes to nobody.
	s.writesIn(t, "", ada(), "What is "+token)
	s.hidden(t, ada(), "event_held")
	s.taps(t, ada(), question, 0)
	s.shown(t, ada(), "number_shared", "shared")
	confirmation := s.reads(t, ada(), "can now see")

	// Once more, and after the withdrawal: nothing.
	s.taps(t, ada(), question, 0)
	if again := s.shown(t, ada(), "shared"); !strings.Contains(again[0].body, `"bauta:void"`) {
		t.Errorf("tapped again it reads %s", again[0].body)
	}
	s.reads(t, ada(), "does not work any more")
	s.taps(t, ada(), confirmation, 0)
	if withdrawn := s.hidden(t, ada(), "number_withdrawn", "withdrawn"); !strings.Contains(withdrawn[1].body, `"bauta:withdraw"`) {
		t.Errorf("the tap reads %s", withdrawn[1].body)
	}
	s.reads(t, ada(), "hidden from Lucky Shrub again")
	for range 2 {
		s.taps(t, ada(), question, 0)
		if void := s.hidden(t, ada(), "withdrawn"); !strings.Contains(void[0].body, `"bauta:void"`) {
			t.Errorf("tapped after the withdrawal it reads %s", void[0].body)
		}
	}
	s.written(t, his, "asked shared refused:not_pending withdrawn refused:not_pending refused:not_pending")
	for _, d := range s.crm.all() {
		if strings.Contains(d.body, token) {
			t.Errorf("the business got a token: %s", d.body)
		}
	}
	sweep(t, "the log", s.log(), token)
	s.ends(t, ada(), bea())
}

package e2e

import (
	"net/http"
	"strings"
	"testing"

	"bauta/webhook/simulator"
)

// Whom a business may address by a plain number is for raw_recipients to say.
// Whatever it says, who hides stays hidden.
func TestWhomABusinessMayAddressPlainly(t *testing.T) {
	t.Parallel()
	const refused, sent, asPlatformSays = "raw_recipient", "", "the platform's own"
	for policy, want := range map[string]struct {
		visible, hidden, unseen string
		sent                    int
	}{
		"deny":  {refused, refused, refused, 0},
		"known": {sent, refused, refused, 1},
		"allow": {sent, sent, asPlatformSays, 2},
	} {
		t.Run(policy, func(t *testing.T) {
			t.Parallel()
			c := converse(t, setup{Raw: policy}, ada(), bea())
			handle := c.hears(t, hello(ada(), ctwa())).header.Get("Bauta-Handle")
			c.hears(t, hello(bea(), nil))
			for who, row := range map[string]struct {
				person simulator.Person
				want   string
			}{"visible": {bea(), want.visible}, "hidden": {ada(), want.hidden}, "never seen": {stranger(), want.unseen}} {
				got := c.call(t, http.MethodPost, messages(), text("+"+row.person.Number, "Hello"))
				status, code := http.StatusOK, ""
				switch row.want {
				case refused:
					status, code = http.StatusBadRequest, "131030"
				case asPlatformSays:
					status, code = http.StatusBadRequest, "131047" // nobody who wrote within 24 hours
				}
				if name := got.header.Get("Bauta-Error"); got.status != status || in(t, got.body, "error", "code") != code || (row.want == refused) != (name == refused) {
					t.Errorf("%s: answered %d, %q: %s", who, got.status, name, got.body)
				}
				if strings.Contains(got.body, handle) || strings.Contains(got.body, ada().UserID) {
					t.Errorf("%s: the answer joins a number with more: %s", who, got.body)
				}
			}
			again := c.hearsAfter(t, 2+statusesOfOne*want.sent, hello(ada(), nil))
			if again.header.Get("Bauta-Visibility") != "hidden" || again.header.Get("Bauta-Handle") != handle {
				t.Errorf("who was addressed plainly is %v now", again.header)
			}
			sweep(t, "what she wrote then", again.body, ada().Number, ada().UserID)
			if warned := strings.Contains(c.log(), "hiding can be undone"); warned != (policy == "allow") {
				t.Errorf("warned at start: %v", warned)
			}
		})
	}
}

// hello is a customer's message.
func hello(from simulator.Person, ad *simulator.Ad) simulator.Message {
	m := simulator.Text(from, "Hello")
	m.Ad = ad
	return m
}

// What a hidden customer answers to a message that the business sent to the plain
// number says neither which message it answers, nor what the business wrote into it:
// that would join handle and number.
func TestWhatAnswersAPlainNumberTellsNotWhichMessage(t *testing.T) {
	t.Parallel()
	c := converse(t, setup{Raw: "allow"}, ada())
	handle := c.hears(t, hello(ada(), ctwa())).header.Get("Bauta-Handle")
	marked := strings.Replace(text("+"+ada().Number, "Is it you?"), `"to":`, `"biz_opaque_callback_data":"marked-data","to":`, 1)
	sent := c.call(t, http.MethodPost, messages(), marked)
	if sent.status != http.StatusOK {
		t.Fatalf("the message to the number: %d %s", sent.status, sent.body)
	}
	told := in(t, sent.body, "messages", 0, "id")
	if err := c.graph.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	statuses := c.crm.wait(t, 1+statusesOfOne)[1:]
	phone := c.graph.Phone(ada())
	if len(phone) != 1 {
		t.Fatalf("on the phone: %+v", phone)
	}
	id := phone[0].ID
	quoting := hello(ada(), nil)
	quoting.Quoted = id
	flow := simulator.Message{From: ada(), Type: "interactive", Quoted: id, Content: simulator.Part{
		{Name: "type", Value: "nfm_reply"},
		{Name: "nfm_reply", Value: simulator.Part{
			{Name: "name", Value: "flow"}, {Name: "body", Value: "Sent"}, {Name: "response_json", Value: `{"flow_token":"marked-token","answer":"yes"}`},
		}},
	}}
	answers := map[string]delivery{
		"a quote":             c.hears(t, quoting),
		"a template's button": c.hears(t, simulator.Tap(ada(), id, "marked-payload", "Yes")),
		"a reply button":      c.hears(t, simulator.Reply(ada(), id, "marked-reply", "Yes")),
		"a flow":              c.hears(t, flow),
	}
	for i, status := range statuses {
		answers[[...]string{"sent", "delivered", "read"}[i]] = status
	}
	for what, got := range answers {
		if got.header.Get("Bauta-Handle") != handle {
			t.Errorf("%s comes under %q", what, got.header.Get("Bauta-Handle"))
		}
		if strings.Contains(got.body, "marked-") || strings.Contains(got.body, `"context"`) || strings.Contains(got.body, told) {
			t.Errorf("%s tells which message it is about: %s", what, got.body)
		}
		sweep(t, what, got.body, ada().Number, ada().UserID)
	}
	// The same to the handle keeps all of it.
	if sent = c.call(t, http.MethodPost, messages(), text(handle, "Is it you?")); sent.status != http.StatusOK {
		t.Fatalf("the message to the handle: %d %s", sent.status, sent.body)
	}
	phone = c.graph.Phone(ada())
	kept := c.hearsAfter(t, 1+len(answers)+statusesOfOne, simulator.Reply(ada(), phone[len(phone)-1].ID, "marked-reply", "Yes"))
	if !strings.Contains(kept.body, "marked-reply") || !strings.Contains(kept.body, in(t, sent.body, "messages", 0, "id")) {
		t.Errorf("an answer to the handle lost what it is about: %s", kept.body)
	}
}

// statusesOfOne message: sent, delivered, read.
const statusesOfOne = 3

// hearsAfter is hears once the statuses under way have come: so many deliveries in
// all.
func (c conversation) hearsAfter(t testing.TB, deliveries int, m simulator.Message) delivery {
	t.Helper()
	if err := c.graph.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	c.crm.wait(t, deliveries)
	return c.hears(t, m)
}

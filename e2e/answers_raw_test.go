package e2e

import (
	"encoding/base64"
	"net/http"
	"strings"
	"testing"

	"bauta/webhook/simulator"
)

// greeting is a template to a number as the business writes it, which the platform
// takes at any time.
func greeting(to string) string {
	return `{"messaging_product":"whatsapp","to":"` + to + `","type":"template","template":{"name":"hello_world","language":{"code":"en_US"}},"biz_opaque_callback_data":"joined-by-callback"}`
}

// Who may be addressed by number, with each of the settings.
func TestPlainNumbers(t *testing.T) {
	t.Parallel()
	people := map[string]simulator.Person{"hidden": ada(), "visible": bea(), "never seen": stranger()}
	for mode, sent := range map[string][]string{"known": {"visible"}, "deny": nil, "allow": {"hidden", "visible", "never seen"}} {
		t.Run(mode, func(t *testing.T) {
			t.Parallel()
			asked := &heard{}
			c := converseWith(t, setup{Raw: mode, Log: "debug"}, simulator.GraphOptions{People: []simulator.Person{ada(), bea()}, Observe: asked.observe})
			c.hears(t, simulator.Message{From: ada(), Type: "text", Content: simulator.Part{{Name: "body", Value: "Hello"}}, Ad: ctwa()})
			c.hears(t, simulator.Message{From: bea(), Type: "text", Content: simulator.Part{{Name: "body", Value: "Hello"}}})
			c.call(t, http.MethodGet, "/v25.0/"+business().PhoneNumberID, "")
			if warned := strings.Contains(c.log(), "hiding can be undone"); warned != (mode == "allow") {
				t.Errorf("warned at start that hiding can be undone: %v", warned)
			}
			for name, person := range people {
				asked.take()
				got := c.call(t, http.MethodPost, messages(), greeting("+"+person.Number))
				may := strings.Contains(strings.Join(sent, ","), name)
				calls := strings.Join(asked.take(), " ")
				if strings.Contains(calls, "/messages") != may {
					t.Errorf("%s: the platform was asked %q", name, calls)
				}
				if !may {
					if got.header.Get("Bauta-Error") != "raw_recipient" {
						t.Errorf("%s: answered %d: %s", name, got.status, got.body)
					}
					got.documented(t, name)
					continue
				}
				got.says(t, map[string]string{"contacts.0.input": "+" + person.Number, "contacts.0.wa_id": person.Number, "contacts.0.user_id": "", "messages.0.id": "^wamid."})
			}
		})
	}
}

// A visible customer who is addressed by number has statuses under the number.
func TestStatusesUnderTheNumber(t *testing.T) {
	t.Parallel()
	c := converse(t, setup{}, bea())
	c.hears(t, simulator.Message{From: bea(), Type: "text", Content: simulator.Part{{Name: "body", Value: "Hello"}}})
	got := c.call(t, http.MethodPost, messages(), greeting("+"+bea().Number))
	if err := c.graph.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	for i, want := range []string{"sent", "delivered", "read"} {
		status := answered{body: c.crm.wait(t, i+2)[i+1].body}
		const at = "entry.0.changes.0.value.statuses.0."
		status.says(t, map[string]string{
			at + "status": want, at + "recipient_id": bea().Number, at + "id": in(t, got.body, "messages", 0, "id"), at + "biz_opaque_callback_data": "joined-by-callback",
		})
	}
}

// With allow, a hidden customer can be written to by number; nothing then joins that
// number with the handle, neither the statuses nor what the customer answers.
func TestAPlainNumberIsNotJoinedWithTheHandle(t *testing.T) {
	t.Parallel()
	for _, shape := range []string{"bsuid", "phone"} {
		t.Run(shape, func(t *testing.T) {
			t.Parallel()
			c := converse(t, setup{Raw: "allow", Shape: shape}, ada())
			handle := c.hears(t, simulator.Message{From: ada(), Type: "text", Content: simulator.Part{{Name: "body", Value: "Hello"}}, Ad: ctwa()}).header.Get("Bauta-Handle")
			hidden := c.call(t, http.MethodPost, messages(), greeting("+"+ada().Number))
			never := c.call(t, http.MethodPost, messages(), greeting("+"+stranger().Number))
			told := in(t, hidden.body, "messages", 0, "id")
			if like := len(in(t, never.body, "messages", 0, "id")); hidden.status != http.StatusOK || never.status != http.StatusOK || like != len(told) {
				t.Errorf("to a hidden customer: %s\nto one never seen: %s", hidden.body, never.body)
			}
			sweep(t, "the answer to a plain number", hidden.all(), ada().UserID, handle, accessToken)
			raw := c.graph.Phone(ada())[0].ID
			for _, m := range []simulator.Message{
				{From: ada(), Type: "text", Content: simulator.Part{{Name: "body", Value: "Who is this?"}}, Quoted: raw},
				{From: ada(), Type: "reaction", Content: simulator.Part{{Name: "message_id", Value: raw}, {Name: "emoji", Value: "👍"}}},
				{From: ada(), Type: "button", Quoted: raw, Content: simulator.Part{{Name: "payload", Value: "joined-by-payload"}, {Name: "text", Value: "Yes"}}},
				{From: ada(), Type: "interactive", Quoted: raw, Content: simulator.Part{{Name: "type", Value: "button_reply"}, {Name: "button_reply", Value: simulator.Part{
					{Name: "id", Value: "joined-by-reply"}, {Name: "title", Value: "Yes"},
				}}}},
				{From: ada(), Type: "interactive", Quoted: raw, Content: simulator.Part{{Name: "type", Value: "nfm_reply"}, {Name: "nfm_reply", Value: simulator.Part{
					{Name: "name", Value: "flow"}, {Name: "body", Value: "Sent"}, {Name: "response_json", Value: `{"flow_token":"joined-by-flow","answer":"yes"}`},
				}}}},
			} {
				if _, err := c.graph.Say(business().PhoneNumberID, m); err != nil {
					t.Fatal(err)
				}
			}
			if err := c.graph.Flush(t.Context()); err != nil {
				t.Fatal(err)
			}
			under := 0
			for _, d := range c.crm.wait(t, 1+3+3+5)[1:] {
				if d.header.Get("Bauta-Handle") != handle {
					continue
				}
				under++
				if strings.Contains(d.body, "joined-by") {
					t.Errorf("an event under the handle holds what the business sent to the number: %s", d.body)
				}
				if common := longestCommon(told, d.body); len(common) > 12 {
					t.Errorf("an event under the handle shares %q with the answer to the number: %s", common, d.body)
				}
				sweep(t, "an event under the handle", d.body, ada().Number, ada().UserID)
			}
			if under < 5 {
				t.Errorf("only %d events under the handle: the test proves little", under)
			}
		})
	}
}

// longestCommon is what an id has in common with the ids of a text, decoded.
func longestCommon(id, text string) string {
	own, _ := base64.RawStdEncoding.DecodeString(strings.TrimRight(strings.TrimPrefix(id, "wamid."), "="))
	var common string
	for _, word := range strings.FieldsFunc(text, func(r rune) bool { return r == '"' }) {
		other, is := strings.CutPrefix(word, "wamid.")
		if !is {
			continue
		}
		theirs, err := base64.RawStdEncoding.DecodeString(strings.TrimRight(other, "="))
		if err != nil {
			theirs = []byte(other)
		}
		for from := range own {
			for to := len(own); to > from+len(common); to-- {
				if strings.Contains(string(theirs), string(own[from:to])) {
					common = string(own[from:to])
					break
				}
			}
		}
	}
	return common
}

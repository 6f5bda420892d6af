package simulator_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"bauta/webhook/simulator"
)

// asked is an interactive message with two buttons, as members.
func asked(recipient, body string) string {
	return recipient + `,"type":"interactive","interactive":{"type":"button","body":{"text":"` + body + `"},"action":{"buttons":[` +
		`{"type":"reply","reply":{"id":"token-share","title":"Share"}},{"type":"reply","reply":{"id":"token-no","title":"Not now"}}]}}`
}

// native is the platform's own request (identity.md 2.5), as members.
func native(recipient string) string {
	return recipient + `,"type":"interactive","interactive":{"type":"request_contact_info","body":{"text":"Your number?"},"action":{"name":"request_contact_info"}}`
}

// only is the message in the one webhook that follows.
func only(t *testing.T, r *rig) map[string]any {
	t.Helper()
	got := r.flush(t)
	if len(got) != 1 {
		t.Fatalf("%d webhooks: %s", len(got), got)
	}
	return first(t, got[0], "messages")
}

func first(t *testing.T, body, array string) map[string]any {
	t.Helper()
	value := valueOf(t, body)
	items, _ := value[array].([]any)
	if len(items) == 0 {
		t.Fatalf("no %s in %s", array, body)
	}
	item, _ := items[0].(map[string]any)
	return item
}

func valueOf(t *testing.T, body string) map[string]any {
	t.Helper()
	var parsed struct {
		Entry []struct {
			Changes []struct {
				Field string
				Value map[string]any
			}
		}
	}
	if err := json.Unmarshal([]byte(body), &parsed); err != nil {
		t.Fatalf("%v in %s", err, body)
	}
	value := parsed.Entry[0].Changes[0].Value
	value["field"] = parsed.Entry[0].Changes[0].Field
	return value
}

// isJSON compares a value with what it should be as JSON.
func isJSON(t *testing.T, what string, got any, want string) {
	t.Helper()
	var wanted any
	if err := json.Unmarshal([]byte(want), &wanted); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(wanted, got); diff != "" {
		t.Errorf("%s (-want +got)\n%s", what, diff)
	}
}

// webhooks.md 3: button_reply, and the context names the question.
func TestAButtonIsTapped(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	r.wrote(t, bea())
	question := firstID(t, r.message(t, asked(beaUser, "May we?")))
	r.flush(t)
	phone := r.graph.Phone(bea())
	want := []simulator.Button{{Kind: "button_reply", ID: "token-share", Title: "Share"}, {Kind: "button_reply", ID: "token-no", Title: "Not now"}}
	if diff := cmp.Diff(want, phone[0].Buttons); diff != "" || phone[0].Text != "May we?" || phone[0].AsksNumber {
		t.Fatalf("the phone shows %q, %s", phone[0].Text, diff)
	}
	id, err := r.graph.Tap(bea(), question, "Share")
	if err != nil {
		t.Fatal(err)
	}
	isJSON(t, "the tap", only(t, r), fmt.Sprintf(`{"context":{"from":"15550783881","id":%q},"from_user_id":%q,"id":%q,`+
		`"timestamp":"1789000000","type":"interactive","interactive":{"type":"button_reply","button_reply":{"id":"token-share","title":"Share"}}}`, question, bea().UserID, id))
	if _, err := r.graph.Tap(bea(), question, "token-no"); err != nil {
		t.Errorf("by its id: %v", err)
	}
	if _, err := r.graph.Tap(bea(), question, "Maybe"); err == nil {
		t.Error("a button that is not there was tapped")
	}
	if _, err := r.graph.Tap(ada(), question, "Share"); err == nil {
		t.Error("somebody tapped a message that is on another phone")
	}
}

// A tap can be forged in everything that a changed client could change.
func TestATapIsForged(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	r.wrote(t, ada())
	question := firstID(t, r.message(t, asked(adaUser, "May we?")))
	other := firstID(t, r.message(t, text(adaUser, "Something else")))
	r.flush(t)
	m, err := r.graph.Tapped(ada(), question, "Share")
	if err != nil {
		t.Fatal(err)
	}
	forged := simulator.Reply(bea(), simulator.Button{Kind: "button_reply", ID: "tampered", Title: "Share"})
	forged.Quoted, forged.Forwarded = other, true
	if _, err := r.graph.Say(numberID, forged); err != nil {
		t.Fatal(err)
	}
	got := only(t, r)
	isJSON(t, "the context", got["context"], `{"from":"15550783881","id":"`+other+`","forwarded":true}`)
	if got["from_user_id"] != bea().UserID || !strings.Contains(fmt.Sprint(got["interactive"]), "tampered") {
		t.Errorf("forged: %v", got)
	}
	m.Quoted = r.graph.Under(question, simulator.Person{Number: ada().Number})
	if want := simulator.MessageID(ada(), true, stanzaOf(t, question)); m.Quoted != want || m.Quoted == question {
		t.Errorf("under the number it is %s, want %s", m.Quoted, want)
	}
	if got := r.graph.Under("wamid.x", ada()); got != "" {
		t.Errorf("a message that nobody knows is %s", got)
	}
}

// stanzaOf is the message's own id: the last string of the struct.
func stanzaOf(t *testing.T, id string) string {
	t.Helper()
	raw := decoded(t, id)
	return raw[len(raw)-19 : len(raw)-1]
}

func TestWhatElseCanBeTapped(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	r.wrote(t, ada())
	list := firstID(t, r.message(t, toAda+`,"type":"interactive","interactive":{"type":"list","body":{"text":"?"},"action":{"button":"Rows","sections":[{"rows":[{"id":"r1","title":"One"}]}]}}`))
	template := firstID(t, r.message(t, toAda+`,"type":"template","template":{"name":"hello_world","language":{"code":"en_US"},"components":[{"type":"button","sub_type":"quick_reply","index":"0","parameters":[{"type":"payload","payload":"p1"}]}]}`))
	r.flush(t)
	for id, want := range map[string]string{
		list:     `{"type":"list_reply","list_reply":{"id":"r1","title":"One"}}`,
		template: `{"payload":"p1","text":""}`,
	} {
		button := map[string]string{list: "One", template: "p1"}[id]
		if _, err := r.graph.Tap(ada(), id, button); err != nil {
			t.Fatal(err)
		}
		got := only(t, r)
		content, _ := got["type"].(string)
		isJSON(t, "the answer", got[content], want)
	}
}

// identity.md 2.5, and Appendix A, D2 and D3.
func TestTheNumberIsSharedOnThePlatformsRequest(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	r.wrote(t, bea())
	question := firstID(t, r.message(t, native(beaUser)))
	plain := firstID(t, r.message(t, text(beaUser, "Hi")))
	r.flush(t)
	if phone := r.graph.Phone(bea()); !phone[0].AsksNumber || phone[1].AsksNumber {
		t.Error("the phone does not show the request")
	}
	if _, err := r.graph.ShareNumber(bea(), plain); err == nil {
		t.Error("a text was answered with the number")
	}
	id, err := r.graph.ShareNumber(bea(), question)
	if err != nil {
		t.Fatal(err)
	}
	body := r.flush(t)[0]
	isJSON(t, "the answer", first(t, body, "messages"), fmt.Sprintf(`{"from_user_id":%q,"id":%q,"timestamp":"1789000000","type":"contacts",`+
		`"contacts":[{"origin":"contact_request","phones":[{"phone":"+393331234567","wa_id":"393331234567","type":"CELL"}]}]}`, bea().UserID, id))
	isJSON(t, "its contact", first(t, body, "contacts"), fmt.Sprintf(`{"profile":{"name":"Bea Neri"},"user_id":%q}`, bea().UserID))
	r.wrote(t, bea())
	if got := only(t, r)["from"]; got != bea().Number || !r.graph.InBook(bea(), numberID) {
		t.Errorf("the next message is from %v", got)
	}
	r.do(t, "DELETE", "/v25.0/"+numberID+"/contact_book?messaging_product=whatsapp&bsuid="+bea().UserID, "")
	r.wrote(t, bea())
	if got := only(t, r)["from"]; got != nil || r.graph.InBook(bea(), numberID) {
		t.Errorf("out of the contact book, the next is from %v", got)
	}
}

func TestACardSentByHand(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	card := simulator.Card(bea(), "Cleo", "16505550199", "16505550198")
	card.Forwarded = true
	if _, err := r.graph.Say(numberID, card); err != nil {
		t.Fatal(err)
	}
	got := only(t, r)
	isJSON(t, "the card", got["contacts"], `[{"origin":"other","vcard":"BEGIN:VCARD\nVERSION:3.0\nFN:Cleo\nTEL;type=CELL;waid=16505550199:+16505550199\nTEL;type=CELL;waid=16505550198:+16505550198\nEND:VCARD",`+
		`"name":{"formatted_name":"Cleo"},"phones":[{"phone":"+16505550199","wa_id":"16505550199","type":"CELL"},{"phone":"+16505550198","wa_id":"16505550198","type":"CELL"}]}]`)
	isJSON(t, "its context", got["context"], `{"forwarded":true}`)
	if r.graph.InBook(bea(), numberID) {
		t.Error("a card by hand put the sender into the contact book")
	}
}

// identity.md 2.3: one contact book for a portfolio, and no parent id.
func TestAContactBookIsThePortfolios(t *testing.T) {
	t.Parallel()
	r := newRig(t, func(o *simulator.GraphOptions) {
		for i := range o.Accounts {
			o.Accounts[i].Portfolio = "77"
		}
		o.Accounts = append(o.Accounts, simulator.Account{Business: simulator.Business{WABA: "500", PhoneNumberID: "501", Number: "4930123456"}})
	})
	r.wrote(t, bea())
	r.message(t, text(beaNumber, "Hi"))
	book := "/contact_book?messaging_product=whatsapp&bsuid="
	if !r.graph.InBook(bea(), "901") || r.graph.InBook(bea(), "501") {
		t.Error("the contact book is not the portfolio's")
	}
	if got := r.do(t, "DELETE", "/v25.0/501"+book+bea().UserID, ""); !strings.Contains(got.body, `"deleted":false`) {
		t.Errorf("of another portfolio: %s", got.body)
	}
	if got := r.as(t, "another", "DELETE", "/v25.0/901"+book+bea().UserID, ""); !strings.Contains(got.body, `"deleted":true`) || r.graph.InBook(bea(), numberID) {
		t.Errorf("of the same: %s", got.body)
	}
	if got := r.do(t, "DELETE", "/v25.0/"+numberID+book+"IT.ENT.1", ""); got.code() != 100 {
		t.Errorf("of a parent id: %s", got.body)
	}
}

// The platform's bounds of interactive messages.
func TestInteractiveMessagesAreChecked(t *testing.T) {
	t.Parallel()
	button := func(id, title string) string {
		return `{"type":"reply","reply":{"id":"` + id + `","title":"` + title + `"}}`
	}
	ask := func(kind, body, action string) string {
		return `,"type":"interactive","interactive":{"type":"` + kind + `","body":{"text":"` + body + `"},"action":` + action + `}`
	}
	buttons := func(all ...string) string { return `{"buttons":[` + strings.Join(all, ",") + `]}` }
	a := func(n int) string { return strings.Repeat("é", n) }
	for name, c := range map[string]struct {
		members string
		code    int
	}{
		"two buttons":                    {ask("button", "?", buttons(button("1", "Yes"), button("2", "No"))), 0},
		"all as long as may be":          {ask("button", a(1024), buttons(button(a(256), a(20)))), 0},
		"a title of 21":                  {ask("button", "?", buttons(button("1", a(21)))), 131009},
		"an id of 257":                   {ask("button", "?", buttons(button(a(257), "Yes"))), 131009},
		"a body of 1025":                 {ask("button", a(1025), buttons(button("1", "Yes"))), 131009},
		"no body":                        {ask("button", "", buttons(button("1", "Yes"))), 131008},
		"no title":                       {ask("button", "?", buttons(button("1", ""))), 131008},
		"four buttons":                   {ask("button", "?", buttons(button("1", "a"), button("2", "b"), button("3", "c"), button("4", "d"))), 131009},
		"one id twice":                   {ask("button", "?", buttons(button("1", "a"), button("1", "b"))), 131009},
		"one title twice":                {ask("button", "?", buttons(button("1", "a"), button("2", "a"))), 131009},
		"a button that is no reply":      {ask("button", "?", `{"buttons":[{"type":"url"}]}`), 131009},
		"a list":                         {ask("list", "?", `{"button":"x","sections":[{"rows":[{"id":"1","title":"a"}]}]}`), 0},
		"a list without rows":            {ask("list", "?", `{"button":"x","sections":[]}`), 131009},
		"a row that is too long":         {ask("list", "?", `{"button":"x","sections":[{"rows":[{"id":"1","title":"`+a(25)+`"}]}]}`), 131009},
		"the platform's request":         {ask("request_contact_info", "?", `{"name":"request_contact_info"}`), 0},
		"the request under another name": {ask("request_contact_info", "?", `{"name":"contact_request"}`), 131009},
		"the request without words":      {ask("request_contact_info", "", `{"name":"request_contact_info"}`), 131008},
		"the request's former type":      {ask("contact_request", "?", `{"name":"contact_request"}`), 100},
		"a type that there is not":       {ask("hologram", "?", `{}`), 100},
		"no action":                      {`,"type":"interactive","interactive":{"type":"button","body":{"text":"?"}}`, 131008},
		"a flow, which is not looked at": {ask("flow", "", `{"name":"flow"}`), 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, nil)
			r.wrote(t, ada())
			if got := r.message(t, adaUser+c.members); got.code() != c.code {
				t.Errorf("code %d, want %d: %s", got.code(), c.code, got.body)
			}
		})
	}
	r := newRig(t, nil)
	group := r.graph.Declare(simulator.Group{PhoneNumberID: numberID, People: []simulator.Person{ada()}})
	if got := r.message(t, asked(`"recipient_type":"group","to":"`+group+`"`, "?")); got.code() != 131051 {
		t.Errorf("buttons in a group: %s", got.body)
	}
	if got := r.message(t, asked(adaUser, "?")); got.code() != 131047 {
		t.Errorf("outside the window: %s", got.body)
	}
}

func TestStatusesOfAQuestionBringItsCallbackData(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	r.wrote(t, ada())
	r.flush(t)
	r.message(t, asked(adaUser, "?")+`,"biz_opaque_callback_data":"bauta:question:abc"`)
	for _, body := range r.flush(t) {
		if got := first(t, body, "statuses")["biz_opaque_callback_data"]; got != "bauta:question:abc" {
			t.Errorf("a status brings %v", got)
		}
	}
}

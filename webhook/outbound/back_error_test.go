package outbound_test

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"testing"

	"bauta/masking"
	"bauta/webhook"
	"bauta/webhook/outbound"
)

// sendTo is a send that the platform was told of by an identity of the customer.
func (b *back) sendTo(tb testing.TB, c *webhook.Customer, told string) *outbound.Outgoing {
	tb.Helper()
	return outbound.NewOutgoing(b.call(tb, "messages_send", masking.ShapeUserID), outbound.Addressee{
		Sent: handleOf(c, business(masking.ShapeUserID)), Told: identityOf(tb, told), Customer: c,
	})
}

// In the text of an error every number goes, whoever it belongs to; codes stay.
func TestAnErrorQuotesNobody(t *testing.T) {
	t.Parallel()
	b := newBack(t)
	hidden := b.customer(t, 1, webhook.Hidden, adaNumber, adaUser)
	visible := b.customer(t, 2, webhook.Visible, beaNumber, beaUser)
	notations := map[string]func(number string) string{
		"digits":             func(n string) string { return n },
		"with a plus":        func(n string) string { return "+" + n },
		"with separators":    func(n string) string { return "+" + n[:1] + " (" + n[1:4] + ") " + n[4:7] + "-" + n[7:] },
		"in a URL":           func(n string) string { return "https://wa.me/" + n + "?text=x" },
		"percent-escaped":    func(n string) string { return url.QueryEscape("+" + n) },
		"in a parameter":     func(n string) string { return "Param to=%2B" + n },
		"full-width":         func(n string) string { return strings.Map(func(r rune) rune { return r - '0' + '０' }, n) },
		"as JSON in a text":  func(n string) string { return `{"to":"` + n + `"}` },
		"in a message id":    wamid,
		"in an old id":       func(string) string { return "gBGGFVUAASNPAgkAESIzRFVmqrs" },
		"beside other words": func(n string) string { return "Recipient " + n + " is not on WhatsApp" },
	}
	const frame = `{"error":{"message":%[1]s,"type":"OAuthException","code":131026,"error_subcode":2494055,"error_data":{"messaging_product":"whatsapp","details":%[1]s},"error_user_msg":%[1]s,"fbtrace_id":"AzXyZ_16505551234x"}}`
	for name, write := range notations {
		for who, c := range map[string]*webhook.Customer{adaNumber: hidden, beaNumber: visible} {
			if who == beaNumber && (name == "in an old id" || name == "in a message id") {
				continue // their ids pass
			}
			t.Run(name+" of "+who[:2], func(t *testing.T) {
				t.Parallel()
				quoted, err := json.Marshal(write(who))
				if err != nil {
					t.Fatal(err)
				}
				got := b.Back(t.Context(), b.sendTo(t, c, who), 400, fmt.Appendf(nil, frame, quoted))
				if got.Status != 400 || got.Fault != "" {
					t.Errorf("status %d, fault %q", got.Status, got.Fault)
				}
				for _, stays := range []string{`"code":131026`, `"error_subcode":2494055`, `"type":"OAuthException"`, `"fbtrace_id":"AzXyZ_16505551234x"`} {
					if !strings.Contains(string(got.Body), stays) {
						t.Errorf("%s is not in %s", stays, got.Body)
					}
				}
				mustHide(t, got.Body, who)
			})
		}
	}
}

// Code 0 is one of the platform's (webhooks.md 6.6): an error that cannot be proven
// clean keeps it, and is not taken for an outcome that nobody knows.
func TestAnErrorOfCodeZeroIsRebuilt(t *testing.T) {
	t.Parallel()
	b := newBack(t)
	hidden := b.customer(t, 1, webhook.Hidden, adaNumber, adaUser)
	for code, fault := range map[string]string{`"code":0,`: "", "": "outcome_unknown", `"code":"x",`: "outcome_unknown"} {
		body := `{"error":{` + code + `"message":"AuthException","fbtrace_id":"` + adaNumber + `"}}`
		got := b.Back(t.Context(), b.sendTo(t, hidden, adaNumber), 401, []byte(body))
		if got.Fault != fault || fault == "" && (got.Status != 401 || !strings.Contains(string(got.Body), `"code":0`)) {
			t.Errorf("%s: status %d, fault %q: %s", body, got.Status, got.Fault, got.Body)
		}
		mustHide(t, got.Body, adaNumber)
	}
}

func TestWhatAnErrorMayStillSay(t *testing.T) {
	t.Parallel()
	b := newBack(t)
	ada := b.customer(t, 1, webhook.Hidden, adaNumber, adaUser)
	for name, row := range map[string]struct{ says, want string }{
		"a user id":                   {"no such user " + adaUser, "no such user [hidden]"},
		"the business's own number":   {"from +15550783881", "from +15550783881"},
		"its phone number id":         {"Object with ID '" + phoneID + "' does not exist", "Object with ID '" + phoneID + "' does not exist"},
		"codes in words":              {"(#131056) pair rate limit hit, wait 6 s", "(#131056) pair rate limit hit, wait 6 s"},
		"a number of nobody known":    {"blocked by +34 600 123 456", "blocked by [number hidden]"},
		"under foreign_numbers: pass": {"tel:34600123456", "tel:[number hidden]"},
	} {
		got := b.Back(t.Context(), b.sendTo(t, ada, adaNumber), 400, fmt.Appendf(nil, `{"error":{"message":%q,"code":100}}`, row.says))
		if want := fmt.Sprintf(`{"error":{"message":%q,"code":100}}`, row.want); string(got.Body) != want {
			t.Errorf("%s: got %s, want %s", name, got.Body, want)
		}
	}
}

func TestWhatCountsAsAnError(t *testing.T) {
	t.Parallel()
	b := newBack(t)
	ada := b.customer(t, 1, webhook.Visible, adaNumber)
	for body, row := range map[string]struct {
		status int
		want   string
	}{
		`{"note":"34600123456"}`:            {400, `{"note":"[number hidden]"}`},
		`{"note":"34600123456","error":{}}`: {200, `{"note":"[number hidden]","error":{}}`},
		`{"note":"34600123457"}`:            {200, `{"note":"34600123457"}`},
	} {
		if got := b.Back(t.Context(), b.sendTo(t, ada, adaNumber), row.status, []byte(body)); string(got.Body) != row.want {
			t.Errorf("%d %s: got %s", row.status, body, got.Body)
		}
	}
}

// What is rebuilt is proven too: a code can be a whole number of a small country.
func TestWhatIsRebuiltIsProven(t *testing.T) {
	t.Parallel()
	b := newBack(t)
	short := b.customer(t, 1, webhook.Hidden, "2904567")
	got := b.Back(t.Context(), b.sendTo(t, short, "2904567"), 400, []byte(`{"error":{"code":100,"error_subcode":2904567}}`))
	if got.Fault != "outcome_unknown" || contains(got.Body, "2904567") {
		t.Errorf("%d %s %s", got.Status, got.Fault, got.Body)
	}
}

// Whatever is not JSON says nothing: it may hold anything.
func TestGarbageIsReplaced(t *testing.T) {
	t.Parallel()
	b := newBack(t)
	ada := b.customer(t, 1, webhook.Hidden, adaNumber, adaUser)
	for name, body := range map[string]string{
		"nothing":             "",
		"the page of a proxy": "<html><body>502 Bad Gateway: +" + adaNumber + "</body></html>",
		"a text":              "+" + adaNumber,
		"cut off":             string(usualAnswer()[:40]),
		"two documents":       string(usualAnswer()) + string(usualAnswer()),
		"invalid UTF-8":       "{\"a\":\"\xff\"}",
		"a lone surrogate":    `{"a":"\ud800"}`,
		"too deep":            strings.Repeat("[", 100) + strings.Repeat("]", 100),
	} {
		for route, want := range map[string]string{"messages_send": "500 outcome_unknown 131000", "block_users_list": "502 bad_answer 131000"} {
			for _, status := range []int{200, 400, 503} {
				o := outbound.NewOutgoing(b.call(t, route, 0), outbound.Addressee{Sent: "x", Told: identityOf(t, adaNumber), Customer: ada})
				got := b.Back(t.Context(), o, status, []byte(body))
				var said struct{ Error struct{ Code int } }
				if err := json.Unmarshal(got.Body, &said); err != nil {
					t.Fatal(err)
				}
				if is := fmt.Sprint(got.Status, " ", got.Fault, " ", said.Error.Code); is != want {
					t.Errorf("%s on %s: %s, want %s", name, route, is, want)
				}
				mustHide(t, got.Body, adaNumber, adaUser)
			}
		}
	}
	if got := b.Back(t.Context(), b.sendTo(t, ada, adaNumber), 101, usualAnswer()); got.Status != 500 {
		t.Errorf("an answer under a status that is none: %d", got.Status)
	}
	if strings.Contains(b.log.String(), adaNumber) {
		t.Error("the log has the number")
	}
}

// What cannot be proven clean is rebuilt, and the proof is what finds it: here the
// number stands where the platform's own codes do, which nobody rewrites.
func TestWhatIsNotProvenCleanIsRebuilt(t *testing.T) {
	t.Parallel()
	b := newBack(t)
	ada := b.customer(t, 1, webhook.Hidden, adaNumber, adaUser)
	handle := handleOf(ada, business(0))
	person, _ := ada.PersonIn(webhook.Direct)
	issued := b.masks.For("acme").Mask(wamid(adaNumber), []masking.Person{person})
	packed := base64.StdEncoding.EncodeToString([]byte("to=" + adaNumber))
	for name, row := range map[string]struct {
		route  string
		status int
		body   string
		want   string
	}{
		"a send": {
			"messages_send", 200,
			`{"contacts":[{"input":"x","wa_id":"15550001234"}],"messages":[{"id":"` + wamid(adaNumber) + `","message_status":"15550001234"}]}`,
			`200 {"messaging_product":"whatsapp","contacts":[{"input":"` + handle + `","user_id":"` + handle + `"}],"messages":[{"id":"` + issued + `"}]}`,
		},
		"a send without an id": {"messages_send", 200, `{"messaging_product":"15550001234"}`, "500 outcome_unknown"},
		"a call": {
			"calls", 200, `{"success":"` + packed + `","calls":[{"id":"wacid.unreadable"}]}`,
			`200 {"messaging_product":"whatsapp","calls":[{"id":"` + b.masks.For("acme").Mask("wacid.unreadable", nil) + `"}],"success":true}`,
		},
		"an error": {
			"messages_send", 400,
			`{"error":{"message":"x","type":"OAuthException","code":131026,"error_subcode":2494055,"fbtrace_id":"` + packed + `"}}`,
			`400 {"error":{"message":"(#131026) The platform refused the call","type":"OAuthException","code":131026,"error_subcode":2494055,`,
		},
		"an error whose type is a name": {
			"messages_send", 400,
			`{"error":{"type":"` + adaUser + `Exception","code":100}}`,
			`400 {"error":{"message":"(#100) The platform refused the call","type":"OAuthException","code":100,`,
		},
		"an error whose code is a number": {"messages_send", 400, `{"error":{"code":15550001234}}`, "500 outcome_unknown"},
		"an error whose subcode is too long": {
			"messages_send", 400, `{"error":{"code":100,"error_subcode":12345678,"fbtrace_id":"` + packed + `"}}`,
			`400 {"error":{"message":"(#100) The platform refused the call","type":"OAuthException","code":100,"error_data"`,
		},
		"a success": {"contact_book_delete", 200, `{"success":true,"deleted":"15550001234"}`, `200 {"success":true}`},
		"a failure": {"contact_book_delete", 200, `{"success":false,"deleted":"15550001234"}`, "502 bad_answer"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := outbound.NewOutgoing(b.call(t, row.route, 0), outbound.Addressee{Sent: handle, Told: identityOf(t, adaNumber), Customer: ada})
			got := b.Back(t.Context(), o, row.status, []byte(row.body))
			is := fmt.Sprint(got.Status, " ", got.Fault)
			if got.Fault == "" {
				is = fmt.Sprint(got.Status, " ", string(got.Body))
			}
			if !strings.HasPrefix(is, row.want) {
				t.Errorf("got  %s\nwant %s", is, row.want)
			}
			mustHide(t, got.Body, adaNumber, adaUser)
		})
	}
}

package e2e

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"bauta/ads"
	"bauta/masking"
	"bauta/redis"
	"bauta/redis/redistest"
	"bauta/webhook"
	"bauta/webhook/simulator"
)

// What an adversary tries: payloads, and orders of payloads, that might bring a
// hidden customer's number out in the same scope.

func bea() simulator.Person {
	return simulator.Person{Number: "16505550199", UserID: "US.7430000000000002", Name: "Bea Neri"}
}

// withoutUserID is a person as the platform named them before user ids.
func withoutUserID(p simulator.Person) simulator.Person {
	p.UserID = ""
	return p
}

// under is a person with another's number.
func under(p, other simulator.Person) simulator.Person {
	p.Number = other.Number
	return p
}

// changed is the platform's report that a number became another.
func changed(from, to simulator.Person) []byte {
	return fmt.Appendf(nil, `{"object":"whatsapp_business_account","entry":[{"id":"%s","changes":[{"value":{"messaging_product":"whatsapp","metadata":{"display_phone_number":"15550783881","phone_number_id":"106540352242922"},"messages":[{"from":"%s","id":"%s","timestamp":"1789000400","type":"system","system":{"body":"User %s changed from %s to %s","wa_id":"%s","type":"user_changed_number"}}]},"field":"messages"}]}]}`,
		waba, from.Number, simulator.MessageID(from, false, "3A0900"), from.Name, from.Number, to.Number, to.Number)
}

// failed is a status that names its recipient by number alone.
func failed(p simulator.Person, stanza string) []byte {
	return business().Outcome(simulator.Status{
		To: withoutUserID(p), ID: simulator.MessageID(p, true, stanza), At: time.Unix(1789000300, 0), Status: "failed",
	})
}

// reported is a status, of which the platform sends many before it says who a
// customer is.
func reported(p simulator.Person, stanza string) []byte {
	return business().Outcome(simulator.Status{
		To: p, ID: simulator.MessageID(p, true, stanza), At: time.Unix(1789000300, 0), Status: "delivered",
	})
}

func TestNoOrderOfPayloadsShowsAHiddenNumber(t *testing.T) {
	t.Parallel()
	hidden := says(withoutUserID(ada()), "3A0901", "from the ad", ctwa())
	hiddenPair := says(ada(), "3A0902", "from the ad", ctwa())
	visible := says(bea(), "3A0903", "organic", nil)
	mixed := says(under(bea(), ada()), "3A0904", "Ada's number, Bea's user id", nil)
	alone := says(withoutUserID(ada()), "3A0905", "by number alone", nil)
	for name, bodies := range map[string][][]byte{
		"a hidden number comes with a visible customer's user id": {hidden, visible, mixed, alone, failed(ada(), "3A0906")},
		"the same, known by number and user id":                   {hiddenPair, visible, mixed, alone, mixed, failed(ada(), "3A0907")},
		"a visible customer changes to the hidden number":         {hiddenPair, visible, changed(bea(), ada()), alone, mixed, alone},
		"a hidden number comes with an undecided customer's user id": {
			hidden, hiddenPair, reported(withoutNumber(bea()), "3A0910"), mixed, alone,
		},
		"the hidden customer changes to a visible number": {hiddenPair, visible, changed(ada(), bea()), alone},
		"the visible customer quotes the hidden number after it": {hiddenPair, visible, changed(bea(), ada()), business().Inbound(simulator.Message{
			From: bea(), ID: simulator.MessageID(bea(), false, "3A0908"), At: time.Unix(1789000500, 0), Type: "text",
			Quoted: simulator.MessageID(ada(), false, "3A0909"), Content: simulator.Part{{Name: "body", Value: "that one"}},
		})},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, redistest.Embedded(t, redis.Options{}), newKeys(t), acme(), ads.Policy{})
			handle := ""
			for i, body := range bodies {
				prepared, err := w.Prepare(t.Context(), "main", body)
				if err != nil {
					t.Fatal(err)
				}
				if len(prepared.Items)+len(prepared.Held) == 0 {
					t.Fatalf("body %d came to nothing", i)
				}
				for _, item := range prepared.Items {
					d := item.Delivery
					sweep(t, fmt.Sprintf("body %d", i), string(d.Body)+d.Handle+d.Decision, ada().Number)
					if handle == "" {
						handle = d.Handle
					}
					if d.Visibility == "hidden" && d.Handle != handle {
						t.Errorf("body %d: the hidden customer has another handle", i)
					}
				}
			}
		})
	}
}

// A visible customer's event that would name a hidden one, with whom Bauta has
// linked them inside, must not join the two by the handle either.
func TestALinkInsideIsToldToNobody(t *testing.T) {
	t.Parallel()
	w := newWorld(t, redistest.Embedded(t, redis.Options{}), newKeys(t), acme(), ads.Policy{})
	same(t, w.decisions(t,
		says(ada(), "3A0911", "from the ad", ctwa()), says(bea(), "3A0912", "organic", nil),
		changed(bea(), ada()), says(bea(), "3A0913", "still here", nil), says(ada(), "3A0914", "so am I", nil),
	),
		"hidden ad", "visible no_ad_default_visible", "held leak_check", "visible no_ad_default_visible", "hidden ad")
}

func TestWhoStartsHiddenDoesSoInEveryScope(t *testing.T) {
	t.Parallel()
	b := acme()
	b.Groups = map[string]webhook.Group{"open": {ID: "open"}}
	t.Run("a number that came with another user id", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, redistest.Embedded(t, redis.Options{}), newKeys(t), b, ads.Policy{})
		newer := ada()
		newer.UserID = "US.7430000000000007"
		got := w.decisions(t, says(ada(), "3A0921", "visible", nil), inGroup(newer, "3A0922", "open"), says(newer, "3A0923", "direct", nil))
		same(t, got, "visible no_ad_default_visible", "hidden in_doubt", "hidden in_doubt")
	})
	t.Run("whoever was forgotten comes back in a group first", func(t *testing.T) {
		t.Parallel()
		brief := b
		brief.Retention.Customer = 500 * time.Millisecond
		w := newWorld(t, redistest.Standalone(t).Open(t, redis.Options{}), newKeys(t), brief, ads.Policy{})
		same(t, w.decisions(t, says(ada(), "3A0931", "visible", nil)), "visible no_ad_default_visible")
		number, _ := masking.ParseNumber(ada().Number)
		eventually(t, "the record expires", func(ctx context.Context) bool {
			found, err := w.vault.Recall(ctx, []webhook.Lookup{{Business: "acme", Identity: masking.Identity{Number: number}}})
			return err == nil && found[0].Customer == nil && found[0].Marked
		})
		same(t, w.decisions(t, inGroup(ada(), "3A0932", "open"), says(ada(), "3A0933", "direct", nil)), "hidden in_doubt", "hidden in_doubt")
	})
}

// envelope wraps a value; message is the value of one message without contacts.
func envelope(field, value string) []byte {
	return fmt.Appendf(nil, `{"object":"whatsapp_business_account","entry":[{"id":"%s","changes":[{"field":"%s","value":%s}]}]}`, waba, field, value)
}

func message(members string) []byte {
	return envelope("messages", `{"messaging_product":"whatsapp","metadata":{"display_phone_number":"15550783881","phone_number_id":"106540352242922"},"messages":[{`+members+`}]}`)
}

// one is what became of a body: the delivered event, or "held".
func (w *world) one(t *testing.T, body []byte) string {
	t.Helper()
	prepared, err := w.Prepare(t.Context(), "main", body)
	if err != nil {
		t.Fatal(err)
	}
	if len(prepared.Items)+len(prepared.Held) != 1 {
		t.Fatalf("%d items and %d held of one event", len(prepared.Items), len(prepared.Held))
	}
	for _, item := range prepared.Items {
		return string(item.Delivery.Body)
	}
	return "held"
}

func TestAScrubbedUnknownFieldNamesNoHiddenCustomer(t *testing.T) {
	t.Parallel()
	b := acme()
	b.Unknown = webhook.ScrubUnknown
	w := newWorld(t, redistest.Embedded(t, redis.Options{}), newKeys(t), b, ads.Policy{})
	same(t, w.decisions(t, says(ada(), "3A0941", "from the ad", ctwa())), "hidden ad")
	prefixed := simulator.MessageID(ada(), false, "3A0942")
	for name, value := range map[string]string{
		"its number":                  `{"wa_id":"16505550142"}`,
		"its number as a JSON number": `{"n":[16505550142,1.6505550142e10]}`,
		"its number as a key":         `{"16505550142":{"+1 650 555 0142":1}}`,
		"its user id":                 `{"u":"US.7430000000000001"}`,
		"a message id":                `{"id":"` + prefixed + `"}`,
		"a message id, bare":          `{"id":"` + strings.TrimPrefix(prefixed, "wamid.") + `"}`,
		"a legacy id":                 `{"id":"gBGGFlBVUBQvAgkAESIzRFVmqrs"}`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			out := w.one(t, envelope("a_field_of_next_year", value))
			if out == "held" {
				t.Fatal("held")
			}
			sweep(t, name, out, ada().Number, ada().UserID)
		})
	}
}

// While nobody knows whose message it is, a number in it may be the sender's.
func TestNumbersGoWhereTheSenderCannotBeRead(t *testing.T) {
	t.Parallel()
	w := newWorld(t, redistest.Embedded(t, redis.Options{}), newKeys(t), acme(), ads.Policy{})
	for name, sender := range map[string]string{
		"a name of another kind": `"from":"16505550142@s.example"`, "nobody": `"type":"text"`, "a LID": `"from_logical_id":"131063108133020"`,
	} {
		out := w.one(t, message(sender+`,"id":"wamid.HBgPMjAwNzU2OTA0ODY5OTY1FRIAEhgUM0E0QTY1OTlBRUUwMzgxMDE0NEYA","timestamp":"1789000000","text":{"body":"call +1 650 555 0142"}`))
		sweep(t, name, out, ada().Number)
		if !strings.Contains(out, "[number hidden]") {
			t.Errorf("%s: %s", name, out)
		}
	}
}

// What the business itself wrote must not tell it whether a guess is right: the
// event is delivered with it, whatever it is.
func TestAGuessOfTheBusinessIsNotAnswered(t *testing.T) {
	t.Parallel()
	w := newWorld(t, redistest.Embedded(t, redis.Options{}), newKeys(t), acme(), ads.Policy{})
	same(t, w.decisions(t, says(ada(), "3A0951", "from the ad", ctwa())), "hidden ad")
	for name, members := range map[string]string{
		"the id of a product":           `"type":"order","order":{"product_items":[{"product_retailer_id":"GUESS"}]}`,
		"the id of a product asked for": `"type":"text","text":{"body":"this?"},"context":{"referred_product":{"product_retailer_id":"GUESS"}}`,
		"a button's payload":            `"type":"button","button":{"payload":"GUESS","text":"GUESS"}`,
		"a list's row":                  `"type":"interactive","interactive":{"list_reply":{"id":"GUESS","title":"GUESS","description":"GUESS"}}`,
		"a flow's token":                `"type":"interactive","interactive":{"nfm_reply":{"response_json":"{\"flow_token\":\"GUESS\"}"}}`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var outs []string
			for _, guess := range []string{"16505550142", "16505550143"} {
				body := message(strings.ReplaceAll(members, "GUESS", guess) + `,"from":"16505550142","id":"` + simulator.MessageID(ada(), false, "3A0952") + `","timestamp":"1789000000"`)
				outs = append(outs, strings.ReplaceAll(w.one(t, body), guess, "GUESS"))
			}
			if outs[0] != outs[1] || outs[0] == "held" || !strings.Contains(outs[0], "GUESS") {
				t.Errorf("a right guess gives\n%s\na wrong one\n%s", outs[0], outs[1])
			}
		})
	}
}

// What stands in clear in the store (names of keys, what lists show) is not the
// sender's word: a group's id or a field's name can hold a number, too.
func TestNamesInTheStoreHoldNoNumber(t *testing.T) {
	t.Parallel()
	b := acme()
	b.Unknown = webhook.ScrubUnknown
	server := redistest.Standalone(t)
	w := newWorld(t, server.Open(t, redis.Options{}), newKeys(t), b, ads.Policy{})
	w.Trace = true
	oldGroup := "16505550142-1400000000"
	for name, body := range map[string][]byte{
		"a group's id":              inGroup(bea(), "3A0961", oldGroup),
		"a group in a message's id": message(`"from":"16505550199","type":"text","id":"wamid.HBgWMTY1MDU1NTAxNDItMTQwMDAwMDAwMBUIABIYBDNBMDEcGAsxNjUwNTU1MDE5ORUCAAA="`),
		"an unknown field":          envelope("field_16505550142", `{"x":1}`),
		"a broken field":            envelope("messages_16505550142", `[]`),
		"a message's type":          message(`"from":"16505550199","id":"wamid.x","timestamp":"1789000000","type":"16505550142"`),
	} {
		prepared, err := w.Prepare(t.Context(), "main", body)
		if err != nil {
			t.Fatal(err)
		}
		if err := w.Store(t.Context(), prepared); err != nil {
			t.Fatal(err)
		}
		for _, x := range prepared.Decisions {
			sweep(t, name+", explained", fmt.Sprintf("%+v", x), ada().Number)
		}
	}
	sweep(t, "the store", dump(t, server.Address), ada().Number)
}

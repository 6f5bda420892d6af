package outbound_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"bauta/masking"
	"bauta/webhook"
	"bauta/webhook/outbound"
)

func contains(body []byte, text string) bool { return bytes.Contains(body, []byte(text)) }

func TestATranscriptIsScrubbed(t *testing.T) {
	t.Parallel()
	b := newBack(t)
	ada := b.customer(t, 1, webhook.Hidden, adaNumber, adaUser)
	b.customer(t, 2, webhook.Visible, beaNumber, beaUser)
	handle := handleOf(ada, business(0))
	for name, row := range map[string]struct{ body, want string }{
		"a speaker by number":        {`{"segments":[{"speaker":"15550001234","text":"Hello"}]}`, `{"segments":[{"speaker":"[number hidden]","text":"Hello"}]}`},
		"a speaker by user id":       {`{"speaker":"` + adaUser + `"}`, `{"speaker":"[hidden]"}`},
		"a customer's number spoken": {`{"speaker":"` + adaUser + `","text":"it is 555 000 1234"}`, `{"speaker":"[hidden]","text":"it is [number hidden]"}`},
		"anybody's number":           {`{"text":"call +34 600 123 456"}`, `{"text":"call [number hidden]"}`},
		"a visible customer's too":   {`{"speaker":"` + beaNumber + `"}`, `{"speaker":"[number hidden]"}`},
		"a user id of a nobody":      {`{"speaker":"DE.anybodyatall"}`, `{"speaker":"[hidden]"}`},
		"a handle":                   {`{"speaker":"` + handle + `"}`, `{"speaker":"` + handle + `"}`},
		"the business's own":         {`{"text":"+1 555 078 3881"}`, `{"text":"+1 555 078 3881"}`},
		"words, times and shares":    {`{"text":"at 10.15","from":1.25,"sure":0.98,"language":"it","n":null}`, `{"text":"at 10.15","from":1.25,"sure":0.98,"language":"it","n":null}`},
		"a key that is a number":     {`{"15550001234":"Hello"}`, `{"[number hidden]":"Hello"}`},
		"JSON in a text":             {`{"a":"{\"b\":\"+15550001234\"}","who":"` + adaUser + `"}`, `{"a":"{\"b\":\"[number hidden]\"}","who":"[hidden]"}`},
	} {
		got, ok := b.Content(t.Context(), business(masking.ShapeUserID), []byte(row.body))
		if !ok || string(got) != row.want {
			t.Errorf("%s: got %s, %v; want %s", name, got, ok, row.want)
		}
	}
	id, ok := b.Content(t.Context(), business(masking.ShapeUserID), fmt.Appendf(nil, `{"call":%q}`, wamid(adaNumber)))
	if !ok || contains(id, wamid(adaNumber)) || !contains(id, "wamid.") {
		t.Errorf("a message id: %s, %v", id, ok)
	}
}

func TestWhatIsNoTranscriptIsNotPassedOn(t *testing.T) {
	t.Parallel()
	b := newBack(t)
	b.customer(t, 1, webhook.Hidden, adaNumber, adaUser)
	var many strings.Builder
	for i := range 300 {
		fmt.Fprintf(&many, `"%d",`, 393331000000+i)
	}
	for name, body := range map[string]string{
		"no JSON":                "RIFF....WAVE",
		"cut off":                `{"text":"Hel`,
		"too many people":        "[" + many.String() + `"x"]`,
		"a literal cannot be it": "",
	} {
		if got, ok := b.Content(t.Context(), business(0), []byte(body)); ok || got != nil {
			t.Errorf("%s: %s", name, got)
		}
	}
}

func TestAHeaderNamesNobody(t *testing.T) {
	t.Parallel()
	b := newBack(t)
	ada := b.customer(t, 1, webhook.Hidden, adaNumber, adaUser)
	o := outbound.NewOutgoing(b.call(t, "messages_send", 0), outbound.Addressee{Sent: "x", Told: identityOf(t, adaNumber), Customer: ada})
	for value, want := range map[string]bool{
		`{"102290129340398":[{"type":"messaging","call_count":1}]}`: true,
		"":                    true,
		"to=" + adaNumber:     false,
		adaUser:               false,
		wamid(adaNumber):      false,
		"+1-555-000-1234":     false,
		"Wed, 21 Oct 2026 07": true,
	} {
		if b.Clean(o, value) != want {
			t.Errorf("Clean(%q) is not %v", value, want)
		}
	}
}

// A passthrough's answer is described nowhere: all of it is text, its error is one.
func TestAPassthroughIsText(t *testing.T) {
	t.Parallel()
	b := newBack(t)
	b.customer(t, 1, webhook.Hidden, adaNumber, adaUser)
	call := outbound.Call{Business: business(0), Route: passthrough(t), Object: phoneID, Base: "https://bauta.example/v25.0"}
	for body, want := range map[string]string{
		`{"owner":"15550001234","note":"+34 600 123 456","user":"` + adaUser + `"}`:                   `{"owner":"[number hidden]","note":"[number hidden]","user":"[hidden]"}`,
		`{"error":{"message":"no 15550001234","code":100,"error_subcode":2494055,"fbtrace_id":"A1"}}`: `{"error":{"message":"no [number hidden]","code":100,"error_subcode":2494055,"fbtrace_id":"A1"}}`,
		`true`: `true`,
	} {
		if got := b.Back(t.Context(), outbound.NewOutgoing(call), 200, []byte(body)); string(got.Body) != want {
			t.Errorf("got %s, want %s", got.Body, want)
		}
	}
}

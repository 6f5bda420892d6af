package outbound_test

import (
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"bauta/webhook"
	"bauta/webhook/outbound"
)

// trials are numbers that a business can try out: those of a hidden customer, and
// strangers' of the same shape.
func trials() [][2]string {
	return [][2]string{{adaNumber, "15550005678"}, {adaUser, "US.5000600070008000"}}
}

// notations are how a business can write a number or id into what the platform quotes.
func notations() map[string]func(string) string {
	return map[string]func(string) string{
		"plain":             func(n string) string { return n },
		"in a name":         func(n string) string { return "a" + n + "b" },
		"with a plus":       func(n string) string { return "+" + n },
		"with blanks":       func(n string) string { return strings.Join(strings.Split(n, ""), " ") },
		"national":          func(n string) string { return strings.TrimPrefix(n, "1") },
		"in a longer run":   func(n string) string { return "77" + n + "8888888" },
		"base64":            func(n string) string { return base64.StdEncoding.EncodeToString([]byte(n)) },
		"base64 in a word":  func(n string) string { return "x" + base64.RawURLEncoding.EncodeToString([]byte("ab"+n)) + "y" },
		"percent-escaped":   func(n string) string { return "%2B" + url.QueryEscape(n) },
		"hexadecimal":       func(n string) string { return hex.EncodeToString([]byte(n)) },
		"entities":          func(n string) string { return entities(n) },
		"full-width":        func(n string) string { return shifted(n, '０') },
		"arabic":            func(n string) string { return shifted(n, '٠') },
		"a message id":      wamid,
		"JSON in it":        func(n string) string { return `{\"a\":\"` + n + `\"}` },
		"escapes in a text": func(n string) string { return `\\u003` + strings.Join(strings.Split(n, ""), `\\u003`) },
	}
}

func shifted(text string, zero rune) string {
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return r - '0' + zero
		}
		return r
	}, text)
}

func entities(text string) string {
	var out strings.Builder
	for _, r := range text {
		fmt.Fprintf(&out, "&#%d;", r)
	}
	return out.String()
}

// The platform quotes what the business chose: a template's name (132001), a wrong
// value (100). If the customer's own number came back otherwise than a stranger's,
// a list of numbers would tell whose a handle is.
func TestAQuoteInAnErrorTellsNothing(t *testing.T) {
	t.Parallel()
	b := newBack(t)
	ada := b.customer(t, 1, webhook.Hidden, adaNumber, adaUser)
	const frame = `{"error":{"message":"(#132001) Template name does not exist in the translation","type":"OAuthException","code":132001,"error_data":{"messaging_product":"whatsapp","details":"template name (%s) does not exist in en_US"},"error_user_msg":"got %[1]s","fbtrace_id":"A"}}`
	for name, write := range notations() {
		for _, trial := range trials() {
			for _, told := range []string{adaNumber, adaUser} {
				hit := b.Back(t.Context(), b.sendTo(t, ada, told), 404, fmt.Appendf(nil, frame, write(trial[0])))
				miss := b.Back(t.Context(), b.sendTo(t, ada, told), 404, fmt.Appendf(nil, frame, write(trial[1])))
				if hit.Status != miss.Status || hit.Fault != miss.Fault || string(hit.Body) != string(miss.Body) {
					t.Errorf("%s: her own\n%s\nanother's\n%s", name, hit.Body, miss.Body)
				}
				if !contains(hit.Body, "does not exist in") {
					t.Errorf("%s: nothing is left of the text: %s", name, hit.Body)
				}
			}
		}
	}
}

// A document of unknown form is content: a business makes flows and names them, and
// anybody can send it a JSON file. Nobody in it is looked up.
func TestContentTellsNothing(t *testing.T) {
	t.Parallel()
	b := newBack(t)
	ada := b.customer(t, 1, webhook.Hidden, adaNumber, adaUser)
	opened := outbound.Call{Business: business(0), Route: passthrough(t), Object: phoneID, Base: "https://bauta.example/v25.0"}
	for name, write := range notations() {
		for _, trial := range trials() {
			for _, frame := range []string{`{"data":[{"name":"%s"}]}`, `{"name":"it is %s."}`, `{"%s":1,"a":"{\"b\":\"%[1]s\"}"}`, `["15550009999","%s"]`} {
				if name == "JSON in it" && strings.Contains(frame, `\"b\"`) {
					continue
				}
				var said [2]string
				for i, who := range trial {
					body := fmt.Appendf(nil, frame, write(who))
					masked, ok := b.Content(t.Context(), business(0), body)
					answer := b.Back(t.Context(), outbound.NewOutgoing(opened), 200, body)
					said[i] = fmt.Sprintf("%s %v %d %s %s", masked, ok, answer.Status, answer.Fault, answer.Body)
					for _, written := range []string{write(who), strings.Trim(strconv.QuoteToASCII(write(who)), `"`)} {
						said[i] = strings.ReplaceAll(said[i], written, "what was written")
					}
				}
				if name == "a message id" { // sealed whole, each in its own way
					said[0], said[1] = sealedIDs(said[0]), sealedIDs(said[1])
				}
				if said[0] != said[1] || strings.Contains(said[0], handleOf(ada, business(0))) {
					t.Errorf("%s in %s: her own\n%s\nanother's\n%s", name, frame, said[0], said[1])
				}
			}
		}
	}
	if b.store.recalls != 0 {
		t.Errorf("somebody was looked up %d times", b.store.recalls)
	}
}

var sealedID = regexp.MustCompile(`wamid\.[\w-]+`)

func sealedIDs(text string) string {
	return sealedID.ReplaceAllStringFunc(text, func(id string) string { return fmt.Sprintf("an id of %d letters", len(id)) })
}

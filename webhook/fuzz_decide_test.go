package webhook

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"bauta/masking/sharing"
)

// Whatever stands where an act could stand: without a valid button of the question,
// an attested number, a word or the own card nothing is shared, and no token reaches
// the business.
func FuzzNothingButAnActOfTheCustomerShares(f *testing.F) {
	f.Add(uint8(0), "bauta", "3EB0QUESTION00000001", "Share")
	f.Add(uint8(1), "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.e30.AA", "", "Share")
	f.Add(uint8(2), "row", "wamid.HBgLMTY1MDM4Nzk0MzkVAgASGBQzQTRB", "\u0000\"")
	f.Add(uint8(3), "+1 650 555 0101", "3A", "share ")
	f.Add(uint8(4), "16505550199", "3A", "BEGIN:VCARD\nTEL;waid=16505550199:+1\nEND:VCARD")
	f.Fuzz(func(t *testing.T, kind uint8, what, quoted, title string) {
		p := newParlour(t, func(b *Business) {
			words(b)
			b.Sharing.Ask = AskFirstContact
			b.Sharing.OwnCardShares = true
		})
		if p.business.Sharing.Words.Find(title+what) != sharing.NoWord {
			return
		}
		p.accept(t, p.message(ada(), text("Hello"), ""))
		p.ask(t, Direct, "3EB0QUESTION00000001")
		token := p.token(t, Direct, sharing.ActShare)
		before := len(p.shelf.items)
		for _, id := range []string{what, what + token, token + what, token[:len(token)-1] + what} {
			if id == token && quoted == "3EB0QUESTION00000001" {
				continue // that is the act
			}
			body := p.message(ada(), guise(kind, id, title), fmt.Sprintf(`"context":{"from":"15550783881","id":%s},`, quote(quoted)))
			// What cannot be read is refused as a whole; that is no fault.
			_ = p.Accept(t.Context(), "main", body)
		}
		for _, c := range p.shelf.records {
			if s := c.Scopes[Direct]; s != nil && !s.Visibility.Masked() && !strings.Contains(digits(what), adaNumber) {
				t.Errorf("the customer is %v", s.Visibility)
			}
		}
		for _, item := range p.shelf.items[before:] {
			if p.tokens.In(item.Delivery.Body) && !strings.Contains(what+title+quoted, "eyJ") {
				t.Errorf("a token reaches the business: %s", item.Delivery.Body)
			}
		}
	})
}

// guise is a message that has something where a decision could be.
func guise(kind uint8, what, title string) string {
	switch kind % 6 {
	case 0:
		return fmt.Sprintf(`"type":"interactive","interactive":{"type":"button_reply","button_reply":{"id":%s,"title":%s}}`, quote(what), quote(title))
	case 1:
		return fmt.Sprintf(`"type":"button","button":{"payload":%s,"text":%s}`, quote(what), quote(title))
	case 2:
		return fmt.Sprintf(`"type":"interactive","interactive":{"type":"list_reply","list_reply":{"id":%s,"title":%s}}`, quote(what), quote(title))
	case 3:
		return fmt.Sprintf(`"type":"text","text":{"body":%s}`, quote(title+what))
	case 4:
		return fmt.Sprintf(`"type":"contacts","contacts":[{"origin":"other","vcard":%s,"phones":[{"phone":%s,"wa_id":%s}]}]`, quote(title), quote(what), quote(what))
	default:
		return fmt.Sprintf(`"type":"interactive","interactive":{"type":"nfm_reply","nfm_reply":{"response_json":%s,"name":%s}}`, quote(what), quote(title))
	}
}

func quote(text string) string {
	out, _ := json.Marshal(text)
	return string(out)
}

func digits(text string) string {
	return strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, text)
}

// Any history of people, acts, moves and redeliveries holds against the reference.
func FuzzWhoIsWho(f *testing.F) {
	f.Add([]byte("\x00\x01\x00\x01\x00\x00\x02\x03\x01\x04\x05\x00\x00\x09\x08\x01\x0f\x02"))
	f.Add([]byte("\x01\x00\x02\x00\x00\x03\x00\x01\x00\x0b\x00\x01\x01\x0f\x00\x01\x0c\x00\x00\x01\x0d\x01\x02"))
	f.Fuzz(func(t *testing.T, data []byte) {
		at := 0
		pick := func(n int) int {
			if at == len(data) {
				return 0
			}
			at++
			return int(data[at-1]) % n
		}
		w := newTown(t, pick, t.Fatalf)
		for range 25 {
			if at == len(data) {
				return
			}
			w.step()
		}
	})
}

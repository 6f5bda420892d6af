package meta

import (
	"slices"
	"strings"

	"bauta/masking"
	"bauta/masking/jsontree"
)

// mostOnCards bounds the numbers on cards: a message with more is an address book.
const mostOnCards = 32

// attested reads the number that the platform's own request brought: one contact
// with origin contact_request and one number. A message-level origin, as in an
// older draft, attests nothing, and neither does a number that contradicts the
// sender's own.
func (v *valueReader) attested(p place, subject Party) masking.Number {
	cards := v.doc.Member(p.node, "contacts")
	if v.length(cards) != 1 {
		return masking.Number{}
	}
	shared := v.doc.Nodes[cards].Child
	if v.text(shared, jsontree.None, "origin") != "contact_request" {
		return masking.Number{}
	}
	phones := v.doc.Member(shared, "phones")
	if v.length(phones) != 1 || subject.IsZero() {
		return masking.Number{}
	}
	phone := v.doc.Nodes[phones].Child
	number, ok := masking.ParseNumber(v.text(phone, jsontree.None, "wa_id|phone"))
	if !ok || v.isBusiness(masking.Identity{Number: number}, "") {
		return masking.Number{}
	}
	shown, ok := masking.ParseNumber(v.text(phone, jsontree.None, "phone|wa_id"))
	if !ok || shown.Canonical() != number.Canonical() {
		return masking.Number{}
	}
	if !subject.Number.IsZero() && subject.Number.Canonical() != number.Canonical() {
		return masking.Number{}
	}
	return number
}

// byHand tells that a card, or a message, does not say that it came otherwise:
// origin is other, or not there (identity.md 2.5).
func (v *valueReader) byHand(at int32) bool {
	n := v.doc.Member(at, "origin")
	if n == jsontree.None || v.doc.Nodes[n].Kind == jsontree.Literal {
		return true
	}
	origin, _ := v.stringAt(n)
	return origin == "other" || v.doc.Nodes[n].Kind == jsontree.String && origin == ""
}

// cards returns the numbers on the contact cards that the sender sent by hand.
func (v *valueReader) cards(p place) []masking.Number {
	cards := v.doc.Member(p.node, "contacts")
	if v.length(cards) == 0 || !v.byHand(p.node) {
		return nil
	}
	var numbers []masking.Number
	add := func(text string) {
		number, ok := masking.ParseNumber(text)
		if ok && len(numbers) <= mostOnCards && !slices.ContainsFunc(numbers, func(n masking.Number) bool { return n.Canonical() == number.Canonical() }) {
			numbers = append(numbers, number)
		}
	}
	for card := v.doc.Nodes[cards].Child; card != jsontree.None; card = v.doc.Nodes[card].Next {
		if !v.byHand(card) {
			return nil
		}
		for _, text := range v.onCard(card) {
			add(text)
		}
		if len(numbers) > mostOnCards {
			return nil
		}
	}
	return numbers
}

// onCard returns what stands on a card as a number: wa_id and phone of each of its
// phones, and the waid of its vCard.
func (v *valueReader) onCard(card int32) []string {
	found := waIDs(strings.ToLower(v.text(card, jsontree.None, "vcard")))
	phones := v.doc.Member(card, "phones")
	if v.length(phones) == 0 {
		return found
	}
	for phone := v.doc.Nodes[phones].Child; phone != jsontree.None; phone = v.doc.Nodes[phone].Next {
		found = append(found, v.text(phone, jsontree.None, "wa_id"), v.text(phone, jsontree.None, "phone"))
	}
	return found
}

// waIDs returns the waid parameters of a lower-case vCard's lines, the WhatsApp numbers
// (webhooks.md 5, row 1).
func waIDs(vcard string) []string {
	var found []string
	for {
		_, rest, more := strings.Cut(vcard, "waid=")
		if !more {
			return found
		}
		end := strings.IndexFunc(rest, func(r rune) bool { return r < '0' || r > '9' })
		if end < 0 {
			end = len(rest)
		}
		found, vcard = append(found, rest[:end]), rest[end:]
	}
}

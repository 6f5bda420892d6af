package meta

import (
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"strings"
)

// dedupe returns the parts of an event's dedupe id: its field, the business's
// phone number id (or the WABA), the kind, and the columns of the field table.
// Where an id column finds no id, the event's bytes take its place.
func (v *valueReader) dedupe(l level, p place, e *Event) []string {
	parts := v.texts.take(3 + len(p.src.dedupe) + 1)
	scope := e.PhoneNumberID
	if scope == "" {
		scope = e.WABA
	}
	parts = append(parts, e.Field, scope, string(e.Kind))
	for _, column := range p.src.dedupe {
		parts = append(parts, v.column(column, p, e))
	}
	if l.field.account || l.field.unknown {
		parts = append(parts, v.entryTime(l))
	}
	return parts
}

func (v *valueReader) column(column string, p place, e *Event) string {
	switch column {
	case columnID:
		return v.canonicalID(p)
	case columnPerson:
		if e.Change != nil {
			return person(e.Change.From) + ">" + person(e.Change.To)
		}
		return person(e.Subject)
	case columnParticipant:
		if e.Group == "" {
			return ""
		}
		return person(e.Subject)
	case columnBytes:
		return v.hash(p.node)
	}
	return v.text(p.node, p.around, column)
}

// canonicalID returns the event's message id without the person it is wrapped
// in: the platform uses two envelopes for one message (webhooks.md section 4,
// fact 3). An event without an id has a hash of its bytes.
func (v *valueReader) canonicalID(p place) string {
	switch {
	case p.idText == "":
		return v.hash(p.node)
	case p.id.Stanza() == "":
		return p.idText
	}
	return strings.Join([]string{p.id.Stanza(), strconv.FormatBool(p.id.FromBusiness()), p.id.Group()}, "|")
}

// person returns a party's name for a dedupe id, which is keyed before it is
// stored.
func person(p Party) string {
	id, _ := p.identities()
	return id[0].Number.Reveal() + id[0].UserID.Reveal()
}

// hash is taken over the event's own bytes.
func (v *valueReader) hash(n int32) string {
	node := v.doc.Nodes[n]
	sum := sha256.Sum256(v.doc.Source[node.Start:node.End])
	return hex.EncodeToString(sum[:])
}

// entryTime is what tells repetitions of account-level events apart.
func (v *valueReader) entryTime(l level) string {
	t, _ := v.stringAt(v.doc.Member(l.steps[0].element, "time"))
	return t
}

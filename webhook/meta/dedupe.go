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
	parts := make([]string, 0, 3+len(p.src.dedupe)+1)
	scope := e.PhoneNumberID
	if scope == "" {
		scope = e.WABA
	}
	parts = append(parts, e.Field, scope, string(e.Kind))
	for _, column := range p.src.dedupe {
		parts = append(parts, v.column(column, p, e))
	}
	if entryTime := v.entryTime(l); entryTime != "" && l.field.account {
		parts = append(parts, entryTime)
	}
	return parts
}

func (v *valueReader) column(column string, p place, e *Event) string {
	switch column {
	case columnID:
		if id := v.text(p.node, p.around, p.src.id); id != "" {
			return canonicalID(id)
		}
		return v.hash(p.node)
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

// canonicalID returns a message id without the person it is wrapped in: the
// platform uses two envelopes for one message (webhooks.md section 4, fact 3).
func canonicalID(text string) string {
	id, err := ParseID(text)
	if err != nil {
		return text
	}
	return strings.Join([]string{id.Stanza(), strconv.FormatBool(id.FromBusiness()), id.Group()}, "|")
}

// person returns a party's name for a dedupe id, which is keyed before it is
// stored.
func person(p Party) string {
	for _, id := range p.identities() {
		return id.Number.Reveal() + id.UserID.Reveal()
	}
	return ""
}

// hash is taken over the event's own bytes.
func (v *valueReader) hash(n int32) string {
	node := v.doc.Nodes[n]
	sum := sha256.Sum256(v.doc.Source[node.Start:node.End])
	return hex.EncodeToString(sum[:])
}

// entryTime is what tells repetitions of account-level events apart.
func (v *valueReader) entryTime(l level) string {
	if l.depth == 0 {
		return ""
	}
	t, _ := v.doc.String(v.doc.Member(l.steps[0].element, "time"))
	return t
}

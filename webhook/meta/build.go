package meta

import (
	"strconv"
	"strings"
	"time"

	"bauta/masking"
	"bauta/masking/jsontree"
)

// event reads one event and adds it to the batch, or sets it aside.
func (v *valueReader) event(l level, p place) {
	e := Event{
		Doc: v.doc, Drop: l.drop, Schema: l.field.schema, Node: p.node,
		Field: l.field.name, Kind: p.src.kind, WABA: l.waba,
		PhoneNumberID: v.business.phoneNumberID, Own: v.business.own,
	}
	if l.field.unknown {
		e.Field = l.name
	}
	p.idText = v.text(p.node, p.around, p.src.id)
	// An id that cannot be parsed is the zero ID, which names nobody.
	p.id, _ = ParseID(p.idText)
	e.Type = v.text(p.node, p.around, p.src.typ)
	e.Group = v.groupOf(p, p.id)
	e.At = v.timeOf(l, p)
	e.Change = v.changeOf(p, e.Type)
	who, hits := v.identify(&e, p)
	e.Only = v.only(l, hits)
	if n := v.blankedIn(view{v.doc, e.Only, e.Drop}, 0); n != jsontree.None {
		v.reject(l, v.reasonOf(n), n)
		return
	}
	names := v.collectNames(l, p, &e)
	if names.broken != jsontree.None {
		v.reject(l, WrongType, names.broken)
		return
	}
	e.Named, e.Envelopes, e.Media = names.identities, names.envelopes, names.media
	if e.Kind == Message {
		v.message(&e, p, who)
		names.add(masking.Identity{Number: e.Attested})
		e.Named = names.identities
	}
	v.passing(&e, p)
	e.Dedupe = v.dedupe(l, p, &e)
	v.batch.Events = append(v.batch.Events, e)
}

// identify finds the subject and the contacts that travel with the event. The
// returned index is that of the source's position where the subject stood, -1
// when it was found elsewhere.
func (v *valueReader) identify(e *Event, p place) (who int, hits []int) {
	e.Subject, who = v.subject(p, e.Group)
	parties := []Party{e.Subject}
	switch {
	case e.Change != nil:
		// The old identities are the customer's, the new ones follow by the change.
		e.Subject, who = e.Change.From, -1
		parties = []Party{e.Change.From, e.Change.To}
	case e.Kind == IDUpdate:
		e.Subject = v.party(p.node, p.around, party{"wa_id", "user_id.current|user_id.previous", ""}, "")
		parties[0] = e.Subject
	}
	hits = v.contacts.match(parties...)
	alone := len(hits) == 0 && v.single && len(v.contacts.list) == 1
	if alone {
		v.contacts.hits = append(v.contacts.hits[:0], 0)
		hits = v.contacts.hits
	}
	if e.Change != nil || (len(p.src.who) == 0 && p.src.id == "" && e.Kind != IDUpdate) {
		return who, hits
	}
	if alone && e.Subject.IsZero() {
		e.Subject = v.contacts.list[0].party
	}
	if e.Subject.IsZero() {
		hits = v.byID(e, p, hits)
	}
	for _, i := range hits {
		if !alone {
			e.Subject = e.Subject.join(v.contacts.list[i].party)
		}
	}
	return who, hits
}

// byID takes the subject from the message id, the last place that names
// somebody, and returns the contacts matched by it.
func (v *valueReader) byID(e *Event, p place, hits []int) []int {
	person := p.id.Person()
	if person.IsZero() || v.isBusiness(person, person.Number.Reveal()) {
		return hits
	}
	e.Subject.add(person)
	if len(hits) > 0 {
		return hits
	}
	return v.contacts.match(e.Subject)
}

// timeOf reads a timestamp: seconds, or milliseconds where the number is too
// large for seconds, as text or as a number. Account-level events have the time
// of their entry.
func (v *valueReader) timeOf(l level, p place) time.Time {
	path := p.src.at
	if path == "" {
		path = "timestamp"
	}
	written := v.text(p.node, p.around, path)
	if written == "" && (l.field.account || l.field.unknown) {
		written = v.entryTime(l)
	}
	n, err := strconv.ParseInt(written, 10, 64)
	if err != nil || n <= 0 {
		return time.Time{}
	}
	const latest = 1 << 38 // seconds until the year 10680
	if n > latest {
		n /= 1000
	}
	if n > latest {
		return time.Time{}
	}
	return time.Unix(n, 0).UTC()
}

// message fills in what only messages have. A voicemail comes as an audio
// message under a call id: it decides nothing, like the call it belongs to.
func (v *valueReader) message(e *Event, p place, who int) {
	e.Referral = v.referral(p)
	from := v.text(p.node, p.around, "from")
	sender, _ := masking.IdentityOf(from)
	fromBusiness := v.isBusiness(sender, from)
	e.Inbound = p.src.inbound && !fromBusiness && who <= 0 && v.c.written(e.Type)
	voicemail := strings.HasPrefix(p.idText, callPrefix)
	e.CanRefer = e.Referral.Present || (v.c.refers(e.Type) && !voicemail)
	if !e.Inbound {
		return
	}
	e.Act = v.act(p, e.Type)
	if e.Type == "contacts" {
		e.Attested = v.attested(p, e.Subject)
	}
}

// referral reads the referral object. Anything there but null counts as one: a
// referral that cannot be read is not "no ad".
func (v *valueReader) referral(p place) Referral {
	n := v.doc.Member(p.node, "referral")
	if n == jsontree.None || v.doc.Nodes[n].Kind == jsontree.Literal {
		return Referral{}
	}
	text := func(name string) string {
		t, _ := v.stringAt(v.doc.Member(n, name))
		return t
	}
	return Referral{
		Present: true, Type: text("source_type"), ID: text("source_id"), URL: text("source_url"),
		Headline: text("headline"), Body: text("body"), Media: text("media_type"), CLID: text("ctwa_clid"),
	}
}

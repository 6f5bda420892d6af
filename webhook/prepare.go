package webhook

import (
	"context"
	"encoding/binary"
	"fmt"
	"log/slog"
	"slices"
	"strings"

	"bauta/masking"
	"bauta/webhook/meta"
)

// historyField is the field of a history sync.
const historyField = "history"

// work is one event on its way through the stages.
type work struct {
	event    *meta.Event
	business *Business
	dedupe   uint64
	id       string
	// subject is nil for events without one; named are all customers the event
	// names, the subject first.
	subject *Customer
	named   []*Customer
	// shown is how the event shows the subject.
	shown meta.Party
	// apart are identities that the event must not show in any form.
	apart   []masking.Identity
	reports []Report
	// severed: it refers to a message that was sent to a plain number.
	severed bool
	// ownRef: it refers to a message of Bauta's own.
	ownRef bool
	// put are what tokens in the event read as.
	put []masking.Put
	// consumed is why the event goes to nobody, "" if it is delivered.
	consumed string
	// would is Explained.Act.
	would string
	// count counts the act in it, once that is stored; nil: there is none.
	count func()
}

// intake is a body after its admission, with which every try begins.
type intake struct {
	app     string
	works   []work
	dropped []DroppedEvent
	rejects []meta.Reject
}

func (p *Pipeline) prepare(ctx context.Context, in intake) (*Prepared, error) {
	out := &Prepared{Dropped: slices.Clone(in.dropped), brought: map[*Customer][]string{}}
	works := slices.Clone(in.works)
	s := newSession(p.Vault, p.Minter, p.Now())
	if err := s.recall(ctx, lookups(works)); err != nil {
		return nil, err
	}
	if err := p.sever(ctx, works); err != nil {
		return nil, err
	}
	if err := p.ownRefs(ctx, works); err != nil {
		return nil, err
	}
	for i := range works {
		if err := p.one(ctx, s, &works[i], out); err != nil {
			return nil, err
		}
	}
	if err := p.enrol(ctx, works); err != nil {
		return nil, err
	}
	if err := p.Presence.Touch(ctx, seen(works)); err != nil {
		return nil, fmt.Errorf("note who was seen: %w", err)
	}
	if err := p.opened(ctx, s); err != nil {
		return nil, err
	}
	for c, forms := range s.forms {
		if err := p.Forms.Remember(ctx, c, forms); err != nil {
			return nil, fmt.Errorf("remember envelopes: %w", err)
		}
	}
	for i := range in.rejects {
		if err := p.reject(ctx, in.app, &in.rejects[i], out); err != nil {
			return nil, err
		}
	}
	for _, count := range s.counts {
		count()
	}
	return out, nil
}

// seen are the customers whom events were about, each once.
func seen(works []work) []*Customer {
	out := make([]*Customer, 0, len(works))
	known := make(map[string]bool, len(works))
	for i := range works {
		if c := works[i].subject; c != nil && !known[c.ID] {
			known[c.ID] = true
			out = append(out, c)
		}
	}
	return out
}

// admit keeps the events of known businesses that policy lets in, and counts all
// of them.
func (p *Pipeline) admit(app string, batch meta.Batch) intake {
	in := intake{app: app, works: make([]work, 0, len(batch.Events)), rejects: batch.Rejects}
	for i := range batch.Events {
		e := &batch.Events[i]
		b := p.Directory.ByWABA(app, e.WABA)
		if b == nil {
			p.unknownWABA(app)
			continue
		}
		p.Metrics.received(b.ID, e)
		if rawPath(e) {
			p.warnOfRawPath(b.ID, e.Field)
		}
		if reason := dropped(b, e); reason != "" {
			p.Metrics.dropped(b.ID, reason)
			in.dropped = append(in.dropped, DroppedEvent{Business: b.ID, Field: word(e.Field), Reason: reason})
			continue
		}
		w := work{event: e, business: b}
		w.dedupe, w.id = eventID(p.PRF, b.ID, e.Dedupe)
		in.works = append(in.works, w)
	}
	return in
}

// dropped names why an event goes no further, "" if it does. The address book of
// a person who reads the raw chats names people who never wrote to the business.
func dropped(b *Business, e *meta.Event) string {
	switch {
	case e.Kind == meta.StateSync:
		return droppedAddressBook
	case e.Kind == meta.Unknown && b.Unknown == DropUnknown:
		return droppedField
	}
	return ""
}

// rawPath tells an event that shows that a person reads the raw chats in the
// Business app (coexistence).
func rawPath(e *meta.Event) bool {
	return strings.HasPrefix(e.Field, "smb_") || e.Field == historyField
}

func (p *Pipeline) warnOfRawPath(business, field string) {
	p.Metrics.rawPath(business)
	if p.rawPaths.first(business) {
		p.Logger.Warn("raw_path_present: a person reads the raw chats in the Business app, whatever is hidden here",
			slog.String("business", business), slog.String("field", field))
	}
}

func (p *Pipeline) unknownWABA(app string) {
	p.Metrics.unknownWABA(app)
	if p.warned.first("waba\x00" + app) {
		p.Logger.Warn("an event of a WABA that no business claims was dropped; add it to a business's wabas",
			slog.String("app", app))
	}
}

// lookups are the identities of all events, each once.
func lookups(works []work) []Lookup {
	seen := make(map[Lookup]bool, 2*len(works))
	out := make([]Lookup, 0, 2*len(works))
	for i := range works {
		for _, identity := range works[i].event.Named {
			l := Lookup{Business: works[i].business.ID, Identity: identity.Canonical()}
			if !seen[l] {
				seen[l] = true
				out = append(out, l)
			}
		}
	}
	return out
}

// one takes an event through identity, decision, masking and proof.
func (p *Pipeline) one(ctx context.Context, s *session, w *work, out *Prepared) error {
	if s.late(w) {
		p.consume(s, w, consumedLate, out)
		return nil
	}
	if err := p.recognise(ctx, s, w); err != nil {
		return err
	}
	if err := p.hear(ctx, s, w); err != nil {
		return err
	}
	p.unreferred(s, w)
	if err := p.due(s, w, out); err != nil {
		return err
	}
	if w.consumed != "" {
		p.consume(s, w, w.consumed, out)
		return nil
	}
	s.remember(w)
	if w.event.Kind == meta.Unknown && w.business.Unknown == HoldUnknown {
		return p.hold(ctx, w, masked{reason: HeldUnknownField}, out)
	}
	m := p.mask(w)
	if m.reason != "" {
		return p.hold(ctx, w, m, out)
	}
	return p.deliver(ctx, w, m, out)
}

// deliver makes the item of a proven event, for every endpoint that wants it.
func (p *Pipeline) deliver(ctx context.Context, w *work, m masked, out *Prepared) error {
	key, customer, err := p.keyFor(ctx, w)
	if err != nil {
		return err
	}
	item := Item{
		Business: w.business.ID, Conversation: p.conversation(w), Customer: customer, Key: key, Dedupe: w.dedupe,
		Delivery: Delivery{
			ID: w.id, Field: word(w.event.Field), Kind: string(w.event.Kind), Body: m.body, Accepted: p.Now(),
		},
	}
	item.Earlier = p.earlier(w)
	item.Endpoints = w.business.endpoints(func(e *Endpoint) bool { return e.Wants(w.event.Field) })
	w.describe(&item.Delivery)
	p.date(w, &item.Delivery)
	out.Items = append(out.Items, item)
	out.Decisions = append(out.Decisions, w.explain(m))
	return nil
}

// date notes what the endpoints' options for late events need to know, if any has them.
func (p *Pipeline) date(w *work, d *Delivery) {
	for i := range w.business.Endpoints {
		e := &w.business.Endpoints[i]
		if e.MaxAge[d.Kind] > 0 {
			d.At = w.event.At
		}
		if !e.ForwardOnly || d.Stage != meta.NoStage {
			continue
		}
		if stage, parts := w.event.Progress(); stage != meta.NoStage {
			d.Stage = stage
			sum := p.PRF.PRF("message", append([]string{w.business.ID}, parts...)...)
			d.Message = binary.BigEndian.Uint64(sum[:8])
		}
	}
}

// word is a name of the sender's for lists and clear text: a field or type that is
// not written like the platform's (a code is one, a number is none) reads *.
func word(name string) string {
	const longest, mostDigits = 64, 6
	digits := 0
	for _, c := range []byte(name) {
		switch {
		case '0' <= c && c <= '9':
			digits++
		case c != '_' && (c|0x20 < 'a' || c|0x20 > 'z'):
			return "*"
		}
	}
	if len(name) > longest || digits > mostDigits {
		return "*"
	}
	return name
}

func (w *work) standing() *Standing {
	if w.subject == nil {
		return nil
	}
	return w.subject.Scopes[w.event.Group]
}

// describe fills the Bauta-* headers.
func (w *work) describe(d *Delivery) {
	s := w.standing()
	if s == nil {
		return
	}
	d.Visibility = s.Visibility.String()
	d.Decision = s.told()
	if s.Visibility == Shared && w.subject.unproven(w.event.Group) {
		d.Visibility, d.Decision = Hidden.String(), ReasonUnrecorded
	}
	if s.Rule != "" {
		d.Decision = "rule=" + s.Rule + "; " + s.Reason
	}
	if !s.RawIDs || s.Visibility.Masked() {
		d.Handle = s.Handle.In(w.business.View)
	}
}

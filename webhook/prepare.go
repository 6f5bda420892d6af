package webhook

import (
	"context"
	"fmt"
	"slices"

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
	// former: what the business wrote under another handle of the customer's may come back
	// in it.
	former bool
	// ownRef: it refers to a message of Bauta's own.
	ownRef bool
	// wrote: the subject wrote it, in the direct chat.
	wrote bool
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
	app string
	// view is the businesses that the whole body is worked through with.
	view    *View
	works   []work
	dropped []DroppedEvent
	rejects []meta.Reject
}

func (p *Pipeline) prepare(ctx context.Context, in intake) (*Prepared, error) {
	out := &Prepared{Dropped: slices.Clone(in.dropped)}
	works := slices.Clone(in.works)
	s := newSession(p.Vault, p.Minter, p.Now())
	if err := s.recall(ctx, works); err != nil {
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
	if err := p.noteSeen(ctx, works); err != nil {
		return nil, err
	}
	for c, forms := range s.forms {
		if err := p.Forms.Remember(ctx, c, forms); err != nil {
			return nil, fmt.Errorf("remember envelopes: %w", err)
		}
	}
	for i := range in.rejects {
		if err := p.reject(ctx, in, &in.rejects[i], out); err != nil {
			return nil, err
		}
	}
	for _, count := range s.counts {
		count()
	}
	return out, nil
}

// noteSeen stores whom events were about, and who of them wrote in the direct chat.
func (p *Pipeline) noteSeen(ctx context.Context, works []work) error {
	seen, wrote := subjects(works)
	if err := p.Presence.Touch(ctx, seen); err != nil {
		return fmt.Errorf("note who was seen: %w", err)
	}
	if len(wrote) == 0 {
		return nil
	}
	if err := p.Windows.Opened(ctx, wrote); err != nil {
		return fmt.Errorf("note who wrote: %w", err)
	}
	return nil
}

// subjects are the customers whom events were about, and those of them who wrote in the
// direct chat, each once.
func subjects(works []work) (seen, wrote []*Customer) {
	writes := make(map[*Customer]bool, len(works))
	for i := range works {
		w := &works[i]
		if w.subject == nil {
			continue
		}
		before, known := writes[w.subject]
		if !known {
			seen = append(seen, w.subject)
		}
		if w.wrote && !before {
			wrote = append(wrote, w.subject)
		}
		writes[w.subject] = before || w.wrote
	}
	return seen, wrote
}

// one takes an event through identity, decision, masking and proof.
func (p *Pipeline) one(ctx context.Context, s *session, w *work, out *Prepared) error {
	if s.unreadable(w) {
		return p.hold(ctx, w, masked{reason: HeldUnreadable}, out)
	}
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

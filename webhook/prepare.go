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

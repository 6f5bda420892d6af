package webhook

import (
	"context"
	"fmt"
	"slices"

	"bauta/webhook/meta"
)

// reaction is the type of a message that only refers to another.
const reaction = "reaction"

// enrol puts the media that events bring on the roll of their business, before
// anybody hears of them: a business may fetch only what it was sent.
func (p *Pipeline) enrol(ctx context.Context, works []work) error {
	brought := map[string][]string{}
	for i := range works {
		if media := works[i].event.Media; len(media) > 0 {
			id := works[i].business.ID
			brought[id] = append(brought[id], media...)
		}
	}
	for business, ids := range brought {
		if err := p.Rolls.Enter(ctx, business, ReceivedMedia, ids); err != nil {
			return fmt.Errorf("note whose media these are: %w", err)
		}
	}
	return nil
}

// sever finds the events that refer to a message which the business addressed to
// a plain number. If their customer hides, such an event would join the handle
// with that number.
func (p *Pipeline) sever(ctx context.Context, works []work) error {
	named := map[string][]string{}
	for i := range works {
		if b := works[i].business; b.RawRecipients == AllowRaw {
			named[b.ID] = append(named[b.ID], works[i].stanzas()...)
		}
	}
	for business, stanzas := range named {
		if len(stanzas) == 0 {
			continue
		}
		on, err := p.Rolls.On(ctx, business, RawAddressed, stanzas)
		if err != nil {
			return fmt.Errorf("find messages to plain numbers: %w", err)
		}
		var raw []string
		for i, is := range on {
			if is {
				raw = append(raw, stanzas[i])
			}
		}
		for i := range works {
			if w := &works[i]; w.business.ID == business {
				w.severed = slices.ContainsFunc(w.stanzas(), func(s string) bool { return slices.Contains(raw, s) })
			}
		}
	}
	return nil
}

// noteOwn puts a message of Bauta's own on the roll, if its id can be read.
func noteOwn(ctx context.Context, rolls Rolls, business, stanza string) error {
	if stanza == "" {
		return nil
	}
	if err := rolls.Enter(ctx, business, OwnMessages, []string{stanza}); err != nil {
		return fmt.Errorf("note a message of Bauta's own: %w", err)
	}
	return nil
}

// ownRefs finds the messages of customers that refer to one of Bauta's own. In the direct
// chat it may have been about a group: that there was one is not told. A tap on a button
// is what it is, and has its own rules.
func (p *Pipeline) ownRefs(ctx context.Context, works []work) error {
	for i := range works {
		w := &works[i]
		refers := w.event.Inbound && w.event.Kind == meta.Message && w.event.Group == Direct && w.event.Act.Reply == "" && len(w.event.Envelopes) > 1
		if !refers {
			continue
		}
		on, err := p.Rolls.On(ctx, w.business.ID, OwnMessages, w.stanzas())
		if err != nil {
			return fmt.Errorf("find references to Bauta's own messages: %w", err)
		}
		w.ownRef = slices.Contains(on, true)
	}
	return nil
}

// unreferred takes such a reference away: a reaction is nothing else, and goes to nobody.
func (p *Pipeline) unreferred(s *session, w *work) {
	if !w.ownRef {
		return
	}
	if w.event.Type == reaction {
		w.consumed = consumedStatus
		return
	}
	s.counts = append(s.counts, func() { p.Metrics.unreferred(w.business.ID) })
}

// stanzas are the messages that an event names, its own included.
func (w *work) stanzas() []string {
	out := make([]string, len(w.event.Envelopes))
	for i, e := range w.event.Envelopes {
		out[i] = e.Stanza
	}
	return out
}

package webhook

import (
	"context"
	"encoding/binary"
	"unique"

	"bauta/webhook/meta"
)

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
	p.explain(w, m, out)
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
// not written like the platform's (a code is one, a number is none) reads *. It is
// interned: as a part of the body it would keep all of that.
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
	return unique.Make(name).Value()
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
	if !w.subject.shownIn(w.event.Group).IsZero() {
		d.Shows = w.subject.ID
	}
	if s.Rule != "" {
		d.Decision = "rule=" + s.Rule + "; " + s.Reason
	}
	if !s.RawIDs || s.Visibility.Masked() {
		d.Handle = s.Handle.In(w.business.View)
	}
}

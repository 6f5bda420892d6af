package webhook

import (
	"maps"
	"slices"

	"bauta/masking/sharing"
	"bauta/webhook/meta"
)

// Explained says in words what was decided for one event, for `bauta explain`
// and the playground. It holds no number, user id or message id.
type Explained struct {
	// ID is the event's, as its delivery has it; it tells nothing about a person.
	ID                          string
	Business, Field, Kind, Type string
	// Group is the scope's declared name, or "undeclared group"; "" is the
	// direct chat.
	Group string
	// Visibility, Rule and Reason of the subject; empty without a subject.
	Visibility, Rule, Reason string
	Handle                   string
	// Act is what the customer would decide by it, and what that would come to; "" if
	// nothing, or if it was carried out.
	Act string
	// Reports are what report-mode rules would have decided.
	Reports []Report
	// Places are JSON paths where something was masked, when traced.
	Places []string
	// Held is why the event is held, "" if it is delivered.
	Held      string
	Positions []string
	Endpoints []string
}

// DroppedEvent is one that policy let go no further.
type DroppedEvent struct {
	Business, Field, Reason string
}

// explain keeps what was decided, for whoever asked for it.
func (p *Pipeline) explain(w *work, m masked, out *Prepared) {
	if p.Trace {
		out.Decisions = append(out.Decisions, w.explain(m))
	}
}

func (w *work) explain(m masked) Explained {
	x := Explained{
		ID: w.id, Business: w.business.ID, Field: word(w.event.Field), Kind: string(w.event.Kind), Type: word(w.event.Type),
		Act: w.would, Reports: w.reports, Places: m.places, Held: m.reason, Positions: m.positions,
	}
	if w.event.Group != Direct {
		x.Group = "undeclared group"
		if g, ok := w.business.Groups[w.event.Group]; ok {
			x.Group = g.Name
		}
	}
	if s := w.standing(); s != nil {
		x.Visibility, x.Rule, x.Reason = s.Visibility.String(), s.Rule, s.Reason
		x.Handle = s.Handle.In(w.business.View)
	}
	if w.event.Kind == meta.Unknown {
		x.Type = "unknown field"
	}
	if m.reason == "" {
		x.Endpoints = w.business.endpoints(func(e *Endpoint) bool { return e.Wants(w.event.Field) })
	}
	return x
}

// would says what the customer would decide with an event, for whom nothing is carried
// out: the record stays as it is.
func (p *Pipeline) would(s *session, w *work) error {
	sketch := *w.subject
	sketch.Lines, sketch.Due, sketch.Scopes = nil, nil, maps.Clone(sketch.Scopes)
	for scope, standing := range sketch.Scopes {
		copied := *standing
		sketch.Scopes[scope] = &copied
	}
	r := registrar{business: w.business, prf: p.PRF, minter: p.Minter, now: s.now}
	on := *w
	on.subject = &sketch
	if kind, ok := on.wants(); ok && w.event.Inbound {
		w.would = actionKeyword + ": " + string(kind)
		return nil
	}
	t, scope, ok := p.actOf(r, &on)
	if !ok || !w.event.Inbound {
		return nil
	}
	t.id, t.at, t.by, t.asksAt = w.id, w.event.At, ByCustomer, sketch.asksAt(s.now)
	step, same, err := r.turn(&sketch, scope, t)
	if err != nil {
		return err
	}
	w.would = t.action + ": " + outcome(step, same, sketch.Lines)
	if scope != w.event.Group {
		w.would += ", in the group that it is about"
	}
	return nil
}

func outcome(step sharing.Step, same bool, lines []sharing.Line) string {
	switch i := slices.IndexFunc(lines, func(l sharing.Line) bool { return l.Type == sharing.LineRefused }); {
	case same:
		return "changes nothing"
	case i >= 0:
		return "has no effect: " + lines[i].Reason
	}
	return "leads to " + step.Next.String()
}

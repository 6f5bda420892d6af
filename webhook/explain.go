package webhook

import "bauta/webhook/meta"

// Explained says in words what was decided for one event, for `bauta explain`
// and the playground. It holds no number, user id or message id.
type Explained struct {
	Business, Field, Kind, Type string
	// Group is the scope's declared name, or "undeclared group"; "" is the
	// direct chat.
	Group string
	// Visibility, Rule and Reason of the subject; empty without a subject.
	Visibility, Rule, Reason string
	Handle                   string
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

func (w *work) explain(m masked) Explained {
	x := Explained{
		Business: w.business.ID, Field: word(w.event.Field), Kind: string(w.event.Kind), Type: word(w.event.Type),
		Reports: w.reports, Places: m.places, Held: m.reason, Positions: m.positions,
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

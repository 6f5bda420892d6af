package webhook

import (
	"slices"

	"bauta/masking"
)

// tellClaim makes due what the business has to know of who a customer is: that two
// handles of one scope are one person's, that a number changed, or that what the
// platform says does not fit together. It holds no number. Where one record shows and
// the other hides nobody is told.
func (p *Pipeline) tellClaim(s *session, w *work, cl claim) {
	c := cl.subject
	if p.Consents == nil || c == nil {
		return
	}
	r := p.Consents.registrar(w.business, s.now)
	if cl.merged != nil {
		for scope, theirs := range cl.merged.Scopes {
			if ours := c.Scopes[scope]; ours != nil && ours.Visibility != Visible && slices.Contains(ours.Former, theirs.Handle) {
				r.news(c, scope, newsMerged, w.id, map[string]any{"former_handles": shownAs(w.business.View, ours.Former)})
			}
		}
	}
	scope := w.event.Group
	switch {
	case !c.handled(scope):
	case cl.conflict && !cl.quiet:
		r.news(c, scope, newsConflict, w.id, map[string]any{})
	case cl.renumbered:
		r.news(c, scope, newsChanged, w.id, map[string]any{"changed": []string{"number"}})
	}
}

// tellChange makes due that the platform announced a change of number or user id.
// Changed are the words for what changed; a conflict is told instead.
func (p *Pipeline) tellChange(s *session, w *work, changed []string, conflict bool) {
	c, scope := w.subject, w.event.Group
	if p.Consents == nil || !c.handled(scope) {
		return
	}
	r := p.Consents.registrar(w.business, s.now)
	switch {
	case conflict:
		r.news(c, scope, newsConflict, w.id, map[string]any{})
	case len(changed) > 0:
		r.news(c, scope, newsChanged, w.id, map[string]any{"changed": changed})
	}
}

// handled tells that the business knows the customer of a scope by a handle.
func (c *Customer) handled(scope string) bool {
	s := c.Scopes[scope]
	return s != nil && s.Visibility != Visible
}

func shownAs(v masking.View, handles []masking.Handle) []string {
	out := make([]string, len(handles))
	for i, h := range handles {
		out[i] = h.In(v)
	}
	return out
}

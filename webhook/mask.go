package webhook

import (
	"context"
	"fmt"
	"slices"

	"bauta/masking"
	"bauta/masking/leak"
	"bauta/webhook/meta"
)

// Why an event is held. The set is closed: it is a metric label.
const (
	HeldLeak         = "leak_check"
	HeldUnknownField = "unknown_field"
	HeldUnmasked     = "not_masked"
	HeldToken        = "bauta_token"
	// HeldUnreadable: nothing was decided with it.
	HeldUnreadable = "record_unreadable"
)

// masked is an event after masking and proof. A reason means: hold it.
type masked struct {
	body      []byte
	places    []string
	reason    string
	positions []string
}

// mask rewrites an event for its business and proves the outcome.
func (p *Pipeline) mask(w *work) masked {
	people, subject := w.people()
	result, err := p.Rewriter.Rewrite(p.job(w, people, subject))
	if err != nil {
		return masked{reason: HeldUnmasked}
	}
	m := masked{body: result.Body, places: result.Places}
	if p.Tokens.Plainly(result.Body) {
		// Somebody has a button's token where no button is: who gets it could use it.
		return masked{reason: HeldToken}
	}
	secrets := w.secrets(people)
	secrets.Opaque = p.opaque
	for _, finding := range p.proofs.Run(secrets, result.Body, exempt(result.Exempt)) {
		m.reason = HeldLeak
		m.positions = append(m.positions, finding.Position+" ("+finding.Notation+")")
	}
	return m
}

// job is what the rewriter has to do.
func (p *Pipeline) job(w *work, people []masking.Person, subject int) masking.Job {
	view := w.business.View
	if w.subject == nil && personal(w.event.Kind) {
		// Nobody knows who wrote this, or whom an unknown field is about: every
		// phone-like number may be theirs.
		view.ForeignPass = false
	}
	view.Own = append(w.event.OwnNumbers(), view.Own...)
	return masking.Job{
		Doc: w.event.Doc, Only: w.event.Only, Drop: w.event.Drop, Schema: p.schema(w),
		People: people, Subject: subject, View: view, IDs: p.IDs.For(w.business.ID), Put: w.put, Trace: p.Trace,
	}
}

// schema is how the event is read, without what would join its customer's handle with a
// number or with another handle.
func (p *Pipeline) schema(w *work) *masking.Schema {
	s := w.standing()
	switch {
	case w.ownRef || w.former || w.severed && (s == nil || s.Visibility.Masked()):
		return p.Catalogue.Severed(w.event.Field)
	case s != nil && s.Renewed && w.event.Kind == meta.Status:
		return p.Catalogue.Passing(w.event.Field)
	}
	return w.event.Schema
}

// personal tells that an event of the kind is about one person, also where it
// does not say about whom.
func personal(k meta.Kind) bool {
	switch k {
	case meta.Message, meta.Status, meta.Call, meta.CallStatus, meta.Echo, meta.Thread, meta.Participant,
		meta.Preference, meta.IDUpdate, meta.StateSync, meta.Handover, meta.Unknown:
		return true
	case meta.GroupEvent, meta.UserAction, meta.AutoEvent, meta.Problem, meta.Account:
	}
	return false
}

// people are those the event names, the subject's place among them, -1 if
// it has none.
func (w *work) people() ([]masking.Person, int) {
	people := make([]masking.Person, 0, len(w.named))
	subject := -1
	for _, c := range w.named {
		person, ok := c.PersonIn(w.event.Group)
		if !ok {
			continue
		}
		if c == w.subject {
			subject = len(people)
			if parent := w.event.Subject.Parent; !parent.IsZero() {
				person.UserIDs = append(person.UserIDs, parent)
			}
		}
		people = append(people, person)
	}
	return people, subject
}

// secrets are the identities that must not be found in the masked event.
func (w *work) secrets(people []masking.Person) leak.Secrets {
	var s leak.Secrets
	for i := range people {
		numbers, ids := people[i].Secret()
		s.Numbers, s.UserIDs = joined(s.Numbers, numbers), joined(s.UserIDs, ids)
	}
	for _, identity := range w.apart {
		if identity.UserID.IsZero() {
			s.Numbers = append(slices.Clip(s.Numbers), identity.Number)
		} else {
			s.UserIDs = append(slices.Clip(s.UserIDs), identity.UserID)
		}
	}
	return s
}

// joined changes neither list; most events name one person, whose list it is.
func joined[T any](a, b []T) []T {
	if len(a) == 0 {
		return b
	}
	return append(slices.Clip(a), b...)
}

func exempt(spans []masking.Span) []leak.Span {
	out := make([]leak.Span, len(spans))
	for i, s := range spans {
		out[i] = leak.Span{Start: s.Start, End: s.End}
	}
	return out
}

// hold sets an event apart. Its customers, links and decision are kept all
// the same.
func (p *Pipeline) hold(ctx context.Context, w *work, m masked, out *Prepared) error {
	key, customer, err := p.keyFor(ctx, w)
	if err != nil {
		return err
	}
	p.explain(w, m, out)
	h := HeldEvent{
		ID: w.id, Business: w.business.ID, Field: word(w.event.Field), Conversation: p.conversation(w), Earlier: p.earlier(w),
		Reason: m.reason, Positions: m.positions, At: p.Now(),
		Raw: meta.Render(*w.event), Customer: customer, Key: key, Dedupe: w.dedupe,
	}
	out.Held = append(out.Held, h)
	notice, asked, err := p.announce(w, h, heldNotice(h, fieldLabel(w.event)))
	if err != nil {
		return err
	}
	if asked {
		out.Items = append(out.Items, notice)
	}
	return nil
}

// reject holds what could not be read as an event. Without a WABA that a
// business claims it is kept for the app itself.
func (p *Pipeline) reject(ctx context.Context, in intake, r *meta.Reject, out *Prepared) error {
	business := AppBusiness(in.app)
	if b := in.view.ByWABA(in.app, r.WABA); b != nil {
		business = b.ID
	} else if r.WABA != "" {
		p.unclaimed(in.app, r.WABA)
		return nil
	}
	key, err := p.Keys.BusinessKey(ctx, business)
	if err != nil {
		return fmt.Errorf("the business's data key: %w", err)
	}
	dedupe, id := eventID(p.PRF, business, []string{"reject", string(r.Raw)})
	out.Held = append(out.Held, HeldEvent{
		ID: id, Business: business, Field: word(r.Field), Reason: r.Reason,
		Positions: []string{r.Position}, At: p.Now(), Raw: r.Raw, Key: key, Dedupe: dedupe,
	})
	return nil
}

// AppBusiness is under which name a body is held that names no business. No
// configured business can have it.
func AppBusiness(app string) string { return "_" + app }

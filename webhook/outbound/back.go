package outbound

import (
	"context"
	"log/slog"

	"bauta/masking"
	"bauta/masking/jsontree"
	"bauta/webhook/meta"
)

// The statuses that an answer can have (RFC 9110, section 15; redirects are not
// followed), and the first of those that say that the call failed.
const (
	firstStatus  = 200
	firstFailure = 400
	lastStatus   = 599
)

// errorKey is under which the platform explains what went wrong.
const errorKey = "error"

// Answer is what the business gets of the platform's answer.
type Answer struct {
	// Status is the platform's, or of the error that stands in its place.
	Status int
	// Body is JSON, whatever the platform sent.
	Body []byte
	// Fault names the error (meta.FaultName) that stands in the place of an answer
	// that could not be read, or not be proven clean; "" if the answer is the
	// platform's, or was rebuilt from it.
	Fault string
}

// Back masks the platform's answer to a call. It never fails: what cannot be read
// gets an error in its place, and what cannot be proven clean is rebuilt from what
// is known of it. It stores what leads the ids of the answer back.
func (t *Translator) Back(ctx context.Context, o *Outgoing, status int, body []byte) Answer {
	doc, err := t.parser.Parse(body)
	if err != nil || status < firstStatus || status > lastStatus {
		t.Logger.WarnContext(ctx, "an answer of the platform cannot be read",
			"business", o.call.Business.ID, "route", o.call.Route.Name, "status", status)
		return unknown(o)
	}
	r := &reading{
		t: t, o: o, status: status, doc: doc, schema: o.call.Route.Answer,
		failed: status >= firstFailure || doc.Member(0, errorKey) != jsontree.None,
	}
	if r.schema == nil {
		r.schema = undescribed(t.API)
	}
	answer := r.answer(ctx)
	r.keep(ctx)
	return answer
}

// reading is one answer on its way back.
type reading struct {
	t      *Translator
	o      *Outgoing
	status int
	doc    *jsontree.Doc
	schema *masking.Schema
	// failed: it is an error, be it in part.
	failed bool
	crowd
}

func (r *reading) answer(ctx context.Context) Answer {
	if err := r.recognise(ctx); err != nil {
		r.logger().WarnContext(ctx, "whom an answer names could not be found out", "error", err)
		return r.instead()
	}
	body, positions := r.mask()
	if body == nil {
		r.logger().WarnContext(ctx, "an answer could not be proven clean and was rebuilt", "positions", positions)
		return r.instead()
	}
	return Answer{Status: r.status, Body: body}
}

// mask rewrites the answer, puts in what the business wrote and what is sealed, and
// proves the outcome: nil if it is not clean, and where.
func (r *reading) mask() (body []byte, positions []string) {
	seen := r.survey()
	result, err := r.t.Rewriter.Rewrite(masking.Job{
		Doc: r.doc, Only: seen.only, Drop: seen.drop, Schema: r.schema,
		People: r.people, Subject: r.subject(), View: r.view(), IDs: r.ids(),
	})
	if err != nil {
		return nil, []string{err.Error()}
	}
	out, ok := r.putIn(result, seen)
	if !ok {
		return nil, []string{"paging"}
	}
	if positions = r.findings(out.body, out.exempt); positions != nil {
		return nil, positions
	}
	return out.body, nil
}

// view: in the text of an error every number goes, whosever it is; so it does
// where nobody knows what stands where, or who is meant.
func (r *reading) view() masking.View {
	c := &r.o.call
	view := c.Business.View
	if r.failed || r.nameless || c.Route.Answer == nil || aboutPeople(c.Route.Family) {
		view.ForeignPass = false
	}
	if c.Route.Object == meta.PhoneNumberObject || c.Route.Object == meta.WABAObject {
		// The platform quotes it in its errors; it is the business's own.
		if id, ok := masking.ParseNumber(c.Object); ok {
			view.Own = append([]masking.Number{id}, view.Own...)
		}
	}
	return view
}

// aboutPeople tells the families whose answers hold nothing that anybody wrote: a
// number where the table knows of none is a customer's.
func aboutPeople(f meta.Family) bool {
	switch f {
	case meta.Messages, meta.Contacts, meta.Calls, meta.Groups:
		return true
	case meta.Media, meta.Templates, meta.Profile:
	}
	return false
}

// subject is whose the answer is: nobody's where it is an error, so that numbers
// go from its texts, or where it is about several.
func (r *reading) subject() int {
	if r.failed || r.nameless || len(r.o.addressed) != 1 || len(r.people) != 1 {
		return -1
	}
	return 0
}

// findings are the positions at which a secret can be read in a body.
func (r *reading) findings(body []byte, exempt []masking.Span) []string {
	r.secrets.Opaque = r.t.API.Opaque()
	return positions(r.t.proofs.Run(r.secrets, body, spans(exempt)))
}

// logger says which call it was.
func (r *reading) logger() *slog.Logger {
	return r.t.Logger.With("business", r.o.call.Business.ID, "route", r.o.call.Route.Name, "status", r.status)
}

// undescribed is the schema of an answer that no table describes: text, but for the
// platform's error, which is the same everywhere.
func undescribed(api *meta.API) *masking.Schema {
	for _, r := range api.Routes() {
		if fault := r.Answer.Member(errorKey); fault != nil {
			return &masking.Schema{Members: map[string]*masking.Schema{errorKey: fault}}
		}
	}
	return &masking.Schema{}
}

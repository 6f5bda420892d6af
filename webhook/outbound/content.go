package outbound

import (
	"context"
	"errors"
	"regexp"

	"bauta/masking"
	"bauta/masking/jsontree"
	"bauta/webhook"
	"bauta/webhook/meta"
)

// mostGuessed bounds whom a document of unknown form can name.
const mostGuessed = 256

// errTooMany: nobody can say who all of them are.
var errTooMany = errors.New("it names more people than are looked up")

// Content scrubs a JSON document that is a medium, such as the transcript of a
// call: every text, whatever it is, loses every number and user id. It is false for
// a document that cannot be read or proven clean: that one must not be passed on.
func (t *Translator) Content(ctx context.Context, business *webhook.Business, body []byte) ([]byte, bool) {
	doc, err := t.parser.Parse(body)
	if err != nil {
		return nil, false
	}
	o := &Outgoing{call: Call{Business: business, Route: &meta.Route{Name: "content"}}}
	r := &reading{t: t, o: o, doc: doc, schema: &masking.Schema{}}
	if err := r.recognise(ctx); err != nil {
		r.logger().WarnContext(ctx, "a medium's text could not be scrubbed", "error", err)
		return nil, false
	}
	out, positions := r.mask()
	if out == nil {
		r.logger().WarnContext(ctx, "a medium's text could not be proven clean", "positions", positions)
	}
	return out, out != nil
}

// Clean tells that a text, such as a header of the platform's answer, names none of
// those whom the call names.
func (o *Outgoing) Clean(value string) bool {
	if o.request == nil {
		return false
	}
	r := &reading{t: o.request.t, o: o}
	for i := range o.addressed {
		if c := o.addressed[i].customer; c != nil {
			r.address(&o.addressed[i])
		}
	}
	return r.findings([]byte(value), nil) == nil
}

// blindly takes whatever stands as a whole for somebody in a document of which
// nobody knows what stands where for a secret, whoever it is. Nobody is looked up:
// the business, or a stranger on its behalf, may have written all of it, and what
// became of a number would tell whose it is.
func (r *reading) blindly() error {
	named, ok := r.t.guess(r.doc)
	if !ok {
		return errTooMany
	}
	for _, identity := range named {
		if !r.own(identity) {
			r.hideOne(identity)
		}
	}
	doc, err := r.t.withoutUserIDs(r.doc)
	r.doc = doc
	return err
}

// guess lists whatever stands as a whole for somebody; false if there is too much of
// it. The place of somebody in a message id counts too.
func (t *Translator) guess(doc *jsontree.Doc) (named []masking.Identity, ok bool) {
	seen := map[masking.Identity]bool{}
	eachText(doc, func(_, _ int32, text string) {
		if _, ok := t.Handles.Parse(text); ok {
			return
		}
		who, ok := masking.IdentityOf(text)
		if !ok {
			id, err := meta.ParseID(text)
			if err != nil || id.Person().IsZero() {
				return
			}
			who = id.Person()
		}
		if key := who.Canonical(); !seen[key] {
			seen[key] = true
			named = append(named, who)
		}
	})
	return named, len(named) <= mostGuessed
}

// eachText goes through the names and texts of a document.
func eachText(doc *jsontree.Doc, yield func(start, end int32, text string)) {
	for i := range doc.Nodes {
		node := &doc.Nodes[i]
		if node.KeyEnd > 0 {
			yield(node.KeyStart, node.KeyEnd, doc.Key(int32(i)))
		}
		if node.Kind == jsontree.String {
			yield(node.Start, node.End, doc.Text(node.Start, node.End))
		}
	}
}

// hiddenUser is written in place of a user id.
const hiddenUser = "[hidden]"

// withoutUserIDs replaces whatever has the looks of a user id, but for handles of
// Bauta's own, which it knows without a look-up.
func (t *Translator) withoutUserIDs(doc *jsontree.Doc) (*jsontree.Doc, error) {
	d := &document{Doc: doc}
	var edits []edit
	var failed error
	eachText(doc, func(start, end int32, text string) {
		kept := t.userID.ReplaceAllStringFunc(text, t.unlessHandle)
		if who, ok := masking.IdentityOf(text); ok && !who.UserID.IsZero() {
			kept = t.unlessHandle(text)
		}
		if kept == text {
			return
		}
		var err error
		if edits, err = d.replace(edits, start, end, kept); err != nil {
			failed = err
		}
	})
	if failed != nil || len(edits) == 0 {
		return doc, failed
	}
	return t.parser.Parse(d.written(edits))
}

func (t *Translator) unlessHandle(id string) string {
	if _, ok := t.Handles.Parse(id); ok {
		return id
	}
	return hiddenUser
}

// userIDs finds what has the looks of a user id inside a text (identity.md 2.1).
func userIDs() *regexp.Regexp {
	return regexp.MustCompile(`\b[A-Z]{2}\.(ENT\.)?[0-9A-Za-z]*[0-9][0-9A-Za-z]{5,}`)
}

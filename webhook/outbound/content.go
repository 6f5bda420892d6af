package outbound

import (
	"context"
	"errors"
	"slices"

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
// call: every text, whatever it is, loses numbers and the names of hidden
// customers. It is false for a document that cannot be read or proven clean: that
// one must not be passed on.
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

// guess lists whatever stands as a whole for somebody in a document of which
// nobody knows what stands where, and the envelopes of its message ids; false if
// there is too much of it.
func guess(doc *jsontree.Doc) ([]masking.Identity, []meta.Envelope, bool) {
	g := guessed{seen: map[masking.Identity]bool{}}
	for i := range doc.Nodes {
		node := &doc.Nodes[i]
		if node.KeyEnd > 0 {
			g.text(doc.Key(int32(i)))
		}
		if node.Kind == jsontree.String {
			g.text(doc.Text(node.Start, node.End))
		}
		if len(g.identities) > mostGuessed {
			return nil, nil, false
		}
	}
	return g.identities, g.envelopes, true
}

type guessed struct {
	identities []masking.Identity
	envelopes  []meta.Envelope
	seen       map[masking.Identity]bool
}

func (g *guessed) text(text string) {
	who, ok := masking.IdentityOf(text)
	if !ok {
		id, err := meta.ParseID(text)
		if err != nil || id.Person().IsZero() {
			return
		}
		who = id.Person()
		e := meta.Envelope{Person: who, Stanza: id.Stanza(), Form: id.Form()}
		if !slices.Contains(g.envelopes, e) {
			g.envelopes = append(g.envelopes, e)
		}
	}
	if key := who.Canonical(); !g.seen[key] {
		g.seen[key] = true
		g.identities = append(g.identities, who)
	}
}

package outbound

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"

	"bauta/masking"
	"bauta/masking/jsontree"
	"bauta/masking/sharing"
	"bauta/webhook"
)

// ButtonTokens knows the tokens on the buttons of Bauta's own questions:
// *sharing.Tokens.
type ButtonTokens interface {
	// In tells whether one stands anywhere in a body, however it is written.
	In(body []byte) bool
}

// reservedReason is why a business may not write sharing.Reserved.
const reservedReason = "begins with " + sharing.Reserved + ", or as the tokens on its buttons do, which is Bauta's own; choose another"

// bautas tells what a customer's tap on would be taken for one on a button of Bauta's,
// if only for a forged one.
func bautas(text string) bool {
	return strings.HasPrefix(text, sharing.Reserved) || sharing.Resembles(text)
}

// holdsToken refuses a call that holds the token of one of Bauta's buttons: under
// another label a tap on it would be taken for the customer's decision.
func (r *request) holdsToken() error {
	if r.t.Tokens.In(r.call.Body) {
		return &BodyError{"the body", "holds the token of one of Bauta's own buttons, which only Bauta sends; ask with " +
			"POST /v1/customers/{handle}/share-requests, or send interactive.type request_contact_info"}
	}
	return nil
}

// reserved is that of a document's, for one pair of a form.
func (p *pair) reserved(r *request) error {
	if p.name == "biz_opaque_callback_data" && strings.HasPrefix(p.value, sharing.Reserved) {
		return &BodyError{p.name, reservedReason}
	}
	doc, err := r.t.parser.Parse([]byte(p.value))
	if err != nil {
		return nil //nolint:nilerr // no JSON, no ids in it
	}
	w := walk{r: r, d: &document{Doc: doc}, prefix: p.name}
	return w.reserved()
}

// reserved refuses ids, payloads and callback data that begin as Bauta's own do.
func (w *walk) reserved() error {
	for n := range w.d.Nodes {
		node := &w.d.Nodes[n]
		if node.Kind != jsontree.String || !bautas(w.d.Text(node.Start, node.End)) {
			continue
		}
		switch w.d.Text(node.KeyStart, node.KeyEnd) {
		case "id", "payload", "biz_opaque_callback_data", "flow_token":
			return w.refuse(int32(n), reservedReason)
		}
	}
	return nil
}

// asksOne refuses the platform's own request to anybody but one customer: what a
// group is asked nobody could take note of.
func (r *request) asksOne() error {
	if r.body == nil || len(r.people) == 1 || !r.sends() {
		return nil
	}
	if _, asks := r.body.asks(); asks {
		at := "interactive"
		if name, _ := r.body.template(); name != "" {
			at = "template"
		}
		return &BodyError{at, "asks for a number, and one call asks one customer: name them in to or recipient"}
	}
	return nil
}

// Asks tells that the call asks a customer, by their handle in the direct chat, for
// the number by the platform's own request (identity.md 2.5), and returns the SHA-256
// (hex) of the business's words.
func (o *Outgoing) Asks() (key, wording string, ok bool) {
	if o.request == nil || o.request.body == nil || len(o.addressed) != 1 || len(o.request.people) != 1 {
		return "", "", false
	}
	to := o.addressed[0]
	words, asks := o.request.body.asks()
	if !asks || to.raw || to.customer == nil || to.scope != webhook.Direct {
		return "", "", false
	}
	standing := to.customer.Scopes[to.scope]
	if standing == nil {
		return "", "", false
	}
	sum := sha256.Sum256([]byte(words))
	return standing.Handle.Key(), hex.EncodeToString(sum[:]), true
}

// Reversed are the handles, in their long form, of the customers whom the platform is
// told in their place, and their ids within Bauta beside them.
func (o *Outgoing) Reversed() (handles, customers []string) {
	for _, a := range o.addressed {
		if a.raw || a.customer == nil {
			continue
		}
		if s := a.customer.Scopes[a.scope]; s != nil && s.Visibility != webhook.Visible {
			handles = append(handles, s.Handle.In(masking.View{ShowCountry: true}))
			customers = append(customers, a.customer.ID)
		}
	}
	return handles, customers
}

// asks reads the words of the platform's own request, ok false if it is none. Of a
// template they are its name.
func (d *document) asks() (words string, ok bool) {
	if words, ok = d.asksAt(d.Member(0, "interactive")); ok {
		return words, true
	}
	return d.asksBy(d.Member(0, "template"))
}

// asksBy reads a template. What buttons it has stands at the platform: it asks if a
// component of the call names such a button.
func (d *document) asksBy(template int32) (name string, ok bool) {
	if template == jsontree.None {
		return "", false
	}
	whole := d.Nodes[template]
	for n := range d.Nodes {
		node := &d.Nodes[n]
		within := whole.Start < node.Start && node.End < whole.End
		if within && d.Text(node.KeyStart, node.KeyEnd) == "sub_type" && d.isRequest(int32(n)) {
			name, _ = d.String(d.Member(template, "name"))
			return name, true
		}
	}
	return "", false
}

// asksAt reads an interactive; a text or list that holds one was refused. Which of two
// members of one name the platform reads nobody knows, so any counts.
func (d *document) asksAt(n int32) (words string, ok bool) {
	if n == jsontree.None || d.Nodes[n].Kind != jsontree.Object {
		return "", false
	}
	for c := d.Nodes[n].Child; c != jsontree.None; c = d.Nodes[c].Next {
		switch d.Key(c) {
		case "type":
			ok = ok || d.isRequest(c)
		case "action":
			ok = ok || d.isRequest(d.Member(c, "name"))
		case "body":
			words, _ = d.String(d.Member(c, "text"))
		}
	}
	return words, ok
}

// isRequest tells that a value names the platform's own request, by its name or its
// former one.
func (d *document) isRequest(n int32) bool {
	kind, _ := d.String(n)
	return strings.EqualFold(kind, "request_contact_info") || strings.EqualFold(kind, "contact_request")
}

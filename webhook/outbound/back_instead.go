package outbound

import (
	"encoding/json"
	"strconv"
	"strings"

	"bauta/masking"
	"bauta/masking/jsontree"
	"bauta/webhook/meta"
)

// unknown is the answer of which nothing can be said.
func unknown(o *Outgoing) Answer {
	name := meta.FaultBadAnswer
	if o.call.Route.Sends {
		name = meta.FaultOutcomeUnknown
	}
	fault := meta.NewFault(name, meta.DetailsUnread)
	return Answer{Status: fault.Status, Body: fault.Body(""), Fault: string(fault.Name)}
}

// instead says of an answer that could not be proven clean what can be said of it,
// made of Bauta's own words, codes and what the business wrote. It is proven too.
func (r *reading) instead() Answer {
	var body []byte
	switch {
	case r.failed:
		body = r.bareError()
	case r.o.call.Route.Sends:
		body = r.bareSent()
	default:
		body = r.bareSuccess()
	}
	if body == nil || r.findings(body, nil) != nil {
		return unknown(r.o)
	}
	return Answer{Status: r.status, Body: body}
}

// The longest codes that the platform has (webhooks.md 6.6): 131000, 2494055.
const (
	codeDigits    = 6
	subcodeDigits = 7
)

// bareError is an error's code, subcode and type; nil if it has no code.
func (r *reading) bareError() []byte {
	at := r.doc.Member(0, errorKey)
	code, ok := r.code(at, "code", codeDigits)
	if !ok || r.status < firstFailure {
		return nil
	}
	kind, _ := r.doc.String(r.doc.Member(at, "type"))
	if !strings.HasSuffix(kind, "Exception") || len(kind) > 32 || strings.Trim(kind, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz") != "" {
		kind = "OAuthException"
	}
	subcode, _ := r.code(at, "error_subcode", subcodeDigits)
	fault := meta.Fault{
		Status: r.status, Code: code, Subcode: subcode, Type: kind,
		Message: "(#" + strconv.Itoa(code) + ") The platform refused the call",
		Details: "The platform's own words were left out: they could name a customer. Look the code up in the platform's list of errors.",
	}
	return fault.Body("")
}

// code reads a code; 0 is one of the platform's (webhooks.md 6.6), and false is none.
func (r *reading) code(at int32, name string, most int) (int, bool) {
	text, _ := r.doc.String(r.doc.Member(at, name))
	if len(text) > most {
		return 0, false
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 0 {
		return 0, false
	}
	return n, true
}

// bareSent is what a client needs of a message or call that went out: whom the
// business wrote to, in its own words and by handle, and the re-issued id.
func (r *reading) bareSent() []byte {
	type contact struct {
		Input  string `json:"input"`
		WaID   string `json:"wa_id,omitempty"`
		UserID string `json:"user_id,omitempty"`
	}
	type issued struct {
		ID string `json:"id"`
	}
	var out struct {
		Product  string    `json:"messaging_product"`
		Contacts []contact `json:"contacts,omitempty"`
		Messages []issued  `json:"messages,omitempty"`
		Calls    []issued  `json:"calls,omitempty"`
		Success  bool      `json:"success,omitempty"`
	}
	out.Product = "whatsapp"
	for i := range r.o.addressed {
		a := &r.o.addressed[i]
		number, user := r.shown(a)
		out.Contacts = append(out.Contacts, contact{a.sent, number, user})
	}
	for _, list := range []struct {
		name string
		to   *[]issued
	}{{"messages", &out.Messages}, {"calls", &out.Calls}} {
		at := r.doc.Member(0, list.name)
		if at == jsontree.None || r.doc.Nodes[at].Kind != jsontree.Array {
			continue
		}
		for c := r.doc.Nodes[at].Child; c != jsontree.None; c = r.doc.Nodes[c].Next {
			if id, _ := r.doc.String(r.doc.Member(c, "id")); id != "" {
				*list.to = append(*list.to, issued{r.ids().Mask(id, r.people)})
			}
		}
	}
	if len(out.Messages) == 0 {
		out.Contacts, out.Success = nil, len(out.Calls) > 0
		if !out.Success {
			return nil
		}
	}
	body, err := json.Marshal(out)
	if err != nil {
		return nil
	}
	return body
}

// shown is how an addressee is named beside their input: by their handle, in the
// place that the view has for it, and in the shape of user ids by the number that
// they share; by nothing more than the input where there is no handle.
func (r *reading) shown(a *addressee) (number, user string) {
	view := r.o.call.Business.View
	if a.raw && (r.nameless || a.customer == nil || opennessIn(a.customer, a.scope) != half) {
		who, _ := masking.IdentityOf(a.sent)
		return who.Number.Reveal(), who.UserID.Reveal()
	}
	if a.customer == nil {
		return "", ""
	}
	person, ok := a.customer.PersonIn(a.scope)
	switch {
	case !ok:
		return "", ""
	case view.Shape == masking.ShapePhone:
		return person.Handle.In(view), ""
	}
	return person.Shown.Reveal(), person.Handle.In(view)
}

// bareSuccess is that it went well, if the platform says no less.
func (r *reading) bareSuccess() []byte {
	at := r.doc.Member(0, "success")
	if at == jsontree.None {
		return nil
	}
	if node := r.doc.Nodes[at]; string(r.doc.Source[node.Start:node.End]) != "true" {
		return nil
	}
	return []byte(`{"success":true}`)
}

// quoted writes a text as a JSON string.
func quoted(text string) []byte {
	out, err := json.Marshal(text)
	if err != nil {
		return []byte(`""`)
	}
	return out
}

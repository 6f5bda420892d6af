package outbound

import (
	"context"
	"slices"

	"bauta/masking"
	"bauta/webhook"
)

// mostNames bounds how many people and messages one call names: each costs
// a look-up.
const mostNames = 256

// request is a call while it is turned: what it names, and where.
type request struct {
	t    *Translator
	call Call

	body   source
	query  parameters
	people []person
	ids    []messageID
	// media are the ids of media that the call sends.
	media []string
	// group is the group that a message is addressed to, "" for one to a person.
	group string
	// hashed: the call has a hash of the recipient's identity.
	hashed bool
}

// source is a body that was read.
type source interface {
	// text is that of a top-level member, "" if it has none.
	text(name string) string
	// template is what a top-level member says of a template.
	template() (name, language string)
	// asks are the words of the platform's own request for the number, if it is one.
	asks() (words string, ok bool)
	// keep makes the changes so far part of every writing, begin forgets others.
	keep()
	begin()
	// render writes the body with its changes.
	render() ([]byte, error)
}

// Out returns the call in the platform's words, or why it is not made: one of this
// package's errors, or the store's. All of it is read before anybody is looked up,
// and what is refused for its form alone does not depend on whom it names.
func (t *Translator) Out(ctx context.Context, c Call) (*Outgoing, error) {
	r := &request{t: t, call: c}
	if err := r.holdsToken(); err != nil {
		return nil, err
	}
	if err := r.readQuery(); err != nil {
		return nil, err
	}
	if err := r.readBody(); err != nil {
		return nil, err
	}
	if err := r.required(); err != nil {
		return nil, err
	}
	if err := r.asksOne(); err != nil {
		return nil, err
	}
	r.keep()
	addressed, err := r.resolve(ctx)
	if err != nil {
		return nil, err
	}
	return r.write(addressed)
}

// ByNumber returns the same call addressed to the customer's number, for a message
// that the platform does not take for a user id (131062). It is false if the call
// goes to a number already, names no customer by their handle or more than one, or
// if Bauta knows no number of theirs.
func (o *Outgoing) ByNumber() (*Outgoing, bool) {
	if o.request == nil || len(o.addressed) != 1 || len(o.request.people) != 1 {
		return nil, false
	}
	to := o.addressed[0]
	if to.raw || to.customer == nil || to.told.UserID.IsZero() || !o.request.people[0].takesNumber() {
		return nil, false
	}
	number := to.customer.Number()
	if number.IsZero() {
		return nil, false
	}
	to.told = masking.Identity{Number: number}
	again, err := o.request.write([]addressee{to})
	return again, err == nil
}

// keep ends the reading: what goes whoever is meant, goes in every writing.
func (r *request) keep() {
	r.query.keep()
	if r.body != nil {
		r.body.keep()
	}
}

// write makes the call that goes to addressed, one for every person of the request.
func (r *request) write(addressed []addressee) (*Outgoing, error) {
	r.query.begin()
	if r.body != nil {
		r.body.begin()
	}
	for i, a := range addressed {
		r.people[i].write(a.told)
	}
	for i := range r.ids {
		r.ids[i].at.put("", r.ids[i].platform)
	}
	o := &Outgoing{Query: r.query.render(), call: r.call, addressed: addressed, request: r}
	if r.body == nil {
		return o, nil
	}
	var err error
	o.Body, err = r.body.render()
	return o, err
}

// required refuses a call that names nobody where somebody has to be named.
func (r *request) required() error {
	named := r.people[:0]
	for i := range r.people {
		p := &r.people[i]
		if p.number.given || p.user.given {
			named = append(named, *p)
			continue
		}
		if !p.top || r.sends() {
			return ErrNoRecipient
		}
		p.clear()
	}
	none := len(r.people) == 0 && r.group == ""
	r.people = named
	if none && r.sends() && directPeople(r.call.Route.Body) {
		return ErrNoRecipient
	}
	return nil
}

// sends tells that the call needs somebody to go to: it is not one about a message
// or call that came, such as a read mark.
func (r *request) sends() bool {
	if !r.call.Route.Sends {
		return false
	}
	about := slices.ContainsFunc(r.ids, func(id messageID) bool { return id.top })
	return !about && (r.body == nil || r.body.text("status") == "")
}

// scope is the one in which the call's handles are read.
func (r *request) scope() string {
	if r.call.Group != "" {
		return r.call.Group
	}
	return webhook.Direct
}

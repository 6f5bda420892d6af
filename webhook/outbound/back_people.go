package outbound

import (
	"context"
	"slices"

	"bauta/masking"
	"bauta/masking/leak"
	"bauta/webhook"
	"bauta/webhook/meta"
)

// crowd is everybody whom an answer can name.
type crowd struct {
	// people are the addressees, then those who were looked up.
	people []masking.Person
	// customers are those of people, nil where there is none.
	customers []*webhook.Customer
	// shows is how much the business sees of people.
	shows     []openness
	secrets   leak.Secrets
	envelopes []meta.Envelope
	// known are people without what only this answer says of them, nil if it says
	// nothing new: message ids are re-issued by what the record has, as in events.
	known []masking.Person
	// nameless: somebody was addressed by a plain number or user id by which the
	// business does not know them, or nobody known. The two are answered alike: no handle comes beside the number, and nobody is
	// looked up.
	nameless bool
	// met are the customers of people by id, and index people by identity, once there
	// are many.
	met   map[string]bool
	index map[masking.Identity]int
}

const (
	// few people are searched one by one.
	few = 16
	// mostNamed bounds whom an answer can name: the platform's pages have a few
	// hundred entries at most.
	mostNamed = 4096
)

// recognise finds out whom the answer names. Usually that is whom the call names,
// and nothing has to be looked up.
func (r *reading) recognise(ctx context.Context) error {
	for i := range r.o.addressed {
		r.address(&r.o.addressed[i])
	}
	if r.o.call.Route.Answer == nil {
		return r.blindly()
	}
	var named []masking.Identity
	named, r.envelopes = r.t.API.Named(r.doc, r.schema)
	if len(named) > mostNamed {
		return errTooMany
	}
	rest := named[:0:0]
	for _, identity := range named {
		if r.place(identity) < 0 && !r.own(identity) {
			rest = append(rest, identity)
		}
	}
	switch {
	case len(rest) == 0:
		return nil
	case r.nameless:
		for _, identity := range rest {
			r.hideOne(identity)
		}
		return nil
	}
	return r.recall(ctx, rest)
}

// address takes in somebody whom the call names.
func (r *reading) address(a *addressee) {
	c := a.customer
	if a.raw && (c == nil || !named(c, a.scope, a.told)) {
		r.nameless = true
		person := masking.Person{Visible: true}
		add(&person, a.told)
		r.admit(person, nil, open)
		if c != nil {
			r.hideAllBut(c, a.told)
		}
		return
	}
	if c != nil {
		r.meet(c, a.scope)
	}
}

// meet takes in a customer. Without a standing in the scope they have no name
// there: what names them is taken away.
func (r *reading) meet(c *webhook.Customer, scope string) {
	if r.met[c.ID] {
		return
	}
	if r.met == nil {
		r.met = map[string]bool{}
	}
	r.met[c.ID] = true
	person, ok := c.PersonIn(scope)
	switch {
	case !ok:
		r.hideAllBut(c, masking.Identity{})
		return
	case person.Visible:
		person = unlost(person, c)
	default:
		r.hide(person.Secret())
	}
	r.admit(person, c, opennessIn(c, scope))
}

// unlost is a visible person without what is somebody else's by now, who may be
// hidden.
func unlost(p masking.Person, c *webhook.Customer) masking.Person {
	p.Numbers, p.UserIDs = nil, nil
	for _, l := range c.Links {
		if !l.Lost {
			add(&p, l.Identity)
		}
	}
	return p
}

func add(p *masking.Person, identity masking.Identity) {
	if !identity.Number.IsZero() {
		p.Numbers = append(slices.Clip(p.Numbers), identity.Number)
	}
	if !identity.UserID.IsZero() {
		p.UserIDs = append(slices.Clip(p.UserIDs), identity.UserID)
	}
}

func (r *reading) admit(p masking.Person, c *webhook.Customer, shows openness) {
	r.people, r.customers, r.shows = append(r.people, p), append(r.customers, c), append(r.shows, shows)
	if len(r.people) <= few {
		return
	}
	from := len(r.people) - 1
	if r.index == nil {
		r.index, from = map[masking.Identity]int{}, 0
	}
	for i := from; i < len(r.people); i++ {
		r.list(i)
	}
}

// list puts a person into the index; the first to have an identity keeps it.
func (c *crowd) list(i int) {
	for _, n := range c.people[i].Numbers {
		if key := (masking.Identity{Number: n.Canonical()}); c.index[key] == 0 {
			c.index[key] = i + 1
		}
	}
	for _, u := range c.people[i].UserIDs {
		if key := (masking.Identity{UserID: u}); c.index[key] == 0 {
			c.index[key] = i + 1
		}
	}
}

func (r *reading) hide(numbers []masking.Number, ids []masking.UserID) {
	r.secrets.Numbers = joined(r.secrets.Numbers, numbers)
	r.secrets.UserIDs = joined(r.secrets.UserIDs, ids)
}

// joined changes neither list; most answers name one person, whose list it is.
func joined[T any](a, b []T) []T {
	if len(a) == 0 {
		return b
	}
	return append(slices.Clip(a), b...)
}

// hideAllBut makes secrets of a customer's identities, save what the business
// itself wrote.
func (r *reading) hideAllBut(c *webhook.Customer, told masking.Identity) {
	for _, l := range c.Links {
		if l.Identity.Canonical() != told.Canonical() {
			r.hideOne(l.Identity)
		}
	}
}

func (r *reading) hideOne(identity masking.Identity) {
	var p masking.Person
	add(&p, identity)
	r.hide(p.Numbers, p.UserIDs)
}

// place returns the index of the person whom an identity names, -1 if it names
// none of them.
func (c *crowd) place(identity masking.Identity) int {
	identity = identity.Canonical()
	if c.index != nil {
		return c.index[identity] - 1
	}
	for i := range c.people {
		if names(&c.people[i], identity) {
			return i
		}
	}
	return -1
}

func names(p *masking.Person, canonical masking.Identity) bool {
	if !canonical.UserID.IsZero() {
		return slices.Contains(p.UserIDs, canonical.UserID)
	}
	for _, n := range p.Numbers {
		if n.Canonical() == canonical.Number {
			return true
		}
	}
	return false
}

// own tells that an identity is one of the business's numbers.
func (r *reading) own(identity masking.Identity) bool {
	if identity.Number.IsZero() {
		return false
	}
	for _, n := range r.o.call.Business.View.Own {
		if n.Canonical() == identity.Number.Canonical() {
			return true
		}
	}
	return false
}

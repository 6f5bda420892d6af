package outbound

import (
	"context"
	"errors"
	"fmt"

	"bauta/masking"
	"bauta/webhook"
)

// resolve finds everybody whom the call names and settles by what the platform is
// told of them. Whoever is named by a plain number or user id is looked up in the
// same way, be they hidden or never seen.
func (r *request) resolve(ctx context.Context) ([]addressee, error) {
	if r.call.Business.RawRecipients == webhook.DenyRaw && r.namesRaw() {
		return nil, ErrRawRecipient
	}
	if err := r.ownMedia(ctx); err != nil {
		return nil, err
	}
	for i := range r.ids {
		if err := r.unmask(ctx, &r.ids[i]); err != nil {
			return nil, err
		}
	}
	if err := r.findHandles(ctx); err != nil {
		return nil, err
	}
	if err := r.recall(ctx); err != nil {
		return nil, err
	}
	addressed := make([]addressee, len(r.people))
	for i := range r.people {
		var err error
		if addressed[i], err = r.settle(ctx, &r.people[i]); err != nil {
			return nil, err
		}
	}
	if r.hashed && !r.allShow(addressed) {
		return nil, &BodyError{hashMember, "is not taken for a customer who is addressed by a handle; leave it out"}
	}
	if err := r.findQuoted(ctx); err != nil {
		return nil, err
	}
	for i := range r.ids {
		if !r.mayQuote(&r.ids[i], addressed) {
			return nil, ErrUnknownMessage
		}
	}
	return addressed, nil
}

// namesRaw tells that somebody is named by a plain number or user id.
func (r *request) namesRaw() bool {
	for s := range r.given() {
		if s.isRaw() {
			return true
		}
	}
	return false
}

// findHandles looks every handle up once.
func (r *request) findHandles(ctx context.Context) error {
	known := map[string]*webhook.Customer{}
	for s := range r.given() {
		if s.isRaw() {
			continue
		}
		c, done := known[s.handle]
		if !done {
			var err error
			c, err = r.t.Directory.ByHandle(ctx, r.call.Business.ID, s.handle)
			if errors.Is(err, webhook.ErrUnknownHandle) || errors.Is(err, webhook.ErrErased) {
				c, err = nil, nil
			}
			if err != nil {
				return fmt.Errorf("find whom a handle names: %w", err)
			}
			known[s.handle] = c
		}
		s.customer = c
	}
	return nil
}

// allShow tells that a call is about somebody, and only about people of whom nothing
// is hidden.
func (r *request) allShow(addressed []addressee) bool {
	for _, a := range addressed {
		if a.customer == nil || opennessIn(a.customer, a.scope) != open {
			return false
		}
	}
	return len(addressed) > 0
}

// findQuoted looks up whose messages a message to a group refers to.
func (r *request) findQuoted(ctx context.Context) error {
	if r.group == "" {
		return nil
	}
	for i := range r.ids {
		id := &r.ids[i]
		if id.handle == "" {
			continue
		}
		var err error
		id.customer, err = r.t.Directory.ByHandle(ctx, r.call.Business.ID, id.handle)
		if err != nil && !errors.Is(err, webhook.ErrUnknownHandle) && !errors.Is(err, webhook.ErrErased) {
			return fmt.Errorf("find whose message the call names: %w", err)
		}
	}
	return nil
}

// recall looks up everybody who is named plainly, in recipients and in message ids.
func (r *request) recall(ctx context.Context) error {
	var lookups []webhook.Lookup
	var found []**webhook.Customer
	ask := func(who masking.Identity, into **webhook.Customer) {
		lookups = append(lookups, webhook.Lookup{Business: r.call.Business.ID, Identity: who.Canonical()})
		found = append(found, into)
	}
	for s := range r.given() {
		if s.isRaw() {
			ask(s.raw, &s.customer)
		}
	}
	for i := range r.ids {
		if id := &r.ids[i]; id.raw && !id.person.IsZero() {
			ask(id.person, &id.customer)
		}
	}
	if lookups == nil {
		return nil
	}
	answers, err := r.t.Directory.Recall(ctx, lookups)
	if err != nil {
		return fmt.Errorf("find whom the call names: %w", err)
	}
	for i := range answers {
		if answers[i].Unreadable {
			return fmt.Errorf("find whom the call names: %w", webhook.ErrUnreadable)
		}
		*found[i] = answers[i].Customer
	}
	return nil
}

// settle decides by what the platform is told of somebody. The refusal of a plain
// number comes before every other: it must not tell whom the other member names.
func (r *request) settle(ctx context.Context, p *person) (addressee, error) {
	for _, s := range []*side{&p.number, &p.user} {
		if s.isRaw() && !r.mayName(s) {
			return addressee{}, ErrRawRecipient
		}
	}
	for _, s := range []*side{&p.number, &p.user} {
		if s.given && !s.isRaw() {
			if err := r.inScope(s); err != nil {
				return addressee{}, err
			}
		}
	}
	first := &p.number // the platform reads this one if both are given (identity.md 2.4)
	if !first.given {
		first = &p.user
	}
	if p.number.given && p.user.given && !r.samePerson(&p.number, &p.user) {
		return addressee{}, ErrTwoRecipients
	}
	a := addressee{sent: first.text, customer: first.customer, scope: r.scope(), raw: first.isRaw()}
	if a.raw {
		a.told = r.plain(first)
		return a, nil
	}
	var err error
	a.told, err = r.choose(ctx, p, first.customer)
	return a, err
}

// mayName tells that the business may name somebody plainly: an identity that is
// theirs now, of somebody whom the business knows by it in the scope of the call.
func (r *request) mayName(s *side) bool {
	switch r.call.Business.RawRecipients {
	case webhook.AllowRaw:
		return true
	case webhook.KnownRaw:
		return s.customer != nil && !current(s.customer, s.raw).IsZero() && named(s.customer, r.scope(), s.raw)
	case webhook.DenyRaw:
	}
	return false
}

func (r *request) inScope(s *side) error {
	if s.customer == nil {
		return webhook.ErrUnknownHandle
	}
	scope, ok := s.customer.ScopeOf(s.handle)
	switch {
	case !ok:
		return webhook.ErrUnknownHandle
	case scope != r.scope():
		return ErrGroupHandle
	}
	return nil
}

// samePerson compares the two members of a pair. A handle and a plain name, or two
// plain names, are never told to be one person's unless the business knows them by
// the plain one: that is what the mask hides.
func (r *request) samePerson(a, b *side) bool {
	switch {
	case a.customer == nil || b.customer == nil || a.customer.ID != b.customer.ID:
		return false
	}
	known := func(s *side) bool { return !s.isRaw() || named(s.customer, r.scope(), s.raw) }
	return known(a) && known(b)
}

// plain is whom the platform is told for a plain name: where only known customers
// may be named so, the number as the platform gave it, so that it reads the same
// person out of it that Bauta found.
func (r *request) plain(s *side) masking.Identity {
	if r.call.Business.RawRecipients == webhook.KnownRaw {
		return current(s.customer, s.raw)
	}
	return s.raw
}

// choose takes the user id where there is one and the call takes it: a message to
// the number keeps the platform giving the number out (identity.md 2.2).
func (r *request) choose(ctx context.Context, p *person, c *webhook.Customer) (masking.Identity, error) {
	number, user := masking.Identity{Number: c.Number()}, currentUserID(c)
	switch {
	case number.IsZero() && user.IsZero():
		return number, webhook.ErrUnknownHandle
	case p.numberKey == "" && user.IsZero():
		return user, ErrNeedsUserID
	case p.numberKey == "":
		return user, nil
	case p.userKey != "" && !user.IsZero() && (!p.top || !r.numberOnly(ctx)):
		return user, nil
	case number.IsZero():
		return number, ErrNeedsNumber
	}
	return number, nil
}

// numberOnly tells that the message is a template that only goes to numbers.
func (r *request) numberOnly(ctx context.Context) bool {
	if r.body == nil || r.body.text("type") != "template" {
		return false
	}
	name, language := r.body.template()
	return name != "" && r.t.Templates.NumberOnly(ctx, r.call.Business, name, language)
}

// current is the customer's identity that a plain name means, as it is kept; zero if
// it is not theirs any more.
func current(c *webhook.Customer, who masking.Identity) masking.Identity {
	for _, l := range c.Links {
		if l.Ended.IsZero() && !l.Lost && l.Identity.Canonical() == who.Canonical() {
			return l.Identity
		}
	}
	return masking.Identity{}
}

// currentUserID is the one by which the platform takes a message: no parent's.
func currentUserID(c *webhook.Customer) masking.Identity {
	var user masking.Identity
	for _, l := range c.Links {
		if l.Ended.IsZero() && !l.Lost && !l.Identity.UserID.IsZero() && !l.Identity.UserID.IsParent() {
			user = masking.Identity{UserID: l.Identity.UserID}
		}
	}
	return user
}

// openness is how much a business sees of somebody in a scope.
type openness uint8

const (
	closed openness = 1 << iota // the handle
	half                        // the handle, and the number that they shared
	open                        // everything
)

// opennessIn is that of a customer in a scope.
func opennessIn(c *webhook.Customer, scope string) openness {
	s := c.Scopes[scope]
	switch {
	case s == nil || s.Visibility.Masked():
		return closed
	case s.Visibility == webhook.Visible:
		return open
	}
	return half
}

// named tells that the business knows somebody by a plain name: whoever shows, by
// every name; whoever shared a number, by that number.
func named(c *webhook.Customer, scope string, who masking.Identity) bool {
	switch opennessIn(c, scope) {
	case open:
		return true
	case half:
		person, _ := c.PersonIn(scope)
		return !who.Number.IsZero() && person.Shares(who.Number)
	case closed:
	}
	return false
}

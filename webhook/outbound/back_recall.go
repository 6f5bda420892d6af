package outbound

import (
	"context"
	"fmt"
	"slices"

	"bauta/masking"
	"bauta/webhook"
)

// recall looks the others up, in one go. Those found are people of the call's
// scope. The rest are strangers, whom nothing must name; but where the call names one
// person, what the answer says and nobody else has is theirs.
func (r *reading) recall(ctx context.Context, identities []masking.Identity) error {
	c := &r.o.call
	lookups := make([]webhook.Lookup, len(identities))
	for i, identity := range identities {
		lookups[i] = webhook.Lookup{Business: c.Business.ID, Identity: identity.Canonical()}
	}
	found, err := r.t.Directory.Recall(ctx, lookups)
	if err != nil {
		return fmt.Errorf("look up whom an answer names: %w", err)
	}
	only := len(r.o.addressed) == 1 && len(r.people) == 1
	for i, f := range found {
		switch {
		case f.Customer != nil && r.untold(f.Customer):
			r.hideOne(identities[i])
		case f.Customer != nil:
			r.meet(f.Customer, r.o.scope())
		case only && !f.Marked:
			r.learn(identities[i])
		default:
			r.hideOne(identities[i])
		}
	}
	return nil
}

// untold tells that somebody in the answer shows more or less than an addressee. What
// the platform says of those whom the call names is about them: it would tell that
// the two customers are one person.
func (r *reading) untold(c *webhook.Customer) bool {
	shows := opennessIn(c, r.o.scope())
	for i := range r.o.addressed {
		if a := r.o.addressed[i].customer; a != nil && a.ID != c.ID && opennessIn(a, r.o.addressed[i].scope) != shows {
			return true
		}
	}
	return false
}

// learn takes an identity for the addressee's, in this answer only.
func (r *reading) learn(identity masking.Identity) {
	if r.known == nil {
		r.known = slices.Clone(r.people)
	}
	add(&r.people[0], identity)
	if !r.people[0].Visible {
		r.hideOne(identity)
	}
}

// ids re-issues ids as events do.
func (r *reading) ids() masking.IDs {
	ids := r.t.IDs.For(r.o.call.Business.ID)
	if r.known == nil {
		return ids
	}
	// Those who were found after something was learned are known too.
	return recordedIDs{ids, append(slices.Clip(r.known), r.people[len(r.known):]...)}
}

// recordedIDs re-issues ids by what is on record of people.
type recordedIDs struct {
	ids    masking.IDs
	people []masking.Person
}

// Mask implements masking.IDs.
func (r recordedIDs) Mask(raw string, _ []masking.Person) string { return r.ids.Mask(raw, r.people) }

// scope is the one in which the answer is read: of the group that the path or the
// message names, or of the direct chat.
func (o *Outgoing) scope() string {
	if o.request != nil && o.request.group != "" {
		return o.request.group
	}
	return o.call.Group
}

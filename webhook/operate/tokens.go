package operate

import (
	"context"
	"time"

	"bauta/webhook"
)

// Tokens issues tokens and keeps which are in force: access.Tokens and redis/tokens. Safe
// for concurrent use.
type Tokens interface {
	Issue(ctx context.Context, g webhook.Grant) (token string, issued webhook.Grant, err error)
	// List has those of a business, or of webhook.AllBusinesses, that are in force.
	List(ctx context.Context, business string, at time.Time) ([]webhook.Grant, error)
	// Revoke ends one at once; false if there is none.
	Revoke(ctx context.Context, business, id string) (bool, error)
}

// IssueToken issues a token for a grant, as access.Tokens does: for one business, or an
// operator's for webhook.AllBusinesses. Only commands do: with a token nobody makes
// another one. ErrNotYours: the actor is no command.
func (d *Desk) IssueToken(ctx context.Context, a Actor, g webhook.Grant) (token string, issued webhook.Grant, err error) {
	if err := d.mayToken(a, g.Business); err != nil {
		return "", webhook.Grant{}, err
	}
	action := &Action{Business: g.Business, What: ActIssue, On: "token"}
	err = d.act(ctx, a, action, func(ctx context.Context) (string, error) {
		token, issued, err = d.Options.Tokens.Issue(ctx, g)
		if err == nil {
			if action.On = "token=" + issued.ID; issued.Label != "" {
				action.On += " label=" + issued.Label
			}
		}
		return Done, err
	})
	return token, issued, err
}

// RevokeToken ends a token of a business, or of webhook.AllBusinesses; false if it is not
// in force. ErrNotYours: the actor is no command.
func (d *Desk) RevokeToken(ctx context.Context, a Actor, business, id string) (bool, error) {
	if err := d.mayToken(a, business); err != nil {
		return false, err
	}
	if err := named(id, "a token"); err != nil {
		return false, err
	}
	revoked := false
	err := d.act(ctx, a, &Action{Business: business, What: ActRevoke, On: "token=" + id}, func(ctx context.Context) (outcome string, err error) {
		revoked, err = d.Options.Tokens.Revoke(ctx, business, id)
		return doneIf(revoked), err
	})
	return revoked, err
}

// Tokens lists the tokens that are in force, by the order of their issue: of one business,
// of webhook.AllBusinesses, or all that the actor sees (""), those of all businesses first.
func (d *Desk) Tokens(ctx context.Context, a Actor, business string) ([]webhook.Grant, error) {
	var of []string
	if a.All() && (business == "" || business == webhook.AllBusinesses) {
		of = append(of, webhook.AllBusinesses)
	}
	if business != webhook.AllBusinesses {
		some, err := d.businesses(a, business)
		if err != nil {
			return nil, err
		}
		for _, b := range some {
			of = append(of, b.ID)
		}
	} else if !a.All() {
		return nil, ErrNotYours
	}
	var out []webhook.Grant
	for _, b := range of {
		// Beside an error stands what could be read.
		grants, err := d.Options.Tokens.List(ctx, b, d.Now())
		if out = append(out, grants...); err != nil {
			return out, err
		}
	}
	return out, nil
}

// mayToken tells that an actor may make and end tokens, and that whose they would be is
// configured.
func (d *Desk) mayToken(a Actor, business string) error {
	if a != Operator() {
		return ErrNotYours
	}
	if business != webhook.AllBusinesses && d.Businesses.ByID(business) == nil {
		return ErrUnknown
	}
	return nil
}

// label says of actions which token they were done with, where it is in force.
func (d *Desk) label(ctx context.Context, business string, actions []Action) error {
	labels := map[string]string{}
	for _, b := range []string{business, webhook.AllBusinesses} {
		grants, err := d.Options.Tokens.List(ctx, b, d.Now())
		if err != nil {
			return err
		}
		for _, g := range grants {
			labels[g.ID] = g.Label
		}
	}
	for i := range actions {
		actions[i].Label = labels[actions[i].By]
	}
	return nil
}

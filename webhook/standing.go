package webhook

import (
	"context"
	"encoding/binary"
	"strings"
	"time"

	"bauta/masking"
	"bauta/webhook/meta"
)

// Reasons of decisions that no rule made. They are delivered to the business
// and documented in deploy/reference/sharing.md.
const (
	ReasonUndecided     = "undecided"
	ReasonPlatformHidIt = "platform_hid_it"
	ReasonReturning     = "returning"
	ReasonReassigned    = "number_reassigned"
	ReasonKnown         = "known"
	ReasonGroup         = "group"
	ReasonGroupOpen     = "group_not_hidden"
	ReasonUndeclared    = "group_not_declared"
	ReasonAdCameLate    = "ad_came_late"
	// ReasonInDoubt: who the customer is contradicts itself. It is what a business is told
	// instead of returning and number_reassigned, too: these join a handle with the few customers that it has
	// erased, or whose number it knows.
	ReasonInDoubt = "in_doubt"
)

// lateAdNote follows the reason of a decision that an ad came after.
const lateAdNote = ", " + ReasonAdCameLate

// judge decides standings: the direct chat through the decider, groups by
// their declaration.
type judge struct {
	decider   Decider
	watershed Watershed
	prf       PRF
	now       time.Time
}

// question is one customer's standing in one scope, as an event raises it.
type question struct {
	business *Business
	event    *meta.Event
	customer *Customer
	claim    claim
	// subject: the event is about this customer, not just naming them.
	subject bool
	dedupe  string
}

// answer is the standing to open or change; same tells that the present one
// stays, and reports what report-mode rules would have done.
type answer struct {
	standing Standing
	same     bool
	// anew: the standing takes the place of one that ended, with a handle of its own.
	anew    bool
	reports []Report
	lateAd  bool
	// adUnknown: details of the ad that a rule asked for could not be had.
	adUnknown bool
}

func (j judge) settle(ctx context.Context, q question) (answer, error) {
	present := q.customer.Scopes[q.event.Group]
	if q.event.Group != Direct {
		anew := present != nil && q.rejoins(present)
		if present != nil && !anew {
			return answer{same: true}, nil
		}
		return answer{standing: j.inGroup(q), anew: anew}, nil
	}
	if present != nil && present.Visibility != Undecided {
		return j.afterwards(q, present), nil
	}
	return j.first(ctx, q, present)
}

// startsHidden is why a customer is hidden in every scope to begin with, "" if
// nothing in how they came to be known asks for it.
func (q question) startsHidden() string {
	switch {
	case q.claim.returning || q.customer.came(evidenceReturning):
		return ReasonReturning
	case q.claim.reassigned || q.customer.came(evidenceReassigned):
		return ReasonReassigned
	case q.customer.came(evidenceDoubted):
		return ReasonInDoubt
	}
	return ""
}

// told is the reason that the business learns; the operator sees the true one.
func (s *Standing) told() string {
	if s.Reason == ReasonReturning || s.Reason == ReasonReassigned {
		return ReasonInDoubt
	}
	return s.Reason
}

// inGroup: members are hidden unless the group is declared otherwise.
func (j judge) inGroup(q question) Standing {
	s := Standing{Visibility: Hidden, Decided: j.now, DecidedBy: q.dedupe}
	group, declared := q.business.Groups[q.event.Group]
	switch {
	case !declared:
		s.Reason = ReasonUndeclared
	case q.startsHidden() != "":
		s.Reason = q.startsHidden()
	case group.Hide:
		s.Reason = ReasonGroup
	case q.customer.Number().IsZero():
		s.Reason = ReasonPlatformHidIt
	default:
		s.Visibility, s.Reason, s.RawIDs = Visible, ReasonGroupOpen, true
	}
	return s
}

// afterwards: a decision stands. An ad that comes after one that shows is
// noted, for it may mean that the platform sent the messages out of order.
func (j judge) afterwards(q question, present *Standing) answer {
	late := q.subject && q.event.Referral.Present && q.event.Referral.Type == "ad" &&
		present.Visibility == Visible && present.Reason != ReasonKnown && present.DecidedBy != q.dedupe &&
		!strings.HasSuffix(present.Reason, lateAdNote)
	if !late {
		return answer{same: true}
	}
	noted := *present
	noted.Reason += lateAdNote
	return answer{standing: noted, lateAd: true}
}

// first: nothing was decided yet for the direct chat.
func (j judge) first(ctx context.Context, q question, present *Standing) (answer, error) {
	s := Standing{Visibility: Undecided, Reason: ReasonUndecided}
	if present != nil {
		s = *present
	}
	decided := func(v Visibility, rule, reason string) answer {
		s.Visibility, s.Rule, s.Reason, s.Decided, s.DecidedBy = v, rule, reason, j.now, q.dedupe
		// An id that went out masked stays masked, so only a scope that opens
		// visible has raw ids.
		s.RawIDs = v == Visible && present == nil
		return answer{standing: s}
	}
	switch {
	case !q.subject:
		return answer{standing: s, same: present != nil}, nil
	case q.startsHidden() != "":
		return decided(Hidden, "", q.startsHidden()), nil
	case q.event.Field == historyField && q.event.Kind == meta.Thread:
		known, err := j.makesKnown(ctx, q)
		if err != nil {
			return answer{}, err
		}
		if known {
			return decided(Visible, "", ReasonKnown), nil
		}
		return answer{standing: s, same: present != nil}, nil
	case !q.event.Inbound || !q.event.CanRefer:
		return answer{standing: s, same: present != nil}, nil
	case q.customer.Number().IsZero():
		return decided(Hidden, "", ReasonPlatformHidIt), nil
	}
	d := j.decider.Decide(ctx, j.contact(q))
	visibility := Hidden
	if d.Visible {
		visibility = Visible
	}
	a := decided(visibility, d.Rule, d.Reason)
	a.reports, a.adUnknown = d.Reports, d.AdUnknown
	return a, nil
}

// makesKnown tells whether a history sync makes a customer known: until
// known_until, or until the business first hid somebody.
func (j judge) makesKnown(ctx context.Context, q question) (bool, error) {
	if q.customer.Number().IsZero() {
		return false, nil
	}
	if !q.business.KnownUntil.IsZero() {
		return j.now.Before(q.business.KnownUntil), nil
	}
	first, err := j.watershed.FirstHidden(ctx, q.business.ID)
	return first.IsZero(), err
}

func (j judge) contact(q question) FirstContact {
	country := q.customer.country()
	if country == unknownCountry {
		country = ""
	}
	r := q.event.Referral
	return FirstContact{
		Business: q.business.ID,
		Referral: Referral{
			Present: r.Present, Type: r.Type, ID: r.ID, URL: r.URL,
			Headline: r.Headline, Body: r.Body, Media: r.Media, CLID: r.CLID,
		},
		Country:   country,
		First:     q.customer.Version == 0,
		HasNumber: !q.customer.Number().IsZero(),
		Bucket:    bucket(j.prf, q.business.ID, q.customer),
		At:        j.now,
	}
}

// bucket is 0 to 99, the same for a customer whenever they are asked about.
func bucket(prf PRF, business string, c *Customer) int {
	identity := c.Links[0].Identity.Canonical()
	sum := prf.PRF("bucket", business, revealed(identity))
	return int(binary.BigEndian.Uint64(sum[:8]) % 100)
}

// revealed is the identity in clear, as input of a keyed function.
func revealed(i masking.Identity) string { return i.Number.Reveal() + i.UserID.Reveal() }

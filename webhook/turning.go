package webhook

import (
	"slices"
	"time"

	"bauta/masking/sharing"
)

// Reasons of a standing that follow from what the customer decided.
const (
	ReasonShared        = "shared_by_customer"
	ReasonWithdrawn     = "withdrawn"
	ReasonNumberChanged = "number_changed"
	ReasonLeft          = "left_the_group"
	// ReasonUnrecorded: it is shared, and the ledger has no line of it yet.
	ReasonUnrecorded = "consent_not_recorded"
)

// Why an act of a customer has no effect. The set is closed: it is in the ledger and
// in metrics.
const (
	RefusedForged        = "forged"
	RefusedExpired       = "expired"
	RefusedOtherCustomer = "other_customer"
	RefusedOtherMessage  = "other_message"
	RefusedForwarded     = "forwarded"
	RefusedUsed          = "not_pending"
	RefusedNoNumber      = "no_number"
)

// The actors of the ledger's lines.
const (
	ByCustomer = "customer"
	ByBusiness = "business"
	ByOperator = "operator"
	ByBauta    = "bauta"
)

// turning is one input to the state of a customer in one scope.
type turning struct {
	input sharing.Input
	// by and action are the ledger's words for who did it, and how.
	by, action string
	// id is the event's, or the call's: the same one changes nothing twice.
	id string
	// at is the platform's time of the act, zero if it comes from elsewhere.
	at time.Time
	// ends is until when what the customer said is over, where something else than an
	// act of theirs masks the number.
	ends time.Time
	// asksAt is the business's phone number that a question would be sent from.
	asksAt string
	// worded is what the business itself put into a request; nil: Bauta words it.
	worded *Question
	// reason refuses whatever the state is, "" does not.
	reason string
}

// masks tells an input that can only hide.
func (t *turning) masks() bool {
	return slices.Contains([]sharing.Input{
		sharing.WithdrawTap, sharing.WithdrawWord, sharing.WithdrawForCustomer, sharing.NumberChanged, sharing.Leave,
	}, t.input)
}

// shares tells an act that lifts the mask.
func (t *turning) shares() bool {
	return slices.Contains([]sharing.Input{sharing.ShareTap, sharing.PlatformAnswer, sharing.OwnCard, sharing.ShareWord}, t.input)
}

// outdated tells an act from before the newest one. Of two in the same second the
// later could be either: that lifts no mask, but for the button of a question that
// waits for its answer.
func (t *turning) outdated(s *Sharing) bool {
	if t.at.IsZero() || s.Heard.IsZero() {
		return false
	}
	pending := t.input == sharing.ShareTap && s.State == sharing.Asked
	return t.at.Before(s.Heard) || t.shares() && !pending && t.at.Equal(s.Heard)
}

// forgotten tells a word or a card that may be from before the customer was erased, or
// expired: the platform sends again for days what it has no answer for, and nothing
// is left that would recognise it. The event with which they come back is one.
func (t *turning) forgotten(c *Customer, s *Standing) bool {
	if t.input != sharing.ShareWord && t.input != sharing.OwnCard || !c.came(evidenceReturning) {
		return false
	}
	return t.id == s.DecidedBy || t.at.Before(s.Decided.Truncate(time.Second))
}

// early tells an answer to the platform's own request from before the question that is
// pending now: it was an answer to nothing, and comes again.
func (t *turning) early(s *Sharing) bool {
	return t.input == sharing.PlatformAnswer && s.State == sharing.Asked && !t.at.IsZero() && t.at.Before(s.Since.Truncate(time.Second))
}

// repeats tells an act that was taken in, and comes again after what Bauta heard from
// elsewhere meanwhile: it would be refused now, and the customer told of it.
func (t *turning) repeats(s *Sharing, step sharing.Step) bool {
	return !t.at.IsZero() && t.at.Equal(s.Heard) && (t.reason != "" || step.Effect == sharing.Refuse)
}

// heardIn notes until when what the customer said is over.
func (t *turning) heardIn(s *Sharing) {
	for _, at := range []time.Time{t.at, t.ends.Truncate(time.Second)} {
		if at.After(s.Heard) {
			s.Heard = at
		}
	}
}

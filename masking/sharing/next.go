package sharing

// Next is where an input leads from a state. It has an answer for everything: what
// no rule speaks of changes nothing and is refused.
func Next(s State, in Input, p Policy) Step {
	for _, r := range rules() {
		if r.input != in || !r.from.has(s) || !p.covers(r.given) {
			continue
		}
		if r.to.Next == same {
			return Step{Next: s, Effect: r.to.Effect}
		}
		return r.to
	}
	return Step{Next: s, Effect: Refuse}
}

// same stands in rules for the state that there was.
const same = 255

// rule is one way on.
type rule struct {
	input Input
	from  states
	// given is what has to be allowed, true fields alone.
	given Policy
	to    Step
}

// rules is the state machine: the first rule that fits counts. Only what the
// customer does leads to Shared: the button, the platform's own request, a card with
// their number, a word. NumberChanged keeps it where it was.
func rules() []rule {
	var (
		itself  = Policy{AskItself: true}
		again   = Policy{AskItself: true, MayAskAgain: true}
		card    = Policy{OwnCardShares: true}
		renew   = Policy{ShareNewNumber: true}
		always  = Policy{}
		all     = of(Unasked, Waiting, Asked, Expired, Declined, Shared, Withdrawn)
		hidden  = all &^ of(Shared)
		nothing = Step{same, Nothing}
		refuse  = Step{same, Refuse}
	)
	return []rule{
		// What waits was asked for already: it is asked as soon as it can be.
		{AskItself, of(Waiting), always, Step{Asked, Ask}},
		{AskItself, of(Unasked), itself, Step{Asked, Ask}},
		{AskItself, of(Declined, Withdrawn), again, Step{Asked, Ask}},
		{AskItself, all, always, nothing},

		{AskForBusiness, of(Unasked, Waiting, Expired, Declined, Withdrawn), always, Step{Asked, Ask}},
		{AskForBusiness, all, always, nothing},

		{NotAskable, of(Asked), always, Step{Waiting, Wait}},
		{NotAskable, all, always, nothing},
		{Undeliverable, of(Asked), always, Step{Expired, Note}},
		{Undeliverable, all, always, nothing},
		{TimeUp, of(Asked, Waiting), always, Step{Expired, Note}},
		{TimeUp, all, always, nothing},

		{ShareTap, of(Asked), always, Step{Shared, Disclose}},
		{ShareTap, all, always, refuse},
		{DeclineTap, of(Asked), always, Step{Declined, Note}},
		{DeclineTap, all, always, refuse},
		{WithdrawTap, of(Shared), always, Step{Withdrawn, Hide}},
		{WithdrawTap, all, always, refuse},

		{PlatformAnswer, of(Asked), always, Step{Shared, Disclose}},
		{PlatformAnswer, all, always, refuse},
		{OwnCard, hidden, card, Step{Shared, Disclose}},
		{OwnCard, all, always, nothing},
		{ShareWord, hidden, always, Step{Shared, Disclose}},
		{ShareWord, all, always, nothing},

		{WithdrawWord, of(Shared), always, Step{Withdrawn, Hide}},
		{WithdrawWord, all, always, nothing},
		{WithdrawForCustomer, of(Shared), always, Step{Withdrawn, Hide}},
		{WithdrawForCustomer, all, always, nothing},

		{NumberChanged, of(Shared), renew, Step{Shared, Renew}},
		{NumberChanged, of(Shared), always, Step{Asked, HideAndAsk}},
		{NumberChanged, all, always, nothing},

		{Leave, of(Unasked), always, nothing},
		{Leave, of(Shared), always, Step{Unasked, Hide}},
		{Leave, all, always, Step{Unasked, Note}},
	}
}

// states is a set of states, a bit each.
type states uint16

func of(list ...State) (set states) {
	for _, s := range list {
		set |= 1 << s
	}
	return set
}

// has is false for a state that does not exist: its bit is beyond the set.
func (set states) has(s State) bool { return set&(1<<s) != 0 }

// covers tells that all that is needed is allowed.
func (p Policy) covers(need Policy) bool {
	return (p.AskItself || !need.AskItself) && (p.MayAskAgain || !need.MayAskAgain) &&
		(p.OwnCardShares || !need.OwnCardShares) && (p.ShareNewNumber || !need.ShareNewNumber)
}

// String is the state's name in events, the management API and metrics.
func (s State) String() string {
	switch s {
	case Unasked:
		return "unasked"
	case Waiting:
		return "not_askable"
	case Asked:
		return "asked"
	case Expired:
		return "expired"
	case Declined:
		return "declined"
	case Shared:
		return "shared"
	case Withdrawn:
		return "withdrawn"
	}
	return "unknown"
}

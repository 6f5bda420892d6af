package sharing

// State is how far asking and answering have come in one scope of a customer who
// is, or was, hidden there. The zero value is hidden and never asked. Values are
// stored: never renumber them.
type State uint8

// The states.
const (
	// Unasked: hidden, and no question was ever asked for.
	Unasked State = iota
	// Waiting: a question waits until the customer writes again, for outside of the
	// platform's 24-hour window it cannot be asked (not_askable).
	Waiting
	// Asked: a question is on its way, or with the customer.
	Asked
	// Expired: a question was not answered in time, or could not be delivered.
	Expired
	// Declined: the customer does not want to.
	Declined
	// Shared: the customer lifted the mask.
	Shared
	// Withdrawn: the customer shared, and took it back.
	Withdrawn
)

// Input is what happens to a scope. What an input claims was proven before: a
// ShareTap is a valid token in a tap that names the very question.
type Input uint8

// The inputs.
const (
	// AskItself: Bauta would ask by itself.
	AskItself Input = iota
	// AskForBusiness: the business wants the customer to be asked.
	AskForBusiness
	// NotAskable: the question cannot be sent now, the platform's window is closed.
	NotAskable
	// Undeliverable: the platform refused the question for good.
	Undeliverable
	// TimeUp: the question's time is over.
	TimeUp
	// ShareTap, DeclineTap: a button of the scope's present question.
	ShareTap
	DeclineTap
	// WithdrawTap: the button of the scope's present confirmation.
	WithdrawTap
	// PlatformAnswer: the customer answered the platform's own request.
	PlatformAnswer
	// OwnCard: the customer sent a card with their own number by hand.
	OwnCard
	// ShareWord, WithdrawWord: a configured word was the whole message.
	ShareWord
	WithdrawWord
	// WithdrawForCustomer: the business, or the operator, withdraws on the
	// customer's behalf.
	WithdrawForCustomer
	// NumberChanged: the shared number is not the customer's any more.
	NumberChanged
	// Leave: the customer left the group.
	Leave
)

// Policy is what the business configured that states depend on.
type Policy struct {
	// AskItself: Bauta asks by itself (sharing.ask: first_contact).
	AskItself bool
	// MayAskAgain: ask_again_after has passed since the customer declined or
	// withdrew.
	MayAskAgain bool
	// OwnCardShares: own_card is share.
	OwnCardShares bool
	// ShareNewNumber: share_new_number.
	ShareNewNumber bool
}

// Effect is what a step asks for beside the new state.
type Effect uint8

// The effects. The zero value changes nothing.
const (
	// Nothing: the state stays, nobody is told.
	Nothing Effect = iota
	// Ask: send a question.
	Ask
	// Wait: keep the question for later.
	Wait
	// Note: only the state changes, and the ledger.
	Note
	// Disclose: from now on the number is shown in this scope.
	Disclose
	// Hide: from now on it is masked again.
	Hide
	// HideAndAsk: masked again, and asked anew.
	HideAndAsk
	// Renew: the new number is shown in the old one's place.
	Renew
	// Refuse: the act has no effect, which is recorded and told to the customer.
	Refuse
)

// Step is where an input leads from a state.
type Step struct {
	Next   State
	Effect Effect
}

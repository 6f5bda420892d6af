package operate

import (
	"errors"

	"bauta/webhook"
	"bauta/webhook/access"
)

// The errors that an operator can do something about. Every other is the store's.
var (
	// ErrUnknown is a business, endpoint, event or work that is not there (any more), or is
	// not the actor's to see.
	ErrUnknown = errors.New("there is nothing of that name")
	// ErrInvalid is what cannot be asked for; the error that wraps it says what to write.
	ErrInvalid = errors.New("this cannot be asked for")
	// ErrUnderWay: somebody works on the dead letters of the endpoint already.
	ErrUnderWay = errors.New("there is work under way on the dead letters of this endpoint: wait for its end, or cancel it")
	// ErrNotYours: the action is for who may do more: see all businesses, or run commands.
	ErrNotYours = errors.New("this is for an operator of all businesses")
)

// Command is who acts through a command, on the machine that has the configuration.
const Command = "operator"

// Actor is who looks and acts.
type Actor struct {
	// By is the token's id, or Command: what the audit log says.
	By string
	// Business whose things they see; webhook.AllBusinesses for all.
	Business string
}

// Operator is whoever runs a command: they have the configuration, and see everything.
func Operator() Actor { return Actor{By: Command, Business: webhook.AllBusinesses} }

// ActorOf is who shows a token, as access.Door's EnterOperator lets them in: they see what
// the token is for. ErrNotYours: it has not the scope access.Console.
func ActorOf(g webhook.Grant) (Actor, error) {
	if g.ID == "" || g.Business == "" || !g.Allows(access.Console) {
		return Actor{}, ErrNotYours
	}
	return Actor{By: g.ID, Business: g.Business}, nil
}

// All tells that they see every business.
func (a Actor) All() bool { return a.Business == webhook.AllBusinesses }

// sees tells that a business, or an app's own name, is theirs.
func (a Actor) sees(business string) bool { return a.All() || a.Business == business }

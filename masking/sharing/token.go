package sharing

import "time"

// Action is what a button does.
type Action string

// The actions.
const (
	ActShare    Action = "s"
	ActDecline  Action = "d"
	ActWithdraw Action = "w"
)

// Claims are what a button's token says. The handle's scope is part of the handle.
type Claims struct {
	Business string
	// Handle is its Key.
	Handle string
	// Scope is "" (direct) or the group's id.
	Scope  string
	Action Action
	// Question is the id of the question or confirmation on which the button is.
	Question string
	Expires  time.Time
}

// What a tapped button, or anything else that holds a token, reads as in delivered
// events.
const (
	ReadsShare    = "bauta:share"
	ReadsDecline  = "bauta:decline"
	ReadsWithdraw = "bauta:withdraw"
	// ReadsVoid stands for a token without effect.
	ReadsVoid = "bauta:void"
	// Reserved begins what a business may not put into payloads, ids of buttons and
	// callback data.
	Reserved = "bauta:"
)

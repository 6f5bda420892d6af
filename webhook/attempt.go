package webhook

import "time"

// Attempt is one that was made to deliver an event, for whoever watches.
type Attempt struct {
	Lane     Lane
	Delivery *Delivery
	// Outcome and Reason are from closed sets: the verdict's. Status is the endpoint's, 0
	// without an answer.
	Outcome, Reason string
	Status          int
	Began, Ended    time.Time
}

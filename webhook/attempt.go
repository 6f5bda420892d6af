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

// Trial is what became of a request to an endpoint that was no delivery.
type Trial struct {
	At   time.Time
	Took time.Duration
	// OK: the endpoint took it.
	OK bool
	// Status is the endpoint's HTTP status, 0 if there was none.
	Status int
	// Reason from the closed set of package forward; Detail says in words what is wrong and
	// what to do, "" if nothing is.
	Reason, Detail string
}

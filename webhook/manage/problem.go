package manage

import (
	"net/http"
	"slices"
)

// problemType begins the URN by which a client tells problems apart (RFC 9457,
// section 3.1.1); the name of one follows. They do not change.
const problemType = "urn:bauta:problem:"

// instanceType begins the URN of one occurrence; the call's trace follows.
const instanceType = "urn:bauta:trace:"

// Problem is something that goes wrong with a call: the body of the answer is this
// as RFC 9457 describes it, with the occurrence as instance. The set is closed.
type Problem struct {
	// Name ends the type, such as unknown-handle.
	Name   string
	Status int
	Title  string
	// Detail is the usual one: what is wrong, where, and what to do. Details quote
	// nothing of the call.
	Detail string
}

// The names.
const (
	problemUnauthorized  = "unauthorized"
	problemWrongScope    = "wrong-scope"
	problemRateLimited   = "rate-limited"
	problemUnknownPath   = "unknown-path"
	problemMethod        = "method-not-allowed"
	problemParameter     = "bad-parameter"
	problemCursor        = "bad-cursor"
	problemKey           = "bad-idempotency-key"
	problemBody          = "bad-body"
	problemTooLarge      = "too-large"
	problemMediaType     = "bad-media-type"
	problemUnknown       = "unknown-name"
	problemAllOnly       = "all-businesses-only"
	problemUnderWay      = "job-under-way"
	problemConfiguration = "configuration-refused"
	problemUnknownHandle = "unknown-handle"
	problemNotHidden     = "not-hidden"
	problemAskNever      = "asking-is-off"
	problemLately        = "asked-lately"
	problemKeyReused     = "key-reused"
	problemKeyPending    = "key-pending"
	problemUnavailable   = "unavailable"
	problemInternal      = "internal"
)

// Problems returns every problem with its usual detail.
func Problems() []Problem { return slices.Concat(callProblems(), deskProblems(), outcomeProblems()) }

// callProblems lists what is wrong with a call itself.
func callProblems() []Problem {
	return []Problem{
		{
			problemUnauthorized, http.StatusUnauthorized, "No token that is in force",
			"The token is missing, unknown, expired or revoked. Send one that the operator of Bauta issued (bauta token issue), as the header \"Authorization: Bearer\" and nowhere else.",
		},
		{
			problemWrongScope, http.StatusForbidden, "The token has another scope",
			"The token does not open this part of the management API. Calls about one customer need the scope manage; what tells of all at once, and what operators do, needs the scope console. GET /v1 says which.",
		},
		{
			problemRateLimited, http.StatusTooManyRequests, "Too many calls",
			"Nothing was done. Wait as the header Retry-After says.",
		},
		{
			problemUnknownPath, http.StatusNotFound, "Unknown path",
			"There is nothing at this path. GET /v1 lists the routes; a handle in a path is one part of it and not empty.",
		},
		{
			problemMethod, http.StatusMethodNotAllowed, "The path does not take this method",
			"Nothing was done. The header Allow lists the methods that this path takes; GET /v1 says what each does.",
		},
		{
			problemParameter, http.StatusBadRequest, "A parameter of the query is wrong",
			"The query has a parameter that this call does not take. Leave it out.",
		},
		{
			problemCursor, http.StatusBadRequest, "The cursor is none of this list",
			"The parameter after is not a cursor of this list. Take next from an answer of the same path, unchanged, or leave it out to begin anew.",
		},
		{
			problemKey, http.StatusBadRequest, "The Idempotency-Key is wrong",
			"The header Idempotency-Key is given more than once, or is not 1 to 255 visible ASCII characters. Nothing was done.",
		},
		{
			problemBody, http.StatusBadRequest, "The body is wrong",
			"This call takes no body. Leave it out.",
		},
		{
			problemTooLarge, http.StatusRequestEntityTooLarge, "The body is too large",
			"The body is larger than 64 KiB. Leave it out, or send {}.",
		},
		{
			problemMediaType, http.StatusUnsupportedMediaType, "The body is of another type",
			"Send the body as it is, with the header \"Content-Type: application/json\", or leave it out.",
		},
	}
}

// deskProblems lists why an operator does not see or do something. One text serves for
// what never was, what is gone, and what is another business's.
func deskProblems() []Problem {
	return []Problem{
		{
			problemUnknown, http.StatusNotFound, "There is nothing of this name",
			"No business, endpoint, lane, held event, dead letter or job that this token sees has this name (any more). Take names and ids from the lists of GET /v1, unchanged.",
		},
		{
			problemAllOnly, http.StatusForbidden, "This is for a token of all businesses",
			"The token is of one business, and this concerns the whole installation. The operator of Bauta has a token of all businesses.",
		},
		{
			problemUnderWay, http.StatusConflict, "There is a job at this endpoint",
			"Nothing was done: somebody's work on the endpoint's dead letters has not ended. GET /v1/jobs says how far it came; wait for its end, or cancel it.",
		},
		{
			problemConfiguration, http.StatusConflict, "The configuration is refused",
			"Nothing was changed: the configuration from before stays in force. Mend what faults lists, and repeat the call.",
		},
	}
}

// outcomeProblems lists what is wrong with whom a call names, and why it was not
// made. One text serves for who never was, who was erased, and who is another
// business's customer.
func outcomeProblems() []Problem {
	return []Problem{
		{
			problemUnknownHandle, http.StatusNotFound, "The handle names nobody",
			"No customer of this business has this handle. Use one as it came with an event of this business. A customer who was erased has none.",
		},
		{
			problemNotHidden, http.StatusConflict, "The customer is not hidden",
			"The customer's number is visible to this business without their doing: there is nothing to share or to withdraw.",
		},
		{
			problemAskNever, http.StatusConflict, "Nobody is asked",
			"Customers of this business are never asked for their number (sharing.ask: never, or no access token). The operator of Bauta decides that.",
		},
		{
			problemLately, http.StatusConflict, "The customer was asked lately",
			"Nothing was done. The customer was asked here, or answered, less than sharing.ask_pause ago. Repeat the call after the time that the header Retry-After says.",
		},
		{
			problemKeyReused, http.StatusConflict, "The Idempotency-Key was used for another call",
			"Nothing was done. Use a new key for each call; keys are remembered for 24 hours.",
		},
		{
			problemKeyPending, http.StatusConflict, "A call with this Idempotency-Key is under way",
			"It is under way, or its outcome was lost. Repeat it with the same key after the time that the header Retry-After says, or without a key: it is not done twice either way.",
		},
		{
			problemUnavailable, http.StatusServiceUnavailable, "Bauta cannot reach its store",
			"Repeat the call after the time that the header Retry-After says: what was begun is not done twice.",
		},
		{
			problemInternal, http.StatusInternalServerError, "Bauta failed",
			"Nothing is known of the call's outcome. The operator finds it in the log under the trace that instance ends in.",
		},
	}
}

// newProblem returns the problem of a name, the internal one for an unknown name.
func newProblem(name string) Problem {
	var found Problem
	for _, p := range Problems() {
		if p.Name == name || p.Name == problemInternal && found.Name == "" {
			found = p
		}
	}
	return found
}

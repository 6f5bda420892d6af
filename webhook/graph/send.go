package graph

import (
	"io"
	"net/http"
	"net/url"
)

// Request is one call that a business makes through Bauta, in the platform's
// words.
type Request struct {
	// Token is the business's access token.
	Token string
	// Object is the id in the path; it has a breaker of its own.
	Object string
	Method string
	// Version such as v25.0; "" takes the client's. Edge is what follows the object,
	// "" for the object itself.
	Version, Edge string
	Query         url.Values
	ContentType   string
	// Body is sent as it is. Stream is sent instead if it is not nil; such a call is
	// never repeated, and one Read of it may still be under way when the call returns;
	// none begins later.
	Body   []byte
	Stream io.Reader

	// asks: a question of Bauta's own, which has another breaker than the calls of
	// businesses about the same object; "" for these.
	asks string
}

// Bauta's own questions. Each has a breaker: the start of a program whose network is
// late must not keep messages waiting that need the list of phone numbers, nor must
// what a business calls about its account.
const (
	asksNumbers   = "numbers:"
	asksApps      = "apps:"
	asksCallbacks = "callbacks:"
)

// breaker is the key of the call's breaker.
func (r *Request) breaker() string { return r.asks + r.Object }

// Answer is what the platform answered, be it an error.
type Answer struct {
	Status int
	// Header are those that a caller may have: Content-Type, Retry-After and the
	// usage headers.
	Header http.Header
	Body   []byte
	// Code is the platform's code of an error, 0 if it is none or says none.
	Code int
	// Unsent: an error of which the platform says that nothing was sent (4, 80007,
	// 130429, 131056): the same call can be made later.
	Unsent bool
}

// Medium is a download that has begun. The caller closes Body.
type Medium struct {
	Type   string
	Length int64 // -1 if unknown
	Body   io.ReadCloser
}

// PhoneNumber is one of a WABA's phone numbers.
type PhoneNumber struct {
	ID string
	// Display is the number as people read it.
	Display string
}

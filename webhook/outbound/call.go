package outbound

import (
	"net/url"

	"bauta/masking"
	"bauta/webhook"
	"bauta/webhook/meta"
)

// Call is what a business asks of the platform, in the business's words.
type Call struct {
	Business *webhook.Business
	Route    *meta.Route
	// Group is the group that the path names: handles in the call and in the answer
	// are read and written in its scope. webhook.Direct for every other call.
	Group string
	// Object is the id in the path, as the business wrote it; pages of a
	// list are asked for under it.
	Object string
	// Query are the parameters, of which the route allows every one.
	Query url.Values
	// Body is JSON, or a form (application/x-www-form-urlencoded) if Form; empty if
	// the call has none. It is not changed.
	Body []byte
	Form bool
	// Base is the URL by which the business reached this part of the API, such as
	// https://bauta.example/v25.0: next and previous pages are led there.
	Base string
}

// Outgoing is a call in the platform's words, and what is needed to mask its
// answer. It is used by one goroutine.
type Outgoing struct {
	Query url.Values
	Body  []byte

	call      Call
	addressed []addressee
}

// addressee is somebody whom the call names.
type addressee struct {
	// sent is how the business wrote them.
	sent string
	// told is by what the platform is told.
	told masking.Identity
	// customer is nil for somebody whom Bauta does not know (AllowRaw only).
	customer *webhook.Customer
	scope    string
	// raw: they were named by a plain number or user id, not by a handle.
	raw bool
}

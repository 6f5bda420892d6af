package reply

import (
	"io"
	"net/http"
	"net/url"
	"time"

	"bauta/webhook"
	"bauta/webhook/meta"
)

// request is one call of a business as far as it is known; it is filled in the
// order of its fields, and used by one goroutine.
type request struct {
	came time.Time
	// sought is when looking people up began; zero before.
	sought time.Time
	// trace names the call in the log and in errors (fbtrace_id).
	trace string

	// grant and business: the token was right. Nil and zero before.
	grant    webhook.Grant
	business *webhook.Business
	// token is the business's access token for the platform; never "" when a handling
	// begins.
	token string

	// version such as v25.0, "" if the path has none. object and edge follow it.
	version, object, edge string
	// route: nil before it was found. The object is the business's own by then: a
	// medium is on one of its rolls.
	route *meta.Route
	// group is the group that the path names, or webhook.Direct.
	group string
	// query is what the call may have, without access_token.
	query url.Values
	// body is JSON or, if form, a form without access_token; empty for Upload, whose
	// handling reads the body itself.
	body []byte
	form bool
	// key is the Idempotency-Key, "" if there is none.
	key string
	// base is the URL by which the business reached this part of the API, such as
	// https://bauta.example/v25.0; root is it without the version.
	base, root string

	// shown is the business's token as it was shown to Bauta.
	shown string
	// badQuery: the query could not be read.
	badQuery bool
	// held is how many bytes of the common memory the body takes.
	held int64
	// read: the body was read, as far as it will be.
	read bool
}

// name is the route's name for metrics and log.
func (r *request) name() string {
	if r.route == nil {
		return noRoute
	}
	return r.route.Name
}

// outcome is an answer that was made. It is what an Idempotency-Key answers with
// again.
type outcome struct {
	status int
	// header has what the caller may have of the platform's; Content-Type is JSON's
	// unless it says otherwise.
	header http.Header
	body   []byte
	// name is the fault's (meta.FaultName) if the answer is Bauta's own error, or ""
	name string
	// unsent: an error of which the platform says that nothing was sent.
	unsent bool
	// about is the customer whom the call named, nil for nobody or several: an outcome
	// that is kept ends with them.
	about *webhook.Customer
	// stream is sent instead of body if it is not nil, and closed; length is its
	// length, -1 if unknown.
	stream io.ReadCloser
	length int64
}

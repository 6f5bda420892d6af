package outbound

import (
	"encoding/base64"
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
	// request is what the call was read as, to write it once more.
	request *request
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

// About returns the customer whom the call names, nil if it names nobody whom Bauta
// knows, or several.
func (o *Outgoing) About() *webhook.Customer {
	var about *webhook.Customer
	for _, a := range o.addressed {
		if a.customer == nil || about != nil && about.ID != a.customer.ID {
			return nil
		}
		about = a.customer
	}
	return about
}

// cursorPlace is what a sealed cursor is bound to: it opens for the business and
// the route that it was sealed for, and nowhere else.
func cursorPlace(business, route string) []byte {
	return []byte("cursor\x00" + business + "\x00" + route)
}

// sealCursor hides what a cursor of the platform says: it can hold an identity.
func (t *Translator) sealCursor(c *Call, cursor string) (string, error) {
	sealed, err := t.Sealer.Seal([]byte(cursor), cursorPlace(c.Business.ID, c.Route.Name))
	if err != nil {
		return "", err
	}
	return base64.RawURLEncoding.EncodeToString(sealed), nil
}

// openCursor turns back what sealCursor made.
func (t *Translator) openCursor(c *Call, sealed string) (string, error) {
	raw, err := base64.RawURLEncoding.DecodeString(sealed)
	if err != nil {
		return "", err
	}
	cursor, err := t.Sealer.Open(raw, cursorPlace(c.Business.ID, c.Route.Name))
	return string(cursor), err
}

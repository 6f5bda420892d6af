package outbound

import (
	"bauta/masking"
	"bauta/webhook"
)

// Addressee is an addressee for tests of the way back.
type Addressee struct {
	Sent     string
	Told     masking.Identity
	Customer *webhook.Customer
	Scope    string
	Raw      bool
}

// NewOutgoing is a call that went out to some addressees.
func NewOutgoing(c Call, to ...Addressee) *Outgoing {
	o := &Outgoing{Query: c.Query, Body: c.Body, call: c}
	for _, a := range to {
		o.addressed = append(o.addressed, addressee{sent: a.Sent, told: a.Told, customer: a.Customer, scope: a.Scope, raw: a.Raw})
	}
	return o
}

// Clean is o.Clean of a call that this translator turned.
func (t *Translator) Clean(o *Outgoing, value string) bool {
	o.request = &request{t: t}
	return o.Clean(value)
}

// OpenCursor turns a sealed cursor back.
func (t *Translator) OpenCursor(c *Call, sealed string) (string, error) {
	return t.openCursor(c, sealed)
}

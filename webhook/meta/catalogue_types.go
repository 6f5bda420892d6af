package meta

// messageType is one row of the message types of webhooks.md section 3.
type messageType struct {
	name string
	// written: the customer wrote it. Not so for what the platform reports in
	// the form of a message.
	written bool
	// refers: the type can carry a referral, so such a message decides on a
	// first contact. Taps, orders and reactions answer something the business
	// sent, and edits and revocations change an earlier message: they decide
	// nothing. A referral that is there counts on every type.
	refers bool
}

// messageTypes lists every type; one that is not here was written by the
// customer and decides nothing.
func messageTypes() []messageType {
	return []messageType{
		{"text", true, true},
		{"image", true, true},
		{"video", true, true},
		{"audio", true, true},
		{"document", true, true},
		{"sticker", true, true},
		{"location", true, true},
		{"contacts", true, true},
		{"interactive", true, false},
		{"button", true, false},
		{"order", true, false},
		{"reaction", true, false},
		{"edit", true, false},
		{"revoke", true, false},
		{"unsupported", true, false},
		{"unknown", true, false},
		{"media_placeholder", true, false},
		{"request_welcome", false, false},
		{"system", false, false},
	}
}

// written tells whether a message of the type is something the customer wrote.
func (c *Catalogue) written(typ string) bool {
	t, ok := c.types[typ]
	return !ok || t.written
}

// refers tells whether the type can carry a referral.
func (c *Catalogue) refers(typ string) bool { return c.types[typ].refers }

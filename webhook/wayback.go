package webhook

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"bauta/masking"
	"bauta/webhook/meta"
)

// ErrUnknownHandle is a handle that leads to nobody of this business.
var ErrUnknownHandle = errors.New("no customer of this business has that handle")

// Handles finds whom a handle names, by its key (masking.Handle.Key). Both answer
// ErrUnknownHandle for one that names nobody.
type Handles interface {
	// Bearer returns the record that the handle was drawn for.
	Bearer(ctx context.Context, business, key string) (*Customer, error)
	// ByHandle returns the one that has taken it over since, if one has.
	ByHandle(ctx context.Context, business, key string) (*Customer, error)
}

// FormReader reads what Forms keeps.
type FormReader interface {
	// Form returns the tag remembered for a stanza, ok false if there is none.
	Form(ctx context.Context, c *Customer, stanza string) (tag string, ok bool, err error)
}

// WayBack turns the message ids that a business sends into the platform's.
// Safe for concurrent use.
type WayBack struct {
	ids     *meta.IDMasker
	handles Handles
	forms   FormReader
}

// NewWayBack returns the way back of one store and key set.
func NewWayBack(ids *meta.IDMasker, handles Handles, forms FormReader) *WayBack {
	return &WayBack{ids: ids, handles: handles, forms: forms}
}

// MessageID returns exactly an id that the platform gave for the message which
// the business names by a re-issued one. Errors: meta.ErrNotMasked (it may be the
// platform's own), meta.ErrForeignID and ErrUnknownHandle (it must go nowhere).
func (w *WayBack) MessageID(ctx context.Context, business, issued string) (string, error) {
	sealed, err := w.ids.Unmask(business, issued)
	if err != nil {
		return "", fmt.Errorf("read a re-issued message id: %w", err)
	}
	if sealed.HandleKey == "" {
		return sealed.Raw(masking.Identity{}, "")
	}
	envelope, form, err := w.envelope(ctx, business, sealed)
	if err != nil {
		return "", err
	}
	return sealed.Raw(envelope, form)
}

// envelope is what the platform wrapped a message in: as remembered with the
// record that has the handle now, or with the one it was drawn for; or else the
// usual envelope of the latter.
func (w *WayBack) envelope(ctx context.Context, business string, id meta.Sealed) (masking.Identity, string, error) {
	first, err := w.handles.Bearer(ctx, business, id.HandleKey)
	if err != nil {
		return masking.Identity{}, "", fmt.Errorf("find whom a message id names: %w", err)
	}
	records := []*Customer{first}
	if first.MergedInto != "" {
		last, err := w.handles.ByHandle(ctx, business, id.HandleKey)
		if err != nil {
			return masking.Identity{}, "", fmt.Errorf("find whom a message id names: %w", err)
		}
		records = []*Customer{last, first}
	}
	for _, c := range records {
		tag, ok, err := w.forms.Form(ctx, c, id.Stanza)
		if err != nil {
			return masking.Identity{}, "", fmt.Errorf("read a message's envelope: %w", err)
		}
		if ok {
			return c.envelopeOf(tag)
		}
	}
	return first.usual(id.FromBusiness), "", nil
}

// errTag: a remembered envelope that names no identity of the record.
var errTag = errors.New("a remembered envelope does not fit its customer")

// FormTag names an envelope (Form.Tag) by the place of its identity among the
// customer's links, which are only ever added to: nothing personal is kept with a
// message. It is false for an identity that is not the customer's.
func (c *Customer) FormTag(e meta.Envelope) (string, bool) {
	for i, l := range c.Links {
		if l.Identity == e.Person {
			return strconv.Itoa(i) + "." + e.Form, true
		}
	}
	return "", false
}

// FormOf returns what has to be remembered of the envelope of a message id that the
// business got re-issued in a scope, and whether anything has to: the usual envelope
// is derived from the record.
func (c *Customer) FormOf(scope string, e meta.Envelope) (Form, bool) {
	standing := c.Scopes[scope]
	if standing == nil || standing.RawIDs || !c.knows(e.Person) {
		return Form{}, false
	}
	form := Form{Stanza: e.Stanza}
	// Under an inherited handle the record it was drawn for is asked, which has a
	// usual envelope of its own.
	if e.Form == "" && !standing.Inherited {
		switch {
		case e.FromBusiness && c.SentOpen:
			form.Usual = e.Person
		case e.Person == c.usual(e.FromBusiness):
			return Form{}, false
		}
	}
	var ok bool
	form.Tag, ok = c.FormTag(e)
	return form, ok
}

// usual is the envelope of messages of which nothing was remembered. It never
// changes once there are such messages.
func (c *Customer) usual(fromBusiness bool) masking.Identity {
	if fromBusiness && !c.Sent.IsZero() {
		return c.Sent
	}
	return c.Envelope
}

func (c *Customer) envelopeOf(tag string) (masking.Identity, string, error) {
	place, form, ok := strings.Cut(tag, ".")
	i, err := strconv.Atoi(place)
	if !ok || err != nil || i < 0 || i >= len(c.Links) {
		return masking.Identity{}, "", errTag
	}
	return c.Links[i].Identity, form, nil
}

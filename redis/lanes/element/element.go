// Package element is the form in which one masked event stands in a lane, and
// later in a dead letter: what delivery needs to know in clear, none of it
// personal but by way of the handle, and the body encrypted.
package element

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"bauta/webhook"
	"bauta/webhook/meta"
)

// Keys finds the data key under which a body is encrypted. webhook.ErrErased
// when it was destroyed. Safe for concurrent use; it caches for seconds at most.
type Keys interface {
	CustomerKey(ctx context.Context, business, customer string) (webhook.DataKey, error)
	BusinessKey(ctx context.Context, business string) (webhook.DataKey, error)
}

// ErrMalformed is bytes that are no element.
var ErrMalformed = errors.New("an event in Redis cannot be read: it was changed by somebody else, or by a newer version")

// The forms of an element. A dated one says what options for late events need
// to know; the plain one is written wherever it suffices, and both are read.
const (
	plain     = "1"
	dated     = "2"
	stampSize = 13
	maxID     = 120
	held      = "h"
	shows     = "n"
)

// Element is an event at rest. Its encoded form begins with the 13 digits of
// the Unix ms of acceptance, which scripts read.
type Element struct {
	ID, Field, Kind              string
	Visibility, Handle, Decision string
	Held, Shows                  bool
	Accepted                     time.Time
	// At, Stage and Message as in webhook.Delivery.
	At      time.Time
	Stage   meta.Stage
	Message uint64
	// Customer whose data key encrypts the body, "" for the business's.
	Customer   string
	Ciphertext []byte
}

// Seal encrypts an item's body and returns its encoded element. The body is
// bound to business, conversation, customer and delivery id.
func Seal(item *webhook.Item) ([]byte, error) {
	d := &item.Delivery
	switch {
	case d.ID == "" || len(d.ID) > maxID || strings.ContainsAny(d.ID, "~:."):
		return nil, fmt.Errorf("seal an event: its delivery id is empty, longer than %d bytes, or holds a tilde, colon or dot", maxID)
	case item.Key == nil:
		return nil, fmt.Errorf("seal an event: it has no data key")
	case Stamp(d.Accepted) == "":
		return nil, fmt.Errorf("seal an event: it was accepted outside the years 2001 to 2286")
	}
	sealed, err := item.Key.Encrypt(d.Body, associated(item.Business, item.Conversation, item.Customer, d.ID))
	if err != nil {
		return nil, fmt.Errorf("seal an event: %w", err)
	}
	flags, version := "", plain
	if d.Held {
		flags = held
	}
	if d.Shows != "" && d.Shows == item.Customer {
		flags += shows
	}
	if d.Stage != meta.NoStage || !d.At.IsZero() {
		version = dated
	}
	out := make([]byte, 0, stampSize+len(sealed)+len(d.Decision)+160)
	out = append(out, Stamp(d.Accepted)...)
	out = append(out, version...)
	for _, f := range [...]string{d.ID, d.Field, d.Kind, d.Visibility, d.Handle, d.Decision, item.Customer, flags} {
		out = binary.AppendUvarint(out, uint64(len(f)))
		out = append(out, f...)
	}
	if version == dated {
		out = appendDate(out, d)
	}
	return append(out, sealed...), nil
}

// Parse reads an encoded element, or fails with ErrMalformed.
func Parse(text string) (*Element, error) {
	if len(text) <= stampSize {
		return nil, ErrMalformed
	}
	version := text[stampSize : stampSize+1]
	if version != plain && version != dated {
		return nil, ErrMalformed
	}
	at, err := strconv.ParseInt(text[:stampSize], 10, 64)
	if err != nil || Stamp(time.UnixMilli(at)) != text[:stampSize] {
		return nil, ErrMalformed
	}
	e := &Element{Accepted: time.UnixMilli(at)}
	rest, flags := []byte(text[stampSize+1:]), ""
	for _, f := range [...]*string{&e.ID, &e.Field, &e.Kind, &e.Visibility, &e.Handle, &e.Decision, &e.Customer, &flags} {
		n, width := binary.Uvarint(rest)
		if width <= 0 || n > uint64(len(rest)-width) { //nolint:gosec // width is at most len(rest)
			return nil, ErrMalformed
		}
		end := width + int(n) //nolint:gosec // n is at most len(rest)
		*f, rest = string(rest[width:end]), rest[end:]
	}
	if version == dated {
		if len(rest) < dateSize {
			return nil, ErrMalformed
		}
		e.readDate(rest)
		rest = rest[dateSize:]
	}
	e.Held, e.Shows, e.Ciphertext = strings.Contains(flags, held), strings.Contains(flags, shows), rest
	return e, nil
}

// Open decrypts the body. When the data key is gone, or does not fit the body
// any more, the delivery says Erased and has no body. Errors are those of keys:
// the event may be readable later.
func (e *Element) Open(ctx context.Context, keys Keys, business string, c webhook.Conversation) (webhook.Delivery, error) {
	d := webhook.Delivery{
		ID: e.ID, Field: e.Field, Kind: e.Kind, Visibility: e.Visibility, Handle: e.Handle, Decision: e.Decision,
		Held: e.Held, Accepted: e.Accepted, At: e.At, Stage: e.Stage, Message: e.Message,
	}
	if e.Shows {
		d.Shows = e.Customer
	}
	key, err := e.key(ctx, keys, business)
	if errors.Is(err, webhook.ErrErased) {
		d.Erased = true
		return d, nil
	}
	if err != nil {
		return d, fmt.Errorf("the data key of a waiting event: %w", err)
	}
	body, err := key.Decrypt(e.Ciphertext, associated(business, c, e.Customer, e.ID))
	if err != nil {
		// Unreadable for ever: with the lane waiting for it nothing would move.
		d.Erased = true
		return d, nil //nolint:nilerr // said by Erased
	}
	d.Body = body
	return d, nil
}

func (e *Element) key(ctx context.Context, keys Keys, business string) (webhook.DataKey, error) {
	if e.Customer == "" {
		return keys.BusinessKey(ctx, business)
	}
	return keys.CustomerKey(ctx, business, e.Customer)
}

// Stamp is a time's Unix ms in 13 digits, "" if it has not that many. Stamps
// sort as their times do.
func Stamp(t time.Time) string {
	if s := strconv.FormatInt(t.UnixMilli(), 10); len(s) == stampSize && s[0] != '-' {
		return s
	}
	return ""
}

// associated binds a body to its place; lengths keep the parts apart.
func associated(business string, c webhook.Conversation, customer, id string) []byte {
	out := make([]byte, 0, 96)
	for _, part := range [...]string{"lane", business, string(c), customer, id} {
		out = binary.AppendUvarint(out, uint64(len(part)))
		out = append(out, part...)
	}
	return out
}

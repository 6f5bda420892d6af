package held

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"bauta/redis/lanes/element"
	"bauta/webhook"
)

const (
	maxHeader    = 64 << 10
	maxPositions = 64
	maxPosition  = 128
)

// about is what is kept of a held event in clear: nothing personal.
type about struct {
	Field        string               `json:"field"`
	Reason       string               `json:"reason"`
	Positions    []string             `json:"positions,omitempty"`
	At           int64                `json:"at"`
	Customer     string               `json:"customer,omitempty"`
	Conversation webhook.Conversation `json:"conversation,omitempty"`
	Event        string               `json:"event"`
	Dedupe       uint64               `json:"dedupe,string"`
	Size         int                  `json:"size,omitempty"`
}

// spot is what a held event is bound to.
type spot struct{ business, id string }

// seal makes a held event's id and record: a line of JSON, then the encrypted
// event, bound to business, customer and id.
func seal(ev *webhook.HeldEvent, shard int) (id string, record []byte, err error) {
	stamp := element.Stamp(ev.At)
	switch {
	case ev.ID == "" || len(ev.ID) > 120 || strings.ContainsAny(ev.ID, ":- "):
		return "", nil, fmt.Errorf("hold an event: its id is empty, longer than 120 bytes, or holds a colon, a dash or a space")
	case stamp == "":
		return "", nil, fmt.Errorf("hold an event: its time is outside the years 2001 to 2286")
	case ev.Business == "" || ev.Key == nil:
		return "", nil, fmt.Errorf("hold an event: it has no business or no data key")
	}
	id = stamp + "-" + ev.ID + "-" + strconv.Itoa(shard)
	header, err := json.Marshal(about{
		Field: clip(ev.Field), Reason: ev.Reason, Positions: positions(ev.Positions), At: ev.At.UnixMilli(),
		Customer: ev.Customer, Conversation: ev.Conversation, Event: ev.ID, Dedupe: ev.Dedupe, Size: len(ev.Raw),
	})
	if err != nil {
		return "", nil, fmt.Errorf("hold an event: %w", err)
	}
	sealed, err := ev.Key.Encrypt(ev.Raw, associated(spot{ev.Business, id}, ev.Customer))
	if err != nil {
		return "", nil, fmt.Errorf("hold an event: %w", err)
	}
	return id, append(append(header, '\n'), sealed...), nil
}

// positions bounds how much of the positions is kept.
func positions(all []string) []string {
	out := make([]string, min(len(all), maxPositions))
	for i := range out {
		out[i] = clip(all[i])
	}
	return out
}

func clip(text string) string { return strings.ToValidUTF8(text[:min(len(text), maxPosition)], "") }

// parse splits a record into what is in clear and what is encrypted.
func parse(text string) (about, string, error) {
	header, sealed, ok := strings.Cut(text, "\n")
	var a about
	if !ok || json.Unmarshal([]byte(header), &a) != nil {
		return about{}, "", element.ErrMalformed
	}
	return a, sealed, nil
}

// open decrypts the event.
func (a about) open(ctx context.Context, keys element.Keys, at spot, sealed []byte) (webhook.HeldEvent, error) {
	key, err := a.key(ctx, keys, at.business)
	if err != nil {
		return webhook.HeldEvent{}, fmt.Errorf("the data key of a held event: %w", err)
	}
	raw, err := key.Decrypt(sealed, associated(at, a.Customer))
	if err != nil {
		return webhook.HeldEvent{}, fmt.Errorf("decrypt a held event: %w", err)
	}
	return webhook.HeldEvent{
		ID: a.Event, Business: at.business, Field: a.Field, Reason: a.Reason, Positions: a.Positions,
		At: time.UnixMilli(a.At), Raw: raw, Customer: a.Customer, Key: key, Dedupe: a.Dedupe, Conversation: a.Conversation,
	}, nil
}

func (a about) key(ctx context.Context, keys element.Keys, business string) (webhook.DataKey, error) {
	if a.Customer == "" {
		return keys.BusinessKey(ctx, business)
	}
	return keys.CustomerKey(ctx, business, a.Customer)
}

// associated binds an event to its place; lengths keep the parts apart.
func associated(at spot, customer string) []byte {
	out := make([]byte, 0, 96)
	for _, part := range [...]string{"held", at.business, customer, at.id} {
		out = binary.AppendUvarint(out, uint64(len(part)))
		out = append(out, part...)
	}
	return out
}

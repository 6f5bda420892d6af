package vault

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"

	jsonv2 "github.com/go-json-experiment/json"

	"bauta/masking"
	"bauta/webhook"
)

// recordVersion stands in front of a record's JSON.
const recordVersion = 1

// errGone: nothing under a destroyed or foreign key can be read. Such a record
// is as good as erased.
var errGone = errors.New("the record is gone")

// errRecord: decrypted, but not understood: written by a later release.
var errRecord = errors.New("a customer's record is of a form that this release does not know: use the release that wrote it, or its successor")

// record is a customer as it is encrypted. Names are short because there is one
// for every customer; times are Unix nanoseconds, 0 for none.
type record struct {
	Created  int64             `json:"c"`
	Links    []link            `json:"l"`
	Scopes   map[string]scoped `json:"s,omitempty"`
	Merged   string            `json:"m,omitempty"`
	Envelope name              `json:"e,omitzero"`
	// Sent and SentOpen are absent from records of releases that knew only Envelope.
	Sent     name `json:"b,omitzero"`
	SentOpen bool `json:"o,omitempty"`
	// What follows from the record; absent from records of earlier releases, as are
	// a scope's Sharing and Left.
	Lines []line `json:"n,omitempty"`
	Due   []due  `json:"u,omitempty"`
	Tried string `json:"t,omitempty"`
	Asked int64  `json:"a,omitempty"`
	// Absent from records of earlier releases.
	Predecessors []predecessor `json:"g,omitempty"`
}

type predecessor struct {
	ID    string `json:"i"`
	At    int64  `json:"t,omitempty"`
	Other bool   `json:"o,omitempty"`
}

type name struct {
	Number string `json:"n,omitempty"`
	UserID string `json:"u,omitempty"`
}

type link struct {
	name
	Evidence string `json:"e,omitempty"`
	Since    int64  `json:"s,omitempty"`
	Ended    int64  `json:"x,omitempty"`
	Lost     bool   `json:"o,omitempty"`
}

type scoped struct {
	Handle     handle   `json:"h"`
	Visibility uint8    `json:"v,omitempty"`
	Rule       string   `json:"r,omitempty"`
	Reason     string   `json:"w,omitempty"`
	Decided    int64    `json:"d,omitempty"`
	DecidedBy  string   `json:"b,omitempty"`
	RawIDs     bool     `json:"i,omitempty"`
	Inherited  bool     `json:"a,omitempty"`
	Former     []handle `json:"f,omitempty"`
	Sharing    shared   `json:"q,omitzero"`
	Left       int64    `json:"x,omitempty"`
	Renewed    bool     `json:"n,omitempty"`
	Opened     int64    `json:"e,omitempty"`
}

type handle struct {
	Country string `json:"c,omitempty"`
	Long    string `json:"l"`
	Phone   string `json:"p"`
}

// associated binds a ciphertext to business, kind of record and customer.
func associated(business, kind, customer string) []byte {
	return []byte(business + "\x00" + kind + "\x00" + customer)
}

// seal encodes and encrypts a customer under their data key.
func seal(c *webhook.Customer, key webhook.DataKey) ([]byte, error) {
	r := record{
		Created: stamp(c.Created), Merged: c.MergedInto, Envelope: nameOf(c.Envelope), Sent: nameOf(c.Sent), SentOpen: c.SentOpen,
		Lines: linesIn(c.Lines), Due: duesIn(c.Due), Tried: c.Tried, Asked: stamp(c.AskedAt),
	}
	for _, p := range c.Predecessors {
		r.Predecessors = append(r.Predecessors, predecessor{ID: p.ID, At: stamp(p.At), Other: p.Other})
	}
	for _, l := range c.Links {
		r.Links = append(r.Links, link{
			name: nameOf(l.Identity), Evidence: l.Evidence, Since: stamp(l.Since), Ended: stamp(l.Ended), Lost: l.Lost,
		})
	}
	if len(c.Scopes) > 0 {
		r.Scopes = make(map[string]scoped, len(c.Scopes))
	}
	for scope, s := range c.Scopes {
		r.Scopes[scope] = scoped{
			Handle: handle(s.Handle), Visibility: uint8(s.Visibility), Rule: s.Rule, Reason: s.Reason,
			Decided: stamp(s.Decided), DecidedBy: s.DecidedBy, RawIDs: s.RawIDs, Inherited: s.Inherited, Former: handlesIn(s.Former),
			Sharing: sharedIn(s.Sharing), Left: stamp(s.Left), Renewed: s.Renewed, Opened: stamp(s.Opened),
		}
	}
	text, err := json.Marshal(r)
	if err != nil {
		return nil, fmt.Errorf("encode a customer: %w", err)
	}
	sealed, err := key.Encrypt(append([]byte{recordVersion}, text...), associated(c.Business, "customer", c.ID))
	if err != nil {
		return nil, fmt.Errorf("encrypt a customer: %w", err)
	}
	return sealed, nil
}

// open reverses seal: errGone or errRecord, which never quote the record.
func open(business, id string, sealed []byte, key webhook.DataKey) (*webhook.Customer, error) {
	text, err := key.Decrypt(sealed, associated(business, "customer", id))
	if err != nil {
		return nil, errGone
	}
	if len(text) == 0 || text[0] != recordVersion {
		return nil, errRecord
	}
	var r record
	if jsonv2.Unmarshal(text[1:], &r) != nil {
		return nil, errRecord
	}
	c := &webhook.Customer{
		ID: id, Business: business, Created: moment(r.Created), MergedInto: r.Merged, SentOpen: r.SentOpen, DataKey: key,
		Lines: linesOut(r.Lines), Due: duesOut(r.Due), Tried: r.Tried, AskedAt: moment(r.Asked),
		Scopes: make(map[string]*webhook.Standing, len(r.Scopes)),
	}
	for _, envelope := range []struct {
		from name
		to   *masking.Identity
	}{{r.Envelope, &c.Envelope}, {r.Sent, &c.Sent}} {
		if envelope.from == (name{}) {
			continue
		}
		var ok bool
		if *envelope.to, ok = envelope.from.identity(); !ok {
			return nil, errRecord
		}
	}
	for _, p := range r.Predecessors {
		c.Predecessors = append(c.Predecessors, webhook.Predecessor{ID: p.ID, At: moment(p.At), Other: p.Other})
	}
	for _, l := range r.Links {
		i, ok := l.identity()
		if !ok {
			return nil, errRecord
		}
		c.Links = append(c.Links, webhook.Link{
			Identity: i, Evidence: l.Evidence, Since: moment(l.Since), Ended: moment(l.Ended), Lost: l.Lost,
		})
	}
	for scope, s := range r.Scopes {
		answered, ok := s.Sharing.out()
		if !ok {
			return nil, errRecord
		}
		c.Scopes[scope] = &webhook.Standing{
			Handle: masking.Handle(s.Handle), Visibility: webhook.Visibility(s.Visibility), Rule: s.Rule, Reason: s.Reason,
			Decided: moment(s.Decided), DecidedBy: s.DecidedBy, RawIDs: s.RawIDs, Inherited: s.Inherited, Former: handlesOut(s.Former),
			Sharing: answered, Left: moment(s.Left), Renewed: s.Renewed, Opened: moment(s.Opened),
		}
	}
	return c, nil
}

func nameOf(i masking.Identity) name {
	return name{Number: i.Number.Reveal(), UserID: i.UserID.Reveal()}
}

func (n name) identity() (masking.Identity, bool) {
	if n.Number != "" {
		number, ok := masking.ParseNumber(n.Number)
		return masking.Identity{Number: number}, ok
	}
	id, ok := masking.ParseUserID(n.UserID)
	return masking.Identity{UserID: id}, ok
}

func handlesIn(in []masking.Handle) []handle {
	var out []handle
	for _, h := range in {
		out = append(out, handle(h))
	}
	return out
}

func handlesOut(in []handle) []masking.Handle {
	var out []masking.Handle
	for _, h := range in {
		out = append(out, masking.Handle(h))
	}
	return out
}

func stamp(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixNano()
}

func moment(nanoseconds int64) time.Time {
	if nanoseconds == 0 {
		return time.Time{}
	}
	return time.Unix(0, nanoseconds).UTC()
}

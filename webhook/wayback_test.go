package webhook

import (
	"context"
	"crypto/rand"
	"errors"
	"testing"
	"time"

	"bauta/masking"
	"bauta/masking/keys"
	"bauta/webhook/meta"
	"bauta/webhook/simulator"
)

// remembered is a store of the way back: one customer and one message's tag.
type remembered struct {
	customer         *Customer
	tag              string
	bearer, readForm error
}

func (r remembered) Bearer(context.Context, string, string) (*Customer, error) {
	return r.customer, r.bearer
}

func (r remembered) ByHandle(context.Context, string, string) (*Customer, error) {
	return r.customer, r.bearer
}

func (r remembered) Form(context.Context, *Customer, string) (string, bool, error) {
	return r.tag, r.tag != "", r.readForm
}

func TestTheWayBackOfAMessageID(t *testing.T) {
	t.Parallel()
	set, err := keys.Generate()
	if err != nil {
		t.Fatal(err)
	}
	handles := masking.NewHandles(set)
	ids := meta.NewIDMasker(set, handles)
	handle, err := handles.Mint(rand.Reader, "US")
	if err != nil {
		t.Fatal(err)
	}
	c := newIdentityCase(t).customer("c", time.Hour, Hidden, adaNumber, adaUser)
	c.Envelope = c.Links[0].Identity
	ada := simulator.Person{Number: adaNumber, UserID: adaUser}
	byNumber := simulator.MessageID(ada, false, "3A01")
	ada.Hides = true
	byUser := simulator.MessageID(ada, false, "3A01")
	issued := ids.For("acme").Mask(byNumber, []masking.Person{{Handle: handle, Numbers: []masking.Number{c.Number()}}})
	if issued == byNumber {
		t.Fatal("the id was not re-issued")
	}
	away := errors.New("the store is away")
	for name, row := range map[string]struct {
		id, business string
		store        remembered
		want         string
		err          error
	}{
		"the usual envelope":                 {issued, "acme", remembered{customer: c}, byNumber, nil},
		"an envelope that was remembered":    {issued, "acme", remembered{customer: c, tag: "1."}, byUser, nil},
		"the platform's own id":              {byNumber, "acme", remembered{customer: c}, "", meta.ErrNotMasked},
		"an id of another business":          {issued, "umbrella", remembered{customer: c}, "", meta.ErrForeignID},
		"whose customer was erased":          {issued, "acme", remembered{bearer: ErrUnknownHandle}, "", ErrUnknownHandle},
		"a store that does not answer":       {issued, "acme", remembered{bearer: away}, "", away},
		"an envelope that cannot be read":    {issued, "acme", remembered{customer: c, readForm: away}, "", away},
		"an envelope of no link":             {issued, "acme", remembered{customer: c, tag: "2."}, "", errTag},
		"an envelope before the first link":  {issued, "acme", remembered{customer: c, tag: "-1."}, "", errTag},
		"an envelope that is not one":        {issued, "acme", remembered{customer: c, tag: "first"}, "", errTag},
		"an envelope of a form nobody knows": {issued, "acme", remembered{customer: c, tag: "0.?"}, "", meta.ErrID},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := NewWayBack(ids, row.store, row.store).MessageID(t.Context(), row.business, row.id)
			if !errors.Is(err, row.err) || got != row.want {
				t.Errorf("got %q, error %v; want %q, %v", got, err, row.want, row.err)
			}
		})
	}
}

func TestMessagesFromTheBusinessHaveAUsualEnvelopeOfTheirOwn(t *testing.T) {
	t.Parallel()
	set, err := keys.Generate()
	if err != nil {
		t.Fatal(err)
	}
	handles := masking.NewHandles(set)
	handle, err := handles.Mint(rand.Reader, "US")
	if err != nil {
		t.Fatal(err)
	}
	shows, hides := simulator.Person{Number: adaNumber, UserID: adaUser}, simulator.Person{Number: adaNumber, UserID: adaUser, Hides: true}
	for name, row := range map[string]struct {
		sent, open, fromBusiness bool
		// raw is the platform's id; want is whether something is kept of it, and
		// usual whether it may become the usual one.
		raw         simulator.Person
		want, usual bool
		back        simulator.Person
	}{
		"as the usual one, of a record from before":     {false, false, true, shows, false, false, shows},
		"another one, of a record from before":          {false, false, true, hides, true, false, shows},
		"the first one, like the customer's":            {false, true, true, shows, true, true, shows},
		"the first one, unlike the customer's":          {false, true, true, hides, true, true, shows},
		"a later one, as the first":                     {true, false, true, hides, false, false, hides},
		"a later one, like the customer's":              {true, false, true, shows, true, false, hides},
		"a message from the customer, as the usual one": {true, false, false, shows, false, false, shows},
		"a message from the customer, like the sent":    {true, false, false, hides, true, false, shows},
		"a message from the customer, before any sent":  {false, true, false, hides, true, false, shows},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newIdentityCase(t).customer("c", time.Hour, Hidden, adaNumber, adaUser)
			c.Envelope, c.SentOpen = c.Links[0].Identity, row.open
			if row.sent {
				c.Sent = c.Links[1].Identity
			}
			raw := simulator.MessageID(row.raw, row.fromBusiness, "3A01")
			id, err := meta.ParseID(raw)
			if err != nil {
				t.Fatal(err)
			}
			form, ok := c.FormOf(Direct, meta.Envelope{
				Person: id.Person(), Stanza: id.Stanza(), Form: id.Form(), FromBusiness: id.FromBusiness(),
			})
			if ok != row.want || form.Usual.IsZero() == row.usual {
				t.Errorf("kept: %v, as the usual one: %v; want %v, %v", ok, !form.Usual.IsZero(), row.want, row.usual)
			}
			person := masking.Person{Handle: handle, Numbers: []masking.Number{c.Number()}, UserIDs: []masking.UserID{c.UserID()}}
			ids := meta.NewIDMasker(set, handles)
			issued := ids.For("acme").Mask(raw, []masking.Person{person})
			// Without what is kept, it is the usual one.
			store := remembered{customer: c}
			got, err := NewWayBack(ids, store, store).MessageID(t.Context(), "acme", issued)
			if want := simulator.MessageID(row.back, row.fromBusiness, "3A01"); err != nil || got != want {
				t.Errorf("derived %q, %v; want %q", got, err, want)
			}
			if store.tag = form.Tag; ok {
				if got, err = NewWayBack(ids, store, store).MessageID(t.Context(), "acme", issued); err != nil || got != raw {
					t.Errorf("with what was kept: %q, %v; want %q", got, err, raw)
				}
			}
		})
	}
}

// A tag is the place of a link: what is added later must not change it.
func TestTagsOutliveChangesOfTheRecord(t *testing.T) {
	t.Parallel()
	c := newIdentityCase(t).customer("c", time.Hour, Hidden, adaNumber, adaUser)
	envelope := meta.Envelope{Person: c.Links[1].Identity, Form: "s"}
	tag, ok := c.FormTag(envelope)
	if !ok {
		t.Fatal("a known identity has no tag")
	}
	c.take(Link{Identity: masking.Identity{Number: number(t, beaNumber)}, Evidence: evidenceMessage, Since: time.Unix(1789000000, 0)})
	person, form, err := c.envelopeOf(tag)
	if err != nil || person != envelope.Person || form != "s" {
		t.Errorf("the tag leads to another identity or form %q (%v)", form, err)
	}
	if _, ok := c.FormTag(meta.Envelope{Person: masking.Identity{UserID: userID(t, beaUser)}}); ok {
		t.Error("an identity that is not the customer's has a tag")
	}
}

package webhook

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"time"

	"bauta/masking"
)

// handleDraws bounds how often a taken handle is drawn again; the second draw
// is already a one in many millions event.
const handleDraws = 8

// unknownCountry is what a handle says of a customer whose country is not known.
const unknownCountry = "ZZ"

// session is the customers one POST is about: read in two look-ups, then kept
// up to date while its events are worked through in order.
type session struct {
	vault  Vault
	minter Minter
	now    time.Time
	// found has every identity that was asked for.
	found map[Lookup]Found
	// forms are the envelopes to remember; nil: none.
	forms map[*Customer][]Form
	// counts are done once all is worked through: a body is worked through again when
	// another writer was faster, or the platform sends it again.
	counts []func()
}

func newSession(vault Vault, minter Minter, now time.Time) *session {
	return &session{
		vault: vault, minter: minter, now: now, found: map[Lookup]Found{},
	}
}

// recall reads every customer that the events may name.
func (s *session) recall(ctx context.Context, works []work) error {
	lookups := s.lookups(works)
	if len(lookups) == 0 {
		return nil
	}
	found, err := s.vault.Recall(ctx, lookups)
	if err != nil {
		return fmt.Errorf("recall customers: %w", err)
	}
	for i, f := range found {
		s.found[lookups[i]] = f
	}
	return nil
}

// lookups are the identities of all events, each once, and found has a place for each.
func (s *session) lookups(works []work) []Lookup {
	out := make([]Lookup, 0, 2*len(works))
	for i := range works {
		for _, identity := range works[i].event.Named {
			l := Lookup{Business: works[i].business.ID, Identity: identity.Canonical()}
			if _, asked := s.found[l]; !asked {
				s.found[l] = Found{}
				out = append(out, l)
			}
		}
	}
	return out
}

func (s *session) find(business string, identity masking.Identity) Found {
	if identity.IsZero() {
		return Found{}
	}
	return s.found[Lookup{Business: business, Identity: identity.Canonical()}]
}

// unreadable tells that an event names somebody whose record cannot be read: who they
// are, and how they stand, is not known.
func (s *session) unreadable(w *work) bool {
	return slices.ContainsFunc(w.event.Named, func(i masking.Identity) bool { return s.find(w.business.ID, i).Unreadable })
}

// person resolves a party to a customer, taking in what the event says of who
// they are, and what tell adds for the business. A new customer is returned unstored
// (Version 0): it is minted together with its decision.
func (s *session) person(ctx context.Context, business string, sight sighting, tell func(claim)) (*Customer, claim, error) {
	c := identify(sight,
		s.find(business, masking.Identity{Number: sight.party.Number}),
		s.find(business, masking.Identity{UserID: sight.party.UserID}))
	tell(c)
	if err := s.settle(ctx, c); err != nil {
		return nil, c, err
	}
	if c.subject != nil {
		s.point(c.subject)
		return c.subject, c, nil
	}
	if len(c.links) == 0 {
		return nil, c, nil
	}
	id := make([]byte, 16)
	if _, err := rand.Read(id); err != nil {
		return nil, c, fmt.Errorf("draw a customer id: %w", err)
	}
	minted := &Customer{
		ID: base64.RawURLEncoding.EncodeToString(id), Business: business, Created: s.now,
		Links: c.links, Scopes: map[string]*Standing{}, Envelope: c.links[0].Identity, SentOpen: true,
	}
	minted.succeed(s.now, c.before...)
	return minted, c, nil
}

// settle stores what a claim changes.
func (s *session) settle(ctx context.Context, c claim) error {
	for _, changed := range c.changed {
		if err := s.update(ctx, changed); err != nil {
			return err
		}
	}
	return nil
}

// point makes the session find a customer under its present identities.
func (s *session) point(c *Customer) {
	for _, l := range c.Links {
		if !l.Lost {
			s.found[Lookup{Business: c.Business, Identity: l.Identity.Canonical()}] = Found{Customer: c}
		}
	}
}

// open gives a customer a standing in a scope, with a handle of its own, and
// stores it: minting the customer if it is new. Where another node was first,
// its customer and standing are taken.
func (s *session) open(ctx context.Context, c *Customer, scope string, standing Standing) (*Customer, error) {
	for range handleDraws {
		handle, err := s.minter.Mint(rand.Reader, c.country())
		if err != nil {
			return nil, fmt.Errorf("draw a handle: %w", err)
		}
		opened := standing
		opened.Handle = handle
		c.Scopes[scope] = &opened
		stored, err := s.store(ctx, c)
		switch {
		case errors.Is(err, ErrHandleTaken):
			delete(c.Scopes, scope)
		case err != nil:
			return nil, err
		case stored.Scopes[scope] != nil:
			s.point(stored)
			return stored, nil
		default:
			c = stored
		}
	}
	return nil, fmt.Errorf("open a scope: %w after %d draws", ErrHandleTaken, handleDraws)
}

func (s *session) store(ctx context.Context, c *Customer) (*Customer, error) {
	if c.Version > 0 {
		return c, s.update(ctx, c)
	}
	winner, _, err := s.vault.Mint(ctx, c)
	if err != nil {
		return nil, fmt.Errorf("mint a customer: %w", err)
	}
	return winner, nil
}

func (s *session) update(ctx context.Context, c *Customer) error {
	gained := s.gained(c)
	if err := s.vault.Update(ctx, c); err != nil {
		return fmt.Errorf("store a customer: %w", err)
	}
	if len(gained) == 0 {
		return nil
	}
	// Another node may have met somebody new under an identity at the same moment. Both
	// records claim it then: read again they are found to be one person.
	found, err := s.vault.Recall(ctx, gained)
	if err != nil {
		return fmt.Errorf("recall customers: %w", err)
	}
	for i, f := range found {
		if f.Customer != nil && f.Customer.ID != c.ID {
			return fmt.Errorf("take up an identity: %w", ErrStale)
		}
		s.found[gained[i]] = Found{Customer: c}
	}
	return nil
}

// gained are the identities of a customer that led to nobody when they were looked up.
func (s *session) gained(c *Customer) []Lookup {
	var out []Lookup
	for _, link := range c.Links {
		l := Lookup{Business: c.Business, Identity: link.Identity.Canonical()}
		if found, asked := s.found[l]; asked && found.Customer == nil && !link.Lost && !slices.Contains(out, l) {
			out = append(out, l)
		}
	}
	return out
}

// country of the customer's number or user id, ZZ if neither tells.
func (c *Customer) country() string {
	if n := c.Number(); !n.IsZero() {
		if country := n.Country(); country != "" {
			return country
		}
	}
	if u := c.UserID(); !u.IsZero() {
		return u.Country()
	}
	return unknownCountry
}

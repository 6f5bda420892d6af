package outbound

import (
	"iter"
	"strings"

	"bauta/masking"
	"bauta/webhook"
	"bauta/webhook/meta"
)

// person is somebody whom a call names, under one member of an object or under both
// of a pair.
type person struct {
	number, user side
	// numberKey and userKey are the names under which the platform takes a number
	// and a user id; "" where it takes none.
	numberKey, userKey string
	// on and object are where the members stand; top: at the top of the body.
	on     *sheet
	object int32
	top    bool
}

// side is one of the two members.
type side struct {
	at place
	// there: the member stands in the call. given: it says somebody.
	there, given bool
	text         string
	// handle is the key of a handle; raw is somebody by a plain number or user id.
	handle string
	raw    masking.Identity
	// customer is nil until they were found.
	customer *webhook.Customer
}

// spot is a described position of a call, and what stands there: "" for null.
type spot struct {
	at     place
	object int32
	top    bool
	name   string
	schema *masking.Schema
	text   string
}

// isGuarded tells that a role is one of those that are translated.
func isGuarded(role masking.Role) bool {
	switch role {
	case masking.RoleNumber, masking.RoleUserID, masking.RoleEither, masking.RoleMessageID, masking.RoleMedia:
		return true
	case masking.RoleText, masking.RoleRemove, masking.RoleUsername, masking.RoleInviteLink, masking.RoleEcho,
		masking.RoleOpaque, masking.RoleJSON, masking.RoleCard, masking.RoleProfileName, masking.RoleError:
	}
	return false
}

// name takes note of whom or what message a position names. A *BodyError has no
// Position yet.
func (r *request) name(s spot) error {
	if len(r.people)+len(r.ids)+len(r.media) >= mostNames {
		return &BodyError{Reason: "one call names at most 256 people, messages and media"}
	}
	if s.schema.Role == masking.RoleMessageID {
		if s.text == "" {
			return &BodyError{Reason: "is empty; a message id is wanted"}
		}
		r.ids = append(r.ids, messageID{at: s.at, top: s.top, sent: s.text})
		return nil
	}
	if s.schema.Role == masking.RoleMedia {
		if s.text != "" {
			r.media = append(r.media, s.text)
		}
		return nil
	}
	p := r.personAt(&s)
	one := &p.number
	if s.schema.Role == masking.RoleUserID {
		one = &p.user
	}
	one.at, one.there = s.at, true
	if s.text == "" {
		return nil
	}
	if err := one.read(r.t.Handles, s.text); err != nil {
		return err
	}
	switch {
	case !one.raw.Number.IsZero() && p.numberKey == "":
		return &BodyError{Reason: "is a number; this call takes a handle or a user id"}
	case !one.raw.UserID.IsZero() && p.userKey == "":
		return &BodyError{Reason: "is a user id; this call takes a handle or a number"}
	}
	return nil
}

// personAt is the person whom a position is about: the one whose other member was
// read already, or a new one.
func (r *request) personAt(s *spot) *person {
	fresh := person{on: s.at.on, object: s.object, top: s.top}
	switch s.schema.Role { //nolint:exhaustive // name lets no other come here
	case masking.RoleUserID:
		fresh.userKey, fresh.numberKey = s.name, s.schema.Pair
	case masking.RoleEither:
		fresh.numberKey, fresh.userKey = s.name, s.name
		if s.name == "to" {
			fresh.userKey = "" // the platform reads a user id there as a number (identity.md 2.4)
		}
	default:
		fresh.numberKey, fresh.userKey = s.name, s.schema.Pair
	}
	for i := range r.people {
		p := &r.people[i]
		if p.on == fresh.on && p.object == fresh.object && p.numberKey == fresh.numberKey && p.userKey == fresh.userKey {
			return p
		}
	}
	r.people = append(r.people, fresh)
	return &r.people[len(r.people)-1]
}

// read takes a handle in either shape, a number or a user id.
func (s *side) read(handles meta.HandleParser, text string) error {
	s.text, s.given = text, true
	if ref, ok := handles.Parse(text); ok {
		s.handle = ref.Key
		return nil
	}
	who, ok := masking.IdentityOf(text)
	switch {
	case !ok:
		return &BodyError{Reason: "is neither a handle nor a number nor a user id"}
	case who.UserID.IsParent():
		return &BodyError{Reason: "is a parent user id; name the customer by their handle"}
	case strings.HasPrefix(who.Number.Reveal(), "0"):
		return &BodyError{Reason: "is a number without its country code"}
	}
	// Software that takes a handle for a number may have put separators into it.
	if digits := who.Number.Reveal(); digits != "" && digits != text {
		if ref, ok := handles.Parse(digits); ok {
			s.handle = ref.Key
			return nil
		}
	}
	s.raw = who
	return nil
}

func (s *side) isRaw() bool { return s.given && s.handle == "" }

// takesNumber tells that the position takes one.
func (p *person) takesNumber() bool { return p.numberKey != "" }

// clear takes the members out: they say nothing.
func (p *person) clear() {
	for _, s := range []*side{&p.number, &p.user} {
		if s.there {
			s.at.drop()
		}
	}
}

// write names somebody to the platform: under the member that takes such an identity,
// and under that one only.
func (p *person) write(told masking.Identity) {
	key, text := p.numberKey, "+"+told.Number.Reveal()
	to, other := &p.number, &p.user
	if !told.UserID.IsZero() {
		key, text = p.userKey, told.UserID.Reveal()
		to, other = other, to
	}
	if !to.given {
		to, other = other, to
	}
	to.at.put(key, text)
	if other.there {
		other.at.drop()
	}
}

// given are the members of all people that say somebody.
func (r *request) given() iter.Seq[*side] {
	return func(yield func(*side) bool) {
		for i := range r.people {
			for _, s := range [2]*side{&r.people[i].number, &r.people[i].user} {
				if s.given && !yield(s) {
					return
				}
			}
		}
	}
}

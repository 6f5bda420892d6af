package meta

import (
	"strings"

	"bauta/masking"
)

// row is one position of a shape: its path ("a.b[].c", "*" for every other
// member), what stands there, and with it the sibling key (number, userID) or
// the shape's name (shape).
type row struct {
	path string
	what masking.Role
	with string
}

// Short names for the columns of the shape tables. Shape is no role: the
// position holds the shape that the third column names.
const (
	text        = masking.RoleText
	number      = masking.RoleNumber
	userID      = masking.RoleUserID
	either      = masking.RoleEither
	removed     = masking.RoleRemove
	username    = masking.RoleUsername
	inviteLink  = masking.RoleInviteLink
	messageID   = masking.RoleMessageID
	echoed      = masking.RoleEcho
	opaque      = masking.RoleOpaque
	jsonText    = masking.RoleJSON
	card        = masking.RoleCard
	profileName = masking.RoleProfileName
	errorText   = masking.RoleError
	mediaID     = masking.RoleMedia
	shape       = masking.Role(0xff)
)

// buildShapes makes one schema for each table; shapes may refer to each other
// and to themselves.
func buildShapes(tables map[string][]row) map[string]*masking.Schema {
	shapes := make(map[string]*masking.Schema, len(tables))
	for name := range tables {
		shapes[name] = &masking.Schema{}
	}
	for name, rows := range tables {
		for _, r := range rows {
			put(shapes[name], r.path, r, shapes)
		}
	}
	return shapes
}

// put places a row's position, given by path, below a schema, making what is on
// the way.
func put(at *masking.Schema, path string, r row, shapes map[string]*masking.Schema) {
	step, rest, more := strings.Cut(path, ".")
	name, isArray := strings.CutSuffix(step, "[]")
	shared := !more && r.what == shape
	if shared && !isArray {
		setMember(at, name, shapes[r.with])
		return
	}
	child := member(at, name)
	if isArray {
		if shared {
			child.Each = shapes[r.with]
			return
		}
		if child.Each == nil {
			child.Each = &masking.Schema{}
		}
		child = child.Each
	}
	if more {
		put(child, rest, r, shapes)
		return
	}
	child.Role, child.Pair = r.what, r.with
}

// member returns the schema of a member, a new one if there was none.
func member(at *masking.Schema, name string) *masking.Schema {
	child := at.Any
	if name != "*" {
		child = at.Members[name]
	}
	if child == nil {
		child = &masking.Schema{}
		setMember(at, name, child)
	}
	return child
}

func setMember(at *masking.Schema, name string, child *masking.Schema) {
	if name == "*" {
		at.Any = child
		return
	}
	if at.Members == nil {
		at.Members = map[string]*masking.Schema{}
	}
	at.Members[name] = child
}

// markGuarded finds the schemas with an identity or message id at or below them.
func markGuarded(s *masking.Schema, guarded map[*masking.Schema]bool) {
	spread(s, guarded, func(s *masking.Schema) bool { return isIdentity(s.Role) || s.Role == messageID })
}

// spread finds the schemas with one that is sought at or below them. A shape that
// refers to itself counts as unmarked while it is being looked at, which is right:
// its own positions are looked at anyway.
func spread(s *masking.Schema, marked map[*masking.Schema]bool, sought func(*masking.Schema) bool) bool {
	if s == nil {
		return false
	}
	if known, ok := marked[s]; ok {
		return known
	}
	marked[s] = false
	found := sought(s)
	for _, m := range s.Members {
		found = spread(m, marked, sought) || found
	}
	found = spread(s.Any, marked, sought) || found
	found = spread(s.Each, marked, sought) || found
	marked[s] = found
	return found
}

// without returns a function that copies schemas so that what gone tells of a member, by
// its name and schema, is removed. What two schemas have in common their copies have, too.
func without(gone func(name string, s *masking.Schema) bool) func(*masking.Schema) *masking.Schema {
	made := map[*masking.Schema]*masking.Schema{}
	var copied func(s *masking.Schema) *masking.Schema
	var part func(name string, s *masking.Schema) *masking.Schema
	copied = func(s *masking.Schema) *masking.Schema {
		if s == nil {
			return nil
		}
		if known, ok := made[s]; ok {
			return known
		}
		twin := &masking.Schema{Role: s.Role, Pair: s.Pair}
		made[s] = twin
		if s.Members != nil {
			twin.Members = make(map[string]*masking.Schema, len(s.Members))
		}
		for name, m := range s.Members {
			twin.Members[name] = part(name, m)
		}
		twin.Any, twin.Each = part("", s.Any), part("", s.Each)
		return twin
	}
	part = func(name string, s *masking.Schema) *masking.Schema {
		if s != nil && gone(name, s) {
			return &masking.Schema{Role: removed}
		}
		return copied(s)
	}
	return copied
}

// refers tells what leads to a message of the business: the quoted message, and what the
// business wrote and the platform echoes.
func refers(name string, s *masking.Schema) bool { return name == "context" || s.Role == echoed }

// lasts tells what is the same in all statuses of a chat for days (webhooks.md 2.2).
func lasts(name string, _ *masking.Schema) bool { return name == "conversation" }

// isIdentity tells the roles whose values name a person.
func isIdentity(r masking.Role) bool { return r == number || r == userID || r == either }

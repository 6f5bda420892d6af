package meta_test

import (
	"slices"
	"testing"

	"bauta/masking"
	"bauta/webhook/meta"
)

// routeNamed returns a route by its name.
func routeNamed(tb testing.TB, a *meta.API, name string) *meta.Route {
	tb.Helper()
	for _, r := range a.Routes() {
		if r.Name == name {
			return r
		}
	}
	tb.Fatalf("there is no route %s", name)
	return nil
}

// word is how a role is written in the tables of the tests; "" for what names
// nobody and is nobody's.
func word(r masking.Role) string {
	switch r {
	case masking.RoleNumber:
		return "number"
	case masking.RoleUserID:
		return "user"
	case masking.RoleEither:
		return "either"
	case masking.RoleMessageID:
		return "message"
	case masking.RoleRemove:
		return "removed"
	case masking.RoleUsername:
		return "username"
	case masking.RoleInviteLink:
		return "link"
	case masking.RoleEcho:
		return "echo"
	case masking.RoleError:
		return "error"
	case masking.RoleMedia:
		return "medium"
	case masking.RoleText, masking.RoleOpaque, masking.RoleJSON, masking.RoleCard, masking.RoleProfileName:
	}
	return ""
}

// positions lists "path role" or "path role(pair)" of every position with a word,
// sorted. except names members of the root that are left out.
func positions(s *masking.Schema, except ...string) []string {
	var out []string
	open := map[*masking.Schema]bool{}
	var walk func(path string, s *masking.Schema)
	walk = func(path string, s *masking.Schema) {
		if s == nil || open[s] {
			return
		}
		open[s] = true
		defer delete(open, s)
		if w := word(s.Role); w != "" {
			if s.Pair != "" {
				w += "(" + s.Pair + ")"
			}
			out = append(out, path+" "+w)
		}
		for name, m := range s.Members {
			switch {
			case path != "":
				walk(path+"."+name, m)
			case !slices.Contains(except, name):
				walk(name, m)
			}
		}
		walk(path+".*", s.Any)
		walk(path+"[]", s.Each)
	}
	walk("", s)
	slices.Sort(out)
	return out
}

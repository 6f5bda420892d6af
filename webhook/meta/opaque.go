package meta

import "bauta/masking"

// Opaque returns the names under which the platform's own codes, times, hashes
// and ids stand, and nowhere else anything but those. The leak check does not
// take a short run of digits there for a national number.
func (c *Catalogue) Opaque() map[string]bool {
	names := map[string]bool{}
	seen := map[*masking.Schema]bool{}
	for _, f := range c.fields {
		collectOpaque(f.schema, names, seen)
	}
	for name, always := range names {
		if !always {
			delete(names, name)
		}
	}
	return names
}

// collectOpaque notes for every name whether it is opaque wherever it stands.
func collectOpaque(s *masking.Schema, names map[string]bool, seen map[*masking.Schema]bool) {
	if s == nil || seen[s] {
		return
	}
	seen[s] = true
	for name, member := range s.Members {
		leaf := member.RoleOf() == masking.RoleOpaque && len(member.Members) == 0 && member.Each == nil && member.Any == nil
		if was, known := names[name]; known {
			leaf = leaf && was
		}
		names[name] = leaf
		collectOpaque(member, names, seen)
	}
	collectOpaque(s.Any, names, seen)
	collectOpaque(s.Each, names, seen)
}

package masking

// The longest name part of a user id; with country and ENT at most 135 bytes.
const maxUserIDName = 128

// ParseUserID reads a business-scoped user id: two capital letters, a dot, then
// 1 to 128 ASCII letters and digits; a parent's has "ENT." after the dot
// (identity.md 2.1). User ids are kept byte for byte, any change makes them
// useless.
func ParseUserID(text string) (UserID, bool) {
	if len(text) < 4 || !isCountry(text[:2]) || text[2] != '.' {
		return UserID{}, false
	}
	name := text[3:]
	if isParentName(name) {
		name = name[4:]
	}
	if name == "" || len(name) > maxUserIDName {
		return UserID{}, false
	}
	for i := range len(name) {
		if !isAlphanumeric(name[i]) {
			return UserID{}, false
		}
	}
	return UserID{box(text)}, true
}

// Country returns the ISO 3166 alpha-2 country that the platform put in front of
// the id, "" for the zero value.
func (u UserID) Country() string {
	if u.IsZero() {
		return ""
	}
	return u.Reveal()[:2]
}

// IsParent tells that it is a parent id, which holds over several portfolios.
func (u UserID) IsParent() bool {
	return !u.IsZero() && isParentName(u.Reveal()[3:])
}

func isParentName(name string) bool { return len(name) >= 4 && name[:4] == "ENT." }

func isCountry(text string) bool {
	return len(text) == 2 && isUpper(text[0]) && isUpper(text[1])
}

func isUpper(c byte) bool { return 'A' <= c && c <= 'Z' }

func isAlphanumeric(c byte) bool {
	return isUpper(c) || ('a' <= c && c <= 'z') || ('0' <= c && c <= '9')
}

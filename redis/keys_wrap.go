package redis

import "strings"

// WrapKey holds which wrapping key and which look-up key write, and which nodes know
// which.
const WrapKey = "bauta:wrap"

const identityPrefix = "bauta:id:"

// IdentityPatterns match the names of all entries of the index, for SCAN.
func IdentityPatterns() []string { return []string{identityPrefix + "*"} }

// IdentityOf reads a name that Identity gave: whose entry it is, and the tag of the
// look-up key that made it ("" for the first). False for any other name.
func (k Keys) IdentityOf(name string) (business, tag string, ok bool) {
	rest, found := strings.CutPrefix(name, identityPrefix)
	business, prf, both := strings.Cut(rest, ":")
	if !found || !both {
		return "", "", false
	}
	if at := strings.IndexByte(prf, '.'); at >= 0 {
		tag = prf[at:]
	}
	return business, tag, true
}

// DataKeyPatterns match the names of all keys that hold a wrapped data key, for SCAN.
func DataKeyPatterns() []string { return []string{"bauta:business:*", "bauta:{*}:c:*"} }

// DataKeyOf reads a name that Business or Customer gave: whose data key lies there
// ("" for a business's own), and in which field. False for any other name.
func (k Keys) DataKeyOf(name string) (business, customer, field string, ok bool) {
	if business, ok := strings.CutPrefix(name, "bauta:business:"); ok {
		return business, "", "key", k.Business(business) == name
	}
	_, rest, found := strings.Cut(name, "}:c:")
	business, customer, both := strings.Cut(rest, ":")
	if !found || !both {
		return "", "", "", false
	}
	return business, customer, "k", k.Customer(business, customer) == name
}

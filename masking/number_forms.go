package masking

import (
	"strings"

	"github.com/nyaruka/phonenumbers"
)

// Canonical returns one number for all notations that the platform itself uses
// for one person (webhooks.md section 5, end): Brazil with and without the
// ninth digit of mobile numbers, Mexico 52 and 521, Argentina 54 and 549. It is
// the shorter one, which the platform's wa_id has. Other numbers are their own
// canonical form. The zero value stays zero.
func (n Number) Canonical() Number {
	digits := n.Reveal()
	at := extraDigit(digits)
	if at == 0 {
		return n
	}
	return Number{box(digits[:at] + digits[at+1:])}
}

// Variants returns every notation of E.164 digits that the platform uses for
// this person, the canonical one first; one or two, none for the zero value.
func (n Number) Variants() []Number {
	all, count := n.variants()
	if count == 0 {
		return nil
	}
	return all[:count]
}

// variants is Variants without an allocation.
func (n Number) variants() (all [2]Number, count int) {
	if n.IsZero() {
		return all, 0
	}
	all[0] = n.Canonical()
	if longer := withExtraDigit(all[0].Reveal()); longer != "" {
		all[1] = Number{box(longer)}
		return all, 2
	}
	return all, 1
}

// National returns the digits behind the country code, without the digit that
// Mexico and Argentina put between the two. It is empty for the zero value, and
// says nothing about whether the number exists.
func (n Number) National() string {
	digits := n.Reveal()
	if !strings.HasPrefix(digits, "55") {
		digits = n.Canonical().Reveal()
	}
	return digits[min(countryCodeLength(digits), len(digits)):]
}

// Country returns the number's ISO 3166 alpha-2 country, "" if it is unknown. A
// number of a range that the library does not know has the main country of its
// calling code: a rule on countries must not miss whoever has a new range. It costs
// tens of microseconds: for minting, not for every event.
func (n Number) Country() string {
	if n.IsZero() {
		return ""
	}
	parsed, err := phonenumbers.Parse("+"+n.Canonical().Reveal(), "")
	if err != nil {
		return ""
	}
	for _, region := range []string{
		phonenumbers.GetRegionCodeForNumber(parsed), phonenumbers.GetRegionCodeForCountryCode(int(parsed.GetCountryCode())),
	} {
		if isCountry(region) && region != phonenumbers.UNKNOWN_REGION {
			return region
		}
	}
	return "" // 001 and the like: codes of no country
}

// extraDigit returns where the digit stands that the canonical form leaves out,
// 0 if there is none.
func extraDigit(digits string) int {
	if len(digits) != 13 {
		return 0
	}
	switch {
	case strings.HasPrefix(digits, "521"), strings.HasPrefix(digits, "549"):
		return 2
	case strings.HasPrefix(digits, "55") && digits[4] == '9' && digits[5] >= '6':
		// Subscribers from 2 to 5 are landlines without a ninth digit: other people.
		return 4
	}
	return 0
}

// withExtraDigit returns the longer notation of a canonical number, "" if it has
// none.
func withExtraDigit(digits string) string {
	if len(digits) != 12 {
		return ""
	}
	switch {
	case strings.HasPrefix(digits, "52"):
		return "521" + digits[2:]
	case strings.HasPrefix(digits, "54"):
		return "549" + digits[2:]
	case strings.HasPrefix(digits, "55") && digits[4] >= '6':
		return digits[:4] + "9" + digits[4:]
	}
	return ""
}

// countryCodeLength is the number of digits of the country code that E.164
// numbers begin with: assignments of ITU-T E.164 list, where every zone but 1
// and 7 mixes codes of two digits with codes of three.
func countryCodeLength(digits string) int {
	if digits == "" {
		return 0
	}
	if digits[0] == '1' || digits[0] == '7' {
		return 1
	}
	const two = " 20 27 30 31 32 33 34 36 39 40 41 43 44 45 46 47 48 49 51 52 53 54 55 56 57 58" +
		" 60 61 62 63 64 65 66 81 82 84 86 90 91 92 93 94 95 98 "
	if len(digits) >= 2 && strings.Contains(two, digits[:2]) {
		return 2
	}
	return 3
}

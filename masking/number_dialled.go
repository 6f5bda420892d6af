package masking

import "github.com/nyaruka/phonenumbers"

// ParseDialled reads a phone number that people wrote into a list: with its country
// code, a plus sign before it or not, or, where an ISO 3166 alpha-2 country is given,
// also as it is dialled within that country. It is false for what cannot be a number
// of any country, such as a handle in the phone shape: ParseNumber takes what the
// platform gives as it is, this does not trust its source.
func ParseDialled(text, country string) (Number, bool) {
	n, ok := ParseNumber(text)
	if !ok {
		return Number{}, false
	}
	digits := n.Reveal()
	if country == "" || hasPlus(text) {
		digits, country = "+"+digits, phonenumbers.UNKNOWN_REGION
	}
	parsed, err := phonenumbers.Parse(digits, country)
	if err != nil || phonenumbers.IsPossibleNumberWithReason(parsed) != phonenumbers.IS_POSSIBLE {
		return Number{}, false
	}
	return ParseNumber(phonenumbers.Format(parsed, phonenumbers.E164)[1:])
}

// hasPlus tells that a number says by itself that it begins with a country code.
func hasPlus(text string) bool {
	for _, r := range text {
		if r == '+' || r == '\uff0b' {
			return true
		}
	}
	return false
}

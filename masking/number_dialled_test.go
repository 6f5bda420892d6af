package masking_test

import (
	"testing"

	"bauta/masking"
)

// The numbers are those that ITU-T E.164 and national plans give as examples, or
// are made of their ranges.
func TestNumbersThatPeopleWroteDown(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct{ text, country, want string }{
		"with a plus sign":                      {"+39 06 1234 5678", "", "390612345678"},
		"without one":                           {"390612345678", "", "390612345678"},
		"with separators":                       {"(+1) 555-000-1234", "", "15550001234"},
		"of Brazil, with the ninth digit":       {"+55 11 91234-5678", "", "5511912345678"},
		"as it is dialled in Italy":             {"06 1234 5678", "IT", "390612345678"},
		"as it is dialled in Germany":           {"030 123456", "DE", "4930123456"},
		"with a country code, in a country":     {"+1 555 000 1234", "DE", "15550001234"},
		"dialled within a country, none given":  {"030 123456", "", ""},
		"with an exit code":                     {"0049 30 123456", "", ""},
		"with an exit code, dialled in Germany": {"0049 30 123456", "DE", "4930123456"},
		"a handle in the phone shape":           {"999904117452083", "", ""},
		"of a calling code that nobody has":     {"+210 123 45678", "", ""},
		"too short":                             {"+39 12", "", ""},
		"without its area code":                 {"+1 555 0123", "", ""},
		"too long for its country":              {"+1 555 000 12345678", "", ""},
		"nothing":                               {"", "IT", ""},
		"a word":                                {"phone", "IT", ""},
		"a vanity number":                       {"1-800-FLOWERS", "US", ""},
		"a handle in the platform's shape":      {"IT.9041174520836617350284", "IT", ""},
		"two numbers":                           {"+390612345678;+390612345679", "", ""},
	} {
		got, ok := masking.ParseDialled(row.text, row.country)
		if got.Reveal() != row.want || ok != (row.want != "") {
			t.Errorf("%s: %q, want %q", name, got.Reveal(), row.want)
		}
	}
}

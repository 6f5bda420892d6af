package masking_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"bauta/masking"
)

func number(tb testing.TB, digits string) masking.Number {
	tb.Helper()
	n, ok := masking.ParseNumber(digits)
	if !ok {
		tb.Fatalf("ParseNumber(%q) refused a number of the test", digits)
	}
	return n
}

func TestParseNumber(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ text, want string }{
		"digits as in wa_id are kept":                   {"16505551234", "16505551234"},
		"a plus sign goes":                              {"+16505551234", "16505551234"},
		"the notation of contact cards is read":         {"+1 (650) 555-1234", "16505551234"},
		"dots and slashes separate":                     {"1.650/555.1234", "16505551234"},
		"no-break, thin and figure spaces separate":     {"1\u00a0650\u202f555\u20071234", "16505551234"},
		"dashes of typography separate":                 {"1\u2011650\u2013555\u22121234", "16505551234"},
		"direction marks of copied numbers are nothing": {"\u202a+16505551234\u202c", "16505551234"},
		"a full-width plus sign and digits are folded":  {"\uff0b\uff11\uff16\uff15\uff10\uff15\uff15\uff15\uff11\uff12\uff13\uff14", "16505551234"},
		"Arabic-Indic digits are folded":                {"\u0661\u0666\u0665\u0660\u0665\u0665\u0665\u0661\u0662\u0663\u0664", "16505551234"},
		"Devanagari digits are folded":                  {"\u0967\u096c\u096b\u0966\u096b\u096b\u096b\u0967\u0968\u0969\u096a", "16505551234"},
		"digits beyond the first plane are folded":      {"\U0001d7cf\U0001d7d4\U0001d7d3\U0001d7ce\U0001d7d3", "16505"},
		"every digit of a script keeps its value":       {"\u09e6\u09e7\u09e8\u09e9\u09ea\u09eb\u09ec\u09ed\u09ee\u09ef", "0123456789"},
		"five digits are a number":                      {"12345", "12345"},
		"fifteen digits are a number":                   {"123456789012345", "123456789012345"},
		"four digits are none":                          {"1234", ""},
		"sixteen digits are none":                       {"1234567890123456", ""},
		"sixteen separated digits are none":             {"1234 5678 9012 3456", ""},
		"an empty field is none":                        {"", ""},
		"separators alone are none":                     {"+ ()", ""},
		"a user id in the number's place is none":       {"US.13491208655302741918", ""},
		"a user id of digits behind letters is none":    {"BR.12345678", ""},
		"words are none":                                {"unknown", ""},
		"a second plus sign is refused":                 {"++16505551234", ""},
		"a plus sign between digits is refused":         {"1650+5551234", ""},
		"an extension is refused":                       {"16505551234x5", ""},
		"a mailbox is refused":                          {"16505551234@s.whatsapp.net", ""},
		"text without end is refused":                   {"16505551234" + strings.Repeat(" ", 200), ""},
		"bytes that are no text are refused":            {"16505\xff551234", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, ok := masking.ParseNumber(c.text)
			if got.Reveal() != c.want || ok != (c.want != "") {
				t.Errorf("ParseNumber(%q) = %q, %v; want %q", c.text, got.Reveal(), ok, c.want)
			}
		})
	}
}

func TestNumberForms(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		number, canonical, national string
		variants                    []string
	}{
		"most numbers have one form": {
			"16505551234", "16505551234", "6505551234", []string{"16505551234"},
		},
		"Brazil, mobile with the ninth digit": {
			"5531987654321", "553187654321", "31987654321", []string{"553187654321", "5531987654321"},
		},
		"Brazil, mobile without the ninth digit": {
			"553187654321", "553187654321", "3187654321", []string{"553187654321", "5531987654321"},
		},
		"Brazil, a landline never had a ninth digit": {
			"553134567890", "553134567890", "3134567890", []string{"553134567890"},
		},
		"Brazil, a mobile that was never shorter": {
			"5511951234567", "5511951234567", "11951234567", []string{"5511951234567"},
		},
		"Mexico with the 1": {
			"5215512345678", "525512345678", "5512345678", []string{"525512345678", "5215512345678"},
		},
		"Mexico without the 1": {
			"525512345678", "525512345678", "5512345678", []string{"525512345678", "5215512345678"},
		},
		"Argentina with the 9": {
			"5491123456789", "541123456789", "1123456789", []string{"541123456789", "5491123456789"},
		},
		"Argentina without the 9": {
			"541123456789", "541123456789", "1123456789", []string{"541123456789", "5491123456789"},
		},
		"a country code of one digit":      {"79161234567", "79161234567", "9161234567", []string{"79161234567"}},
		"a country code of two digits":     {"4915112345678", "4915112345678", "15112345678", []string{"4915112345678"}},
		"Italy's zero belongs to a number": {"390612345678", "390612345678", "0612345678", []string{"390612345678"}},
		"a country code of three digits":   {"351912345678", "351912345678", "912345678", []string{"351912345678"}},
		"the shortest number":              {"35191", "35191", "91", []string{"35191"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			n := number(t, c.number)
			if got := n.Canonical().Reveal(); got != c.canonical {
				t.Errorf("canonical: got %s, want %s", got, c.canonical)
			}
			if got := n.National(); got != c.national {
				t.Errorf("national: got %s, want %s", got, c.national)
			}
			var got []string
			for _, v := range n.Variants() {
				got = append(got, v.Reveal())
			}
			if diff := cmp.Diff(c.variants, got); diff != "" {
				t.Errorf("variants (-want +got):\n%s", diff)
			}
		})
	}
}

func TestNoNumberHasNoForms(t *testing.T) {
	t.Parallel()
	var none masking.Number
	if !none.IsZero() || none.Reveal() != "" || none.National() != "" || none.Country() != "" {
		t.Error("the zero number says something")
	}
	if none.Variants() != nil || !none.Canonical().IsZero() {
		t.Error("the zero number has variants")
	}
}

func TestIdentitiesOfOnePersonAreEqualWhenCanonical(t *testing.T) {
	t.Parallel()
	with := masking.Identity{Number: number(t, "5531987654321")}
	without := masking.Identity{Number: number(t, "553187654321")}
	if with == without {
		t.Error("two notations must differ before they are canonical")
	}
	if with.Canonical() != without.Canonical() {
		t.Error("canonical identities of one person differ")
	}
}

func TestNumberCountry(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ number, want string }{
		"Italy":                           {"393331234567", "IT"},
		"Canada shares its code":          {"14165550123", "CA"},
		"the United States share theirs":  {"16505551234", "US"},
		"Brazil without the ninth digit":  {"553187654321", "BR"},
		"Mexico with the 1":               {"5215512345678", "MX"},
		"Argentina with the 9":            {"5491123456789", "AR"},
		"a range nobody knows":            {"447700900123", "GB"},
		"a fictional number":              {"15550001234", "US"},
		"a code of no country is unknown": {"80012345678", ""},
		"an unassigned code is unknown":   {"999123456789012", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := number(t, c.number).Country(); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func TestParseUserID(t *testing.T) {
	t.Parallel()
	longest := strings.Repeat("a", 128)
	for name, c := range map[string]struct {
		text    string
		ok      bool
		country string
		parent  bool
	}{
		"the platform's example":                {"US.13491208655302741918", true, "US", false},
		"a parent":                              {"US.ENT.11815799212886844830", true, "US", true},
		"letters and digits":                    {"BR.aZ09", true, "BR", false},
		"the longest":                           {"US." + longest, true, "US", false},
		"the longest parent":                    {"US.ENT." + longest, true, "US", true},
		"ENT alone is a name like any other":    {"US.ENT", true, "US", false},
		"one character too long":                {"US." + longest + "a", false, "", false},
		"a parent one character too long":       {"US.ENT." + longest + "a", false, "", false},
		"no name":                               {"US.", false, "", false},
		"a parent without a name":               {"US.ENT.", false, "", false},
		"small letters are no country":          {"us.123", false, "", false},
		"three letters are no country":          {"USA.123", false, "", false},
		"a dot in the name":                     {"US.12.3", false, "", false},
		"a space behind it":                     {"US.123 ", false, "", false},
		"a digit of another script in the name": {"US.12\u0661", false, "", false},
		"a number":                              {"16505551234", false, "", false},
		"nothing":                               {"", false, "", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, ok := masking.ParseUserID(c.text)
			if ok != c.ok || got.Country() != c.country || got.IsParent() != c.parent {
				t.Fatalf("got %v, country %q, parent %v", ok, got.Country(), got.IsParent())
			}
			if ok && got.Reveal() != c.text {
				t.Errorf("kept %q, want it byte for byte", got.Reveal())
			}
		})
	}
}

func TestIdentityOf(t *testing.T) {
	t.Parallel()
	if i, ok := masking.IdentityOf("+16505551234"); !ok || i.Number.Reveal() != "16505551234" || !i.UserID.IsZero() {
		t.Error("a number is not read as one")
	}
	if i, ok := masking.IdentityOf("US.123"); !ok || i.UserID.Reveal() != "US.123" || !i.Number.IsZero() {
		t.Error("a user id is not read as one")
	}
	if i, ok := masking.IdentityOf("nobody"); ok || !i.IsZero() {
		t.Error("a word is read as an identity")
	}
}

func FuzzNumberForms(f *testing.F) {
	for _, seed := range []string{"5531987654321", "525512345678", "+54 9 11 2345 6789", "US.1", "\u0661\u0662\u0663\u0664\u0665"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		n, ok := masking.ParseNumber(text)
		if !ok {
			if !n.IsZero() {
				t.Fatal("refused text gave a number")
			}
			return
		}
		digits := n.Reveal()
		if len(digits) < 5 || len(digits) > 15 || strings.Trim(digits, "0123456789") != "" {
			t.Fatalf("%q is not 5 to 15 digits", digits)
		}
		if again, ok := masking.ParseNumber(digits); !ok || again != n {
			t.Fatal("the digits do not parse to the same number")
		}
		found := false
		for _, v := range n.Variants() {
			found = found || v == n
			if v.Canonical() != n.Canonical() {
				t.Fatal("a variant has another canonical form")
			}
		}
		if !found {
			t.Fatal("a number is not among its variants")
		}
		if !strings.HasSuffix(n.Canonical().Reveal(), n.National()) && !strings.HasSuffix(digits, n.National()) {
			t.Fatal("the national digits are not at the end")
		}
	})
}

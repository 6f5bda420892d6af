package sharing_test

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"bauta/masking/sharing"
)

// names are those of the documentation, by whether they are about a group.
func names() map[sharing.TextName]bool {
	return map[sharing.TextName]bool{
		"question": false, "group_question": true, "share_button": false, "decline_button": false, "native_question": false,
		"shared": false, "group_shared": true, "withdraw_button": false, "declined": false, "withdrawn": false, "group_withdrawn": true,
		"void": false, "is_shared": false, "not_shared": false, "group_is_shared": true, "group_not_shared": true, "erased": false,
	}
}

// countries is a country of each language.
func countries() map[string]string {
	return map[string]string{"en": "GB", "it": "IT", "pt": "BR", "es": "MX", "de": "AT", "hi": "IN", "id": "ID", "ar": "EG"}
}

func texts(t *testing.T, overrides map[string]map[string]string, languages map[string]string) *sharing.Texts {
	t.Helper()
	texts, faults := sharing.NewTexts(overrides, languages)
	if len(faults) > 0 {
		t.Fatalf("faults: %+v", faults)
	}
	return texts
}

// Every language has every text, within the platform's limits when the longest names
// are filled in, and each says with whom, and in which group.
func TestEveryLanguageHasEveryText(t *testing.T) {
	t.Parallel()
	built := texts(t, nil, nil)
	longest := sharing.Params{Business: strings.Repeat("ह", 60), Group: strings.Repeat("G", 100)}
	for language, country := range countries() {
		shown := make(map[string]sharing.TextName)
		for name, group := range names() {
			p := longest
			if !group {
				p.Group = ""
			}
			m := built.Notice(country, name, p)
			button, limit := strings.HasSuffix(string(name), "_button"), 1024
			if button {
				limit = 20
			}
			length := utf8.RuneCountInString(m.Body)
			if m.Language != language || m.Version != "1" || length == 0 || length > limit || strings.ContainsAny(m.Body, "{}") {
				t.Errorf("%s %s: %d characters, %+v", language, name, length, m)
			}
			if says := strings.Contains(m.Body, p.Business); says == (button || name == "declined" || name == "void") {
				t.Errorf("%s %s: it names the business: %v", language, name, says)
			}
			if group && !strings.Contains(m.Body, p.Group) {
				t.Errorf("%s %s does not name the group", language, name)
			}
			if other, twice := shown[m.Body]; twice {
				t.Errorf("%s: %s and %s are the same", language, name, other)
			}
			shown[m.Body] = name
		}
	}
}

// GDPR Art. 4 (11) and 7: who asks for what, that it is free, that it can be taken
// back, and what that does not undo, are said before anything is tapped.
func TestTheQuestionIsOneOfConsent(t *testing.T) {
	t.Parallel()
	built := texts(t, nil, nil)
	said := map[string][]string{
		"en": {"phone number", "will see and may keep", "do not have to", "take your consent back at any time", "may still know"},
		"it": {"numero di telefono", "vedrà", "conservarlo", "Non sei tenuto", "revocare il consenso in qualsiasi", "restarle noto"},
		"pt": {"número de telefone", "verá", "guardá-lo", "não é obrigado", "retirar o consentimento a qualquer", "conhecimento"},
		"es": {"número de teléfono", "verá", "guardarlo", "No es obligatorio", "retirar su consentimiento en cualquier", "seguir conociendo"},
		"de": {"Telefonnummer", "sieht", "speichern", "müssen das nicht", "Einwilligung jederzeit widerrufen", "vielleicht bekannt"},
		"hi": {"फ़ोन नंबर", "देखेगा", "ज़रूरी नहीं", "सहमति कभी भी वापस", "याद रह सकता"},
		"id": {"nomor telepon", "akan melihat", "menyimpannya", "tidak wajib", "menarik persetujuan kapan saja", "mungkin tetap diketahuinya"},
		"ar": {"رقم هاتفك", "سترى", "الاحتفاظ به", "لست ملزمًا", "سحب موافقتك في أي وقت", "معروفًا لديها"},
	}
	for language, country := range countries() {
		questions := map[string]sharing.Message{
			"the question":            built.Question(country, sharing.Params{Business: "ACME"}, false),
			"the question of a group": built.Question(country, sharing.Params{Business: "ACME", Group: "Lisbon runners"}, false),
			"the native question":     built.Question(country, sharing.Params{Business: "ACME"}, true),
		}
		for name, m := range questions {
			for _, words := range append(said[language], "ACME") {
				if !strings.Contains(m.Body, words) && (name != "the native question" || words != "sieht" && words != "will see and may keep") {
					t.Errorf("%s, %s does not say %q: %s", language, name, words, m.Body)
				}
			}
			if names := strings.Contains(m.Body, "Lisbon runners"); names != (name == "the question of a group") {
				t.Errorf("%s, %s names the group: %v", language, name, names)
			}
		}
	}
}

func TestMessagesHaveTheirButtons(t *testing.T) {
	t.Parallel()
	built := texts(t, nil, nil)
	direct, group := sharing.Params{Business: "ACME"}, sharing.Params{Business: "ACME", Group: "Lisbon runners"}
	both := []sharing.Label{{Action: sharing.ActShare, Title: "Nummer freigeben"}, {Action: sharing.ActDecline, Title: "Jetzt nicht"}}
	withdraw := []sharing.Label{{Action: sharing.ActWithdraw, Title: "Freigabe beenden"}}
	rows := map[string]struct {
		message sharing.Message
		begins  string
		buttons []sharing.Label
	}{
		"a question":                  {built.Question("DE", direct, false), "Darf ACME Ihre Telefonnummer sehen?", both},
		"a question of a group":       {built.Question("DE", group, false), "Darf ACME Ihre Telefonnummer in der Gruppe „Lisbon runners“ sehen?", both},
		"a native question":           {built.Question("DE", direct, true), "Darf ACME Ihre Telefonnummer sehen?", nil},
		"groups have no native one":   {built.Question("DE", group, true), "Darf ACME Ihre Telefonnummer in der Gruppe „Lisbon runners“ sehen?", both},
		"a confirmation":              {built.Confirmation("DE", direct), "ACME kann Ihre Telefonnummer jetzt sehen.", withdraw},
		"a confirmation of a group":   {built.Confirmation("DE", group), "ACME kann Ihre Telefonnummer in der Gruppe „Lisbon runners“ jetzt sehen.", withdraw},
		"a notice":                    {built.Notice("DE", sharing.TextWithdrawn, direct), "Ihre Telefonnummer ist für ACME in neuen Nachrichten wieder", nil},
		"a notice of a group":         {built.Notice("DE", sharing.TextWithdrawn, group), "Ihre Telefonnummer ist für ACME in neuen Nachrichten der Gruppe „Lisbon", nil},
		"a notice by the group's":     {built.Notice("DE", sharing.TextGroupWithdrawn, group), "Ihre Telefonnummer ist für ACME in neuen Nachrichten der Gruppe „Lisbon", nil},
		"a notice that groups share":  {built.Notice("DE", sharing.TextVoid, group), "Diese Taste gilt nicht mehr.", nil},
		"a country with no language":  {built.Notice("FR", sharing.TextVoid, direct), "This button does not work any more.", nil},
		"a country that is not known": {built.Notice("ZZ", sharing.TextVoid, direct), "This button does not work any more.", nil},
		"no country":                  {built.Notice("", sharing.TextVoid, direct), "This button does not work any more.", nil},
	}
	for name, row := range rows {
		if diff := cmp.Diff(row.buttons, row.message.Buttons); diff != "" || !strings.HasPrefix(row.message.Body, row.begins) {
			t.Errorf("%s: %s %s", name, row.message.Body, diff)
		}
	}
	if got := built.Notice("DE", "no such text", direct); !cmp.Equal(got, sharing.Message{}) {
		t.Errorf("a text that is none: %+v", got)
	}
}

// What stands under the hash in the ledger is all that was shown, and a stranger gets
// the same hash from it.
func TestTheHashIsOfAllThatWasShown(t *testing.T) {
	t.Parallel()
	own := map[string]map[string]string{"en": {
		"question": "May {business}?\nReally “{business}”, \\ <b>?", "share_button": "Yes", "decline_button": "No",
	}}
	m := texts(t, own, nil).Question("GB", sharing.Params{Business: `A"B`}, false)
	const want = `["May A\"B?\nReally “A\"B”, \\ <b>?","Yes","No"]`
	sum := sha256.Sum256([]byte(want))
	if m.Text() != want || m.Hash != hex.EncodeToString(sum[:]) {
		t.Errorf("%s under %s", m.Text(), m.Hash)
	}
	var shown []string
	if err := json.Unmarshal([]byte(m.Text()), &shown); err != nil || len(shown) != 3 || shown[0] != m.Body {
		t.Errorf("%v: %q", err, shown)
	}
	built := texts(t, nil, nil)
	hashes := make(map[string]string)
	for language, country := range countries() {
		for name := range names() {
			for _, p := range []sharing.Params{{Business: "ACME"}, {Business: "ACNE"}, {Business: "ACME", Group: "one"}} {
				m := built.Notice(country, name, p)
				if other, taken := hashes[m.Hash]; taken && other != m.Text() {
					t.Errorf("%s %s has the hash of another text", language, name)
				}
				hashes[m.Hash] = m.Text()
			}
		}
	}
	one := sharing.Message{Body: "a", Buttons: []sharing.Label{{Title: "b"}, {Title: "c"}}}
	for name, other := range map[string]sharing.Message{
		"a title in the body":    {Body: `a","b`, Buttons: []sharing.Label{{Title: "c"}}},
		"two titles in one":      {Body: "a", Buttons: []sharing.Label{{Title: `b","c`}}},
		"no buttons":             {Body: "a\nb\nc"},
		"the titles' other way":  {Body: "a", Buttons: []sharing.Label{{Title: "c"}, {Title: "b"}}},
		"an empty title between": {Body: "a", Buttons: []sharing.Label{{Title: "b"}, {}, {Title: "c"}}},
	} {
		if one.Text() == other.Text() {
			t.Errorf("%s reads the same", name)
		}
	}
}

func TestVersionsTellBuiltInTextsFromOwn(t *testing.T) {
	t.Parallel()
	p := sharing.Params{Business: "ACME"}
	own := texts(t, map[string]map[string]string{"en": {"decline_button": "Nope", "void": "Void."}}, nil)
	rows := map[string]struct {
		message sharing.Message
		want    string
	}{
		"a button of its own":      {own.Question("GB", p, false), "own"},
		"a body of its own":        {own.Notice("GB", sharing.TextVoid, p), "own"},
		"none of it":               {own.Confirmation("GB", p), "1"},
		"another question":         {own.Question("GB", p, true), "1"},
		"none of it in a language": {own.Question("IT", p, false), "1"},
	}
	for name, row := range rows {
		if row.message.Version != row.want {
			t.Errorf("%s: version %s, want %s", name, row.message.Version, row.want)
		}
	}
}

// A changed text under an old version would make the ledger say what was not shown.
func TestATextThatChangesGetsAnotherVersion(t *testing.T) {
	t.Parallel()
	var all strings.Builder
	for _, language := range slices.Sorted(maps.Keys(countries())) {
		file, err := os.ReadFile("builtin/" + language + ".json")
		if err != nil {
			t.Fatal(err)
		}
		all.Write(file)
	}
	sum := sha256.Sum256([]byte(all.String()))
	if got, want := hex.EncodeToString(sum[:]), "b6f95f16c7e50ce10e4f34b04d15a97e451e8cb50189d70b9dc3ff1320beadab"; got != want {
		t.Errorf("the built-in texts have changed (%s): raise versionBuiltIn, and write the new hash here", got)
	}
}

func TestNamesAreCutAndStayOnOneLine(t *testing.T) {
	t.Parallel()
	own := texts(t, map[string]map[string]string{"en": {"group_shared": "{business}|{group}", "shared": "{business}"}}, nil)
	long := strings.Repeat("é", 59) + "ab"
	rows := map[string]struct{ business, group, want string }{
		"short names":                {"ACME", "runners", "ACME|runners"},
		"the longest":                {strings.Repeat("é", 60), strings.Repeat("g", 100), strings.Repeat("é", 60) + "|" + strings.Repeat("g", 100)},
		"one more":                   {long, strings.Repeat("g", 101), strings.Repeat("é", 59) + "…|" + strings.Repeat("g", 99) + "…"},
		"a space where it is cut":    {strings.Repeat("é", 58) + " abc", "g", strings.Repeat("é", 58) + "…|g"},
		"line breaks":                {"AC\nME\r\n", "\tru\x00nners\u2028", "AC ME|ru nners"},
		"a name that turns the text": {"AC\u202eME", "\u2066g", "AC ME|g"},
		"bytes that are no text":     {"A\xffB", "g", "A\ufffdB|g"},
		"a name like a placeholder":  {"{group}", "{business}", "{group}|{business}"},
		"letters that are joined":    {"क्\u200dष", "g", "क्\u200dष|g"},
	}
	for name, row := range rows {
		if got := own.Notice("GB", sharing.TextShared, sharing.Params{Business: row.business, Group: row.group}); got.Body != row.want {
			t.Errorf("%s: %q, want %q", name, got.Body, row.want)
		}
	}
}

// whole is a language of one's own.
func whole() map[string]string {
	texts := make(map[string]string)
	for name := range names() {
		texts[string(name)] = "Texte " + string(name[:4])
		if !strings.HasSuffix(string(name), "_button") {
			texts[string(name)] += " {business}"
		}
		if names()[name] {
			texts[string(name)] += " {group}"
		}
	}
	return texts
}

func TestALanguageOfOnesOwn(t *testing.T) {
	t.Parallel()
	p := sharing.Params{Business: "ACME"}
	own := texts(t, map[string]map[string]string{"fr": whole(), "pt-PT": whole()}, map[string]string{"FR": "fr", "CH": "fr", "IN": "en", "PT": "pt-PT"})
	for country, want := range map[string]string{"FR": "fr", "CH": "fr", "IN": "en", "PT": "pt-PT", "BR": "pt", "AT": "de", "BE": "en"} {
		if got := own.Notice(country, sharing.TextVoid, p); got.Language != want {
			t.Errorf("%s: %s, want %s", country, got.Language, want)
		}
	}
	if got := own.Notice("FR", sharing.TextVoid, p); got.Body != "Texte void ACME" || got.Version != "own" {
		t.Errorf("%+v", got)
	}
}

func TestConfiguredTextsAreChecked(t *testing.T) {
	t.Parallel()
	missing := whole()
	delete(missing, "erased")
	delete(missing, "void")
	long := "may have 1024 characters, and has up to 1025 with the longest names filled in"
	rows := map[string]struct {
		overrides map[string]map[string]string
		languages map[string]string
		want      []sharing.Fault
	}{
		"nothing":   {nil, nil, nil},
		"good ones": {map[string]map[string]string{"de": {"question": "Darf {business}?"}, "fr": whole()}, map[string]string{"CH": "de", "XK": "fr"}, nil},
		"the longest body and title": {map[string]map[string]string{"de": {
			"void": strings.Repeat("é", 964) + "{business}", "group_shared": strings.Repeat("é", 864) + "{business}{group}", "share_button": strings.Repeat("ह", 20),
		}}, nil, nil},
		"bodies that are too long": {map[string]map[string]string{"de": {
			"void": strings.Repeat("é", 965) + "{business}", "group_shared": strings.Repeat("é", 865) + "{business}{group}", "native_question": strings.Repeat("é", 965) + "{business}",
		}}, nil, []sharing.Fault{{"de", "group_shared", long}, {"de", "native_question", long}, {"de", "void", long}}},
		"titles that are too long": {
			map[string]map[string]string{"de": {"share_button": strings.Repeat("é", 21), "decline_button": "{business}"}},
			nil,
			[]sharing.Fault{
				{"de", "decline_button", "may have 20 characters, and has up to 60 with the longest names filled in"},
				{"de", "share_button", "may have 20 characters, and has up to 21 with the longest names filled in"},
			},
		},
		"empty ones": {map[string]map[string]string{"de": {"void": "", "shared": " \n"}}, nil, []sharing.Fault{{"de", "shared", "is empty"}, {"de", "void", "is empty"}}},
		"a name that is unknown": {map[string]map[string]string{"de": {"farewell": "x"}}, nil, []sharing.Fault{{"de", "farewell", "there is no text of this name; there are [question group_question share_button decline_button native_question " +
			"shared group_shared withdraw_button declined withdrawn group_withdrawn void is_shared not_shared group_is_shared group_not_shared erased]"}}},
		"placeholders that are none": {map[string]map[string]string{"de": {"void": "{company} {Business}", "shared": "a { b", "declined": "a } b"}}, nil, []sharing.Fault{
			{"de", "declined", "holds }: there are {business} and, in texts about groups, {group}"},
			{"de", "shared", "holds { b: there are {business} and, in texts about groups, {group}"},
			{"de", "void", "holds {Business}: there are {business} and, in texts about groups, {group}"},
			{"de", "void", "holds {company}: there are {business} and, in texts about groups, {group}"},
		}},
		"a group where there is none": {map[string]map[string]string{"de": {"question": "{business} {group}?"}}, nil, []sharing.Fault{{"de", "question", "holds {group}, and is not about a group"}}},
		"texts that name nobody": {map[string]map[string]string{"de": {
			"question": "Darf man?", "native_question": "Darf man?", "group_question": "Darf man?", "group_shared": "{business} sieht.", "shared": "Man sieht.",
		}}, nil, []sharing.Fault{
			{"de", "group_question", "does not hold {business}: the customer has to read who asks, and about which group"},
			{"de", "group_question", "does not hold {group}: the customer has to read who asks, and about which group"},
			{"de", "group_shared", "does not hold {group}: the customer has to read who asks, and about which group"},
			{"de", "native_question", "does not hold {business}: the customer has to read who asks, and about which group"},
			{"de", "question", "does not hold {business}: the customer has to read who asks, and about which group"},
		}},
		"what breaks": {map[string]map[string]string{"de": {"share_button": "a\nb", "void": "a\x00", "shared": "\xff"}}, nil, []sharing.Fault{
			{"de", "share_button", "holds a control character, or what is no UTF-8"},
			{"de", "shared", "holds a control character, or what is no UTF-8"},
			{"de", "void", "holds a control character, or what is no UTF-8"},
		}},
		"two buttons alike": {map[string]map[string]string{"de": {"share_button": "Jetzt nicht"}}, nil, []sharing.Fault{{"de", "decline_button", "is the same as share_button"}}},
		"a language that is not whole": {map[string]map[string]string{"fr": missing}, nil, []sharing.Fault{
			{"fr", "", "lacks [void erased]: a language that is not built in needs every text"},
		}},
		"a text where a language belongs":      {map[string]map[string]string{"question": {"en": "May {business}?"}}, nil, []sharing.Fault{{"question", "", "is the name of a text, and stands where a language does: write it under one, such as {de: {question: ...}}"}}},
		"a language that is none, of one text": {map[string]map[string]string{"english": {"question": "May {business}?"}}, nil, []sharing.Fault{{"english", "", "a language is written as de or pt-PT"}}},
		"a language that is none":              {map[string]map[string]string{"French": whole()}, nil, []sharing.Fault{{"French", "", "a language is written as de or pt-PT"}}},
		"a country that is none": {nil, map[string]string{"XX": "de", "ch": "de"}, []sharing.Fault{
			{"de", "", `"XX" is no country: write its ISO 3166 code of two capital letters`},
			{"de", "", `"ch" is no country: write its ISO 3166 code of two capital letters`},
		}},
		"a language without texts": {nil, map[string]string{"FR": "fr"}, []sharing.Fault{{"fr", "", `FR is to have the language "fr", of which there are no texts`}}},
	}
	for name, row := range rows {
		texts, faults := sharing.NewTexts(row.overrides, row.languages)
		if diff := cmp.Diff(row.want, faults); diff != "" || texts == nil {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

func TestWhatHasFaultsIsLeftOut(t *testing.T) {
	t.Parallel()
	left, faults := sharing.NewTexts(map[string]map[string]string{"de": {"void": "", "shared": "Gut."}, "it": {"void": "Nullo."}}, map[string]string{"CH": "xx"})
	if len(faults) != 2 {
		t.Errorf("faults: %+v", faults)
	}
	p := sharing.Params{Business: "ACME"}
	for country, want := range map[string]string{"DE": "Diese Taste gilt nicht mehr. Es wurde nichts geändert.", "CH": "Diese Taste gilt nicht mehr. Es wurde nichts geändert.", "IT": "Nullo."} {
		if got := left.Notice(country, sharing.TextVoid, p); got.Body != want {
			t.Errorf("%s: %s", country, got.Body)
		}
	}
	if got := left.Confirmation("DE", p); got.Version != "1" {
		t.Errorf("%+v", got)
	}
}

// Every country of ISO 3166 has a language once; so have AC, TA and XK, which the
// platform's numbers can be of.
func TestEveryCountryHasALanguageOnce(t *testing.T) {
	t.Parallel()
	table, err := os.ReadFile("builtin/countries.txt")
	if err != nil {
		t.Fatal(err)
	}
	seen := make(map[string]bool)
	for line := range strings.Lines(string(table)) {
		words := strings.Fields(line)
		if _, ok := countries()[words[0]]; !ok {
			t.Errorf("%q is no language", words[0])
		}
		for _, country := range words[1:] {
			if seen[country] || len(country) != 2 {
				t.Errorf("%s stands there twice, or is no country", country)
			}
			seen[country] = true
		}
	}
	if len(seen) != 249+3 || !seen["AC"] || !seen["TA"] || !seen["XK"] {
		t.Errorf("there are %d countries", len(seen))
	}
}

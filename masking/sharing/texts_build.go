package sharing

import (
	"cmp"
	"embed"
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// fallback is the language where no other is known.
const fallback = "en"

// builtin has a file of texts for each language, and countries.txt: lines of a
// language and the countries (ISO 3166 alpha-2) where it is the main one, English for
// all where none of the languages is.
//
//go:embed builtin
var builtin embed.FS

// Texts are Bauta's texts in every language it has. Read-only and safe for
// concurrent use; build it with NewTexts.
type Texts struct {
	languages map[string]map[TextName]wording
	countries map[string]string
}

// wording is a text in one language; own is a configured one.
type wording struct {
	text string
	own  bool
}

// Fault is what is wrong with one configured text, or with a country's language.
type Fault struct {
	// Language of the text; Name is "" where it is not about one text.
	Language string
	Name     TextName
	Problem  string
}

// NewTexts builds the texts from the built-in ones, configured ones by language and
// name, and configured languages by country (ISO 3166 alpha-2). A language that is
// not built in needs every text. What has faults, sorted, is left out: such a language
// stays as it was built in. The Texts are never nil.
func NewTexts(overrides map[string]map[string]string, languages map[string]string) (*Texts, []Fault) {
	t := builtIn()
	var faults []Fault
	for language, texts := range overrides {
		merged, wrong := merge(language, t.languages[language], texts)
		if faults = append(faults, wrong...); len(wrong) == 0 {
			t.languages[language] = merged
		}
	}
	for country, language := range languages {
		switch {
		case t.countries[country] == "":
			faults = append(faults, Fault{Language: language, Problem: fmt.Sprintf("%q is no country: write its ISO 3166 code of two capital letters", country)})
		case t.languages[language] == nil:
			faults = append(faults, Fault{Language: language, Problem: fmt.Sprintf("%s is to have the language %q, of which there are no texts", country, language)})
		default:
			t.countries[country] = language
		}
	}
	slices.SortFunc(faults, func(a, b Fault) int {
		return cmp.Or(cmp.Compare(a.Language, b.Language), cmp.Compare(a.Name, b.Name), cmp.Compare(a.Problem, b.Problem))
	})
	return t, faults
}

// NamedText is a text and its name.
type NamedText struct {
	Name TextName
	Text string
}

// BuiltIn returns the built-in texts by language, each language's in one order.
func BuiltIn() map[string][]NamedText {
	out := make(map[string][]NamedText)
	for language, texts := range builtIn().languages {
		for _, name := range textNames() {
			out[language] = append(out[language], NamedText{name, texts[name].text})
		}
	}
	return out
}

// builtIn reads the embedded files; that they are whole is tested.
func builtIn() *Texts {
	t := &Texts{languages: make(map[string]map[TextName]wording), countries: make(map[string]string)}
	table, _ := builtin.ReadFile("builtin/countries.txt")
	for line := range strings.Lines(string(table)) {
		words := strings.Fields(line)
		for _, country := range words[1:] {
			t.countries[country] = words[0]
		}
	}
	for language := range maps.Values(t.countries) {
		if t.languages[language] != nil {
			continue
		}
		file, _ := builtin.ReadFile("builtin/" + language + ".json")
		var texts map[TextName]string
		_ = json.Unmarshal(file, &texts)
		t.languages[language] = make(map[TextName]wording, len(texts))
		for name, text := range texts {
			t.languages[language][name] = wording{text: text}
		}
	}
	return t
}

// merge lays configured texts over those of a language, nil if it is new.
func merge(language string, present map[TextName]wording, texts map[string]string) (map[TextName]wording, []Fault) {
	var faults []Fault
	fault := func(name TextName, problem string) {
		faults = append(faults, Fault{Language: language, Name: name, Problem: problem})
	}
	switch {
	case slices.Contains(textNames(), TextName(language)):
		fault("", "is the name of a text, and stands where a language does: write it under one, such as {de: {"+language+": ...}}")
		return nil, faults
	case !regexp.MustCompile(`^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$`).MatchString(language):
		fault("", "a language is written as de or pt-PT")
		return nil, faults
	}
	merged := make(map[TextName]wording, len(textNames()))
	maps.Copy(merged, present)
	for key, text := range texts {
		name := TextName(key)
		if !slices.Contains(textNames(), name) {
			fault(name, fmt.Sprintf("there is no text of this name; there are %v", textNames()))
			continue
		}
		for _, problem := range problems(name, text) {
			fault(name, problem)
		}
		merged[name] = wording{text: text, own: true}
	}
	if missing := slices.DeleteFunc(textNames(), func(name TextName) bool { _, ok := merged[name]; return ok }); len(missing) > 0 {
		fault("", fmt.Sprintf("lacks %v: a language that is not built in needs every text", missing))
	}
	if share := merged[TextShareButton].text; share != "" && share == merged[TextDeclineButton].text {
		fault(TextDeclineButton, "is the same as "+string(TextShareButton))
	}
	return merged, faults
}

// problems are those of one configured text.
func problems(name TextName, text string) []string {
	if strings.TrimSpace(text) == "" {
		return []string{"is empty"}
	}
	var found []string
	breaks := func(r rune) bool { return unicode.IsControl(r) && (r != '\n' || name.button()) }
	if !utf8.ValidString(text) || strings.ContainsFunc(text, breaks) {
		found = append(found, "holds a control character, or what is no UTF-8")
	}
	for _, placeholder := range regexp.MustCompile(`\{[^{}]*\}?|\}`).FindAllString(text, -1) {
		switch {
		case placeholder == "{business}", placeholder == "{group}" && name.forGroup():
		case placeholder == "{group}":
			found = append(found, "holds {group}, and is not about a group")
		default:
			found = append(found, "holds "+placeholder+": there are {business} and, in texts about groups, {group}")
		}
	}
	for _, needed := range name.names() {
		if !strings.Contains(text, needed) {
			found = append(found, "does not hold "+needed+": the customer has to read who asks, and about which group")
		}
	}
	longest := Params{Business: strings.Repeat("x", MaxBusiness), Group: strings.Repeat("x", MaxGroup)}
	if length := utf8.RuneCountInString(longest.fill(text)); length > name.limit() {
		found = append(found, fmt.Sprintf("may have %d characters, and has up to %d with the longest names filled in", name.limit(), length))
	}
	return found
}

package config

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"bauta/masking/sharing"
)

// BuiltInTexts returns the built-in texts to customers as YAML, indented as below a
// business: those of one language, or of all for "".
func BuiltInTexts(language string) (string, error) {
	texts := sharing.BuiltIn()
	languages := slices.Sorted(maps.Keys(texts))
	if language != "" && !slices.Contains(languages, language) {
		return "", fmt.Errorf("the language is not built in: choose from %s; another one needs every text", strings.Join(languages, ", "))
	}
	var b strings.Builder
	b.WriteString("    # Keep what you change: a text that is not named stays as it is built in.\n    sharing:\n      texts:\n")
	for _, one := range languages {
		if language != "" && one != language {
			continue
		}
		fmt.Fprintf(&b, "        %s:\n", one)
		for _, t := range texts[one] {
			fmt.Fprintf(&b, "          %s: %s\n", t.Name, scalar(t.Text, "            "))
		}
	}
	return b.String(), nil
}

// scalar is a text in YAML: lines as they are, or one line in quotes.
func scalar(text, indent string) string {
	if !strings.Contains(text, "\n") {
		quoted, _ := jsontext.AppendQuote(nil, text) // replaces what is no UTF-8, and says so
		return string(quoted)
	}
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		if line != "" {
			lines[i] = indent + line
		}
	}
	return "|-\n" + strings.Join(lines, "\n")
}

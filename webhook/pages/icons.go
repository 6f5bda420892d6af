package pages

import (
	"fmt"
	"html/template"
)

// icon is a drawing of icons/ in the text's colour and size. It says nothing to screen
// readers: the words beside it do.
func icon(name string) (template.HTML, error) {
	drawing, err := own.ReadFile("icons/" + name + ".svg")
	if err != nil {
		return "", fmt.Errorf("pages: there is no icon %q", name)
	}
	return template.HTML(drawing), nil //nolint:gosec // embedded in the binary
}

package jsontree_test

import (
	"errors"
	"strings"
	"testing"

	"bauta/masking/jsontree"
)

func TestParseRemembersWhereValuesStand(t *testing.T) {
	t.Parallel()
	source := ` {"a" : [1, "x\u0041", {"a":null}], "a":true} `
	doc, err := jsontree.Parse([]byte(source))
	if err != nil {
		t.Fatal(err)
	}
	var spans []string
	for _, n := range doc.Nodes {
		spans = append(spans, source[n.Start:n.End])
	}
	want := []string{strings.TrimSpace(source), `[1, "x\u0041", {"a":null}]`, "1", `"x\u0041"`, `{"a":null}`, "null", "true"}
	if got := strings.Join(spans, "|"); got != strings.Join(want, "|") {
		t.Errorf("spans\n got %s\nwant %s", got, strings.Join(want, "|"))
	}
	if text, ok := doc.String(3); !ok || text != "xA" {
		t.Errorf("String(3) = %q, %v", text, ok)
	}
	if got := doc.Member(0, "a"); got != 6 {
		t.Errorf("Member takes node %d, want the last of two same names, 6", got)
	}
	if got := doc.Member(0, "b"); got != jsontree.None {
		t.Errorf("Member of an absent name = %d", got)
	}
	if got := doc.Member(1, "a"); got != jsontree.None {
		t.Errorf("Member of an array = %d", got)
	}
}

func TestEscapedNamesAreFound(t *testing.T) {
	t.Parallel()
	doc, err := jsontree.Parse([]byte(`{"\u0066rom":"1"}`))
	if err != nil {
		t.Fatal(err)
	}
	if n := doc.Member(0, "from"); n == jsontree.None || doc.Key(n) != "from" {
		t.Errorf("an escaped name was not found: node %d", n)
	}
}

func TestParseRefuses(t *testing.T) {
	t.Parallel()
	for name, source := range map[string]string{
		"nothing":                 "",
		"half an object":          `{"a":`,
		"a second value":          `{} {}`,
		"a lone surrogate":        `"\ud800"`,
		"bad UTF-8":               "\"\xff\"",
		"a control character":     "\"\x01\"",
		"a name that is a number": `{1:2}`,
		"a trailing comma":        `[1,]`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := jsontree.Parse([]byte(source))
			var syntax *jsontree.SyntaxError
			if !errors.As(err, &syntax) {
				t.Fatalf("Parse(%q) = %v, want a SyntaxError", source, err)
			}
		})
	}
	deep := strings.Repeat("[", 70) + strings.Repeat("]", 70)
	if _, err := jsontree.Parse([]byte(deep)); !errors.Is(err, jsontree.ErrTooDeep) {
		t.Errorf("70 levels: %v, want ErrTooDeep", err)
	}
}

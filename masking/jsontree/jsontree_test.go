package jsontree_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"bauta/masking/jsontree"

	"github.com/google/go-cmp/cmp"
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

func TestATextIsWhatItReads(t *testing.T) {
	t.Parallel()
	for source, texts := range map[string]map[string]bool{
		`"hidden"`:        {"hidden": true, "hidde": false, "hiddem": false, "": false},
		`"hid\u0064en"`:   {"hidden": true, "hid": false, "hid.u0064en": false},
		`""`:              {"": true, "x": false},
		`7`:               {"": true, "7": false},
		`16505550142`:     {"650555014": true, "16505550142": false},
		`"\u0068\u0069!"`: {"hi!": true, "hi": false},
	} {
		doc, err := jsontree.NewParser().Parse([]byte(source))
		if err != nil {
			t.Fatal(err)
		}
		for text, want := range texts {
			if got := doc.TextIs(0, int32(len(source)), text); got != want || got != (doc.Text(0, int32(len(source))) == text) {
				t.Errorf("%s is %q: %t", source, text, got)
			}
		}
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
			if _, ok := errors.AsType[*jsontree.SyntaxError](err); !ok {
				t.Fatalf("Parse(%q) = %v, want a SyntaxError", source, err)
			}
		})
	}
	deep := strings.Repeat("[", 70) + strings.Repeat("]", 70)
	if _, err := jsontree.Parse([]byte(deep)); !errors.Is(err, jsontree.ErrTooDeep) {
		t.Errorf("70 levels: %v, want ErrTooDeep", err)
	}
}

func TestAParserForgetsWhatItReadBefore(t *testing.T) {
	t.Parallel()
	p := jsontree.NewParser()
	var first *jsontree.Doc
	for _, source := range []string{`{"a":[1,2]}`, `{"a":`, `"b"`, `[{}] x`, `{"c":null}`} {
		want, wantErr := jsontree.Parse([]byte(source))
		got, err := p.Parse([]byte(source))
		if (err == nil) != (wantErr == nil) || err != nil && err.Error() != wantErr.Error() {
			t.Fatalf("Parse(%s): %v, want %v", source, err, wantErr)
		}
		if err != nil {
			continue
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("Parse(%s) (-want +got)\n%s", source, diff)
		}
		if first == nil {
			first = got
		}
	}
	if got := string(first.Source); got != `{"a":[1,2]}` || first.Member(0, "a") != 1 {
		t.Errorf("an earlier document changed: %s", got)
	}
}

func TestParseLeavesWhatFollowsTheSourceAlone(t *testing.T) {
	t.Parallel()
	whole := []byte(`{"a":1}{"b":2}`)
	if _, err := jsontree.Parse(whole[:7]); err != nil {
		t.Fatal(err)
	}
	if string(whole) != `{"a":1}{"b":2}` {
		t.Errorf("the bytes behind the source changed: %s", whole)
	}
}

func TestStringOfEveryKind(t *testing.T) {
	t.Parallel()
	doc, err := jsontree.Parse([]byte(`["\u00e9",1.50,null,{},[],""]`))
	if err != nil {
		t.Fatal(err)
	}
	type result struct {
		Text string
		OK   bool
	}
	var got []result
	for c := doc.Nodes[0].Child; c != jsontree.None; c = doc.Nodes[c].Next {
		text, ok := doc.String(c)
		got = append(got, result{text, ok})
	}
	want := []result{{"\u00e9", true}, {"1.50", true}, {"", false}, {"", false}, {"", false}, {"", true}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("texts (-want +got)\n%s", diff)
	}
	if text, ok := doc.String(jsontree.None); ok || text != "" {
		t.Errorf("String(None) = %q, %v", text, ok)
	}
	if got := doc.Text(0, 1); got != "" {
		t.Errorf("Text of a span without quotes = %q", got)
	}
}

func TestTooManyValues(t *testing.T) {
	t.Parallel()
	source := "[" + strings.Repeat("1,", jsontree.MaxNodes) + "1]"
	if _, err := jsontree.Parse([]byte(source)); !errors.Is(err, jsontree.ErrTooLarge) {
		t.Errorf("Parse = %v, want ErrTooLarge", err)
	}
}

func TestSyntaxErrorsHoldNoPayload(t *testing.T) {
	t.Parallel()
	_, err := jsontree.Parse([]byte(`{"16505550142":16505550142x}`))
	if err == nil || strings.Contains(err.Error(), "16505550142") || !strings.Contains(err.Error(), "byte") {
		t.Errorf("error %v", err)
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{message, `{"a":[{}]}`, `"\ud83d\ude00"`, "[1,", `{"a":1,"a":2}`} {
		f.Add([]byte(s))
	}
	p := jsontree.NewParser()
	f.Fuzz(func(t *testing.T, source []byte) {
		before := string(source)
		doc, err := p.Parse(source)
		if string(source) != before {
			t.Fatal("Parse changed its source")
		}
		if err != nil {
			return
		}
		if !json.Valid(source) {
			t.Fatalf("encoding/json refuses what was parsed: %q", source)
		}
		for i, n := range doc.Nodes {
			if n.Start >= n.End || int(n.End) > len(source) || !json.Valid(source[n.Start:n.End]) {
				t.Fatalf("node %d of %q is bytes %d to %d", i, source, n.Start, n.End)
			}
		}
	})
}

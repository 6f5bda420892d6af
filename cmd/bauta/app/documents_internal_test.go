package app

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestDocumentsOfAnInput(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		input string
		want  []string
	}{
		"nothing":                  {" \n\t\r\n", nil},
		"one a line":               {"{\"a\":1}\n\n{\"b\":2}\n", []string{`1 line 1 {"a":1}`, `2 line 3 {"b":2}`}},
		"two on a line":            {`{"a":1} {"b":2}`, []string{`1 line 1 {"a":1}`, `2 line 1 {"b":2}`}},
		"pretty-printed":           {"{\n \"a\": 1\n}\n{\n}", []string{"1 line 1 {\n \"a\": 1\n}", "2 line 4 {\n}"}},
		"a fault, then a document": {"\n{\"a\":}\n{\"b\":2}", []string{"1 line 2: not JSON at line 2, column 6", `2 line 3 {"b":2}`}},
		"a fault on a later line":  {"{\"a\":1}\n{\"b\":\n\n !}", []string{`1 line 1 {"a":1}`, "2 line 2: not JSON at line 4, column 2"}},
		"a document cut short":     {`{"a":`, []string{"1 line 1: not whole JSON: it ends too early, at line 1, column 6"}},
		"a text cut short":         {"{\n\"a\":\"b", []string{"1 line 1: not whole JSON: it ends too early, at line 2, column 7"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			all, err := readDocuments(strings.NewReader(row.input))
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, d := range all {
				if d.err != nil {
					got = append(got, fmt.Sprintf("%d line %d: %v", d.index, d.line, d.err))
				} else {
					got = append(got, fmt.Sprintf("%d line %d %s", d.index, d.line, d.text))
				}
			}
			if diff := cmp.Diff(row.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// Moments on the command line are times, or ages before now.
func TestMoments(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 9, 10, 12, 0, 0, 0, time.UTC)
	for text, want := range map[string]time.Time{
		"2h": now.Add(-2 * time.Hour), "2026-09-10T00:00:00Z": now.Add(-12 * time.Hour),
	} {
		if got, err := parseMoment(text, now); err != nil || !got.Equal(want) {
			t.Errorf("%s is %s (%v), want %s", text, got, err, want)
		}
	}
	if _, err := parseMoment("yesterday", now); err == nil {
		t.Error("yesterday is a moment")
	}
}

package manage_test

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"testing"
)

// walk follows the cursors of a list and returns how many things each page has.
func (r *rig) walk(tb testing.TB, path, member string, limit int) (all []json.RawMessage, pages []int) {
	tb.Helper()
	query := url.Values{"limit": {fmt.Sprint(limit)}}
	for {
		got := r.do(tb, call{path: path + "?" + query.Encode()})
		var page map[string]json.RawMessage
		if err := json.Unmarshal([]byte(got.body), &page); err != nil || got.status != 200 {
			tb.Fatalf("%d %s", got.status, got.body)
		}
		var listed []json.RawMessage
		if err := json.Unmarshal(page[member], &listed); err != nil {
			tb.Fatal(err)
		}
		all, pages = append(all, listed...), append(pages, len(listed))
		var next *string
		if err := json.Unmarshal(page["next"], &next); err != nil {
			tb.Fatal(err)
		}
		if next == nil {
			return all, pages
		}
		query.Set("after", *next)
	}
}

func TestCursorsWalkEverythingOnce(t *testing.T) {
	t.Parallel()
	for _, n := range []int{0, 1, 6, 7, 8, 14, 23} {
		r := newRig(t)
		r.lists.fill(n)
		lines, pages := r.walk(t, "/v1/consents", "lines", 7)
		if len(lines) != n || len(pages) != max(1, (n+6)/7) {
			t.Errorf("%d lines of %d on pages of %v", len(lines), n, pages)
		}
		for i, line := range lines {
			var l struct{ Seq int }
			if json.Unmarshal(line, &l) != nil || l.Seq != i+1 {
				t.Errorf("at %d: %s", i, line)
			}
		}
		reversals, pages := r.walk(t, "/v1/audit", "reversals", 7)
		if len(reversals) != n || len(pages) != max(1, (n+6)/7) {
			t.Errorf("%d reversals of %d on pages of %v", len(reversals), n, pages)
		}
		for i, got := range reversals {
			want := fmt.Sprintf(`{"at":"2026-09-10T08:00:%02dZ","handle":"IT.1","by":"token-1","for":"message %d"}`, i+1, i+1)
			if string(got) != want {
				t.Errorf("%s, want %s", got, want)
			}
		}
	}
}

func TestAnotherBusinesssListsAreEmpty(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.lists.fill(9)
	first := r.do(t, call{path: "/v1/consents?limit=3"})
	var page struct{ Next string }
	if err := json.Unmarshal([]byte(first.body), &page); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"/v1/consents", "/v1/audit", "/v1/consents/head"} {
		got := r.do(t, call{path: path, bearer: ofOther})
		if got.status != 200 || strings.Contains(got.body, "IT.") || strings.Contains(got.body, "abcd") {
			t.Errorf("%s: %d %s", path, got.status, got.body)
		}
	}
	wantProblem(t, r.do(t, call{path: "/v1/consents?after=" + page.Next, bearer: ofOther}), 400, "bad-cursor")
}

// cursor is one of a list, as it is written.
func cursor(list, place string) string {
	return base64.RawURLEncoding.EncodeToString([]byte(list + "\n" + place))
}

// What is hashed is passed on to the byte; the head is beside it.
func TestLinesArePassedOnAsTheyAre(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.lists.fill(2)
	got := r.do(t, call{path: "/v1/consents"})
	want := "{\"lines\":[\n" + chained(1) + ",\n" + chained(2) + `
],"next":null,"head":{"seq":2,"hash":"abcd","signed":"a.b.c"}}
`
	if got.body != want || got.header.Get("Content-Type") != "application/json" {
		t.Errorf("%s", got.body)
	}
	wantBody(t, r.do(t, call{path: "/v1/consents/head"}), `{"seq":2,"hash":"abcd","signed":"a.b.c"}`)
}

func TestTheUsualPageHas100(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.lists.fill(501)
	for query, want := range map[string]int{"": 100, "?limit=500": 500, "?limit=1": 1} {
		got := r.do(t, call{path: "/v1/consents" + query})
		var page struct{ Lines []json.RawMessage }
		if err := json.Unmarshal([]byte(got.body), &page); err != nil || len(page.Lines) != want {
			t.Errorf("%q: %d lines, %v", query, len(page.Lines), err)
		}
	}
}

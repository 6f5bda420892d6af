package sharing_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"bauta/masking/sharing"
)

const zeros = "0000000000000000000000000000000000000000000000000000000000000000"

func full() sharing.Line {
	return sharing.Line{
		ID: "tap:AAECAwQFBgcICQoL", At: time.Date(2026, 11, 22, 11, 5, 9, 7_900_000, time.FixedZone("CET", 3600)),
		Type: sharing.LineShared, Handle: "IT.9041174520836617350284", Scope: "group:Y2FwaV9ncm91cDox", By: "customer", Action: "bauta_button",
		Question: "AAECAwQFBgcICQoL", WordedBy: "bauta", Language: "it", Version: "1", TextHash: strings.Repeat("ab", 32),
		Reason: "none", Text: "a \"text\"\nof <two> lines \\ and è\u2028",
	}
}

// The form is the one that is documented, to the byte: members in order, times in UTC
// and milliseconds, strings as RFC 8785 writes them.
func TestALineHasOneForm(t *testing.T) {
	t.Parallel()
	rows := map[string]struct {
		line sharing.Line
		want string
	}{
		"all of it": {full(), `{"v":1,"business":"acme","seq":7,"at":"2026-11-22T10:05:09.007Z","type":"shared","id":"tap:AAECAwQFBgcICQoL",` +
			`"handle":"IT.9041174520836617350284","scope":"group:Y2FwaV9ncm91cDox","by":"customer","action":"bauta_button","question":"AAECAwQFBgcICQoL",` +
			`"worded_by":"bauta","language":"it","version":"1","text_sha256":"` + strings.Repeat("ab", 32) + `","reason":"none",` +
			`"text":"a \"text\"\nof <two> lines \\ and è` + "\u2028" + `","prev":"` + zeros + `"}`},
		"what is empty is left out": {
			sharing.Line{ID: "x", At: time.Unix(1789000000, 0), Type: sharing.LineErased},
			`{"v":1,"business":"acme","seq":7,"at":"2026-09-10T00:26:40.000Z","type":"erased","id":"x","prev":"` + zeros + `"}`,
		},
		"what is no UTF-8 is replaced": {
			sharing.Line{ID: "a\xffb", At: time.Unix(1789000000, 0), Type: sharing.LineText, Text: "\x01\xc3"},
			`{"v":1,"business":"acme","seq":7,"at":"2026-09-10T00:26:40.000Z","type":"text","id":"a` + "\ufffd" + `b","text":"\u0001` + "\ufffd" + `","prev":"` + zeros + `"}`,
		},
	}
	for name, row := range rows {
		got := row.line.Encode(7, "acme", zeros)
		if string(got) != row.want {
			t.Errorf("%s:\n%s\nwant\n%s", name, got, row.want)
		}
		if line, place, err := sharing.Decode(got); err != nil || place != (sharing.Place{Seq: 7, Business: "acme", Prev: zeros}) || string(line.Encode(7, "acme", zeros)) != row.want {
			t.Errorf("%s: read as %+v at %+v: %v", name, line, place, err)
		}
	}
}

func TestALineIsReadAsItWasWritten(t *testing.T) {
	t.Parallel()
	want := full()
	got, place, err := sharing.Decode(want.Encode(7, "acme", zeros))
	want.At = time.Date(2026, 11, 22, 10, 5, 9, 7_000_000, time.UTC)
	if diff := cmp.Diff(want, got); diff != "" || err != nil || place != (sharing.Place{Seq: 7, Business: "acme", Prev: zeros}) {
		t.Errorf("%v at %+v: %s", err, place, diff)
	}
	for _, typ := range []sharing.LineType{"text", "asked", "undeliverable", "shared", "declined", "expired", "withdrawn", "hidden_again", "number_renewed", "refused", "erased", "imported"} {
		l := full()
		l.Type = typ
		if got, _, err := sharing.Decode(l.Encode(1, "acme", zeros)); err != nil || got.Type != typ {
			t.Errorf("a line of type %s: %v", typ, err)
		}
	}
}

func TestWhatIsNoLineIsNotRead(t *testing.T) {
	t.Parallel()
	line := string(full().Encode(7, "acme", zeros))
	change := func(from, to string) string {
		if !strings.Contains(line, from) {
			t.Fatalf("%q is not in the line", from)
		}
		return strings.Replace(line, from, to, 1)
	}
	rows := map[string]string{
		"nothing":                 "",
		"null":                    "null",
		"an array":                "[]",
		"half a line":             line[:80],
		"two lines":               line + line,
		"a line break behind":     line + "\n",
		"a space in it":           change(`"seq":7`, `"seq": 7`),
		"another version":         change(`"v":1`, `"v":2`),
		"no version":              change(`"v":1,`, ``),
		"an unknown member":       change(`"v":1`, `"v":1,"number":"x"`),
		"a member twice":          change(`"type":"shared"`, `"type":"declined","type":"shared"`),
		"a member in capitals":    change(`"type"`, `"Type"`),
		"an empty member":         change(`"reason":"none"`, `"reason":""`),
		"another order":           change(`"by":"customer","action":"bauta_button"`, `"action":"bauta_button","by":"customer"`),
		"another escape":          change(`è`, `\u00e8`),
		"a slash that is escaped": change(`<two>`, `\u003ctwo\u003e`),
		"bytes that are no text":  change(`è`, "\xff"),
		"an unknown type":         change(`"shared"`, `"shown"`),
		"a time with an offset":   change(`2026-11-22T10:05:09.007Z`, `2026-11-22T11:05:09.007+01:00`),
		"a time of seconds":       change(`09.007Z`, `09Z`),
		"a time of microseconds":  change(`09.007Z`, `09.007000Z`),
		"no time":                 change(`"at":"2026-11-22T10:05:09.007Z",`, ``),
		"a seq of zero":           change(`"seq":7`, `"seq":0`),
		"a seq below zero":        change(`"seq":7`, `"seq":-7`),
		"a seq that is text":      change(`"seq":7`, `"seq":"7"`),
		"a seq with a point":      change(`"seq":7`, `"seq":7.0`),
		"no id":                   change(`"id":"tap:AAECAwQFBgcICQoL",`, ``),
		"no business":             change(`"business":"acme",`, ``),
		"no prev":                 change(`,"prev":"`+zeros+`"`, ``),
		"a prev in capitals":      change(zeros, strings.Repeat("AB", 32)),
		"a prev that is short":    change(zeros, zeros[1:]),
	}
	for name, text := range rows {
		l, p, err := sharing.Decode([]byte(text))
		if !errors.Is(err, sharing.ErrLine) || l != (sharing.Line{}) || p != (sharing.Place{}) {
			t.Errorf("%s is a line: %v", name, err)
		}
		if err != nil && (strings.Contains(err.Error(), "IT.904") || strings.Contains(err.Error(), "text\\")) {
			t.Errorf("%s: the error tells of the line: %v", name, err)
		}
	}
}

// ledger is a chain of n lines.
func ledger(n int) [][]byte {
	var lines [][]byte
	place := sharing.Begin("acme")
	for i := range n {
		l := full()
		l.ID = fmt.Sprint("line ", i)
		line := l.Encode(place.Seq, place.Business, place.Prev)
		lines = append(lines, line)
		place.Seq, place.Prev = place.Seq+1, sharing.HashOf(line)
	}
	return lines
}

func TestAChainIsWhatASHA256OfEachLineSays(t *testing.T) {
	t.Parallel()
	prev := zeros
	chain := sharing.NewChain(sharing.Begin("acme"))
	for i, line := range ledger(5) {
		var members struct {
			Seq  int
			Prev string
		}
		if err := json.Unmarshal(line, &members); err != nil || members.Seq != i+1 || members.Prev != prev {
			t.Errorf("line %d: %+v, %v; want prev %s", i+1, members, err, prev)
		}
		sum := sha256.Sum256(line)
		prev = hex.EncodeToString(sum[:])
		if err := chain.Next(line); err != nil || sharing.HashOf(line) != prev {
			t.Errorf("line %d: %v, hash %s, want %s", i+1, err, sharing.HashOf(line), prev)
		}
	}
	if got, want := chain.Place(), (sharing.Place{Seq: 6, Business: "acme", Prev: prev}); got != want {
		t.Errorf("the next line belongs at %+v, want %+v", got, want)
	}
}

func TestAChangedLedgerIsNoticed(t *testing.T) {
	t.Parallel()
	lines := ledger(5)
	rows := map[string]struct {
		lines [][]byte
		want  error
		says  string
	}{
		"a line that was taken out":      {[][]byte{lines[0], lines[2]}, sharing.ErrChain, "line 2: the chain is broken: its seq is 3"},
		"lines that changed places":      {[][]byte{lines[0], lines[2], lines[1]}, sharing.ErrChain, "line 2: the chain is broken: its seq is 3"},
		"a line that stands there twice": {[][]byte{lines[0], lines[0]}, sharing.ErrChain, "line 2: the chain is broken: its seq is 1"},
		"a beginning that was cut":       {lines[1:], sharing.ErrChain, "line 1: the chain is broken: its seq is 2"},
		"a word that was changed":        {[][]byte{bytes.Replace(lines[0], []byte("customer"), []byte("business"), 1), lines[1]}, sharing.ErrChain, "line 2: the chain is broken: prev is not the SHA-256 of the line before"},
		"another business's line":        {[][]byte{lines[0], full().Encode(2, "other", sharing.HashOf(lines[0]))}, sharing.ErrChain, "line 2: the chain is broken: it is another business's"},
		"another beginning":              {[][]byte{full().Encode(1, "acme", sharing.HashOf(lines[0]))}, sharing.ErrChain, "line 1: the chain is broken: prev is not the SHA-256 of the line before"},
		"something that is no line":      {[][]byte{lines[0], []byte(" ")}, sharing.ErrLine, "line 2: not a line of the consent ledger: it is not JSON, or a member has another type"},
	}
	for name, row := range rows {
		chain, err := sharing.NewChain(sharing.Begin("acme")), error(nil)
		for _, line := range row.lines {
			before := chain.Place()
			if err = chain.Next(line); err == nil {
				continue
			}
			if chain.Place() != before {
				t.Errorf("%s: the chain went on to %+v", name, chain.Place())
			}
			break
		}
		if !errors.Is(err, row.want) || !strings.HasPrefix(fmt.Sprint(err), row.says) {
			t.Errorf("%s: %v, want %s", name, err, row.says)
		}
	}
}

func TestAPrunedChainBeginsAtAKnownPlace(t *testing.T) {
	t.Parallel()
	lines := ledger(5)
	chain := sharing.NewChain(sharing.Place{Seq: 4, Business: "acme", Prev: sharing.HashOf(lines[2])})
	for _, line := range lines[3:] {
		if err := chain.Next(line); err != nil {
			t.Error(err)
		}
	}
}

func TestLinesAsCSVHoldNoFormula(t *testing.T) {
	t.Parallel()
	line := full()
	line.ID, line.Handle, line.Scope, line.Question = "=HYPERLINK(1)", "+1", "@sum", "-AECAwQFBgcICQoL"
	line.Reason, line.Text = "\tx", "one, \"two\"\n=three"
	hash := strings.Repeat("ab", 32)
	var out bytes.Buffer
	w := csv.NewWriter(&out)
	for _, row := range [][]string{sharing.CSVHeader(), line.CSV(sharing.Place{Seq: 7, Business: "acme", Prev: zeros}, hash)} {
		if err := w.Write(row); err != nil {
			t.Fatal(err)
		}
	}
	w.Flush()
	rows, err := csv.NewReader(&out).ReadAll()
	want := [][]string{
		{"v", "business", "seq", "at", "type", "id", "handle", "scope", "by", "action", "question", "worded_by", "language", "version", "text_sha256", "reason", "text", "prev", "sha256"},
		{
			"1", "acme", "7", "2026-11-22T10:05:09.007Z", "shared", "'=HYPERLINK(1)", "'+1", "'@sum", "customer", "bauta_button", "'-AECAwQFBgcICQoL",
			"bauta", "it", "1", hash, "'\tx", "one, \"two\"\n=three", zeros, hash,
		},
	}
	if diff := cmp.Diff(want, rows); diff != "" || err != nil {
		t.Errorf("%v: %s", err, diff)
	}
}

func FuzzALineThatIsReadIsWrittenTheSame(f *testing.F) {
	f.Add(full().Encode(7, "acme", zeros), "some \xff text")
	f.Add([]byte(`{"v":1,"business":"acme","seq":1,"at":"2026-11-22T10:05:09.007Z","type":"shared","id":"x","prev":"`+zeros+`"}`), "")
	f.Fuzz(func(t *testing.T, line []byte, text string) {
		if l, p, err := sharing.Decode(line); err == nil {
			if again := l.Encode(p.Seq, p.Business, p.Prev); !bytes.Equal(again, line) {
				t.Errorf("%q is read, and written as %q", line, again)
			}
		}
		l := full()
		l.Text, l.ID = text, "x"+text
		encoded := l.Encode(1, "acme", zeros)
		got, _, err := sharing.Decode(encoded)
		if err != nil || utf8.ValidString(text) && got.Text != text || bytes.ContainsAny(encoded, "\n\r") {
			t.Errorf("%q: %v, read as %q", encoded, err, got.Text)
		}
	})
}

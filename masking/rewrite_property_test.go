package masking_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"testing"

	"bauta/masking"
	"bauta/masking/jsontree"

	"pgregory.net/rapid"
)

// anyJSON draws a JSON text with spaces, escapes, letters above ASCII, numbers in
// several notations, duplicate names and names of the schema.
func anyJSON(depth int) *rapid.Generator[string] {
	text := rapid.Custom(func(t *rapid.T) string {
		return `"` + strings.Join(rapid.SliceOfN(rapid.SampledFrom([]string{
			"a", "Z", " ", "7", "\u00e9", "\u20ac", "\U0001f600", `\n`, `\/`, `\"`, `\\`, `\u00E9`, `\ud83d\ude00`, "%", "=", "&", "+", "x.y",
		}), 0, 12).Draw(t, "text"), "") + `"`
	})
	key := rapid.OneOf(text, rapid.SampledFrom([]string{
		`"value"`, `"messages"`, `"contacts"`, `"text"`, `"body"`, `"interactive"`, `"response_json"`, `"type"`, `"errors"`, `"title"`, `"type"`,
	}))
	number := rapid.SampledFrom([]string{"0", "-0", "1.50", "1e5", "12E-3", "123456", "0.000001"})
	space := rapid.SampledFrom([]string{"", " ", "\n\t", "  "})
	return rapid.Custom(func(t *rapid.T) string {
		kind := rapid.IntRange(0, 5).Draw(t, "kind")
		if depth == 0 {
			kind %= 3
		}
		switch kind {
		case 0:
			return text.Draw(t, "string")
		case 1:
			return number.Draw(t, "number")
		case 2:
			return rapid.SampledFrom([]string{"null", "true", "false"}).Draw(t, "literal")
		case 3:
			return "[" + strings.Join(rapid.SliceOfN(anyJSON(depth-1), 0, 4).Draw(t, "elements"), space.Draw(t, "space")+",") + space.Draw(t, "space") + "]"
		}
		var members []string
		for range rapid.IntRange(0, 4).Draw(t, "size") {
			members = append(members, space.Draw(t, "space")+key.Draw(t, "key")+":"+space.Draw(t, "space")+anyJSON(depth-1).Draw(t, "value"))
		}
		return "{" + strings.Join(members, ",") + space.Draw(t, "space") + "}"
	})
}

// asciiOf is promise 6's one exception, written as plainly as can be.
func asciiOf(source string) string {
	var b strings.Builder
	for _, r := range source {
		switch {
		case r > 0xffff:
			fmt.Fprintf(&b, `\u%04x\u%04x`, 0xd800+(r-0x10000)>>10, 0xdc00+(r-0x10000)&0x3ff)
		case r > 0x7f:
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

func TestWhatIsNotMaskedIsNotChanged(t *testing.T) {
	t.Parallel()
	person := shown(ada(t))
	hidden := ada(t)
	r := masking.NewRewriter()
	rapid.Check(t, func(t *rapid.T) {
		source := anyJSON(4).Draw(t, "document")
		doc, err := jsontree.Parse([]byte(source))
		if err != nil {
			t.Fatalf("the generator made no JSON: %v", err)
		}
		j := masking.Job{
			Doc: doc, Schema: envelope(), People: []masking.Person{person}, IDs: sealer{},
			View: masking.View{ForeignPass: true},
		}
		for _, people := range [][]masking.Person{{person}, {hidden}} {
			j.People = people
			got, err := r.Rewrite(j)
			if err != nil {
				t.Fatal(err)
			}
			if string(got.Body) != asciiOf(source) || got.Changed {
				t.Fatalf("Changed = %v\n got %s\nwant %s", got.Changed, got.Body, asciiOf(source))
			}
		}
	})
}

func TestRewriterServesManyAtOnce(t *testing.T) {
	t.Parallel()
	r := masking.NewRewriter()
	want := string(rewriteOf(t, jobOf(t, textMessage(), masking.ShapeUserID, ada(t))).Body)
	other := string(rewriteOf(t, jobOf(t, interactive(), masking.ShapePhone, ada(t), bea(t))).Body)
	first := jobOf(t, textMessage(), masking.ShapeUserID, ada(t))
	second := jobOf(t, interactive(), masking.ShapePhone, ada(t), bea(t))
	var wait sync.WaitGroup
	for range 8 {
		wait.Go(func() {
			for range 50 {
				a, errA := r.Rewrite(first)
				b, errB := r.Rewrite(second)
				if errA != nil || errB != nil || string(a.Body) != want || string(b.Body) != other {
					t.Errorf("a shared Rewriter mixes events: %v %v", errA, errB)
					return
				}
			}
		})
	}
	wait.Wait()
}

// FuzzHiddenPeopleAreNotInTheOutput puts a notation of Ada's number into any
// text, and that at several positions of a document.
func FuzzHiddenPeopleAreNotInTheOutput(f *testing.F) {
	forms := notations(adaNumber)
	if len(forms) < 50 {
		f.Fatal("the seeds are gone")
	}
	for name := range forms {
		f.Add("before ", name, " after", false)
		f.Add("\u0663%3", name, "=3D\\u00", true)
	}
	r := masking.NewRewriter()
	f.Fuzz(func(t *testing.T, before, name, after string, phone bool) {
		text, ok := forms[name]
		if !ok {
			text = adaNumber
		}
		people := []masking.Person{ada(t), bea(t)}
		v := viewOf(t, masking.ShapeUserID)
		if phone {
			v.Shape = masking.ShapePhone
		}
		for position, document := range positions() {
			for _, value := range []string{before + after, text, before + " " + text + " " + after} {
				quoted, err := json.Marshal(value)
				if err != nil {
					t.Fatal(err)
				}
				doc, err := jsontree.Parse(fmt.Appendf(nil, document, quoted))
				if err != nil {
					continue
				}
				j := masking.Job{Doc: doc, Schema: envelope(), People: people, View: v, IDs: sealer{}}
				got, err := r.Rewrite(j)
				if err != nil {
					t.Fatal(err)
				}
				if strings.Contains(asciiDigits(string(got.Body)), adaNumber) {
					t.Errorf("%s, %s: the number is in %s", name, position, got.Body)
				}
				assertTwiceIsOnce(t, r, j, got)
			}
		}
	})
}

func assertTwiceIsOnce(t rapid.TB, r *masking.Rewriter, j masking.Job, once masking.Result) {
	t.Helper()
	doc, err := jsontree.Parse(once.Body)
	if err != nil {
		t.Fatalf("the output is no JSON: %v\n%s", err, once.Body)
	}
	source := j.Doc.Source
	j.Doc = doc
	twice, err := r.Rewrite(j)
	if err != nil {
		t.Fatal(err)
	}
	if string(twice.Body) != string(once.Body) {
		t.Errorf("masked twice\n got %s\nwant %s\nfrom %s", twice.Body, once.Body, source)
	}
}

// asciiDigits drops everything but digits and, so that separate things stay
// separate, letters.
func asciiDigits(text string) string {
	return strings.Map(func(r rune) rune {
		if '0' <= r && r <= '9' || 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' {
			return r
		}
		return -1
	}, text)
}

// FuzzRewriteAnyBytes feeds whatever is JSON at all.
func FuzzRewriteAnyBytes(f *testing.F) {
	seeds := []string{textMessage(), interactive(), `[]`, `"16505550142"`, `1.6505550142e10`, `{"value":{"message":{"from":1e999999999}}}`}
	for _, s := range seeds {
		f.Add([]byte(s), true)
		f.Add([]byte(s), false)
	}
	r := masking.NewRewriter()
	f.Fuzz(func(t *testing.T, source []byte, foreign bool) {
		doc, err := jsontree.Parse(source)
		if err != nil {
			return
		}
		v := viewOf(t, masking.ShapeUserID)
		v.ForeignPass = foreign
		j := masking.Job{Doc: doc, Schema: envelope(), People: []masking.Person{ada(t)}, View: v, IDs: sealer{}}
		got, err := r.Rewrite(j)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range got.Body {
			if c >= 0x80 {
				t.Fatalf("a byte above ASCII in %q", got.Body)
			}
		}
		assertTwiceIsOnce(t, r, j, got)
	})
}

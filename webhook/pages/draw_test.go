package pages_test

import (
	"html/template"
	"math"
	"strings"
	"testing"
	"time"

	"bauta/webhook/pages"
)

func TestAMarkIsAtItsPath(t *testing.T) {
	t.Parallel()
	const document = `{"a":{"b":[1,"call +1 650"]},"c":"<script>","d":null,"e":{}}`
	for name, c := range map[string]struct {
		marks map[string]pages.Mark
		want  string
	}{
		"nothing":             {nil, `<span class="js">&#34;call +1 650&#34;</span>`},
		"a value":             {map[string]pages.Mark{"a.b[0]": {Tone: pages.ToneHandle}}, `<mark class="t-handle"><span class="jn">1</span></mark>,`},
		"a part of a text":    {map[string]pages.Mark{"a.b[1]": {Tone: pages.ToneNumber, From: 5, To: 11}}, `&#34;call <mark class="t-number">+1 650</mark>&#34;`},
		"what is gone":        {map[string]pages.Mark{"c": {Tone: pages.ToneRemoved, Title: `"gone"`}}, `<del class="t-removed" title="&#34;gone&#34;">&#34;c&#34;</del>: <del`},
		"all that is in it":   {map[string]pages.Mark{"a": {Tone: pages.ToneAdded}}, `<ins class="t-added"><span class="jn">1</span></ins>`},
		"a part that is none": {map[string]pages.Mark{"c": {Tone: pages.ToneNumber, From: 3, To: 99}}, `<mark class="t-number">&#34;&lt;script&gt;&#34;</mark>`},
		"something empty":     {map[string]pages.Mark{"e": {Tone: pages.ToneHandle}}, `<mark class="t-handle">{}</mark>`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := string(pages.JSON([]byte(document), c.marks))
			if !strings.Contains(got, c.want) {
				t.Errorf("the document lacks %s:\n%s", c.want, got)
			}
			if strings.Contains(got, "<script>") {
				t.Error("what is in the document is HTML")
			}
		})
	}
}

func TestWhatIsNoJSONIsShownAsItIs(t *testing.T) {
	t.Parallel()
	for _, body := range []string{"", "{", `{"a":<b>}`, `[1,`, "\xff", strings.Repeat("[", 5000)} {
		got := string(pages.JSON([]byte(body), nil))
		if !strings.Contains(got, template.HTMLEscapeString(body)) {
			t.Errorf("%.20q is not shown: %.100s", body, got)
		}
	}
}

func FuzzJSON(f *testing.F) {
	f.Add([]byte(`{"a":[1,"<b>",null,{"c":true}]}`), "a[1]")
	f.Add([]byte(`<script>`), "")
	f.Fuzz(func(t *testing.T, body []byte, path string) {
		got := string(pages.JSON(body, map[string]pages.Mark{path: {Tone: pages.ToneNumber, To: 1}}))
		for _, element := range []string{"<script", "<img", "<b>"} {
			if strings.Contains(strings.ToLower(got), element) {
				t.Errorf("the document became %s: %s", element, got)
			}
		}
		if strings.Count(got, "<div") != strings.Count(got, "</div") {
			t.Errorf("the elements do not close: %s", got)
		}
	})
}

func TestAChartHasItsValuesAsTextToo(t *testing.T) {
	t.Parallel()
	site, err := pages.New(options(files("templates/plot.html", `{{define "plot"}}{{chart .}}{{end}}`)))
	if err != nil {
		t.Fatal(err)
	}
	start := time.Date(2026, 8, 3, 9, 0, 0, 0, time.UTC)
	c := pages.Chart{ID: "in", Title: "Events in", Unit: "an hour", Series: []pages.Series{
		{Name: "masked", Values: []float64{10, math.NaN(), 12345}}, {Name: "visible", Values: []float64{5, math.Inf(1)}},
	}}
	for i := range 3 {
		c.At = append(c.At, start.Add(time.Duration(i)*time.Hour))
	}
	for _, bars := range []bool{true, false} {
		c.Bars = bars
		got, err := site.Fragment("en", "plot", c)
		if err != nil {
			t.Fatal(err)
		}
		for _, want := range []string{"<svg", `role="img"`, "Events in: 3 values, at most 12.3k.", `<th scope="row">Aug 3, 09:00</th>`, `<td class="num">12.3k</td>`, `<td class="num">–</td>`} {
			if !strings.Contains(got, want) {
				t.Errorf("bars %t: the chart lacks %s:\n%s", bars, want, got)
			}
		}
		if strings.Contains(got, "NaN") || strings.Contains(got, "Inf") || strings.Contains(got, "style=") {
			t.Errorf("bars %t: the chart has what no browser may see:\n%s", bars, got)
		}
	}
	if _, err := site.Fragment("en", "plot", pages.Chart{}); err != nil {
		t.Errorf("a chart of nothing: %v", err)
	}
}

func TestASpanIsSaidInItsTwoLargestUnits(t *testing.T) {
	t.Parallel()
	for span, want := range map[time.Duration][2]string{
		0:                             {"0 ms", "0 ms"},
		1500 * time.Microsecond:       {"1.5 ms", "1.5 ms"},
		59 * time.Second:              {"59 s", "59 s"},
		2*time.Minute + 3*time.Second: {"2 min 3 s", "2 min 3 s"},
		time.Hour:                     {"1 h", "1 h"},
		time.Hour + time.Second:       {"1 h", "1 h"},
		27*time.Hour + 4*time.Minute:  {"1 d 3 h", "1 g 3 h"},
	} {
		if got := [2]string{pages.Span("en", span), pages.Span("it", span)}; got != want {
			t.Errorf("%v is said as %q, not %q", span, got, want)
		}
	}
}

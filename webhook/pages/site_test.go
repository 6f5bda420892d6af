package pages_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"bauta/webhook/pages"
)

// files are those of a small site, changed by pairs of a name and its text; "" removes it.
func files(pairs ...string) fstest.MapFS {
	out := fstest.MapFS{
		"templates/pages/hello.html": {Data: []byte(`{{define "title"}}{{t "hello" "name" .}} – {{end}}{{define "content"}}<h1>{{t "hello" "name" .}}</h1>{{template "row" 3}}{{end}}`)},
		"templates/rows.html":        {Data: []byte(`{{define "row"}}<p id="row">{{n "rows" .}} {{icon "inbox"}}</p>{{end}}`)},
		"messages/en.json":           {Data: []byte(`{"hello":"Hello, {name}","rows.one":"one row","rows.other":"{n} rows","nav":"Start"}`)},
		"messages/it.json":           {Data: []byte(`{"hello":"Ciao, {name}","rows.one":"una riga","rows.other":"{n} righe","nav":"Inizio"}`)},
		"assets/site.css":            {Data: []byte(`h1 { color: red }`)},
	}
	for i := 0; i < len(pairs); i += 2 {
		if pairs[i+1] == "" {
			delete(out, pairs[i])
			continue
		}
		out[pairs[i]] = &fstest.MapFile{Data: []byte(pairs[i+1])}
	}
	return out
}

func options(of fstest.MapFS) pages.Options {
	return pages.Options{Name: "Test", Base: "/at/", Files: of, Styles: []string{"site.css"}, Nav: []pages.Link{{Path: "", Text: "nav", Icon: "pulse"}}}
}

func newSite(t *testing.T) *pages.Site {
	t.Helper()
	site, err := pages.New(options(files()))
	if err != nil {
		t.Fatal(err)
	}
	return site
}

// ask answers a request for a page of the small site, whose name is a bracket.
func ask(t *testing.T, site *pages.Site, change func(*http.Request)) *httptest.ResponseRecorder {
	t.Helper()
	handler := site.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := site.Render(w, r, pages.Page{Name: "hello", Data: "<Ada>"}); err != nil {
			t.Error(err)
		}
	}))
	r := httptest.NewRequest(http.MethodGet, "http://127.0.0.1:8080/at/", nil)
	if change != nil {
		change(r)
	}
	w := httptest.NewRecorder()
	handler.ServeHTTP(w, r)
	return w
}

func TestAPageIsInTheReadersLanguage(t *testing.T) {
	t.Parallel()
	site := newSite(t)
	for name, c := range map[string]struct {
		accept, cookie, want string
	}{
		"nobody says":                     {"", "", "Hello, &lt;Ada&gt;"},
		"the browser likes Italian":       {"it-IT,it;q=0.9,en;q=0.8", "", "Ciao, &lt;Ada&gt;"},
		"the browser likes English more":  {"it;q=0.5,en-GB;q=0.8", "", "Hello"},
		"a language that nobody has":      {"fr,de", "", "Hello"},
		"chosen before":                   {"en", "it", "Ciao"},
		"a choice that is none":           {"it", "xx", "Ciao"},
		"a header that cannot be read":    {"it;q=much, en;q=0.1", "", "Hello"},
		"a language that is not accepted": {"it;q=0", "", "Hello"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := ask(t, site, func(r *http.Request) {
				r.Header.Set("Accept-Language", c.accept)
				if c.cookie != "" {
					r.AddCookie(&http.Cookie{Name: "bauta_lang", Value: c.cookie})
				}
			}).Body.String()
			if !strings.Contains(got, c.want) {
				t.Errorf("the page does not say %q:\n%s", c.want, got)
			}
			for _, want := range []string{`<a class="skip" href="#main">`, `<main `, `<header `, `role="status"`, `/at/assets/site.`} {
				if !strings.Contains(got, want) {
					t.Errorf("the page lacks %s", want)
				}
			}
		})
	}
}

func TestAChoiceIsKeptAndLeadsBackToThePage(t *testing.T) {
	t.Parallel()
	got := ask(t, newSite(t), func(r *http.Request) { r.URL.RawQuery = "lang=it&theme=dark&page=2" })
	if got.Code != http.StatusSeeOther || got.Header().Get("Location") != "/at/?page=2" {
		t.Errorf("status %d, to %q", got.Code, got.Header().Get("Location"))
	}
	for _, c := range got.Result().Cookies() {
		if !c.HttpOnly || c.SameSite != http.SameSiteLaxMode || c.Path != "/at/" {
			t.Errorf("the cookie is %v", c)
		}
	}
	if len(got.Result().Cookies()) != 2 {
		t.Errorf("cookies: %v", got.Result().Cookies())
	}
	elsewhere := ask(t, newSite(t), func(r *http.Request) { r.URL.Path, r.URL.RawQuery = `//evil.example/\x`, "lang=it" })
	if to := elsewhere.Header().Get("Location"); strings.HasPrefix(to, "//") || !strings.HasPrefix(to, "/") {
		t.Errorf("the choice leads to %q", to)
	}
	none := ask(t, newSite(t), func(r *http.Request) { r.URL.RawQuery = "lang=xx" })
	if len(none.Result().Cookies()) != 0 {
		t.Errorf("a language that is none was kept: %v", none.Result().Cookies())
	}
}

func TestTheThemeIsDrawnOnTheServer(t *testing.T) {
	t.Parallel()
	got := ask(t, newSite(t), func(r *http.Request) { r.AddCookie(&http.Cookie{Name: "bauta_theme", Value: "dark"}) }).Body.String()
	if !strings.Contains(got, `data-theme="dark"`) {
		t.Error("the page is not dark")
	}
	if strings.Contains(ask(t, newSite(t), nil).Body.String(), "data-theme=") {
		t.Error("a theme was chosen for who leaves it to the system")
	}
}

func TestEveryAnswerHasTheSecurityHeaders(t *testing.T) {
	t.Parallel()
	want := map[string]string{
		"Content-Security-Policy":      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
		"X-Content-Type-Options":       "nosniff",
		"Referrer-Policy":              "no-referrer",
		"Cross-Origin-Opener-Policy":   "same-origin",
		"Cross-Origin-Resource-Policy": "same-origin",
	}
	for name, change := range map[string]func(*http.Request){
		"a page":            nil,
		"an asset":          func(r *http.Request) { r.URL.Path = "/at/assets/none.css" },
		"a choice":          func(r *http.Request) { r.URL.RawQuery = "lang=it" },
		"a name not ours":   func(r *http.Request) { r.Host = "evil.example" },
		"from another site": func(r *http.Request) { r.Method = http.MethodPost; r.Header.Set("Sec-Fetch-Site", "cross-site") },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := ask(t, newSite(t), change).Header()
			for header, value := range want {
				if got.Get(header) != value {
					t.Errorf("%s is %q, not %q", header, got.Get(header), value)
				}
			}
		})
	}
}

func TestAPageIsNotShownUnderANameOfElsewhere(t *testing.T) {
	t.Parallel()
	o := options(files())
	o.Hosts = []string{"admin.example"}
	site, err := pages.New(o)
	if err != nil {
		t.Fatal(err)
	}
	for host, want := range map[string]int{
		"127.0.0.1:8080": 200, "localhost:8080": 200, "LOCALHOST": 200, "[::1]:8080": 200, "192.168.1.7:8080": 200, "admin.example:9090": 200,
		"evil.example": 421, "evil.example:8080": 421, "127.0.0.1.evil.example": 421, "localhost.evil.example:80": 421, "": 421,
	} {
		if got := ask(t, site, func(r *http.Request) { r.Host = host }).Code; got != want {
			t.Errorf("host %q: status %d, not %d", host, got, want)
		}
	}
}

func TestAnotherSitesPageCannotSendAnything(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		headers map[string]string
		want    int
	}{
		"from the page itself":         {map[string]string{"Sec-Fetch-Site": "same-origin"}, 200},
		"from no browser":              {nil, 200},
		"from another site":            {map[string]string{"Sec-Fetch-Site": "cross-site"}, 403},
		"from another port":            {map[string]string{"Sec-Fetch-Site": "same-site"}, 403},
		"from an old browser, outside": {map[string]string{"Origin": "http://evil.example"}, 403},
	} {
		got := ask(t, newSite(t), func(r *http.Request) {
			r.Method = http.MethodPost
			for header, value := range c.headers {
				r.Header.Set(header, value)
			}
		})
		if got.Code != c.want {
			t.Errorf("%s: status %d, not %d", name, got.Code, c.want)
		}
	}
}

func TestAssetsAreKeptForEverUnderTheirHash(t *testing.T) {
	t.Parallel()
	site := newSite(t)
	page := ask(t, site, nil).Body.String()
	_, after, _ := strings.Cut(page, `href="/at/assets/site.`)
	hash, _, _ := strings.Cut(after, `.css"`)
	got := ask(t, site, func(r *http.Request) { r.URL.Path = "/at/assets/site." + hash + ".css" })
	if got.Code != 200 || got.Body.String() != "h1 { color: red }" || got.Header().Get("Cache-Control") != "public, max-age=31536000, immutable" {
		t.Errorf("status %d, %q, %v", got.Code, got.Body, got.Header())
	}
	other, err := pages.New(options(files("assets/site.css", "h1 { color: blue }")))
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(ask(t, other, nil).Body.String(), hash) {
		t.Error("another content has the same name")
	}
	if got := ask(t, site, func(r *http.Request) { r.URL.Path = "/at/assets/site.css" }); got.Code != 404 {
		t.Errorf("an asset without its hash: status %d", got.Code)
	}
}

func TestFaultsOfASiteAreSaidAtStart(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		files fstest.MapFS
		want  string
	}{
		"a key that one language lacks":            {files("messages/it.json", `{"hello":"Ciao, {name}","rows.one":"una riga","rows.other":"{n} righe"}`), `messages/it.json lacks "nav"`},
		"a name that one language lacks":           {files("messages/it.json", `{"hello":"Ciao","rows.one":"una riga","rows.other":"{n} righe","nav":"Inizio"}`), `"hello" has other names`},
		"a message that says nothing":              {files("messages/it.json", `{"hello":"Ciao, {name}","rows.one":"","rows.other":"{n} righe","nav":"Inizio"}`), `says nothing under "rows.one"`},
		"a template that says what is not there":   {files("templates/rows.html", `{{define "row"}}{{if .}}{{t "absent"}}{{end}}{{end}}`), `template row says "absent"`},
		"a template with a plural that is not":     {files("templates/rows.html", `{{define "row"}}{{n "hello" 2}}{{end}}`), `template row says "hello"`},
		"a template that cannot be parsed":         {files("templates/rows.html", `{{define "row"}}`), "rows.html"},
		"messages that are no JSON":                {files("messages/en.json", `{`), "messages/en.json"},
		"a style that is not there":                {files("assets/site.css", ""), `no asset "site.css"`},
		"a navigation that says what is not there": {files("messages/en.json", `{"hello":"{name}","rows.one":"a","rows.other":"{n}"}`, "messages/it.json", `{"hello":"{name}","rows.one":"a","rows.other":"{n}"}`), `navigation says "nav"`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if _, err := pages.New(options(c.files)); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("the fault is %v, and does not say %s", err, c.want)
			}
		})
	}
}

func TestAFragmentIsDrawnInItsLanguage(t *testing.T) {
	t.Parallel()
	site := newSite(t)
	for language, want := range map[string]string{"en": "1,234 rows", "it": "1.234 righe", "xx": "1,234 rows"} {
		got, err := site.Fragment(language, "row", 1234)
		if err != nil || !strings.Contains(got, want) {
			t.Errorf("%s: %q, %v", language, got, err)
		}
	}
	if _, err := site.Fragment("en", "absent", nil); err == nil {
		t.Error("a fragment that is not there was drawn")
	}
}

func TestNumbersAndTimesAreWrittenAsTheLanguageDoes(t *testing.T) {
	t.Parallel()
	for n, want := range map[int]string{0: "0", 999: "999", 1000: "1,000", -1234567: "-1,234,567"} {
		if got := pages.Count("en", n); got != want {
			t.Errorf("%d reads %q, not %q", n, got, want)
		}
	}
	at := time.Date(2026, 8, 3, 9, 5, 0, 0, time.UTC)
	if en, it := pages.Moment("en", at), pages.Moment("it", at); en != "Aug 3, 09:05" || it != "3/8, 09:05" {
		t.Errorf("the time reads %q and %q", en, it)
	}
}

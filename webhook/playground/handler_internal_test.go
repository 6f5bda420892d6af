package playground

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"bauta/webhook"
)

// deaf is a Bauta that takes every webhook and does nothing with it.
type deaf struct {
	server *httptest.Server
	began  []Setting
}

func (d *deaf) Start(_ context.Context, s Setting) (Running, error) {
	d.began = append(d.began, s)
	return Running{Public: d.server.URL, Admin: d.server.URL, Token: "token", ManageToken: "manage", Stop: func() error { return nil }}, nil
}

func newPage(t *testing.T) (*Page, *deaf) {
	t.Helper()
	d := &deaf{server: httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))}
	t.Cleanup(d.server.Close)
	show, err := NewShow(t.Context(), Options{
		Starter: d, Scene: Scene{App: "main", Secret: "s", AccessToken: "a", Campaign: "1", Group: "R3JvdXA="}, Shape: "bsuid",
		Logger: slog.New(slog.NewTextHandler(io.Discard, nil)),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = show.Close() })
	page, err := NewPage(show)
	if err != nil {
		t.Fatal(err)
	}
	return page, d
}

// act sends a form as the page's script does, and returns the answer.
func act(p *Page, path string, change func(*http.Request), pairs ...string) *httptest.ResponseRecorder {
	form := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		form.Set(pairs[i], pairs[i+1])
	}
	r := httptest.NewRequest(http.MethodPost, "http://127.0.0.1"+path, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Accept", "text/plain")
	if change != nil {
		change(r)
	}
	w := httptest.NewRecorder()
	p.ServeHTTP(w, r)
	return w
}

func TestWhatCannotBeDoneIsSaidInTheReadersLanguage(t *testing.T) {
	t.Parallel()
	page, _ := newPage(t)
	italian := func(r *http.Request) { r.Header.Set("Accept-Language", "it") }
	for name, c := range map[string]struct {
		path   string
		pairs  []string
		change func(*http.Request)
		want   string
	}{
		"nothing written":          {"/say", []string{"text", "  "}, nil, "Start on the phone."},
		"nobody to answer":         {"/answer", []string{"text", "Hello"}, italian, "Comincia dal telefono."},
		"nobody to ask":            {"/ask", nil, nil, "Start on the phone."},
		"no message to tap":        {"/tap", []string{"message", "0", "button", "0"}, nil, "not there any more"},
		"no such person":           {"/who", []string{"entry", "moon"}, nil, "not there any more"},
		"no such thread":           {"/thread", []string{"at", "x"}, nil, "not there any more"},
		"no such event":            {"/event", []string{"id", "evt_1"}, italian, "Non c’è più."},
		"no such shape":            {"/shape", []string{"shape", "email"}, nil, "not there any more"},
		"no such step":             {"/guide", []string{"step", "fly"}, nil, "not there any more"},
		"a number before the chat": {"/number", nil, nil, "Start on the phone."},
		"nothing to look into":     {"/inspect", []string{"id", ""}, nil, "Start on the phone."},
	} {
		got := act(page, c.path, c.change, c.pairs...)
		if got.Code != http.StatusConflict || !strings.Contains(got.Body.String(), c.want) {
			t.Errorf("%s: %d %q", name, got.Code, got.Body)
		}
	}
}

func TestAnActIsOnThePageAlsoWithoutAScript(t *testing.T) {
	t.Parallel()
	page, d := newPage(t)
	plain := func(r *http.Request) { r.Header.Set("Accept", "text/html") }
	if got := act(page, "/say", plain, "text", "Hello <there>"); got.Code != http.StatusSeeOther || got.Header().Get("Location") != "/" {
		t.Errorf("the answer is %d to %q", got.Code, got.Header().Get("Location"))
	}
	w := httptest.NewRecorder()
	page.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "http://127.0.0.1/", nil))
	if w.Code != http.StatusOK || !strings.Contains(w.Body.String(), "Hello &lt;there&gt;") {
		t.Errorf("the page (%d) does not have what was written", w.Code)
	}
	if got := act(page, "/shape", nil, "shape", "phone"); got.Code != http.StatusNoContent {
		t.Errorf("another shape: %d %s", got.Code, got.Body)
	}
	if got := act(page, "/again", nil); got.Code != http.StatusNoContent {
		t.Errorf("start over: %d %s", got.Code, got.Body)
	}
	if len(d.began) != 3 || d.began[1].Fresh || d.began[1].Shape != "phone" || !d.began[2].Fresh {
		t.Errorf("Bauta was started as %+v", d.began)
	}
	if len(page.show.chosen().sent) != 0 {
		t.Error("what was written before is still there")
	}
}

func TestAnotherSiteCannotAct(t *testing.T) {
	t.Parallel()
	page, _ := newPage(t)
	got := act(page, "/say", func(r *http.Request) { r.Header.Set("Sec-Fetch-Site", "cross-site") }, "text", "Hello")
	if got.Code != http.StatusForbidden || len(page.show.chosen().sent) != 0 {
		t.Errorf("the answer is %d", got.Code)
	}
	if got := act(page, "/say", func(r *http.Request) { r.Host = "evil.example" }, "text", "Hello"); got.Code != http.StatusMisdirectedRequest {
		t.Errorf("under another name the answer is %d", got.Code)
	}
}

// What comes again is counted and not shown twice, and what goes to nobody says why.
func TestWhatThePipelineExplainsIsShown(t *testing.T) {
	t.Parallel()
	page, _ := newPage(t)
	s := page.show
	body := []byte(`{"statuses":[{"status":"read"}]}`)
	x := webhook.Explained{ID: "evt_1", Kind: "message", Type: "text", Visibility: "hidden", Reason: "ad", Places: []string{"$.entry[0].changes[0].value.messages[0].from"}}
	for range 3 {
		s.observe(body, &webhook.Prepared{Decisions: []webhook.Explained{x}})
	}
	s.observe(body, &webhook.Prepared{Dropped: []webhook.DroppedEvent{{Reason: "own_message"}}})
	s.mu.Lock()
	defer s.mu.Unlock()
	v := s.verdictView()
	if len(s.steps) != 2 || s.steps[0].again != 2 || s.steps[1].reason != "own_message" || s.steps[1].sort != "read" {
		t.Errorf("the steps are %+v", s.steps)
	}
	if !v.Masked || len(v.Places) != 1 || v.Places[0] != "messages[0].from" {
		t.Errorf("the verdict is %+v", v)
	}
}

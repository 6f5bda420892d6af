package playground

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"bauta/webhook"
	"bauta/webhook/pages"
)

// deaf is a Bauta that takes every webhook and does nothing with it.
type deaf struct {
	server  *httptest.Server
	began   []Setting
	changed []Manner
}

func (d *deaf) Start(_ context.Context, s Setting) (Running, error) {
	d.began = append(d.began, s)
	return Running{
		Public: d.server.URL, Admin: d.server.URL, Token: "token", ManageToken: "manage",
		Change: func(_ context.Context, m Manner) error { d.changed = append(d.changed, m); return nil }, Stop: func() error { return nil },
	}, nil
}

func newPage(t *testing.T) (*Page, *deaf) {
	t.Helper()
	d := &deaf{server: httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))}
	t.Cleanup(d.server.Close)
	show, err := NewShow(t.Context(), Options{
		Starter: d, Scene: Scene{App: "main", Secret: "s", AccessToken: "a", Campaign: "1", Group: "R3JvdXA="}, Shape: "bsuid",
		Logger: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = show.Close() })
	return NewPage(show), d
}

// submit sends a form as the page's script does, and returns the answer.
func submit(p *Page, path string, change func(*http.Request), pairs ...string) *httptest.ResponseRecorder {
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
		"a text without an end":    {"/say", []string{"text", strings.Repeat("é", 4097)}, italian, "4096 caratteri"},
		"nothing to look into":     {"/inspect", []string{"id", ""}, nil, "Start on the phone."},
	} {
		got := submit(page, c.path, c.change, c.pairs...)
		if got.Code != http.StatusConflict || !strings.Contains(got.Body.String(), c.want) {
			t.Errorf("%s: %d %q", name, got.Code, got.Body)
		}
	}
}

func TestAnActIsOnThePageAlsoWithoutAScript(t *testing.T) {
	t.Parallel()
	page, d := newPage(t)
	plain := func(r *http.Request) { r.Header.Set("Accept", "text/html") }
	if got := submit(page, "/say", plain, "text", "Hello <there>"); got.Code != http.StatusSeeOther || got.Header().Get("Location") != "/" {
		t.Errorf("the answer is %d to %q", got.Code, got.Header().Get("Location"))
	}
	w := httptest.NewRecorder()
	page.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "http://127.0.0.1/", nil))
	if w.Code != http.StatusOK || !strings.Contains(w.Body.String(), "Hello &lt;there&gt;") {
		t.Errorf("the page (%d) does not have what was written", w.Code)
	}
	if got := submit(page, "/shape", nil, "shape", "phone"); got.Code != http.StatusOK || !strings.Contains(got.Body.String(), "From the next message on") {
		t.Errorf("another shape: %d %s", got.Code, got.Body)
	}
	if got := submit(page, "/again", nil); got.Code != http.StatusNoContent {
		t.Errorf("start over: %d %s", got.Code, got.Body)
	}
	if len(d.began) != 2 || d.began[1].Shape != "phone" || len(d.changed) != 1 || d.changed[0] != d.began[1].Manner {
		t.Errorf("Bauta was started as %+v, and changed to %+v", d.began, d.changed)
	}
	if len(page.show.chosen().sent) != 0 {
		t.Error("what was written before is still there")
	}
}

func TestAnotherSiteCannotAct(t *testing.T) {
	t.Parallel()
	page, _ := newPage(t)
	got := submit(page, "/say", func(r *http.Request) { r.Header.Set("Sec-Fetch-Site", "cross-site") }, "text", "Hello")
	if got.Code != http.StatusForbidden || len(page.show.chosen().sent) != 0 {
		t.Errorf("the answer is %d", got.Code)
	}
	if got := submit(page, "/say", func(r *http.Request) { r.Host = "evil.example" }, "text", "Hello"); got.Code != http.StatusMisdirectedRequest {
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

// People of the show, and Bauta, speak the language of whoever acts.
func TestTheShowSpeaksTheLanguageOfWhoActs(t *testing.T) {
	t.Parallel()
	page, d := newPage(t)
	italian := func(r *http.Request) { r.Header.Set("Accept-Language", "it") }
	if got := submit(page, "/guide", italian, "step", "write"); got.Code != http.StatusNoContent {
		t.Fatalf("the answer is %d %s", got.Code, got.Body)
	}
	if sent := page.show.chosen().sent; len(sent) != 1 || !strings.Contains(sent[0].text, "agave blu") {
		t.Errorf("Ada wrote %+v", sent)
	}
	if len(d.changed) != 1 || d.changed[0].Language != "it" {
		t.Errorf("Bauta was changed to %+v", d.changed)
	}
	for _, language := range pages.Languages() {
		for _, p := range page.show.people {
			keys := []string{"say." + p.entry, "entry." + p.entry + ".source"}
			if p.ad != nil {
				keys = append(keys, "ad."+p.entry, "ad."+p.entry+".more")
			}
			for _, key := range keys {
				if _, err := page.site.Say(language, key); err != nil {
					t.Error(err)
				}
			}
		}
	}
}

// Whoever clicks a step of the guide twice does it once.
func TestAStepOfTheGuideIsDoneOnce(t *testing.T) {
	t.Parallel()
	page, _ := newPage(t)
	for range 5 {
		if got := submit(page, "/guide", nil, "step", "write"); got.Code != http.StatusNoContent {
			t.Fatalf("the answer is %d %s", got.Code, got.Body)
		}
	}
	if sent := page.show.chosen().sent; len(sent) != 1 {
		t.Errorf("Ada wrote %d times", len(sent))
	}
}

// Whatever is done, and however often, the show keeps so much of it and no more.
func TestTheStoryIsBounded(t *testing.T) {
	t.Parallel()
	page, _ := newPage(t)
	s := page.show
	large := []byte(`{"text":"` + strings.Repeat("a", 1<<20) + `"}`)
	for i := range 3 * mostThreads {
		id := strconv.Itoa(i)
		s.observe(large, &webhook.Prepared{Decisions: []webhook.Explained{{ID: "evt_" + id, Kind: "message", Visibility: "hidden"}}})
		s.mu.Lock()
		s.inbox.message(message{ID: id, User: "US." + strings.Repeat("1", 20) + id}, "Ada", nil)
		s.mu.Unlock()
	}
	for range 2 * mostMessages {
		if got := submit(page, "/say", nil, "text", "Hello"); got.Code != http.StatusNoContent {
			t.Fatalf("the answer is %d %s", got.Code, got.Body)
		}
		s.mu.Lock()
		s.inbox.message(message{ID: "m", User: "US.1"}, "Ada", nil)
		s.mu.Unlock()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	bytes := 0
	for _, n := range s.steps {
		bytes += len(n.platform)
	}
	if bytes > mostBytes || len(s.steps) == 0 || s.step("evt_149") == nil {
		t.Errorf("%d steps of %d bytes are kept", len(s.steps), bytes)
	}
	if n := len(s.inbox.threads); n != mostThreads {
		t.Errorf("%d threads are kept", n)
	}
	if t2 := s.inbox.shown(); t2 == nil || len(t2.messages) != mostMessages {
		t.Errorf("the open thread is %+v", t2)
	}
	if n := len(s.chosen().sent); n != mostMessages {
		t.Errorf("%d messages are on the phone", n)
	}
	if !s.reached[guideWrite] {
		t.Error("the guide forgot what was done")
	}
}

// The guide does not go on to the button that takes sharing back before it is on the phone.
func TestTheGuideWaitsForTheConfirmation(t *testing.T) {
	t.Parallel()
	page, _ := newPage(t)
	s := page.show
	s.mu.Lock()
	for _, name := range []string{guideWrite, guideAnswer, guideAsk, guideShare} {
		s.reached[name] = true
	}
	g := s.guide()
	s.mu.Unlock()
	if g[3].Done || !g[3].Current || g[4].Current {
		t.Errorf("the guide is at %+v", g)
	}
	if got := submit(page, "/guide", nil, "step", "withdraw"); got.Code != http.StatusConflict {
		t.Errorf("what cannot be tapped is answered %d", got.Code)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.guided[guideWithdraw] {
		t.Error("what could not be done cannot be tried again")
	}
}

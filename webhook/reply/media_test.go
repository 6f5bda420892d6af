package reply_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"bauta/webhook"
	"bauta/webhook/simulator"
)

// looked is a look-up's answer (webhooks.md 6.5).
type looked struct {
	Product  string `json:"messaging_product"`
	URL      string `json:"url"`
	MIMEType string `json:"mime_type"`
	SHA256   string `json:"sha256"`
	FileSize int    `json:"file_size"`
	ID       string `json:"id"`
}

func (r *rig) lookUp(t testing.TB, id string) looked {
	t.Helper()
	got := r.do(t, call{method: http.MethodGet, path: "/v25.0/" + id})
	var out looked
	if err := json.Unmarshal([]byte(got.body), &out); err != nil || got.status != http.StatusOK {
		t.Fatalf("look up: %d %s", got.status, got.body)
	}
	return out
}

// received is a medium that the platform has and acme was sent.
func (r *rig) received(t testing.TB, kind, text string, store webhook.Rolls) string {
	t.Helper()
	m, err := r.platform.Medium(phone, hiddenPerson(), kind, []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	content, _ := m.Content.(simulator.Part)
	for _, p := range content {
		if id, ok := p.Value.(string); ok && p.Name == "id" {
			if err := store.Enter(t.Context(), "acme", webhook.ReceivedMedia, []string{id}); err != nil {
				t.Fatal(err)
			}
			return id
		}
	}
	t.Fatal("the medium has no id")
	return ""
}

func wantError(t testing.TB, got answer, status int, name string) {
	t.Helper()
	if got.status != status || got.header.Get("Bauta-Error") != name {
		t.Errorf("%d %s, want %d %s: %s", got.status, got.header.Get("Bauta-Error"), status, name, got.body)
	}
}

func TestAFileGoesUpAndComesBack(t *testing.T) {
	t.Parallel()
	r := newRig(t, inRedis(t))
	got := r.do(t, call{path: "/v25.0/" + phone + "/media", kind: formType, body: form(file("image/png", photo), kindOf("image/png"), product())})
	var up struct{ ID string }
	if err := json.Unmarshal([]byte(got.body), &up); err != nil || got.status != http.StatusOK || up.ID == "" {
		t.Fatalf("upload: %d %s", got.status, got.body)
	}
	for _, query := range []string{"", "?phone_number_id=" + phone} {
		if found := r.do(t, call{method: http.MethodGet, path: "/" + up.ID + query}); found.status != http.StatusOK {
			t.Errorf("look up with %q: %d %s", query, found.status, found.body)
		}
	}
	found := r.lookUp(t, up.ID)
	rest, here := strings.CutPrefix(found.URL, r.url+"/media/")
	if !here || strings.Contains(rest, "/") {
		t.Errorf("the URL is %s", found.URL)
	}
	want := looked{Product: "whatsapp", URL: found.URL, MIMEType: "image/png", SHA256: found.SHA256, FileSize: len(photo), ID: up.ID}
	if diff := cmp.Diff(want, found); diff != "" {
		t.Error(diff)
	}
	down := r.do(t, call{method: http.MethodGet, path: "/media/" + rest})
	if down.status != http.StatusOK || down.body != photo {
		t.Errorf("download: %d %q", down.status, down.body)
	}
	for name, value := range map[string]string{
		"Content-Type": "image/png", "Content-Disposition": "attachment", "X-Content-Type-Options": "nosniff",
		"Cache-Control": "no-store", "Content-Length": lengthOf(photo),
	} {
		if got := down.header.Get(name); got != value {
			t.Errorf("%s: %q, want %q", name, got, value)
		}
	}
	if gone := r.do(t, call{method: http.MethodDelete, path: "/v25.0/" + up.ID}); gone.status != http.StatusOK {
		t.Errorf("delete: %d %s", gone.status, gone.body)
	}
}

// Another business's medium and one that never was are the same; the access token
// is one for both businesses, so that the platform would give it.
func TestMediaAreTheBusinesssOwn(t *testing.T) {
	t.Parallel()
	var store webhook.Rolls
	r := newRig(t, inRedis(t), func(s *settings) { store = s.options.Rolls })
	id := r.received(t, "image/jpeg", photo, store)
	path := strings.TrimPrefix(r.lookUp(t, id).URL, r.url)
	before, _ := r.platformCalls()
	for name, c := range map[string]call{
		"another looks it up":             {method: http.MethodGet, path: "/" + id, bearer: otherToken},
		"another deletes it":              {method: http.MethodDelete, path: "/" + id, bearer: otherToken},
		"one that never was is looked up": {method: http.MethodGet, path: "/1037543291543636"},
		"another's phone number":          {method: http.MethodGet, path: "/" + id + "?phone_number_id=" + otherPhone},
	} {
		got := r.do(t, c)
		wantError(t, got, http.StatusBadRequest, "not_found")
		if !strings.Contains(got.body, `"code":100`) || !strings.Contains(got.body, `"error_subcode":33`) || strings.Contains(got.body, id) {
			t.Errorf("%s: %s", name, got.body)
		}
	}
	wantError(t, r.do(t, call{method: http.MethodGet, path: path, bearer: otherToken}), http.StatusNotFound, "not_found")
	wantError(t, r.do(t, call{method: http.MethodGet, path: path, bearer: "none"}), http.StatusUnauthorized, "unauthorized")
	wantError(t, r.do(t, call{method: http.MethodGet, path: path + "?redirect=1"}), http.StatusBadRequest, "bad_parameter")
	if after, _ := r.platformCalls(); len(after) != len(before) {
		for _, c := range after[len(before):] {
			if !strings.HasSuffix(c.URL.Path, "/phone_numbers") {
				t.Errorf("the platform was called: %s", c.URL.Path)
			}
		}
	}
	if got := r.do(t, call{method: http.MethodGet, path: path + "?access_token=" + token, bearer: "none"}); got.body != photo {
		t.Errorf("with the token in the query: %d %s", got.status, got.body)
	}
}

func TestAURLOfAMediumIsSealedAndShortLived(t *testing.T) {
	t.Parallel()
	now := time.Now()
	var store webhook.Rolls
	r := newRig(t, inRedis(t), func(s *settings) {
		store = s.options.Rolls
		s.options.Now = func() time.Time { return now }
	})
	url := r.lookUp(t, r.received(t, "image/jpeg", photo, store)).URL
	sealed := strings.TrimPrefix(url, r.url+"/media/")
	swap := "A"
	if sealed[20:21] == swap {
		swap = "B"
	}
	for name, changed := range map[string]string{
		"a changed letter": sealed[:20] + swap + sealed[21:],
		"a letter less":    sealed[:len(sealed)-1],
		"a letter more":    sealed + "A",
		"padding":          sealed + "=",
		"no base64":        "!" + sealed[1:],
		"an id":            "1037543291543636",
		"a long one":       strings.Repeat("A", 13<<10),
	} {
		t.Log(name)
		wantError(t, r.do(t, call{method: http.MethodGet, path: "/media/" + changed}), http.StatusNotFound, "not_found")
	}
	now = now.Add(5*time.Minute - 2*time.Second)
	if got := r.do(t, call{method: http.MethodGet, path: "/media/" + sealed}); got.status != http.StatusOK {
		t.Errorf("before five minutes: %d", got.status)
	}
	now = now.Add(3 * time.Second)
	wantError(t, r.do(t, call{method: http.MethodGet, path: "/media/" + sealed}), http.StatusNotFound, "not_found")
}

// A transcript names people: it is masked as a whole, or not given.
func TestMediaOfJSONAreMasked(t *testing.T) {
	t.Parallel()
	var store webhook.Rolls
	r := newRig(t, inRedis(t), func(s *settings) { store = s.options.Rolls })
	number := hiddenPerson().Number
	for name, row := range map[string]struct{ kind, content string }{
		"a transcript":         {"application/json", `{"segments":[{"speaker":"+` + number + `","text":"call ` + number + `"}]}`},
		"with a charset":       {"application/json; charset=utf-8", `{"from":"` + number + `"}`},
		"another type of JSON": {"application/vnd.transcript+json", `{"from":"` + number + `"}`},
		"text":                 {"text/json", `["` + number + `"]`},
	} {
		url := r.lookUp(t, r.received(t, row.kind, row.content, store)).URL
		got := r.do(t, call{method: http.MethodGet, path: strings.TrimPrefix(url, r.url)})
		if got.status != http.StatusOK || strings.Contains(got.body, number) || !json.Valid([]byte(got.body)) {
			t.Errorf("%s: %d %s", name, got.status, got.body)
		}
		if got.header.Get("Content-Disposition") != "attachment" || got.header.Get("Content-Length") != lengthOf(got.body) {
			t.Errorf("%s: %v", name, got.header)
		}
	}
	for name, row := range map[string]struct{ kind, content string }{
		"no JSON":        {"application/json", `{"from":"` + number},
		"another coding": {"application/json; charset=utf-16", `{"from":"x"}`},
		"a large one":    {"application/json", `["` + strings.Repeat("a", 1<<20) + `"]`},
	} {
		t.Log(name)
		url := r.lookUp(t, r.received(t, row.kind, row.content, store)).URL
		wantError(t, r.do(t, call{method: http.MethodGet, path: strings.TrimPrefix(url, r.url)}), http.StatusBadGateway, "bad_answer")
	}
}

// What the platform answers to a look-up: nothing of its URLs gets out, whatever they
// look like.
func TestAnswersToLookUps(t *testing.T) {
	t.Parallel()
	var store webhook.Rolls
	r := newRig(t, inRedis(t), func(s *settings) { store = s.options.Rolls })
	id := r.received(t, "image/jpeg", photo, store)
	for name, row := range map[string]struct {
		status int
		body   string
		want   int
		fault  string
	}{
		"two URLs":             {200, `{"url":"https://lookaside.fbsbx.com/a","url":"https://lookaside.fbsbx.com/b","id":"1"}`, 502, "bad_answer"},
		"a URL that is none":   {200, `{"url":{"secret":"https://lookaside.fbsbx.com/a"},"id":"1"}`, 502, "bad_answer"},
		"a URL without length": {200, `{"url":"https://lookaside.fbsbx.com/` + strings.Repeat("a", 10<<10) + `"}`, 502, "bad_answer"},
		"no URL":               {200, `{"id":"1"}`, 200, ""},
		"an error":             {400, `{"error":{"message":"(#100) x","type":"OAuthException","code":100,"error_subcode":33}}`, 400, ""},
	} {
		r.platformSays(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(row.status)
			_, _ = w.Write([]byte(row.body))
		})
		got := r.do(t, call{method: http.MethodGet, path: "/" + id})
		if got.status != row.want || got.header.Get("Bauta-Error") != row.fault || strings.Contains(got.body, "lookaside") {
			t.Errorf("%s: %d %s %s", name, got.status, got.header.Get("Bauta-Error"), got.body)
		}
	}
	// A foreign host never gets the access token, and what it has never comes through.
	r.platformSays(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte(`{"url":"https://lookaside.example.com/whatsapp?mid=1","id":"1"}`))
	})
	path := strings.TrimPrefix(r.lookUp(t, id).URL, r.url)
	wantError(t, r.do(t, call{method: http.MethodGet, path: path}), http.StatusBadGateway, "bad_answer")
}

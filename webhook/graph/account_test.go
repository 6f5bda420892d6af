package graph_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"bauta/webhook/graph"
)

const waba = "102290129340398"

// pages answers the pages of a list, by the cursor after which they come.
func pages(t *testing.T, path, fields string, byCursor map[string]string) *graph.Client {
	t.Helper()
	return newClient(t, func(r *http.Request) (*http.Response, error) {
		if r.Method != http.MethodGet || r.URL.Path != path || r.URL.Query().Get("fields") != fields || strings.Contains(r.URL.String(), token) {
			t.Errorf("%s %s", r.Method, r.URL)
		}
		return answer(200, byCursor[r.URL.Query().Get("after")]), nil
	})
}

func TestPhoneNumbersOfAllPages(t *testing.T) {
	t.Parallel()
	c := pages(t, "/v25.0/"+waba+"/phone_numbers", "id,display_phone_number", map[string]string{
		"":  `{"data":[{"id":"106","display_phone_number":"+1 555-078-3881"}],"paging":{"cursors":{"before":"a","after":"b"},"next":"https://evil.example/?access_token=x"}}`,
		"b": `{"data":[{"id":"107"}],"paging":{"cursors":{"before":"b","after":"c"}}}`,
	})
	got, err := c.PhoneNumbers(t.Context(), token, waba)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]graph.PhoneNumber{{ID: "106", Display: "+1 555-078-3881"}, {ID: "107"}}, got); diff != "" {
		t.Error(diff)
	}
}

func TestListsThatAreNone(t *testing.T) {
	t.Parallel()
	n := 0
	endless := func(n int) string {
		return fmt.Sprintf(`{"data":[],"paging":{"cursors":{"after":"c%d"},"next":"x"}}`, n)
	}
	for name, row := range map[string]struct {
		status int
		body   func(n int) string
		want   graph.Kind
		calls  int
	}{
		"the token is refused":       {401, func(int) string { return refused(190) }, graph.TokenRefused, 1},
		"the permission is missing":  {403, func(int) string { return refused(200) }, graph.Forbidden, 1},
		"no JSON":                    {200, func(int) string { return "<html>quoted" }, graph.Unreadable, 1},
		"no list":                    {200, func(int) string { return `{"success":true}` }, graph.Unreadable, 1},
		"an id that is none":         {200, func(int) string { return `{"data":[{"id":"../1"}]}` }, graph.Unreadable, 1},
		"pages without an end":       {200, endless, graph.Unreadable, 50},
		"a page that follows itself": {200, func(int) string { return endless(1) }, graph.Unreadable, 2},
		"a cursor of 3 KB":           {200, func(int) string { return strings.Replace(endless(1), "c1", strings.Repeat("c", 3000), 1) }, graph.Unreadable, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			calls := 0
			c := newClient(t, func(*http.Request) (*http.Response, error) {
				calls++
				return answer(row.status, row.body(calls)), nil
			})
			_, err := c.PhoneNumbers(t.Context(), token, waba)
			wantKind(t, err, row.want)
			if calls != row.calls {
				t.Errorf("%d calls, want %d", calls, row.calls)
			}
		})
	}
	c := newClient(t, func(*http.Request) (*http.Response, error) { n++; return answer(200, "{}"), nil })
	for _, id := range []string{"", "me", "1/2", "Y2Fw1"} {
		_, err := c.SubscribedApps(t.Context(), token, id)
		wantKind(t, err, graph.NotFound)
	}
	if n != 0 {
		t.Errorf("%d calls about what is no WABA", n)
	}
}

func TestATemplatesCategory(t *testing.T) {
	t.Parallel()
	body := `{"data":[
		{"name":"code_two","language":"en","category":"MARKETING"},
		{"name":"my_code","language":"en","category":"MARKETING"},
		{"name":"code","language":"de","category":"UTILITY"},
		{"name":"code","language":"en","category":"AUTHENTICATION"}]}`
	c := newClient(t, func(r *http.Request) (*http.Response, error) {
		q := r.URL.Query()
		if r.URL.Path != "/v25.0/"+waba+"/message_templates" || q.Get("fields") != "name,language,category" || q.Get("name") == "" {
			t.Errorf("%s", r.URL)
		}
		return answer(200, body), nil
	})
	for name, row := range map[string]struct{ template, language, want string }{
		"exactly this name and language": {"code", "en", "AUTHENTICATION"},
		"another language":               {"code", "de", "UTILITY"},
		"a language that it has not":     {"code", "fr", ""},
		"a part of a name":               {"cod", "en", ""},
		"a name that can be none":        {"code&x=y", "en", ""},
		"no name":                        {"", "en", ""},
		"no language":                    {"code", "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := c.TemplateCategory(t.Context(), token, waba, row.template, row.language)
			if got != row.want {
				t.Errorf("%q, want %q", got, row.want)
			}
			if row.want == "" {
				wantKind(t, err, graph.NotFound)
			}
		})
	}
}

// TestWhoGetsTheWebhooks reads the answers of webhooks.md 1.5.
func TestWhoGetsTheWebhooks(t *testing.T) {
	t.Parallel()
	apps, err := pages(t, "/v25.0/"+waba+"/subscribed_apps", "", map[string]string{"": `{"data":[
		{"whatsapp_business_api_data":{"id":"670843887433847","link":"https://www.facebook.com/games/?app_id=67084","name":"Jasper's Market"}},
		{"override_callback_uri":"https://other.example/hook","whatsapp_business_api_data":{"id":"52565","link":"x","name":"Other"}}]}`}).
		SubscribedApps(t.Context(), token, waba)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]graph.App{{ID: "670843887433847", Name: "Jasper's Market"}, {ID: "52565", Name: "Other", Override: "https://other.example/hook"}}, apps); diff != "" {
		t.Error(diff)
	}
	overrides, err := pages(t, "/v25.0/"+waba+"/phone_numbers", "id,webhook_configuration", map[string]string{"": `{"data":[
		{"id":"106","webhook_configuration":{"phone_number":"https://number.example","whatsapp_business_account":"https://waba.example","application":"https://app.example"}},
		{"id":"107","webhook_configuration":{"application":"https://app.example"}},{"id":"108"}]}`}).
		CallbackOverrides(t.Context(), token, waba)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]graph.CallbackOverride{{PhoneNumber: "106", URL: "https://number.example"}}, overrides); diff != "" {
		t.Error(diff)
	}
}

// BenchmarkCall measures what Call adds to a bare client of the same transport.
func BenchmarkCall(b *testing.B) {
	const body = `{"messaging_product":"whatsapp","contacts":[{"input":"x"}],"messages":[{"id":"wamid.x"}]}`
	far := func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, body)
	}
	b.Run("call", func(b *testing.B) {
		c := serve(b, far)
		b.ReportAllocs()
		for b.Loop() {
			if _, err := c.Call(b.Context(), send()); err != nil {
				b.Fatal(err)
			}
		}
	})
	near := trip(func(r *http.Request) (*http.Response, error) {
		_, _ = io.Copy(io.Discard, r.Body)
		return &http.Response{StatusCode: 200, ContentLength: int64(len(body)), Body: io.NopCloser(strings.NewReader(body)), Header: http.Header{}}, nil
	})
	b.Run("call without a network", func(b *testing.B) {
		c := newClient(b, near)
		b.ReportAllocs()
		for b.Loop() {
			if _, err := c.Call(b.Context(), send()); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("bare", func(b *testing.B) {
		server := httptest.NewServer(http.HandlerFunc(far))
		b.Cleanup(server.Close)
		client, message := graph.NewHTTP(), string(send().Body)
		b.ReportAllocs()
		for b.Loop() {
			ctx, cancel := context.WithCancel(b.Context())
			r, _ := http.NewRequestWithContext(ctx, http.MethodPost, server.URL+"/v25.0/"+phoneID+"/messages", strings.NewReader(message))
			r.Header.Set("Authorization", "Bearer "+token)
			answer, err := client.Do(r)
			if err != nil {
				b.Fatal(err)
			}
			_, _ = io.ReadAll(answer.Body)
			_ = answer.Body.Close()
			cancel()
		}
	})
}

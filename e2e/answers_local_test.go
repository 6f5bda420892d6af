package e2e

import (
	"context"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"bauta/webhook/meta"
	"bauta/webhook/simulator"
)

// heard collects what a platform was asked.
type heard struct {
	mu    sync.Mutex
	calls []string
}

func (h *heard) observe(call simulator.Call) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.calls = append(h.calls, call.Method+" "+call.Path)
}

func (h *heard) take() []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	calls := h.calls
	h.calls = nil
	return calls
}

// What would lead the raw webhooks around Bauta is never asked of the platform,
// whatever the path looks like; what a CRM does on connecting is answered so that it
// goes on.
func TestNothingLeadsAroundBauta(t *testing.T) {
	t.Parallel()
	asked := &heard{}
	c := converseWith(t, setup{Groups: `{id: "` + declaredGroup + `", name: Runners, hide: true}`, Limits: "per_token: 100000/s"},
		simulator.GraphOptions{People: []simulator.Person{ada()}, Observe: asked.observe})
	handle := c.hears(t, simulator.Message{From: ada(), Type: "text", Content: simulator.Part{{Name: "body", Value: "Hello"}}, Ad: ctwa()}).header.Get("Bauta-Handle")
	// The look of the start at who else is subscribed, and the first question for phone
	// numbers, are Bauta's own.
	eventually(t, "Bauta looks at the subscriptions", func(context.Context) bool {
		return strings.Contains(strings.Join(asked.take(), " "), "/subscribed_apps")
	})
	c.call(t, http.MethodGet, "/v25.0/"+business().PhoneNumberID, "")
	asked.take()
	const hook = `{"override_callback_uri":"https://evil.example/raw","verify_token":"x","webhook_configuration":{"application":"https://evil.example/raw"},"pin":"123456"}`
	kept := 0
	for _, route := range meta.NewAPI().Routes() {
		if route.Handling != meta.Local && route.Handling != meta.Refuse {
			continue
		}
		kept++
		object := map[meta.Object]string{meta.PhoneNumberObject: business().PhoneNumberID, meta.WABAObject: waba, meta.GroupObject: declaredGroup}[route.Object]
		body := hook
		if route.Method == http.MethodGet {
			body = ""
		}
		for _, path := range []string{"/v25.0/" + object + "/" + route.Edge, "/" + object + "/" + route.Edge} {
			c.keeps(t, route, strings.TrimSuffix(path, "/"), body)
		}
		for _, odd := range []string{"/v25.0/" + object + "/" + strings.ToUpper(route.Edge), "/v25.0/" + object + "//" + route.Edge, "/v25.0/" + object + "/./" + route.Edge, "/v25.0/" + object + "/" + route.Edge + "/"} {
			if route.Edge != "" {
				c.call(t, route.Method, odd, body)
			}
		}
	}
	if kept < 20 {
		t.Errorf("only %d routes are kept", kept)
	}
	for _, smuggled := range []string{
		"/v25.0/" + business().PhoneNumberID + "/messages?ids=" + waba, "/v25.0/" + business().PhoneNumberID + "/messages?batch=%5B%5D",
		"/v25.0/" + business().PhoneNumberID + "/messages?method=DELETE", "/v25.0/?ids=" + waba, "/v25.0/",
	} {
		if got := c.call(t, http.MethodPost, smuggled, text(handle, "Hello")); got.header.Get("Bauta-Error") == "" {
			t.Errorf("%s is answered %d: %s", smuggled, got.status, got.body)
		}
	}
	if calls := asked.take(); len(calls) > 0 {
		t.Errorf("the platform was asked: %v", calls)
	}
	if got := c.call(t, http.MethodPost, messages(), text(handle, "We are connected")); got.status != http.StatusOK {
		t.Errorf("after all that a message is answered %d: %s", got.status, got.body)
	}
}

// keeps wants the answer of a route that Bauta keeps.
func (c conversation) keeps(t *testing.T, route *meta.Route, path, body string) {
	t.Helper()
	got := c.call(t, route.Method, path, body)
	if route.Handling == meta.Local {
		if got.status != http.StatusOK || got.header.Get("Bauta-Error") != "" {
			t.Errorf("%s %s: a CRM does not go on after %d: %s", route.Method, path, got.status, got.body)
		}
		if strings.Contains(got.body, "670843887433847") || strings.Contains(got.body, "evil.example") {
			t.Errorf("%s %s tells what stands at the platform: %s", route.Method, path, got.body)
		}
		return
	}
	if got.header.Get("Bauta-Error") != "refused_path" {
		t.Errorf("%s %s: answered %d (%s)", route.Method, path, got.status, got.header.Get("Bauta-Error"))
	}
	got.documented(t, route.Method+" "+path)
	got.says(t, map[string]string{"error.error_data.details": route.Why})
}

// passthrough opens none of them: the configuration is refused, with the line.
func TestPassthroughCannotOpenWhatIsKept(t *testing.T) {
	t.Parallel()
	for entry, want := range map[string]bool{
		"GET /{waba_id}/subscribed_apps": false, "POST /{waba_id}/subscribed_apps": false, "DELETE /{waba_id}/subscribed_apps": false,
		"POST /{phone_number_id}/register": false, "POST /{phone_number_id}/deregister": false, "POST /{phone_number_id}/settings": false,
		"GET /{phone_number_id}/settings": false, "POST /{phone_number_id}": false, "POST /{waba_id}": false,
		"POST /{phone_number_id}/webhook_configuration": false, "POST /{phone_number_id}/Register": false,
		"POST /{phone_number_id}/messages": false, "GET /{phone_number_id}/username": true, "POST /{waba_id}/flows": true,
	} {
		t.Run(entry, func(t *testing.T) {
			t.Parallel()
			dir := configure(t, setup{
				Redis: "redis://127.0.0.1:6379/0", CRM: "https://crm.example/hook", Graph: "https://graph.facebook.com",
				Business: `passthrough: ["` + entry + `"]`,
			})
			path := filepath.Join(dir, "bauta.yaml")
			out, errs, code := run(t, "config", "check", "--config", path)
			if want != (code == 0) {
				t.Fatalf("exit %d: %s%s", code, out, errs)
			}
			if _, err := os.Stat(path); err != nil {
				t.Fatal(err)
			}
			if !want && !strings.Contains(out+errs, "passthrough") {
				t.Errorf("the fault does not name passthrough: %s%s", out, errs)
			}
		})
	}
}

package reply_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"bauta/webhook"
	"bauta/webhook/meta"
)

// mediumID is a medium that acme was sent.
const mediumID = "1234567890123456"

// good are calls as webhooks.md 6 has them, by the name of their route; every route
// that is forwarded has one. {handle} and {group handle} are the hidden customer's.
func good() map[string]call {
	const product = `"messaging_product":"whatsapp"`
	list := call{method: http.MethodGet}
	form := func(query string) call { return call{method: http.MethodGet, path: "?" + query} }
	return map[string]call{
		"messages_send":           {body: `{` + product + `,"recipient_type":"individual","to":"{handle}","type":"text","text":{"body":"ciao"}}`},
		"marketing_messages_send": {body: `{` + product + `,"recipient":"{handle}","type":"template","template":{"name":"hello_world","language":{"code":"en_US"}}}`},
		"block_users_list":        form("limit=10"),
		"block_users_add":         {body: `{` + product + `,"block_users":[{"user":"{handle}"}]}`},
		"block_users_remove":      {method: http.MethodDelete, body: `{` + product + `,"block_users":[{"user_id":"{handle}"}]}`},
		"contact_book_delete":     {method: http.MethodDelete, path: "?messaging_product=whatsapp&bsuid={handle}"},
		"calls":                   {body: `{` + product + `,"to":"{handle}","action":"connect","session":{"sdp_type":"offer","sdp":"v=0"}}`},
		"call_permissions":        form("recipient={handle}"),
		"media_delete":            {method: http.MethodDelete, path: "?phone_number_id=" + phone},
		"templates_list":          form("limit=5&status=APPROVED&fields=name,status"),
		"templates_create":        {body: `{"name":"order_sent","language":"en_US","category":"UTILITY","components":[{"type":"BODY","text":"It is on its way"}]}`},
		"templates_delete":        {method: http.MethodDelete, path: "?name=hello_world"},
		"profile_get":             form("fields=about,address"),
		"profile_update":          {body: `{` + product + `,"about":"open all day"}`},
		"phone_number_get":        form("fields=id,verified_name,webhook_configuration"),
		"phone_numbers_list":      list,
		"account_get":             list,
		"groups_list":             list,
		"group_get":               form("fields=subject"),
		"participants_remove":     {method: http.MethodDelete, body: `{` + product + `,"participants":[{"user":"{group handle}"}]}`},
		"join_requests_list":      list,
		"join_requests_approve":   {body: `{` + product + `,"join_requests":["1"]}`},
		"join_requests_reject":    {method: http.MethodDelete, body: `{` + product + `,"join_requests":["1"]}`},
		"invite_link_get":         list,
		"invite_link_reset":       {body: `{` + product + `}`},
	}
}

// idOf is what acme has of an object.
func idOf(o meta.Object) string {
	return map[meta.Object]string{
		meta.PhoneNumberObject: phone, meta.WABAObject: waba, meta.GroupObject: groupID, meta.MediaObject: mediumID,
	}[o]
}

// of is a good call of a route, filled in for a rig.
func (r *rig) of(route *meta.Route) call {
	c := good()[route.Name]
	c.method = route.Method
	query := c.path
	c.path = "/v25.0/" + idOf(route.Object)
	if route.Edge != "" {
		c.path += "/" + route.Edge
	}
	c.path += query
	names := strings.NewReplacer(
		"{handle}", r.store.handle(hiddenPerson(), webhook.Direct), "{group handle}", r.store.handle(hiddenPerson(), groupID))
	c.path, c.body = names.Replace(c.path), names.Replace(c.body)
	return c
}

// fault is what the platform's error body says (webhooks.md 6.6).
type fault struct {
	Error struct {
		Message string `json:"message"`
		Type    string `json:"type"`
		Code    int    `json:"code"`
		Subcode int    `json:"error_subcode"`
		Data    struct {
			Product string `json:"messaging_product"`
			Details string `json:"details"`
		} `json:"error_data"`
		Trace string `json:"fbtrace_id"`
	} `json:"error"`
}

func wantFault(tb testing.TB, a answer, status, code int, name string) fault {
	tb.Helper()
	var f fault
	if err := json.Unmarshal([]byte(a.body), &f); err != nil {
		tb.Fatalf("%d %s: %v", a.status, a.body, err)
	}
	if a.status != status || f.Error.Code != code || a.header.Get("Bauta-Error") != name {
		tb.Errorf("%d, code %d, %q; want %d, code %d, %q: %s", a.status, f.Error.Code, a.header.Get("Bauta-Error"), status, code, name, a.body)
	}
	if f.Error.Message == "" || f.Error.Type == "" || f.Error.Data.Product != "whatsapp" || f.Error.Data.Details == "" ||
		f.Error.Trace == "" || f.Error.Trace != a.header.Get("Bauta-Trace") {
		tb.Errorf("that is not the platform's error body: %s", a.body)
	}
	wantHeaders(tb, a)
	return f
}

// wantHeaders are those of every answer, and no others of the platform's.
func wantHeaders(tb testing.TB, a answer) {
	tb.Helper()
	if a.header.Get("Content-Type") != "application/json; charset=UTF-8" || a.header.Get("Cache-Control") != "no-store" {
		tb.Errorf("headers %v", a.header)
	}
	for _, foreign := range []string{"X-Fb-Trace-Id", "Facebook-Api-Version", "Set-Cookie", "Server"} {
		if a.header.Get(foreign) != "" {
			tb.Errorf("the platform's %s is passed on", foreign)
		}
	}
}

func TestEveryRouteKeepsToTheContract(t *testing.T) {
	t.Parallel()
	for _, route := range meta.NewAPI().Routes() {
		if route.Handling == meta.Upload || route.Handling == meta.LookUp {
			continue // media_test.go
		}
		t.Run(route.Name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			if err := r.store.Enter(t.Context(), "acme", webhook.ReceivedMedia, []string{mediumID}); err != nil {
				t.Fatal(err)
			}
			if _, known := good()[route.Name]; !known && route.Handling == meta.Forward {
				t.Fatal("the table has no good call of this route")
			}
			r.badCalls(t, route)
			if calls, _ := r.platformCalls(); len(calls) != 0 {
				t.Fatalf("%d calls reached the platform, which should have been refused", len(calls))
			}
			r.goodCall(t, route)
		})
	}
}

// badCalls makes each mistake that a route can meet. None reaches the platform.
func (r *rig) badCalls(t *testing.T, route *meta.Route) {
	t.Helper()
	c := r.of(route)
	change := func(f func(*call)) call {
		changed := c
		f(&changed)
		return changed
	}
	unknown := "100000000000001"
	wantFault(t, r.do(t, change(func(c *call) { c.bearer = "none" })), 401, 190, "unauthorized")
	wantFault(t, r.do(t, change(func(c *call) { c.bearer = "made-up" })), 401, 190, "unauthorized")
	wantFault(t, r.do(t, change(func(c *call) { c.bearer = "token-of-nobody" })), 401, 190, "unauthorized")
	wantFault(t, r.do(t, change(func(c *call) { c.bearer = muteToken })), 500, 3, "platform_token")
	wantFault(t, r.do(t, change(func(c *call) { c.bearer = "only-" + otherFamily(route.Family) })), 403, 200, "wrong_scope")
	mine := wantFault(t, r.do(t, change(func(c *call) { c.path = strings.Replace(c.path, idOf(route.Object), unknown, 1) })), 400, 100, "not_found")
	if mine.Error.Subcode != 33 || strings.Contains(mine.Error.Message, unknown) {
		t.Errorf("an unknown id: %+v", mine)
	}
	wantFault(t, r.do(t, change(func(c *call) { c.method = http.MethodPatch })), 405, 100, "method_not_allowed")
	if route.Handling != meta.Forward {
		return
	}
	separator := "?"
	if strings.Contains(c.path, "?") {
		separator = "&"
	}
	for _, name := range []string{"ids", "batch", "method", "debug", "fields=error_details{message}&x", "fields=id.limit(1)"} {
		wantFault(t, r.do(t, change(func(c *call) {
			c.path += separator + name
			if !strings.Contains(name, "=") {
				c.path += "=1"
			}
		})), 400, 100, "bad_parameter")
	}
	if route.Body == nil {
		wantFault(t, r.do(t, change(func(c *call) { c.body = `{"to":"x"}` })), 400, 100, "bad_body")
		return
	}
	for _, kind := range []string{"none", "text/plain", "multipart/form-data; boundary=x", "application/jsonp"} {
		wantFault(t, r.do(t, change(func(c *call) { c.kind = kind })), 415, 100, "bad_media_type")
	}
	wantFault(t, r.do(t, change(func(c *call) { c.header = map[string]string{"Content-Encoding": "gzip"} })), 415, 100, "bad_media_type")
	wantFault(t, r.do(t, change(func(c *call) { c.body = `{"messaging_product":"whatsapp",` })), 400, 100, "bad_body")
	wantFault(t, r.do(t, change(func(c *call) { c.body = `[` + c.body + `]` })), 400, 100, "bad_body")
	wantFault(t, r.do(t, change(func(c *call) { c.body = `{"x":"` + strings.Repeat("x", 1<<20) + `"}` })), 413, 100, "too_large")
}

// goodCall makes the call as it is documented.
func (r *rig) goodCall(t *testing.T, route *meta.Route) {
	t.Helper()
	if route.Name == "media_delete" {
		r.platformSays(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(`{"success":true}`)) })
	}
	got := r.do(t, r.of(route))
	calls, _ := r.platformCalls()
	switch route.Handling {
	case meta.Refuse:
		if f := wantFault(t, got, 400, 100, "refused_path"); f.Error.Data.Details != route.Why {
			t.Errorf("it says %q, not why: %q", f.Error.Data.Details, route.Why)
		}
	case meta.Local:
		if got.status != 200 || got.body != route.Reply {
			t.Errorf("%d %s", got.status, got.body)
		}
	case meta.Forward, meta.Upload, meta.LookUp:
		if len(calls) != 1 {
			t.Fatalf("%d calls of the platform, want 1: %d %s", len(calls), got.status, got.body)
		}
		if got.header.Get("Bauta-Error") != "" || got.status != 200 {
			t.Errorf("%d %s", got.status, got.body)
		}
		wantPath := "/v25.0/" + idOf(route.Object)
		if route.Edge != "" {
			wantPath += "/" + route.Edge
		}
		if c := calls[0]; c.Method != route.Method || c.URL.Path != wantPath || c.Header.Get("Authorization") != "Bearer "+platformToken ||
			strings.Contains(c.URL.RawQuery, "token") {
			t.Errorf("the platform got %s %s", c.Method, c.URL.Path)
		}
		return
	}
	if len(calls) != 0 {
		t.Error("the platform was called")
	}
}

func otherFamily(f meta.Family) string {
	if f == meta.Messages {
		return string(meta.Templates)
	}
	return string(meta.Messages)
}

// The id of another business is as if it were nobody's, whatever is asked.
func TestAnotherBusinesssIDsAreNobodys(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	for _, pair := range [][2]string{{"/v25.0/" + otherPhone, "/v25.0/900000000000001"}, {"/" + otherWABA + "/message_templates", "/900000000000001/message_templates"}} {
		for _, method := range []string{http.MethodGet, http.MethodPost, http.MethodDelete} {
			theirs, nobodys := r.do(t, call{method: method, path: pair[0]}), r.do(t, call{method: method, path: pair[1]})
			if theirs.status != nobodys.status || withoutTrace(theirs) != withoutTrace(nobodys) {
				t.Errorf("%s: %d %s\n%d %s", method, theirs.status, theirs.body, nobodys.status, nobodys.body)
			}
		}
	}
	if err := r.store.Enter(t.Context(), "acme", webhook.ReceivedMedia, []string{mediumID}); err != nil {
		t.Fatal(err)
	}
	wantFault(t, r.do(t, call{method: http.MethodDelete, path: "/" + mediumID + "?phone_number_id=" + otherPhone}), 400, 100, "not_found")
	// The same call by the one whose they are.
	if got := r.do(t, call{method: http.MethodGet, path: "/v25.0/" + otherPhone, bearer: otherToken}); got.status != 200 {
		t.Errorf("%d %s", got.status, got.body)
	}
}

func withoutTrace(a answer) string {
	return strings.ReplaceAll(a.body, a.header.Get("Bauta-Trace"), "")
}

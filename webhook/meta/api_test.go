package meta_test

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"bauta/webhook/meta"
)

func TestMatchFindsEveryRoute(t *testing.T) {
	t.Parallel()
	a := meta.NewAPI()
	names := map[string]bool{}
	for _, r := range a.Routes() {
		if names[r.Name] || r.Name == meta.PassthroughName {
			t.Errorf("two routes are named %s", r.Name)
		}
		names[r.Name] = true
		if !regexp.MustCompile(`^[a-z_]{3,40}$`).MatchString(r.Name) {
			t.Errorf("%q is no name for a metric label", r.Name)
		}
		found := a.Match(r.Method, r.Edge)
		if !slices.Contains(found, r) {
			t.Errorf("%s is not found", r.Name)
		}
		for _, other := range found {
			if other != r && other.Object == r.Object {
				t.Errorf("%s and %s are one call", r.Name, other.Name)
			}
		}
		if r.Object == meta.NoObject || r.Family == "" {
			t.Errorf("%s: nobody can be asked who may make it", r.Name)
		}
	}
}

func TestMatchTellsApartByTheObject(t *testing.T) {
	t.Parallel()
	a := meta.NewAPI()
	for line, want := range map[string][]string{
		"GET ":                  {"account_get", "group_get", "media_look_up", "phone_number_get"},
		"DELETE ":               {"account_delete", "media_delete", "phone_number_delete"},
		"POST ":                 {"account_override", "phone_number_override"},
		"POST messages":         {"messages_send"},
		"GET messages":          nil,
		"post messages":         nil,
		"POST Messages":         nil,
		"POST messages/":        nil,
		"PATCH messages":        nil,
		"GET oauth":             nil,
		"GET nonsense":          nil,
		"DELETE block_users":    {"block_users_remove"},
		"POST subscribed_apps":  {"subscribed_apps_add"},
		"GET message_templates": {"templates_list"},
	} {
		method, edge, _ := strings.Cut(line, " ")
		var got []string
		for _, r := range a.Match(method, edge) {
			got = append(got, r.Name)
		}
		slices.Sort(got)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", line, diff)
		}
	}
}

// What turns one call into another, into many, or into none that can be masked.
func TestNoRouteTakesADangerousParameter(t *testing.T) {
	t.Parallel()
	field := regexp.MustCompile(`^[a-z_]+$`)
	for _, r := range meta.NewAPI().Routes() {
		for _, name := range []string{
			"ids", "id", "batch", "method", "include_headers", "suppress_http_code", "callback", "debug", "metadata",
			"format", "pretty", "date_format", "locale", "return_ssl_resources", "fields", "access_token",
			"appsecret_proof", "_method", "transport", "filtering", "sort", "summary",
		} {
			if _, ok := r.Query[name]; ok {
				t.Errorf("%s takes the parameter %s", r.Name, name)
			}
		}
		for _, name := range r.Fields {
			if !field.MatchString(name) || strings.Contains(name, "webhook") || strings.Contains(name, "token") {
				t.Errorf("%s lets fields ask for %q", r.Name, name)
			}
		}
		if r.Paged != (r.Query["after"] != nil) {
			t.Errorf("%s: cursors come and do not go, or the reverse", r.Name)
		}
	}
}

// The texts with which Bauta answers itself are JSON, say what was not done, and
// hold no other business's anything.
func TestLocalAndRefusedRoutesExplainThemselves(t *testing.T) {
	t.Parallel()
	local := 0
	for _, r := range meta.NewAPI().Routes() {
		kept := r.Handling == meta.Local || r.Handling == meta.Refuse
		if kept != (r.Why != "") || (r.Handling == meta.Local) != (r.Reply != "") {
			t.Errorf("%s: a why or a reply is missing or too many", r.Name)
		}
		if r.Handling == meta.Local {
			local++
			if !json.Valid([]byte(r.Reply)) {
				t.Errorf("%s answers what is no JSON: %s", r.Name, r.Reply)
			}
		}
		if kept && (r.Answer != nil || r.Sends || r.Paged || !strings.HasSuffix(r.Why, ".")) {
			t.Errorf("%s is described as if it were made", r.Name)
		}
	}
	if local < 6 {
		t.Errorf("only %d local routes", local)
	}
}

// A CRM that connects is told what the platform would say (webhooks.md 1.5).
func TestWhatACRMHearsOnConnecting(t *testing.T) {
	t.Parallel()
	a := meta.NewAPI()
	for name, want := range map[string]string{
		"subscribed_apps_add": `{"success":true}`, "subscribed_apps_remove": `{"success":true}`,
		"phone_number_override": `{"success":true}`, "account_override": `{"success":true}`, "register": `{"success":true}`,
		"subscribed_apps_list": `{"data":[{"whatsapp_business_api_data":{"link":"","name":"Bauta","id":"0"}}]}`,
	} {
		if got := routeNamed(t, a, name).Reply; got != want {
			t.Errorf("%s answers %s, want %s", name, got, want)
		}
	}
}

// around are the edges by which raw webhooks, or the power over them, would go to
// somebody else than Bauta: webhooks.md 1.5, 2.9 (SIP), 2.17 and the registration.
func around() []string {
	return []string{
		"subscribed_apps", "webhook_configuration", "settings", "register", "deregister", "request_code", "verify_code",
		"assigned_users", "pass_thread_control", "take_thread_control", "request_thread_control",
		"release_thread_control", "whatsapp_business_encryption", "set_solution_migration_intent", "set_obo_mobility_intent",
	}
}

func TestNothingLeadsRawWebhooksAroundBauta(t *testing.T) {
	t.Parallel()
	a := meta.NewAPI()
	for _, edge := range around() {
		for _, method := range []string{"GET", "POST", "DELETE", "PUT", "PATCH", "HEAD"} {
			for _, r := range a.Match(method, edge) {
				if r.Handling != meta.Local && r.Handling != meta.Refuse {
					t.Errorf("%s leaves Bauta", lineOf(r))
				}
			}
			for _, object := range []string{"phone_number_id", "waba_id"} {
				entry := fmt.Sprintf("%s /{%s}/%s", method, object, edge)
				if _, err := meta.ParsePassthrough(entry); err == nil {
					t.Errorf("%s can be passed through", entry)
				}
			}
		}
	}
	for _, method := range []string{"POST", "DELETE"} { // overrides are set on the objects themselves
		for _, r := range a.Match(method, "") {
			if r.Object != meta.MediaObject && r.Handling != meta.Local && r.Handling != meta.Refuse {
				t.Errorf("%s leaves Bauta", lineOf(r))
			}
		}
	}
}

// The platform names its own times, codes and ids like this in answers; what is a
// person's or a message's somewhere is not among them.
func TestOpaqueNamesOfAnswers(t *testing.T) {
	t.Parallel()
	got := meta.NewAPI().Opaque()
	for name, always := range got {
		if !always {
			t.Errorf("%s is listed, and is opaque in some places only", name)
		}
	}
	for _, name := range []string{"sha256", "file_size", "fbtrace_id", "code", "creation_timestamp", "after", "message_status"} {
		if !got[name] {
			t.Errorf("%s is not opaque", name)
		}
	}
	for _, name := range []string{"id", "wa_id", "user_id", "input", "message", "details", "name", "error_data", "next"} {
		if got[name] {
			t.Errorf("%s is opaque", name)
		}
	}
}

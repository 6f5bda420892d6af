package meta_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"bauta/webhook/meta"
)

func TestParsePassthrough(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		entry string
		want  string // the route's line, or part of the error
	}{
		"an edge of a number":                {"GET /{phone_number_id}/username", "GET /{phone}/username"},
		"an edge of an account":              {"POST /{waba_id}/flows", "POST /{waba}/flows"},
		"another method of a business's own": {"DELETE /{phone_number_id}/username", "DELETE /{phone}/username"},
		"a longer name":                      {"GET /{phone_number_id}/whatsapp_commerce_settings", "GET /{phone}/whatsapp_commerce_settings"},

		"no method":              {"/{waba_id}/flows", "begin with GET, POST or DELETE"},
		"another method":         {"PATCH /{waba_id}/flows", "begin with GET, POST or DELETE"},
		"a method in small type": {"get /{waba_id}/flows", "begin with GET, POST or DELETE"},
		"two spaces":             {"GET  /{waba_id}/flows", "the path begins with"},
		"an id itself":           {"GET /102290129340398/flows", "the path begins with"},
		"another placeholder":    {"GET /{app_id}/subscriptions", "the path begins with"},
		"a group":                {"GET /{group_id}/participants", "the path begins with"},
		"a version":              {"GET /v25.0/{waba_id}/flows", "the path begins with"},
		"a name behind the id":   {"GET /{waba_id}flows", "after {phone_number_id} or {waba_id} comes"},
		"no name":                {"GET /{waba_id}/", "after {phone_number_id} or {waba_id} comes"},
		"two names":              {"GET /{waba_id}/flows/assets", "after {phone_number_id} or {waba_id} comes"},
		"a dot":                  {"GET /{waba_id}/..", "after {phone_number_id} or {waba_id} comes"},
		"an escape":              {"GET /{waba_id}/%73ettings", "after {phone_number_id} or {waba_id} comes"},
		"a parameter":            {"GET /{waba_id}/flows?fields=id", "after {phone_number_id} or {waba_id} comes"},
		"capitals":               {"GET /{waba_id}/Flows", "after {phone_number_id} or {waba_id} comes"},
		"a space behind":         {"GET /{waba_id}/flows ", "after {phone_number_id} or {waba_id} comes"},
		"a line behind":          {"GET /{waba_id}/flows\n", "after {phone_number_id} or {waba_id} comes"},
		"a very long name":       {"GET /{waba_id}/" + strings.Repeat("a", 65), "after {phone_number_id} or {waba_id} comes"},
		"nothing":                {"", "begin with"},

		"a call that Bauta makes":           {"POST /{phone_number_id}/messages", "works without an entry"},
		"an object that Bauta reads":        {"GET /{waba_id}", "works without an entry"},
		"a webhook subscription":            {"POST /{waba_id}/subscribed_apps", "cannot be opened: it would lead raw webhooks around Bauta;"},
		"one under another method":          {"DELETE /{waba_id}/subscribed_apps", "it would lead raw webhooks around Bauta;"},
		"one on another object":             {"POST /{phone_number_id}/subscribed_apps", "it would lead raw webhooks around Bauta;"},
		"SIP settings":                      {"GET /{phone_number_id}/settings", "calls and messages would go around Bauta"},
		"SIP settings on another object":    {"GET /{waba_id}/settings", "calls and messages would go around Bauta"},
		"an override on the number":         {"POST /{phone_number_id}", "it would lead raw webhooks around Bauta;"},
		"an override on the account":        {"POST /{waba_id}", "it would lead raw webhooks around Bauta;"},
		"deleting a number":                 {"DELETE /{phone_number_id}", "can take its messages elsewhere"},
		"reading the contact book":          {"GET /{phone_number_id}/contact_book", "such calls name people"},
		"reading messages":                  {"GET /{phone_number_id}/messages", "such calls name people"},
		"making groups (an invite follows)": {"POST /{phone_number_id}/groups", "such calls name people"},
		"the key of the business":           {"GET /{phone_number_id}/whatsapp_business_encryption", "encrypted for the business"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r, err := meta.ParsePassthrough(row.entry)
			switch {
			case strings.HasPrefix(row.want, "GET ") || strings.HasPrefix(row.want, "POST ") || strings.HasPrefix(row.want, "DELETE "):
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(row.want, lineOf(r)); diff != "" {
					t.Errorf("(-want +got):\n%s", diff)
				}
			case err == nil:
				t.Errorf("is taken as %s", lineOf(r))
			case !strings.Contains(err.Error(), row.want) || !strings.Contains(err.Error(), fmt.Sprintf("passthrough %q", row.entry)):
				t.Errorf("the error does not say what is wrong where: %v", err)
			}
		})
	}
}

// Whatever the table has is closed to passthrough, be it made, answered or refused.
func TestNoRouteOfTheTablePassesThrough(t *testing.T) {
	t.Parallel()
	checked := 0
	for _, r := range meta.NewAPI().Routes() {
		line := strings.NewReplacer(phone, "/{phone_number_id}", waba, "/{waba_id}").Replace(lineOf(r))
		_, err := meta.ParsePassthrough(line)
		kept := r.Handling == meta.Refuse || r.Handling == meta.Local
		switch {
		case err == nil:
			t.Errorf("%s can be passed through", line)
		case kept && r.Object != meta.NoObject && (!strings.Contains(err.Error(), "cannot be opened: ") || strings.Contains(err.Error(), "answers it itself")):
			t.Errorf("%s: it is not said why: %v", line, err)
		case kept && r.Why != "" && strings.Contains(err.Error(), r.Why):
			t.Errorf("%s: the operator reads what a business is told: %v", line, err)
		}
		checked++
	}
	if checked < 50 {
		t.Errorf("only %d routes", checked)
	}
}

func FuzzParsePassthrough(f *testing.F) {
	for _, entry := range []string{
		"GET /{phone_number_id}/username", "POST /{waba_id}/flows", "GET /{waba_id}", "GET /{waba_id}/", "DELETE /{phone_number_id}/a_b",
		"POST /{waba_id}/subscribed_apps", "GET /{phone_number_id}/settings", "GET\t/{waba_id}/flows", "POST /{waba_id}/../settings",
	} {
		f.Add(entry)
	}
	closed := map[string]bool{"": true}
	for _, edge := range around() {
		closed[edge] = true
	}
	a := meta.NewAPI()
	grammar := regexp.MustCompile(`^(GET|POST|DELETE) /\{(phone_number_id|waba_id)\}/[a-z_]{1,64}\z`)
	f.Fuzz(func(t *testing.T, entry string) {
		r, err := meta.ParsePassthrough(entry)
		if err != nil {
			if !strings.HasPrefix(err.Error(), "passthrough ") {
				t.Errorf("an error that does not say of what: %v", err)
			}
			return
		}
		if !grammar.MatchString(entry) || closed[r.Edge] {
			t.Fatalf("%q is taken", entry)
		}
		line := strings.NewReplacer(phone, "/{phone_number_id}", waba, "/{waba_id}").Replace(lineOf(r))
		if line != entry {
			t.Errorf("%q is read as %q", entry, line)
		}
		for _, known := range a.Match(r.Method, r.Edge) {
			if known.Object == r.Object {
				t.Errorf("%q is known as %s", entry, known.Name)
			}
		}
		if r.Handling != meta.Forward || r.Name != meta.PassthroughName || r.Family != meta.Profile || r.Fields != nil || r.Answer != nil {
			t.Errorf("%q is %+v", entry, r)
		}
		if len(positions(r.Body)) > 0 || r.Sends != (r.Method == "POST") || (r.Body == nil) != (r.Method == "GET") {
			t.Errorf("%q would be translated: %+v", entry, r)
		}
	})
}

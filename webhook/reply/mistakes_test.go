package reply_test

import (
	"net/http"
	"strings"
	"testing"

	"bauta/webhook"
)

// What newcomers mistake is answered with what to do.
func TestMistakesAreSaid(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	const form = "application/x-www-form-urlencoded"
	for name, row := range map[string]struct {
		call   call
		status int
		code   int
		fault  string
		says   string
	}{
		"an account where a phone number goes": {
			call{path: "/v25.0/" + waba + "/messages", body: r.text()},
			400, 2500, "unknown_path",
			"This id is an account (WABA id). This call goes to a phone number id of this business.",
		},
		"a phone number where an account goes": {
			call{method: http.MethodGet, path: "/v25.0/" + phone + "/message_templates"},
			400, 2500, "unknown_path",
			"This id is a phone number id. This call goes to an account (WABA id) of this business.",
		},
		"a group where a phone number goes": {
			call{path: "/" + groupID + "/messages", body: r.text()},
			400, 2500, "unknown_path",
			"This id is a declared group. This call goes to a phone number id of this business.",
		},
		"an id of nobody": {
			call{path: "/900000000000001/messages", body: r.text()},
			400, 100, "not_found",
			"The id in the path names nothing of this business. This call goes to a phone number id of this business.",
		},
		"another business's account": {
			call{path: "/" + otherWABA + "/messages", body: r.text()},
			400, 100, "not_found",
			"The id in the path names nothing of this business. This call goes to a phone number id of this business.",
		},
		"two versions": {
			call{path: "/v25.0/v25.0/" + phone + "/messages", body: r.text()}, 400, 2500, "unknown_path", "The base URL must not hold the version",
		},
		"two slashes": {
			call{path: "//v25.0/" + phone + "/messages", body: r.text()}, 400, 2500, "unknown_path", "(//)",
		},
		"a version alone": {call{path: "/v25.0", body: r.text()}, 400, 2500, "unknown_path", "names no object"},
		"the management API": {
			call{method: http.MethodGet, path: "/v1/customers/IT.9041174520836617350284"},
			400, 2500, "unknown_path",
			"The management API (/v1) is answered at admin_listen, by default http://127.0.0.1:9090/v1.",
		},
		"its list": {call{method: http.MethodGet, path: "/v1"}, 400, 2500, "unknown_path", "is answered at admin_listen"},
		"JSON that is sent as a form": {
			call{path: messages(), body: "\n" + r.text(), kind: form}, 415, 100, "bad_media_type", "This is JSON, and its Content-Type is a form's. Send the header Content-Type: application/json.",
		},
		"JSON with a mistake": {
			call{path: messages(), body: "{\n  \"to\": \"x\"\n  \"type\": \"text\"\n}"}, 400, 100, "bad_body", "(line 3, column 3)",
		},
		"a message id of nobody": {
			call{path: messages(), body: strings.Replace(r.text(), `"type"`, `"context":{"message_id":"wamid.abc"},"type"`, 1)},
			400, 131009, "unknown_message",
			"names no message of this business with this customer",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := wantFault(t, r.do(t, row.call), row.status, row.code, row.fault)
			if !strings.Contains(f.Error.Data.Details, row.says) {
				t.Errorf("it says %q, not %q", f.Error.Data.Details, row.says)
			}
		})
	}
}

func TestASlashAtTheEndMeansNothing(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	if got := r.do(t, call{path: messages() + "/", body: r.text()}); got.status != http.StatusOK {
		t.Errorf("%d %s", got.status, got.body)
	}
	calls, _ := r.platformCalls()
	if len(calls) != 1 || calls[0].URL.Path != messages() {
		t.Errorf("%d calls", len(calls))
	}
}

// Plain numbers are refused in one text for each choice of raw_recipients, whoever
// they are of.
func TestARefusedPlainNumberSaysWhy(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		choice webhook.RawRecipients
		says   string
		who    []string
	}{
		"known": {
			webhook.KnownRaw, "to is neither a handle of this business nor a number that it may see. Copy the handle from one of the customer's events.",
			[]string{hiddenPerson().Number, unseenPerson().Number},
		},
		"deny": {
			webhook.DenyRaw, "Plain numbers are switched off for this business (raw_recipients: deny). Copy the handle from one of the customer's events.",
			[]string{hiddenPerson().Number, unseenPerson().Number, visiblePerson().Number},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, func(s *settings) { s.businesses[0].RawRecipients = row.choice })
			for _, number := range row.who {
				got := r.do(t, call{path: messages(), body: `{"messaging_product":"whatsapp","to":"` + number + `","type":"text","text":{"body":"ciao"}}`})
				if f := wantFault(t, got, 400, 131030, "raw_recipient"); f.Error.Data.Details != row.says {
					t.Errorf("it says %q", f.Error.Data.Details)
				}
			}
		})
	}
}

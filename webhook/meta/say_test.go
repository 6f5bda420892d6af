package meta_test

import (
	"testing"

	"bauta/masking"
	"bauta/webhook/meta"
)

// The expected bodies are those of identity.md 2.4 and 2.5, and of the platform's
// reference of interactive reply buttons.
func TestMessagesOfBautaHaveThePlatformsForm(t *testing.T) {
	t.Parallel()
	id, ok := masking.ParseUserID("US.13491208655302741918")
	number, known := masking.ParseNumber("16505550142")
	if !ok || !known {
		t.Fatal("identities are not read")
	}
	user, phone := masking.Identity{UserID: id}, masking.Identity{Number: number}
	buttons := []meta.SayButton{{ID: "token-1", Title: "Share"}, {ID: "token-2", Title: "Not now"}}
	rows := map[string]struct {
		say  meta.Say
		want string
	}{
		"a text to a user id": {
			meta.Say{To: user, Body: "Done.", Callback: "bauta:notice:"},
			`{"messaging_product":"whatsapp","recipient_type":"individual","recipient":"US.13491208655302741918","type":"text","text":{"body":"Done."},"biz_opaque_callback_data":"bauta:notice:"}`,
		},
		"a text to a number": {
			meta.Say{To: phone, Body: "Fertig: \"è\"\n."},
			`{"messaging_product":"whatsapp","recipient_type":"individual","to":"+16505550142","type":"text","text":{"body":"Fertig: \"è\"\n."}}`,
		},
		"a question with buttons": {
			meta.Say{To: phone, Body: "May we?", Buttons: buttons, Callback: "bauta:question:AAECAwQFBgcICQoL"},
			`{"messaging_product":"whatsapp","recipient_type":"individual","to":"+16505550142","type":"interactive","interactive":{"type":"button","body":{"text":"May we?"},` +
				`"action":{"buttons":[{"type":"reply","reply":{"id":"token-1","title":"Share"}},{"type":"reply","reply":{"id":"token-2","title":"Not now"}}]}},` +
				`"biz_opaque_callback_data":"bauta:question:AAECAwQFBgcICQoL"}`,
		},
		"the platform's own request": {
			meta.Say{To: user, Body: "May we?", Native: true},
			`{"messaging_product":"whatsapp","recipient_type":"individual","recipient":"US.13491208655302741918","type":"interactive",` +
				`"interactive":{"type":"request_contact_info","body":{"text":"May we?"},"action":{"name":"request_contact_info"}}}`,
		},
		"the platform's own request has no other buttons": {
			meta.Say{To: user, Body: "May we?", Native: true, Buttons: buttons},
			`{"messaging_product":"whatsapp","recipient_type":"individual","recipient":"US.13491208655302741918","type":"interactive",` +
				`"interactive":{"type":"request_contact_info","body":{"text":"May we?"},"action":{"name":"request_contact_info"}}}`,
		},
	}
	for name, row := range rows {
		if got := string(row.say.JSON()); got != row.want {
			t.Errorf("%s:\n%s\nwant\n%s", name, got, row.want)
		}
	}
}

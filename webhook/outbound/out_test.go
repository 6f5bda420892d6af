package outbound_test

import (
	"errors"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"bauta/webhook"
	"bauta/webhook/outbound"
)

// The bodies are those of identity.md 2.4 and webhooks.md 6.1, 6.3 and 6.4.
func TestOutWritesWhatThePlatformReads(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct{ route, body, want string }{
		"a handle in recipient becomes the user id": {
			"messages_send",
			`{ "messaging_product":"whatsapp", "recipient":"{ada}", "type":"text", "text":{"body":"…"} }`,
			`{ "messaging_product":"whatsapp", "recipient":"US.1000200030004000", "type":"text", "text":{"body":"…"} }`,
		},
		"a handle in to becomes the user id in recipient": {
			"messages_send", `{"to" : "{ada}","type":"text"}`, `{"recipient" : "US.1000200030004000","type":"text"}`,
		},
		"a handle in the phone shape, as a number with a plus sign": {
			"messages_send", `{"to":"+{ada phone}"}`, `{"recipient":"US.1000200030004000"}`,
		},
		"a handle in the phone shape, as a JSON number": {
			"messages_send", `{"to":{ada phone}, "type":"text"}`, `{"recipient":"US.1000200030004000", "type":"text"}`,
		},
		"a customer without a user id gets it at the number, with a plus sign": {
			"messages_send", `{"recipient":"{ben}","type":"text"}`, `{"to":"+447700900123","type":"text"}`,
		},
		"a customer without a number gets it at the user id": {
			"messages_send", `{"to":"{cleo phone}"}`, `{"recipient":"IT.2233445566778899"}`,
		},
		"a parent user id is not sent to": {
			"messages_send", `{"to":"{gwen}"}`, `{"to":"+61491570156"}`,
		},
		"to and recipient of one customer become one": {
			"messages_send", `{"to":"{ada}", "recipient":"{ada phone}", "type":"text"}`, `{"recipient":"US.1000200030004000", "type":"text"}`,
		},
		"an empty and a null member go with one comma": {
			"messages_send", `{"type":"text","to":"{ben}" , "recipient":null}`, `{"type":"text","to":"+447700900123"}`,
		},
		"a null member before the other": {
			"messages_send", `{"recipient":"", "to":"{ada}"}`, `{"recipient":"US.1000200030004000"}`,
		},
		"a member name written with escapes": {
			"messages_send", `{"t\u006f":"{ben}"}`, `{"to":"+447700900123"}`,
		},
		"a visible customer's number, as the platform gave it": {
			"messages_send", `{"to":"+39 333 5550111"}`, `{"to":"+393335550111"}`,
		},
		"another notation of a shared customer's number": {
			"messages_send", `{"to":"551187654321"}`, `{"to":"+5511987654321"}`,
		},
		"a visible customer's user id never stays in to": {
			"messages_send", `{"to":"IT.9988776655443322"}`, `{"recipient":"IT.9988776655443322"}`,
		},
		"a visible customer by number and handle goes to the number": {
			"messages_send", `{"to":"393335550111","recipient":"{dora}"}`, `{"to":"+393335550111"}`,
		},
		"a group": {
			"messages_send", `{"recipient_type":"group","to":"` + runners + `","type":"text"}`,
			`{"recipient_type":"group","to":"` + runners + `","type":"text"}`,
		},
		"a group by its jid": {
			"messages_send", `{"recipient_type":"group","to":"120363000000000001"}`, `{"recipient_type":"group","to":"120363000000000001"}`,
		},
		"a token in the body goes": {
			"messages_send", `{"to":"{ben}","access_token":"secret"}`, `{"to":"+447700900123"}`,
		},
		"a reply": {
			"messages_send", `{"to":"{ada}","context":{"message_id":"{ada's message}"},"type":"text"}`,
			`{"recipient":"US.1000200030004000","context":{"message_id":"` + inboundRaw + `"},"type":"text"}`,
		},
		"a reaction": {
			"messages_send", `{"to":"{ada}","type":"reaction","reaction":{"message_id":"{ada's message}","emoji":"\uD83D\uDE00"}}`,
			`{"recipient":"US.1000200030004000","type":"reaction","reaction":{"message_id":"` + inboundRaw + `","emoji":"\uD83D\uDE00"}}`,
		},
		"a pinned message of a group": {
			"messages_send", `{"recipient_type":"group","to":"` + runners + `","type":"pin","pin":{"message_id":"{ada's group message}"}}`,
			`{"recipient_type":"group","to":"` + runners + `","type":"pin","pin":{"message_id":"` + groupRaw + `"}}`,
		},
		"a read mark with typing": {
			"messages_send", `{"messaging_product":"whatsapp","status":"read","message_id":"{ada's message}","typing_indicator":{"type":"text"}}`,
			`{"messaging_product":"whatsapp","status":"read","message_id":"` + inboundRaw + `","typing_indicator":{"type":"text"}}`,
		},
		"an id that was sealed whole": {
			"messages_send", `{"to":"{ada}","context":{"message_id":"{sealed whole}"}}`,
			`{"recipient":"US.1000200030004000","context":{"message_id":"wamid.of-no-known-form"}}`,
		},
		"an id that was sealed before its sender was known": {
			"messages_send", `{"to":"{ada}","context":{"message_id":"{ada's sealed message}"}}`,
			`{"recipient":"US.1000200030004000","context":{"message_id":"` + inboundRaw + `"}}`,
		},
		"a visible customer's own id": {
			"messages_send", `{"to":"393335550111","context":{"message_id":"{dora's message}"}}`,
			`{"to":"+393335550111","context":{"message_id":"{dora's message}"}}`,
		},
		"no context": {
			"messages_send", `{"to":"{ben}","context":null}`, `{"to":"+447700900123","context":null}`,
		},
		"a template for numbers only": {
			"messages_send", `{"to":"{ada}","type":"template","template":{"name":"login_code","language":{"code":"en_US"}}}`,
			`{"to":"+15550001234","type":"template","template":{"name":"login_code","language":{"code":"en_US"}}}`,
		},
		"another template": {
			"messages_send", `{"to":"{ada}","type":"template","template":{"name":"offer","language":{"code":"en_US"}}}`,
			`{"recipient":"US.1000200030004000","type":"template","template":{"name":"offer","language":{"code":"en_US"}}}`,
		},
		"blocked people": {
			"block_users_add", `{"messaging_product":"whatsapp","block_users":[{"user":"{ada}"},{"user":"{ben phone}"},{"user_id":"{cleo}"}]}`,
			`{"messaging_product":"whatsapp","block_users":[{"user_id":"US.1000200030004000"},{"user":"+447700900123"},{"user_id":"IT.2233445566778899"}]}`,
		},
		"a call": {
			"calls", `{"to":"{ada phone}","action":"connect","session":{"sdp_type":"offer","sdp":"<<RFC 8866 SDP>>"}}`,
			`{"recipient":"US.1000200030004000","action":"connect","session":{"sdp_type":"offer","sdp":"<<RFC 8866 SDP>>"}}`,
		},
		"the end of a call": {
			"calls", `{"call_id":"{ada's call}","action":"terminate"}`, `{"call_id":"` + callRaw + `","action":"terminate"}`,
		},
		"a body that names nobody": {
			"profile_update", `{"about":"{ada} 15550001234","access_token":"x"}`, `{"about":"{ada} 15550001234"}`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			room := newSendRoom(t)
			call := room.call(t, row.route, row.body)
			before := string(call.Body)
			got, err := room.Out(t.Context(), call)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(room.filled(row.want), string(got.Body)); diff != "" {
				t.Errorf("the platform gets (-want +got):\n%s", diff)
			}
			if string(call.Body) != before {
				t.Error("the caller's body was changed")
			}
		})
	}
}

func TestGroupCallsReadTheHandlesOfTheGroup(t *testing.T) {
	t.Parallel()
	room := newSendRoom(t)
	call := room.call(t, "participants_remove", `{"participants":[{"user":"{ada in group}"}]}`)
	call.Group = runners
	got, err := room.Out(t.Context(), call)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(`{"participants":[{"user_id":"US.1000200030004000"}]}`, string(got.Body)); diff != "" {
		t.Error(diff)
	}
	call.Body = []byte(room.filled(`{"participants":[{"user":"{ada}"}]}`))
	if _, err := room.Out(t.Context(), call); !errors.Is(err, outbound.ErrGroupHandle) {
		t.Errorf("with the handle of the direct chat: %v", err)
	}
	// Visible in the direct chat is not visible in the group.
	call.Body = []byte(`{"participants":[{"user":"393335550111"}]}`)
	if _, err := room.Out(t.Context(), call); !errors.Is(err, outbound.ErrRawRecipient) {
		t.Errorf("with the number of a customer who shows elsewhere: %v", err)
	}
}

func TestOutTranslatesParameters(t *testing.T) {
	t.Parallel()
	room := newSendRoom(t)
	for name, row := range map[string]struct {
		route, query string
		want         url.Values
	}{
		"the permission of a customer with a user id": {
			"call_permissions", "user_wa_id={ada phone}", url.Values{"recipient": {"US.1000200030004000"}},
		},
		"of one with a number only": {
			"call_permissions", "recipient={ben}", url.Values{"user_wa_id": {"+447700900123"}},
		},
		"of one named twice, with Bauta's token": {
			"call_permissions", "recipient={ada}&user_wa_id={ada phone}&access_token=x", url.Values{"recipient": {"US.1000200030004000"}},
		},
		"an entry of the contact book": {
			"contact_book_delete", "messaging_product=whatsapp&bsuid={cleo}",
			url.Values{"messaging_product": {"whatsapp"}, "bsuid": {"IT.2233445566778899"}},
		},
		"fields": {"profile_get", "fields=about,email", url.Values{"fields": {"about,email"}}},
		"none":   {"profile_get", "", url.Values{}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			own := newSendRoom(t)
			got, err := own.Out(t.Context(), own.query(t, row.route, row.query))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(row.want, got.Query); diff != "" {
				t.Errorf("parameters (-want +got):\n%s", diff)
			}
		})
	}
	if _, err := room.Out(t.Context(), room.query(t, "contact_book_delete", "bsuid={ben}")); !errors.Is(err, outbound.ErrNeedsUserID) {
		t.Errorf("the contact book, of somebody without a user id: %v", err)
	}
}

// What the business writes comes back to it as an echo: an id or number put in here
// would come back with it.
func TestWhatIsNoPositionIsNeverTranslated(t *testing.T) {
	t.Parallel()
	room := newSendRoom(t)
	const rest = `,"biz_opaque_callback_data":"{ada} {ada's message}","type":"interactive","text":{"body":"to {ada phone}","message_id":"{ada's message}"},
  "interactive":{"type":"flow","to":"{ada}","body":{"text":"caf\u00e9 é 1e3"},"action":{"buttons":[{"reply":{"id":"{ada's message}","title":"{ada}"}}],
  "parameters":{"flow_token":"{ada}","context":{"message_id":"{ada's message}"}}}},
  "template":{"components":[{"parameters":[{"type":"text","text":"{ada's message}"},{"type":"payload","payload":"{ada}"}]}]},
  "contacts":[{"phones":[{"phone":"{ada phone}","wa_id":"{ada phone}"}]}],"recipient_logical_name":"{ada}"}`
	got, err := room.Out(t.Context(), room.call(t, "messages_send", `{"to":"{ben}"`+rest))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(`{"to":"+447700900123"`+room.filled(rest), string(got.Body)); diff != "" {
		t.Error(diff)
	}
}

func TestTheStoresFaultIsNoRefusal(t *testing.T) {
	t.Parallel()
	room := newSendRoom(t)
	room.people.fails = errors.New("redis is away")
	for _, body := range []string{`{"to":"{ada}"}`, `{"to":"393335550111"}`, `{"status":"read","message_id":"{ada's message}"}`, `{"to":"{ada}","image":{"id":"` + uploadedMedium + `"}}`} {
		if _, err := room.Out(t.Context(), room.call(t, "messages_send", body)); !errors.Is(err, room.people.fails) {
			t.Errorf("%s: %v", body, err)
		}
	}
	room.people.fails = webhook.ErrErased
	if _, err := room.Out(t.Context(), room.call(t, "messages_send", `{"to":"{ada}"}`)); !errors.Is(err, webhook.ErrUnknownHandle) {
		t.Errorf("somebody erased: %v", err)
	}
}

func TestNewNamesEveryMissingPart(t *testing.T) {
	t.Parallel()
	_, err := outbound.New(outbound.Options{})
	if err == nil {
		t.Fatal("a translator of nothing was made")
	}
	for _, part := range []string{
		"API", "Handles", "IDs", "WayBack", "Directory", "Forms", "Rolls", "Templates", "Sealer", "Rewriter", "Logger",
	} {
		if !strings.Contains(err.Error(), "Options."+part+" ") {
			t.Errorf("%s is not named in: %v", part, err)
		}
	}
}

package outbound_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"bauta/webhook"
	"bauta/webhook/outbound"
)

// What a message to a group may refer to (webhooks.md 6.1): what the business can have
// and what is of that group.
func TestWhatAMessageToAGroupRefersTo(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		policy  webhook.RawRecipients
		inGroup webhook.Visibility
		id      string
		want    error
	}{
		"the platform's own id of somebody hidden there":  {webhook.KnownRaw, webhook.Hidden, groupRaw, outbound.ErrUnknownMessage},
		"the platform's own id of who is visible there":   {webhook.KnownRaw, webhook.Visible, groupRaw, nil},
		"the platform's own id of who shared there":       {webhook.KnownRaw, webhook.Shared, groupRaw, outbound.ErrUnknownMessage},
		"the platform's own id of the chat with them":     {webhook.KnownRaw, webhook.Visible, inboundRaw, outbound.ErrUnknownMessage},
		"a re-issued id of the group":                     {webhook.KnownRaw, webhook.Hidden, "{ada's group message}", nil},
		"a re-issued id of the chat with them":            {webhook.KnownRaw, webhook.Visible, "{ada's message}", outbound.ErrUnknownMessage},
		"an id of no known form, sealed":                  {webhook.KnownRaw, webhook.Hidden, "{sealed whole}", nil},
		"a chat's id, sealed whole":                       {webhook.KnownRaw, webhook.Hidden, "{ada's sealed message}", outbound.ErrUnknownMessage},
		"any id of a group where plain numbers are taken": {webhook.AllowRaw, webhook.Hidden, groupRaw, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			room := newSendRoom(t)
			room.business.RawRecipients = row.policy
			room.customer("ada").Scopes[runners].Visibility = row.inGroup
			body := `{"recipient_type":"group","to":"` + runners + `","context":{"message_id":"` + row.id + `"}}`
			if _, err := room.Out(t.Context(), room.call(t, "messages_send", body)); !errors.Is(err, row.want) {
				t.Errorf("got %v, want %v", err, row.want)
			}
		})
	}
}

// A re-issued id beside the number of somebody whom nobody knows would tell whose
// message it is.
func TestAStrangersNumberIsBesideNoHandle(t *testing.T) {
	t.Parallel()
	room := newSendRoom(t)
	room.business.RawRecipients = webhook.AllowRaw
	body := `{"to":"12025550199","context":{"message_id":"{ada's message}"}}`
	if _, err := room.Out(t.Context(), room.call(t, "messages_send", body)); !errors.Is(err, outbound.ErrUnknownMessage) {
		t.Errorf("got %v", err)
	}
}

// A read mark goes to nobody (webhooks.md 6.3): what a client leaves empty there does
// not go out, and a null is no message.
func TestWhatIsAboutAMessageGoesToNobody(t *testing.T) {
	t.Parallel()
	room := newSendRoom(t)
	for body, want := range map[string]string{
		`{"status":"read","message_id":"{ada's message}","to":null}`:                            `{"status":"read","message_id":"` + inboundRaw + `"}`,
		`{"recipient":"","status":"read","message_id":"{ada's message}"}`:                       `{"status":"read","message_id":"` + inboundRaw + `"}`,
		`{"to":"","recipient":"","message_id":"{ada's message}","typing_indicator":{"type":1}}`: `{"message_id":"` + inboundRaw + `","typing_indicator":{"type":1}}`,
		`{"to":"{ben}","context":{"message_id":null}}`:                                          `{"to":"+447700900123","context":{"message_id":null}}`,
	} {
		got, err := room.Out(t.Context(), room.call(t, "messages_send", body))
		if err != nil {
			t.Errorf("%s: %v", body, err)
		} else if diff := cmp.Diff(want, string(got.Body)); diff != "" {
			t.Errorf("%s:\n%s", body, diff)
		}
	}
}

// What stands there twice is found however many others stand before it.
func TestTheLastOfManyMembersStandsThereOnce(t *testing.T) {
	t.Parallel()
	all := []string{
		`"to":"{ben}"`, `"recipient":null`, `"context":{}`, `"reaction":{}`, `"pin":{}`, `"sticker":{}`, `"audio":{}`,
		`"image":{}`, `"video":{}`, `"document":{}`, `"interactive":{}`, `"template":{}`,
	}
	room := newSendRoom(t)
	if _, err := room.Out(t.Context(), room.call(t, "messages_send", "{"+strings.Join(all, ",")+"}")); err != nil {
		t.Errorf("each once: %v", err)
	}
	for _, member := range all {
		_, err := room.Out(t.Context(), room.call(t, "messages_send", "{"+strings.Join(append(slices.Clip(all), member), ",")+"}"))
		if _, ok := errors.AsType[*outbound.BodyError](err); !ok {
			t.Errorf("%s twice: %v", member, err)
		}
	}
}

func TestWhatIsNoGroupsID(t *testing.T) {
	t.Parallel()
	for name, id := range map[string]string{
		"short":                    "Y2FwaQ",
		"endless":                  strings.Repeat("Y2FwaV9n", 33),
		"with another sign":        "Y2FwaV9n.3JvdXA",
		"with a row of digits":     "Y2FwaV12345n3JvdXA",
		"digits that begin with 0": "012036300000000000001",
	} {
		room := newSendRoom(t)
		_, err := room.Out(t.Context(), room.call(t, "messages_send", `{"recipient_type":"group","to":"`+id+`"}`))
		if bad, ok := errors.AsType[*outbound.BodyError](err); !ok || bad.Position != "to" {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Of a call that Bauta did not turn nothing is known: doubt hides.
func TestNothingIsCleanOfACallThatNobodyTurned(t *testing.T) {
	t.Parallel()
	var none outbound.Outgoing
	if none.Clean("") {
		t.Error("a header is clean of nobody knows whom")
	}
	if _, _, asks := none.Asks(); asks {
		t.Error("it asks")
	}
}

package outbound_test

import (
	"encoding/base64"
	"strings"
	"testing"

	"bauta/masking"
	"bauta/webhook"
	"bauta/webhook/outbound"
	"bauta/webhook/simulator"
)

// One person can be two customers: known by a number and shown, and come again with
// a user id alone, hidden (design 4.1). Where the platform says both of them in one
// breath, nobody is told that they belong together.
func TestNobodyIsToldThatTwoCustomersAreOnePerson(t *testing.T) {
	t.Parallel()
	pair := `"wa_id":"` + beaNumber + `","user_id":"` + beaUser + `"`
	for _, row := range []struct {
		shape masking.Shape
		shows webhook.Visibility
	}{
		{masking.ShapeUserID, webhook.Visible},
		{masking.ShapePhone, webhook.Visible},
		{masking.ShapeUserID, webhook.Shared},
		{masking.ShapePhone, webhook.Shared},
	} {
		shape := row.shape
		b := newBack(t)
		shown := b.customer(t, 1, row.shows, beaNumber)
		hidden := b.customer(t, 2, webhook.Hidden, beaUser)
		handle := handleOf(hidden, business(shape))
		toShown := outbound.Addressee{Sent: "+" + beaNumber, Told: identityOf(t, beaNumber), Customer: shown, Raw: true}
		toHidden := outbound.Addressee{Sent: handle, Told: identityOf(t, beaUser), Customer: hidden}
		for name, row := range map[string]struct {
			route, body string
			to          []outbound.Addressee
		}{
			"a list of blocked users":        {"block_users_list", `{"data":[{"block_users":[{` + pair + `}]},{` + pair + `}]}`, nil},
			"a group":                        {"group_get", `{"participants":[{` + pair + `}]}`, nil},
			"who asks to join":               {"join_requests_list", `{"data":[{"join_request_id":"x",` + pair + `}]}`, nil},
			"a message to the number":        {"messages_send", `{"contacts":[{"input":"+` + beaNumber + `",` + pair + `}],"messages":[{"id":"` + wamid(beaUser) + `"}]}`, []outbound.Addressee{toShown}},
			"a message to the handle":        {"messages_send", `{"contacts":[{"input":"` + beaUser + `",` + pair + `}],"messages":[{"id":"` + wamid(beaNumber) + `"}]}`, []outbound.Addressee{toHidden}},
			"an entry, one of two was named": {"block_users_add", `{"block_users":{"added_users":[{"input":"+` + beaNumber + `",` + pair + `}]}}`, []outbound.Addressee{toShown, {Sent: "x", Told: identityOf(t, adaUser)}}},
			"an entry, and both were named":  {"block_users_add", `{"block_users":{"added_users":[{"input":"+` + beaNumber + `",` + pair + `},{"input":"` + beaUser + `",` + pair + `}]}}`, []outbound.Addressee{toShown, toHidden}},
		} {
			got := b.Back(t.Context(), outbound.NewOutgoing(b.call(t, row.route, shape), row.to...), 200, []byte(row.body))
			if got.Fault != "" {
				t.Errorf("%s: %s", name, got.Body)
			}
			for _, entry := range strings.FieldsFunc(string(got.Body), func(r rune) bool { return r == '{' || r == '}' }) {
				if strings.Contains(entry, handle) && strings.Contains(entry, beaNumber) {
					t.Errorf("%s: number and handle side by side: %s", name, got.Body)
				}
			}
			switch len(row.to) {
			case 0:
				if strings.Contains(string(got.Body), handle) || strings.Contains(string(got.Body), beaNumber) {
					t.Errorf("%s: blocking one shows the other: %s", name, got.Body)
				}
			case 1:
				mine, other := handle, wamid(beaNumber)
				if row.to[0].Raw {
					mine, other = beaNumber, handle
				}
				if !strings.Contains(string(got.Body), mine) || strings.Contains(string(got.Body), other) {
					t.Errorf("%s: %s", name, got.Body)
				}
				if !row.to[0].Raw {
					mustHide(t, got.Body, beaNumber, beaUser)
				} else {
					id := got.Body[strings.Index(string(got.Body), "wamid."):]
					if decodes(string(id), hidden.Scopes[""].Handle.Long[:12]) {
						t.Errorf("%s: the id has the handle: %s", name, got.Body)
					}
				}
			}
		}
	}
}

// decodes tells that a text is in a message id.
func decodes(id, text string) bool {
	body, _, _ := strings.Cut(strings.TrimPrefix(id, "wamid."), `"`)
	raw, err := base64.StdEncoding.DecodeString(body)
	return err == nil && strings.Contains(string(raw), text)
}

// So it is in events: the id of a message in the direct chat names whom it was sent
// to, be it under the other of their names.
func TestAnIDOfAnEventDoesNotTellItEither(t *testing.T) {
	t.Parallel()
	b := newBack(t)
	b.customer(t, 1, webhook.Visible, beaNumber)
	hidden := b.customer(t, 2, webhook.Hidden, beaUser)
	handle := hidden.Scopes[""].Handle.Long
	if id := b.statusOf(t, wamid(beaNumber), simulator.Person{UserID: beaUser, Hides: true}); id == wamid(beaNumber) || decodes(id, beaNumber) {
		t.Errorf("beside the handle the id has the number: %s", id)
	}
	if id := b.statusOf(t, wamid(beaUser), simulator.Person{Number: beaNumber}); decodes(id, handle[:12]) {
		t.Errorf("beside the number the id has the handle: %s", id)
	}
	if id := b.statusOf(t, wamid(beaNumber), simulator.Person{Number: beaNumber}); id != wamid(beaNumber) {
		t.Errorf("the visible customer's own id: %s", id)
	}
	if id := b.statusOf(t, wamid(beaUser), simulator.Person{UserID: beaUser, Hides: true}); !decodes(id, handle) {
		t.Errorf("the hidden customer's own id: %s", id)
	}
}

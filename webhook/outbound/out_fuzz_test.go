package outbound_test

import (
	"encoding/json"
	"errors"
	"net/url"
	"strings"
	"testing"

	"bauta/masking"
	"bauta/webhook"
	"bauta/webhook/meta"
	"bauta/webhook/outbound"
)

// Whatever is sent: no fault but the package's own, no handle and no re-issued id
// where the platform looks for people and messages, no user id where it looks for a
// number, nobody under two names.
func FuzzOut(f *testing.F) {
	room := newSendRoom(f)
	for _, body := range []string{
		`{"to":"{ada}","recipient":"{ada phone}","context":{"message_id":"{ada's message}"}}`,
		`{"recipient_type":"group","to":"Y2FwaV9ncm91cDox","pin":{"message_id":"{ada's group message}"}}`,
		`{"to":15550001234}`, `{"t\u006f":"+39 333 5550111","recipient":null,"access_token":"x"}`,
		`{"block_users":[{"user":"{ben}"},{"user_id":"{cleo}"}]}`, `{"call_id":"{ada's call}"}`,
	} {
		f.Add(byte(0), byte(0), false, []byte(room.filled(body)))
		f.Add(byte(3), byte(2), false, []byte(body))
	}
	f.Add(byte(0), byte(1), true, []byte(room.filled(`to={ada}&context={"message_id":"x"}&access_token=y`)))
	f.Add(byte(8), byte(1), true, []byte(`user_wa_id=`+room.filled("{ada}")))
	routes := room.api.Routes()
	f.Fuzz(func(t *testing.T, route, policy byte, form bool, body []byte) {
		business := room.business
		business.RawRecipients = webhook.RawRecipients(policy % 3)
		call := outbound.Call{Business: &business, Route: routes[int(route)%len(routes)], Form: form, Body: []byte(room.filled(string(body)))}
		if call.Route.Body == nil {
			query, err := url.ParseQuery(string(call.Body))
			if err != nil {
				return
			}
			call.Query, call.Body = query, nil
		}
		got, err := room.Out(t.Context(), call)
		if err != nil {
			if !refused(err) {
				t.Fatalf("not one of the package's errors: %v", err)
			}
			return
		}
		for name, schema := range call.Route.Query {
			for _, text := range got.Query[name] {
				room.check(t, name, text, schema)
			}
		}
		if again, ok := got.ByNumber(); ok && len(again.Body) == 0 && len(call.Body) > 0 {
			t.Fatal("the second way lost the body")
		}
		if call.Route.Body == nil || len(got.Body) == 0 {
			return
		}
		room.checkBody(t, call, got.Body)
	})
}

func (r *sendRoom) checkBody(t *testing.T, call outbound.Call, body []byte) {
	t.Helper()
	read := map[string]any{}
	if call.Form {
		values, err := url.ParseQuery(string(body))
		if err != nil {
			t.Fatalf("%s: %v", body, err)
		}
		for name, all := range values {
			read[name] = all[0]
			var inner any
			if s := call.Route.Body.Member(name); s.RoleOf() == masking.RoleText && json.Unmarshal([]byte(all[0]), &inner) == nil {
				read[name] = inner
			}
		}
	} else if err := json.Unmarshal(body, &read); err != nil {
		t.Fatalf("%s: %v", body, err)
	}
	if read["recipient_type"] == "group" {
		if to, _ := read["to"].(string); to != "" {
			if _, person := masking.IdentityOf(to); person {
				t.Fatalf("a person in the place of a group: %s", body)
			}
		}
		delete(read, "to")
	}
	if _, token := read["access_token"]; token {
		t.Fatalf("a token goes out: %s", body)
	}
	r.checkValue(t, read, call.Route.Body)
}

func (r *sendRoom) checkValue(t *testing.T, value any, s *masking.Schema) {
	t.Helper()
	switch v := value.(type) {
	case map[string]any:
		for name, member := range v {
			m := s.Member(name)
			if m == nil {
				continue
			}
			if m.Pair != "" && v[m.Pair] != nil {
				t.Fatalf("%s and %s both go out", name, m.Pair)
			}
			if text, ok := member.(string); ok {
				r.check(t, name, text, m)
			}
			r.checkValue(t, member, m)
		}
	case []any:
		for _, element := range v {
			r.checkValue(t, element, s.Elem())
		}
	}
}

// check is of one text that the platform gets.
func (r *sendRoom) check(t *testing.T, name, text string, s *masking.Schema) {
	t.Helper()
	switch s.Role { //nolint:exhaustive // the others are not translated
	case masking.RoleMessageID:
		if _, err := r.masker.Unmask("acme", text); !errors.Is(err, meta.ErrNotMasked) {
			t.Fatalf("a re-issued id goes out in %s: %v", name, err)
		}
	case masking.RoleNumber, masking.RoleUserID:
		who, ok := masking.IdentityOf(text)
		if _, handle := r.handles.Parse(text); handle || !ok {
			t.Fatalf("what goes out in %s names nobody to the platform", name)
		}
		if (s.Role == masking.RoleNumber) != who.UserID.IsZero() {
			t.Fatalf("%s is of the wrong kind", name)
		}
	}
}

func refused(err error) bool {
	if _, ok := errors.AsType[*outbound.BodyError](err); ok {
		return true
	}
	for _, known := range []error{
		webhook.ErrUnknownHandle, outbound.ErrRawRecipient, outbound.ErrGroupHandle, outbound.ErrUnknownMessage,
		outbound.ErrNeedsNumber, outbound.ErrNeedsUserID, outbound.ErrNoRecipient, outbound.ErrTwoRecipients,
	} {
		if errors.Is(err, known) {
			return true
		}
	}
	return false
}

// A text of about 300 bytes to a hidden customer, without the store.
func BenchmarkOut(b *testing.B) {
	room := newSendRoom(b)
	call := room.call(b, "messages_send", `{"messaging_product":"whatsapp","recipient_type":"individual","to":"{ada}","type":"text",`+
		`"text":{"preview_url":false,"body":"`+strings.Repeat("Thank you for your order. ", 6)+`"}}`)
	b.SetBytes(int64(len(call.Body)))
	b.ReportAllocs()
	for b.Loop() {
		room.people.calls = nil
		if _, err := room.Out(b.Context(), call); err != nil {
			b.Fatal(err)
		}
	}
}

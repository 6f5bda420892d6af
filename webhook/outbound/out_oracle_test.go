package outbound_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"bauta/masking"
	"bauta/webhook/meta"
	"bauta/webhook/outbound"
)

// Whatever a caller learns about a plain name must not depend on who is hidden.
func TestNobodyCanTellAHiddenCustomerFromAStranger(t *testing.T) {
	t.Parallel()
	pairs := []struct{ hidden, never string }{
		{"15550001234", "12025550199"},
		{"+44 7700 900123", "+44 7700 900199"},
		{"US.1000200030004000", "US.1000200030004999"},
		{"IT.2233445566778899", "IT.2233445566778000"},
	}
	messages := [2]string{"{ada's raw message}", "{stranger's message}"}
	room := newSendRoom(t)
	asked, routes := 0, map[string]bool{}
	same := func(what string, a, b outbound.Call) {
		t.Helper()
		asked++
		routes[a.Route.Name] = true
		room.people.calls = nil
		got, errA := room.Out(t.Context(), a)
		callsA := room.people.calls
		room.people.calls = nil
		_, errB := room.Out(t.Context(), b)
		if errA == nil || got != nil {
			t.Fatalf("%s: a hidden customer was named plainly", what)
		}
		if errB == nil || errA.Error() != errB.Error() || !errors.Is(errA, errB) {
			if _, form := errors.AsType[*outbound.BodyError](errA); !form || errA.Error() != errB.Error() {
				t.Errorf("%s: %v for a hidden customer, %v for a stranger", what, errA, errB)
			}
		}
		if diff := cmp.Diff(callsA, room.people.calls); diff != "" {
			t.Errorf("%s: other look-ups:\n%s", what, diff)
		}
	}
	for _, p := range pairs {
		for _, body := range []string{
			`{"to":"?"}`, `{"recipient":"?"}`, `{"to":"{ada}","recipient":"?"}`, `{"to":"?","recipient":"{ada}"}`,
			`{"to":"?","recipient":"{nobody}"}`, `{"to":"?","context":{"message_id":"{ada's message}"}}`,
			`{"recipient_type":"group","to":"?"}`, `{"to":"?","recipient":"393335550111"}`,
		} {
			for _, route := range []string{"messages_send", "marketing_messages_send", "calls"} {
				same(route+body, room.call(t, route, strings.Replace(body, "?", p.hidden, 1)), room.call(t, route, strings.Replace(body, "?", p.never, 1)))
			}
		}
		for _, route := range []string{"block_users_add", "block_users_remove", "participants_remove"} {
			list := "block_users"
			if route == "participants_remove" {
				list = "participants"
			}
			for _, member := range []string{"user", "user_id"} {
				body := `{"` + list + `":[{"user":"{dora}"},{"` + member + `":"?"}]}`
				a := room.call(t, route, strings.Replace(body, "?", p.hidden, 1))
				b := room.call(t, route, strings.Replace(body, "?", p.never, 1))
				if route == "participants_remove" {
					a.Group, b.Group = runners, runners
				}
				same(route+member, a, b)
			}
		}
		for _, parameter := range []string{"user_wa_id", "recipient"} {
			a, b := room.query(t, "call_permissions", ""), room.query(t, "call_permissions", "")
			a.Query.Set(parameter, p.hidden)
			b.Query.Set(parameter, p.never)
			same(parameter, a, b)
		}
		a, b := room.query(t, "contact_book_delete", ""), room.query(t, "contact_book_delete", "")
		a.Query.Set("bsuid", p.hidden)
		b.Query.Set("bsuid", p.never)
		same("bsuid", a, b)
	}
	for _, body := range []string{
		`{"status":"read","message_id":"?"}`, `{"to":"{ada}","context":{"message_id":"?"}}`, `{"to":"{dora}","reaction":{"message_id":"?"}}`,
		`{"recipient_type":"group","to":"` + runners + `","pin":{"message_id":"?"}}`,
	} {
		same(body, room.call(t, "messages_send", strings.Replace(body, "?", messages[0], 1)),
			room.call(t, "messages_send", strings.Replace(body, "?", messages[1], 1)))
	}
	same("call_id", room.call(t, "calls", `{"call_id":"`+messages[0]+`"}`), room.call(t, "calls", `{"call_id":"`+messages[1]+`"}`))
	for _, route := range room.api.Routes() {
		if namesPeople(route) && !routes[route.Name] {
			t.Errorf("%s was not asked", route.Name)
		}
	}
}

// namesPeople tells that a route has a position of somebody.
func namesPeople(r *meta.Route) bool {
	var in func(s *masking.Schema) bool
	in = func(s *masking.Schema) bool {
		switch s.RoleOf() { //nolint:exhaustive // the others name nobody
		case masking.RoleNumber, masking.RoleUserID, masking.RoleEither, masking.RoleMessageID:
			return true
		}
		if s == nil {
			return false
		}
		for _, m := range s.Members {
			if in(m) {
				return true
			}
		}
		return in(s.Each)
	}
	for _, q := range r.Query {
		if in(q) {
			return true
		}
	}
	return in(r.Body)
}

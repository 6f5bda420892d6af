package outbound_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestByNumber(t *testing.T) {
	t.Parallel()
	room := newSendRoom(t)
	body := `{"to":"{ada}", "context":{"message_id":"{ada's message}"}, "recipient":null, "access_token":"x"}`
	first, err := room.Out(t.Context(), room.call(t, "messages_send", body))
	if err != nil {
		t.Fatal(err)
	}
	again, ok := first.ByNumber()
	if !ok {
		t.Fatal("a customer with a number has no second way")
	}
	if diff := cmp.Diff(`{"to":"+15550001234", "context":{"message_id":"`+inboundRaw+`"}}`, string(again.Body)); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(`{"recipient":"US.1000200030004000", "context":{"message_id":"`+inboundRaw+`"}}`, string(first.Body)); diff != "" {
		t.Errorf("the first writing was changed:\n%s", diff)
	}
	if _, ok := again.ByNumber(); ok {
		t.Error("what goes to the number has another way to it")
	}
	for _, body := range []string{
		`{"to":"{ben}"}`, `{"to":"{cleo}"}`, `{"to":"IT.9988776655443322"}`,
		`{"recipient_type":"group","to":"` + runners + `"}`,
	} {
		o, err := room.Out(t.Context(), room.call(t, "messages_send", body))
		if err != nil {
			t.Fatal(err)
		}
		if _, ok := o.ByNumber(); ok {
			t.Errorf("%s has a second way", body)
		}
	}
}

func TestEveryLookUpIsDoneOnce(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		route, body string
		want        []string
	}{
		"a handle":                 {"messages_send", `{"to":"{ada}","recipient":"{ada phone}"}`, []string{"handle"}},
		"several handles":          {"block_users_add", `{"block_users":[{"user":"{ada}"},{"user":"{ben}"},{"user":"{ada}"}]}`, []string{"handle", "handle"}},
		"several plain numbers":    {"block_users_add", `{"block_users":[{"user":"393335550111"},{"user_id":"IT.9988776655443322"}]}`, []string{"recall"}},
		"number and id in one":     {"messages_send", `{"to":"393335550111","context":{"message_id":"{dora's message}"}}`, []string{"recall"}},
		"a body that names nobody": {"profile_update", `{"about":"x"}`, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			room := newSendRoom(t)
			if _, err := room.Out(t.Context(), room.call(t, row.route, row.body)); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(row.want, room.people.calls); diff != "" {
				t.Error(diff)
			}
		})
	}
}

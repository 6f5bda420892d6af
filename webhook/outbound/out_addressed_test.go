package outbound_test

import (
	"errors"
	"net/url"
	"testing"

	"github.com/google/go-cmp/cmp"

	"bauta/webhook"
	"bauta/webhook/outbound"
)

func TestWhomACallNamesIsRemembered(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		policy      webhook.RawRecipients
		route, body string
		group       string
		want        []outbound.Addressed
	}{
		"by a handle": {
			webhook.KnownRaw, "messages_send", `{"to":"+{ada phone}"}`, "",
			[]outbound.Addressed{{Sent: "+{ada phone}", Told: "US.1000200030004000", Customer: "ada"}},
		},
		"by two names: the one that the platform would read": {
			webhook.KnownRaw, "messages_send", `{"recipient":"{ada}","to":"{ada phone}"}`, "",
			[]outbound.Addressed{{Sent: "{ada phone}", Told: "US.1000200030004000", Customer: "ada"}},
		},
		"by a number": {
			webhook.KnownRaw, "messages_send", `{"to":"+39 333 5550111"}`, "",
			[]outbound.Addressed{{Sent: "+39 333 5550111", Told: "393335550111", Customer: "dora", Raw: true}},
		},
		"a hidden one by a number": {
			webhook.AllowRaw, "messages_send", `{"to":"15550001234"}`, "",
			[]outbound.Addressed{{Sent: "15550001234", Told: "15550001234", Customer: "ada", Raw: true}},
		},
		"a stranger": {
			webhook.AllowRaw, "messages_send", `{"to":"12025550199"}`, "",
			[]outbound.Addressed{{Sent: "12025550199", Told: "12025550199", Raw: true}},
		},
		"several, in order": {
			webhook.KnownRaw, "block_users_add", `{"block_users":[{"user":"{ben}"},{"user_id":"{ada}"}]}`, "",
			[]outbound.Addressed{{Sent: "{ben}", Told: "447700900123", Customer: "ben"}, {Sent: "{ada}", Told: "US.1000200030004000", Customer: "ada"}},
		},
		"in a group": {
			webhook.KnownRaw, "participants_remove", `{"participants":[{"user":"{ada in group}"}]}`, runners,
			[]outbound.Addressed{{Sent: "{ada in group}", Told: "US.1000200030004000", Customer: "ada", Scope: runners}},
		},
		"a group": {webhook.KnownRaw, "messages_send", `{"recipient_type":"group","to":"` + runners + `"}`, "", nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			room := newSendRoom(t)
			room.business.RawRecipients = row.policy
			call := room.call(t, row.route, row.body)
			call.Group = row.group
			got, err := room.Out(t.Context(), call)
			if err != nil {
				t.Fatal(err)
			}
			for i := range row.want {
				row.want[i].Sent = room.filled(row.want[i].Sent)
			}
			if diff := cmp.Diff(row.want, got.Addressed()); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestCursorsOpenForTheirListOnly(t *testing.T) {
	t.Parallel()
	room := newSendRoom(t)
	call := room.call(t, "block_users_list", "")
	sealed, err := room.SealedCursor(&call, "QVFIUnk1550001234")
	if err != nil {
		t.Fatal(err)
	}
	call.Query = url.Values{"after": {sealed}, "limit": {"10"}, "before": {""}}
	got, err := room.Out(t.Context(), call)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(url.Values{"after": {"QVFIUnk1550001234"}, "limit": {"10"}}, got.Query); diff != "" {
		t.Error(diff)
	}
	elsewhere := room.call(t, "groups_list", "")
	elsewhere.Query = call.Query
	rival := call
	rival.Business = &webhook.Business{ID: "rival"}
	for name, c := range map[string]outbound.Call{"another list": elsewhere, "another business": rival} {
		if _, err := room.Out(t.Context(), c); err == nil {
			t.Errorf("the cursor opens for %s", name)
		} else if _, ok := errors.AsType[*outbound.BodyError](err); !ok {
			t.Errorf("%s: %v", name, err)
		}
	}
}

package meta_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"bauta/masking"
	"bauta/masking/jsontree"
	"bauta/webhook/meta"
)

// Whom an answer names: documented answers (webhooks.md 6.2, 6.4), and answers of
// another form than documented.
func TestNamed(t *testing.T) {
	t.Parallel()
	const (
		out  = `wamid.HBgLMTU1NTAwMDEyMzQVAgARGBIwMDExMjIzMzQ0NTU2NkFBQkIA`                 // webhooks.md 4
		user = `wamid.HBgTVVMuMTAwMDIwMDAzMDAwNDAwMBUUABIYFDNBMDAxMTIyMzM0NDU1NjZBQUJCAA==` // the same
	)
	a := meta.NewAPI()
	for name, row := range map[string]struct {
		route, answer string
		want          []string // identities in order, envelopes as stanza@identity
	}{
		"a message to a number": {
			"messages_send",
			`{"messaging_product":"whatsapp","contacts":[{"input":"+1 555 000 1234","wa_id":"15550001234"}],"messages":[{"id":"` + out + `"}]}`,
			[]string{"15550001234", "00112233445566AABB@15550001234"},
		},
		"a message to a user id": {
			"messages_send",
			`{"contacts":[{"input":"US.1000200030004000","user_id":"US.1000200030004000"}],"messages":[{"id":"` + user + `"}]}`,
			[]string{"US.1000200030004000", "3A00112233445566AABB@US.1000200030004000"},
		},
		"a message to a group": {
			"messages_send",
			`{"contacts":[{"input":"Y2FwaV9ncm91cDox","wa_id":"Y2FwaV9ncm91cDox"}],"messages":[{"id":"wamid.unknown","group_id":"Y2FwaV9ncm91cDox"}]}`,
			nil,
		},
		"a parent id": {
			"messages_send",
			`{"contacts":[{"input":"15550001234","parent_user_id":"US.ENT.11815799212886844830"}]}`,
			[]string{"15550001234", "US.ENT.11815799212886844830"},
		},
		"users blocked in part": {
			"block_users_add",
			`{"block_users":{"added_users":[{"input":"+15550001234","wa_id":"15550001234"}],"failed_users":[{"input":"US.1","errors":[{"code":139100}]}]},"error":{"code":139100,"message":"15550009999"}}`,
			[]string{"15550001234", "US.1"},
		},
		"a list of blocked users": {
			"block_users_list",
			`{"data":[{"block_users":[{"input":"15550001234","wa_id":"15550001234"}]},{"user_id":"US.2"}],"paging":{"cursors":{"after":"MTAxNTExOTQ1MjAwNzI5NDE="}}}`,
			[]string{"15550001234", "US.2"},
		},
		"numbers as JSON numbers": {
			"block_users_list", `{"data":[{"wa_id":15550001234}]}`, []string{"15550001234"},
		},
		"a name written with escapes": {
			"block_users_list", `{"data":[{"wa\u005fid":"15550001234"}]}`, []string{"15550001234"},
		},
		"another type than described": {
			"block_users_list",
			`{"data":{"0":{"wa_id":"15550001234","x":["US.3",15550005678]}},"block_users":"15550007777"}`,
			[]string{"15550001234", "US.3", "15550005678", "15550007777"},
		},
		"an object where an identity stands": {
			"messages_send", `{"contacts":[{"input":{"number":"15550001234"},"wa_id":["15550005678","` + user + `"]}]}`,
			[]string{"15550001234", "15550005678", "US.1000200030004000", "3A00112233445566AABB@US.1000200030004000"},
		},
		"what nobody described is content": {
			"messages_send", `{"contacts":[],"note":"15550001234","deep":{"wa_id":"15550001234"}}`, nil,
		},
		"the business's own words": {
			"templates_list", `{"data":[{"name":"x","components":[{"text":"15550001234"}],"id":"594425479261596"}]}`, nil,
		},
		"participants": {
			"group_get", `{"id":"Y2Fw","participants":[{"wa_id":"15550001234"},{"wa_id":"15550001234","user_id":"US.4"}]}`,
			[]string{"15550001234", "US.4"},
		},
		"a call": {
			"calls", `{"messaging_product":"whatsapp","calls":[{"id":"` + strings.Replace(out, "wamid", "wacid", 1) + `"}]}`,
			[]string{"15550001234", "00112233445566AABB@15550001234"},
		},
		"nothing": {"messages_send", `null`, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := namedIn(t, a, row.answer, routeNamed(t, a, row.route).Answer)
			if diff := cmp.Diff(row.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// Nothing says what is whose in a passthrough's answer.
func TestNamedWithoutASchema(t *testing.T) {
	t.Parallel()
	a := meta.NewAPI()
	if got := namedIn(t, a, `{"wa_id":"15550001234"}`, nil); got != nil {
		t.Errorf("named %v", got)
	}
	if identities, envelopes := a.Named(nil, nil); identities != nil || envelopes != nil {
		t.Error("an answer that was not read names somebody")
	}
}

func namedIn(t *testing.T, a *meta.API, answer string, s *masking.Schema) []string {
	t.Helper()
	doc, err := jsontree.NewParser().Parse([]byte(answer))
	if err != nil {
		t.Fatal(err)
	}
	identities, envelopes := a.Named(doc, s)
	var got []string
	for _, id := range identities {
		got = append(got, id.Number.Reveal()+id.UserID.Reveal())
	}
	for _, e := range envelopes {
		got = append(got, e.Stanza+"@"+e.Person.Number.Reveal()+e.Person.UserID.Reveal())
	}
	return got
}

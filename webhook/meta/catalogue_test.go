package meta_test

import (
	"testing"

	"bauta/masking"
	"bauta/webhook/meta"
)

// TestPairsNameASibling: where a handle is to stand in the place of the other
// identity, that place is described as one.
func TestPairsNameASibling(t *testing.T) {
	t.Parallel()
	c := meta.NewCatalogue()
	seen := map[*masking.Schema]bool{}
	pairs := 0
	for _, field := range c.Fields() {
		pairs += checkPairs(t, field, c.Schema(field), seen)
	}
	if pairs < 30 {
		t.Errorf("only %d pairs", pairs)
	}
}

func checkPairs(t *testing.T, path string, s *masking.Schema, seen map[*masking.Schema]bool) int {
	t.Helper()
	if s == nil || seen[s] {
		return 0
	}
	seen[s] = true
	pairs := checkPairs(t, path+"[]", s.Each, seen) + checkPairs(t, path+".*", s.Any, seen)
	for name, m := range s.Members {
		pairs += checkPairs(t, path+"."+name, m, seen)
		if m == nil || m.Pair == "" {
			continue
		}
		pairs++
		want := masking.RoleNumber
		if m.Role == masking.RoleNumber {
			want = masking.RoleUserID
		}
		if sibling := s.Members[m.Pair]; sibling.RoleOf() != want {
			t.Errorf("%s.%s is paired with %s, which is no place for the other identity", path, name, m.Pair)
		}
	}
	return pairs
}

// TestEchoesAreWhatTheBusinessWrote: the positions listed here, and no others,
// come back untouched.
func TestEchoesAreWhatTheBusinessWrote(t *testing.T) {
	t.Parallel()
	c := meta.NewCatalogue()
	value := func(field string) *masking.Schema {
		return c.Schema(field).Member("entry").Elem().Member("changes").Elem().Member("value")
	}
	message := value("messages").Member("messages").Elem()
	status := value("messages").Member("statuses").Elem()
	call := value("calls").Member("calls").Elem()
	standby := value("standby").Member("standby").Member("message_echoes").Elem().Member("message")
	for name, row := range map[string]struct {
		at   *masking.Schema
		want masking.Role
	}{
		"status callback data":          {status.Member("biz_opaque_callback_data"), masking.RoleEcho},
		"payment notes":                 {status.Member("payment").Member("notes"), masking.RoleEcho},
		"payment receipt":               {status.Member("payment").Member("receipt"), masking.RoleEcho},
		"payment reference":             {status.Member("payment").Member("reference_id"), masking.RoleEcho},
		"call deep link":                {call.Member("deeplink_payload"), masking.RoleEcho},
		"call button":                   {call.Member("cta_payload"), masking.RoleEcho},
		"button payload":                {message.Member("button").Member("payload"), masking.RoleEcho},
		"reply button's id":             {message.Member("interactive").Member("button_reply").Member("id"), masking.RoleEcho},
		"list row's id":                 {message.Member("interactive").Member("list_reply").Member("id"), masking.RoleEcho},
		"flow token":                    {message.Member("interactive").Member("nfm_reply").Member("response_json").Member("flow_token"), masking.RoleEcho},
		"flow answers are no echo":      {message.Member("interactive").Member("nfm_reply").Member("response_json"), masking.RoleJSON},
		"what another app wrote is not": {standby.Member("template"), masking.RoleText},
		"what a customer wrote is not":  {message.Member("text").Member("body"), masking.RoleText},
		"an edited message is a message": {
			message.Member("edit").Member("message").Member("button").Member("payload"), masking.RoleEcho,
		},
	} {
		if got := row.at.RoleOf(); got != row.want {
			t.Errorf("%s has role %d, want %d", name, got, row.want)
		}
	}
}

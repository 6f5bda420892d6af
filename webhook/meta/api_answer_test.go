package meta_test

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"

	"bauta/masking"
	"bauta/masking/jsontree"
	"bauta/webhook/meta"
)

// documentedAnswers are answers of the platform as its documents show them (webhooks.md 2.11,
// 6.2 to 6.6, identity.md 2.3 and 2.4), about one customer, and what a business may
// read in each of the two shapes. ID is what a message id becomes.
func documentedAnswers() map[string]struct{ route, answer, user, phone string } {
	const (
		out    = `wamid.HBgLMTU1NTAwMDEyMzQVAgARGBIwMDExMjIzMzQ0NTU2NkFBQkIA`
		handle = `IT.9041174520836617350284`
		number = `999904117452083`
	)
	return map[string]struct{ route, answer, user, phone string }{
		"a message to a number": {
			"messages_send",
			`{"messaging_product":"whatsapp","contacts":[{"input":"+15550001234","wa_id":"15550001234"}],"messages":[{"id":"` + out + `","message_status":"accepted"}]}`,
			`{"messaging_product":"whatsapp","contacts":[{"input":"` + handle + `","user_id":"` + handle + `"}],"messages":[{"id":"ID","message_status":"accepted"}]}`,
			`{"messaging_product":"whatsapp","contacts":[{"input":"` + number + `","wa_id":"` + number + `"}],"messages":[{"id":"ID","message_status":"accepted"}]}`,
		},
		"a message to a user id": {
			"marketing_messages_send",
			`{"messaging_product":"whatsapp","contacts":[{"input":"US.1000200030004000","user_id":"US.1000200030004000"}],"messages":[{"id":"` + out + `"}]}`,
			`{"messaging_product":"whatsapp","contacts":[{"input":"` + handle + `","user_id":"` + handle + `"}],"messages":[{"id":"ID"}]}`,
			`{"messaging_product":"whatsapp","contacts":[{"input":"` + number + `","wa_id":"` + number + `"}],"messages":[{"id":"ID"}]}`,
		},
		"a message to a group": {
			"messages_send",
			`{"messaging_product":"whatsapp","contacts":[{"input":"Y2FwaV9ncm91cDox","wa_id":"Y2FwaV9ncm91cDox"}],"messages":[{"id":"` + out + `","group_id":"Y2FwaV9ncm91cDox"}]}`,
			`{"messaging_product":"whatsapp","contacts":[{"input":"Y2FwaV9ncm91cDox","wa_id":"Y2FwaV9ncm91cDox"}],"messages":[{"id":"ID","group_id":"Y2FwaV9ncm91cDox"}]}`,
			`{"messaging_product":"whatsapp","contacts":[{"input":"Y2FwaV9ncm91cDox","wa_id":"Y2FwaV9ncm91cDox"}],"messages":[{"id":"ID","group_id":"Y2FwaV9ncm91cDox"}]}`,
		},
		"a read mark": {"messages_send", `{"success":true}`, `{"success":true}`, `{"success":true}`},
		"an error that quotes the recipient": {
			"messages_send",
			`{"error":{"message":"(#131026) +1 555 000 1234 undeliverable","type":"OAuthException","code":131026,"error_data":{"messaging_product":"whatsapp","details":"to 15550001234"},"error_subcode":2494055,"fbtrace_id":"Az8or"}}`,
			`{"error":{"message":"(#131026) [number hidden] undeliverable","type":"OAuthException","code":131026,"error_data":{"messaging_product":"whatsapp","details":"to [number hidden]"},"error_subcode":2494055,"fbtrace_id":"Az8or"}}`,
			`{"error":{"message":"(#131026) [number hidden] undeliverable","type":"OAuthException","code":131026,"error_data":{"messaging_product":"whatsapp","details":"to [number hidden]"},"error_subcode":2494055,"fbtrace_id":"Az8or"}}`,
		},
		"a block in part": {
			"block_users_add",
			`{"messaging_product":"whatsapp","block_users":{"added_users":[{"input":"+15550001234","wa_id":"15550001234"}],"failed_users":[{"input":"US.1000200030004000","user_id":"US.1000200030004000","errors":[{"message":"Re-engagement required for 15550001234","code":139101,"error_data":{"details":"none"}}]}]},"error":{"message":"(#139100) Failed to block users","code":139100}}`,
			`{"messaging_product":"whatsapp","block_users":{"added_users":[{"input":"` + handle + `","user_id":"` + handle + `"}],"failed_users":[{"input":"` + handle + `","user_id":"` + handle + `","errors":[{"message":"Re-engagement required for [number hidden]","code":139101,"error_data":{"details":"none"}}]}]},"error":{"message":"(#139100) Failed to block users","code":139100}}`,
			`{"messaging_product":"whatsapp","block_users":{"added_users":[{"input":"` + number + `","wa_id":"` + number + `"}],"failed_users":[{"input":"` + number + `","wa_id":"` + number + `","errors":[{"message":"Re-engagement required for [number hidden]","code":139101,"error_data":{"details":"none"}}]}]},"error":{"message":"(#139100) Failed to block users","code":139100}}`,
		},
		"an unblock": {
			"block_users_remove",
			`{"messaging_product":"whatsapp","block_users":{"removed_users":[{"input":"US.1000200030004000","user_id":"US.1000200030004000"}]}}`,
			`{"messaging_product":"whatsapp","block_users":{"removed_users":[{"input":"` + handle + `","user_id":"` + handle + `"}]}}`,
			`{"messaging_product":"whatsapp","block_users":{"removed_users":[{"input":"` + number + `","wa_id":"` + number + `"}]}}`,
		},
		"the blocked users": {
			"block_users_list",
			`{"data":[{"block_users":[{"messaging_product":"whatsapp","wa_id":"15550001234","user_id":"US.1000200030004000","parent_user_id":"US.ENT.11815799212886844830"}]},{"wa_id":"15550001234"}],"paging":{"cursors":{"after":"eyJvZmZz","before":"eyJvZmZz"}}}`,
			`{"data":[{"block_users":[{"messaging_product":"whatsapp","user_id":"` + handle + `"}]},{"user_id":"` + handle + `"}],"paging":{"cursors":{"after":"eyJvZmZz","before":"eyJvZmZz"}}}`,
			`{"data":[{"block_users":[{"messaging_product":"whatsapp","wa_id":"` + number + `"}]},{"wa_id":"` + number + `"}],"paging":{"cursors":{"after":"eyJvZmZz","before":"eyJvZmZz"}}}`,
		},
		"a contact-book deletion": {
			"contact_book_delete", `{"messaging_product":"whatsapp","success":true,"deleted":false}`,
			`{"messaging_product":"whatsapp","success":true,"deleted":false}`, `{"messaging_product":"whatsapp","success":true,"deleted":false}`,
		},
		"a call": {
			"calls", `{"messaging_product":"whatsapp","calls":[{"id":"` + out + `"}],"success":true}`,
			`{"messaging_product":"whatsapp","calls":[{"id":"ID"}],"success":true}`, `{"messaging_product":"whatsapp","calls":[{"id":"ID"}],"success":true}`,
		},
		"whom it may call": {
			"call_permissions",
			`{"messaging_product":"whatsapp","permission":{"status":"temporary","expiration_time":1745343479},"actions":[{"action_name":"start_call","can_perform_action":false,"limits":[{"time_period":"PT24H","max_allowed":5,"current_usage":5,"limit_expiration_time":1745622600}]}]}`,
			`{"messaging_product":"whatsapp","permission":{"status":"temporary","expiration_time":1745343479},"actions":[{"action_name":"start_call","can_perform_action":false,"limits":[{"time_period":"PT24H","max_allowed":5,"current_usage":5,"limit_expiration_time":1745622600}]}]}`,
			`{"messaging_product":"whatsapp","permission":{"status":"temporary","expiration_time":1745343479},"actions":[{"action_name":"start_call","can_perform_action":false,"limits":[{"time_period":"PT24H","max_allowed":5,"current_usage":5,"limit_expiration_time":1745622600}]}]}`,
		},
		"a group and its participants": {
			"group_get",
			`{"messaging_product":"whatsapp","id":"Y2FwaV9ncm91cDox","subject":"Lisbon runners","creation_timestamp":1678900000,"suspended":false,"total_participant_count":1,"participants":[{"wa_id":"15550001234","user_id":"US.1000200030004000","username":"ada.r"}],"join_approval_mode":"auto_approve"}`,
			`{"messaging_product":"whatsapp","id":"Y2FwaV9ncm91cDox","subject":"Lisbon runners","creation_timestamp":1678900000,"suspended":false,"total_participant_count":1,"participants":[{"user_id":"` + handle + `"}],"join_approval_mode":"auto_approve"}`,
			`{"messaging_product":"whatsapp","id":"Y2FwaV9ncm91cDox","subject":"Lisbon runners","creation_timestamp":1678900000,"suspended":false,"total_participant_count":1,"participants":[{"wa_id":"` + number + `"}],"join_approval_mode":"auto_approve"}`,
		},
		"who asks to join": {
			"join_requests_list",
			`{"data":[{"join_request_id":"MTIzNDU2Nzg5MA","wa_id":"15550001234","creation_timestamp":1755548877}],"paging":{"cursors":{"before":"AbC","after":"DeF"}}}`,
			`{"data":[{"join_request_id":"MTIzNDU2Nzg5MA","user_id":"` + handle + `","creation_timestamp":1755548877}],"paging":{"cursors":{"before":"AbC","after":"DeF"}}}`,
			`{"data":[{"join_request_id":"MTIzNDU2Nzg5MA","wa_id":"` + number + `","creation_timestamp":1755548877}],"paging":{"cursors":{"before":"AbC","after":"DeF"}}}`,
		},
		"an invite link": {
			"invite_link_get", `{"messaging_product":"whatsapp","invite_link":"https://chat.whatsapp.com/LINK_ID"}`,
			`{"messaging_product":"whatsapp"}`, `{"messaging_product":"whatsapp"}`,
		},
		"a phone number of the business": {
			"phone_number_get",
			`{"verified_name":"Jasper's +15550001234","code_verification_status":"VERIFIED","display_phone_number":"+1 555-000-5678","quality_rating":"GREEN","platform_type":"CLOUD_API","throughput":{"level":"STANDARD"},"webhook_configuration":{"application":"https://bauta.example/webhooks/main"},"id":"106540352242922"}`,
			`{"verified_name":"Jasper's +15550001234","code_verification_status":"VERIFIED","display_phone_number":"+1 555-000-5678","quality_rating":"GREEN","platform_type":"CLOUD_API","throughput":{"level":"STANDARD"},"id":"106540352242922"}`,
			`{"verified_name":"Jasper's +15550001234","code_verification_status":"VERIFIED","display_phone_number":"+1 555-000-5678","quality_rating":"GREEN","platform_type":"CLOUD_API","throughput":{"level":"STANDARD"},"id":"106540352242922"}`,
		},
		"templates": {
			"templates_list",
			`{"data":[{"name":"order_1","components":[{"type":"BODY","text":"Call 15550001234","example":{"body_text":[["15550001234"]]}}],"language":"en_US","status":"APPROVED","category":"UTILITY","id":"594425479261596"}],"paging":{"cursors":{"before":"MAZDZD","after":"MjQZD"}}}`,
			`{"data":[{"name":"order_1","components":[{"type":"BODY","text":"Call 15550001234","example":{"body_text":[["15550001234"]]}}],"language":"en_US","status":"APPROVED","category":"UTILITY","id":"594425479261596"}],"paging":{"cursors":{"before":"MAZDZD","after":"MjQZD"}}}`,
			`{"data":[{"name":"order_1","components":[{"type":"BODY","text":"Call 15550001234","example":{"body_text":[["15550001234"]]}}],"language":"en_US","status":"APPROVED","category":"UTILITY","id":"594425479261596"}],"paging":{"cursors":{"before":"MAZDZD","after":"MjQZD"}}}`,
		},
		"a medium": {
			"media_look_up",
			`{"messaging_product":"whatsapp","url":"https://lookaside.fbsbx.com/whatsapp_business/attachments/?mid=133","mime_type":"image/jpeg","sha256":"ad0c","file_size":303833,"id":"2621233374848975"}`,
			`{"messaging_product":"whatsapp","url":"https://lookaside.fbsbx.com/whatsapp_business/attachments/?mid=133","mime_type":"image/jpeg","sha256":"ad0c","file_size":303833,"id":"2621233374848975"}`,
			`{"messaging_product":"whatsapp","url":"https://lookaside.fbsbx.com/whatsapp_business/attachments/?mid=133","mime_type":"image/jpeg","sha256":"ad0c","file_size":303833,"id":"2621233374848975"}`,
		},
	}
}

// oneID stands in for re-issued message ids.
type oneID struct{}

func (oneID) Mask(string, []masking.Person) string { return "ID" }

func TestDocumentedAnswersAreMasked(t *testing.T) {
	t.Parallel()
	a := meta.NewAPI()
	for name, row := range documentedAnswers() {
		for shape, want := range map[masking.Shape]string{masking.ShapeUserID: row.user, masking.ShapePhone: row.phone} {
			got := maskedAnswer(t, row.answer, routeNamed(t, a, row.route).Answer, shape)
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s (-want +got):\n%s", name, diff)
			}
		}
	}
}

// A string or number of the documents without a row is one that somebody forgot.
func TestEveryDocumentedAnswerIsDescribed(t *testing.T) {
	t.Parallel()
	a := meta.NewAPI()
	walked := 0
	for name, row := range documentedAnswers() {
		var answer any
		if err := json.Unmarshal([]byte(row.answer), &answer); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		walked += undescribed(t, name+" $", answer, routeNamed(t, a, row.route).Answer)
	}
	if walked < 90 {
		t.Errorf("only %d values were walked", walked)
	}
}

func maskedAnswer(t *testing.T, answer string, s *masking.Schema, shape masking.Shape) string {
	t.Helper()
	doc, err := jsontree.NewParser().Parse([]byte(answer))
	if err != nil {
		t.Fatal(err)
	}
	person := everybody(meta.Event{Named: identitiesOf(t, "15550001234", "US.1000200030004000")}, false)
	result, err := masking.NewRewriter().Rewrite(masking.Job{
		Doc: doc, Schema: s, Subject: 0, People: []masking.Person{person}, IDs: oneID{},
		View: masking.View{Shape: shape, ShowCountry: true, ForeignPass: true},
	})
	if err != nil {
		t.Fatal(err)
	}
	return string(result.Body)
}

func identitiesOf(t *testing.T, texts ...string) []masking.Identity {
	t.Helper()
	var out []masking.Identity
	for _, text := range texts {
		id, ok := masking.IdentityOf(text)
		if !ok {
			t.Fatalf("%s is no identity", text)
		}
		out = append(out, id)
	}
	return out
}

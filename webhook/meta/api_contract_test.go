package meta_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"bauta/masking"
	"bauta/webhook/meta"
)

// somebody is a person as answers list them: webhooks.md 2.11, 6.2, 6.4 and
// identity.md 2.4.
func somebody(paths ...string) []string {
	var out []string
	for _, at := range paths {
		out = append(out, at+".input either", at+".wa_id number(user_id)", at+".user_id user(wa_id)",
			at+".parent_user_id removed", at+".username username")
		out = append(out, problems(at+".errors[]")...)
	}
	return out
}

// problems is an error of the platform (2.4, 6.6): no text of it passes unread.
func problems(paths ...string) []string {
	var out []string
	for _, at := range paths {
		for _, name := range []string{
			"title", "message", "user_title", "user_message", "error_user_title", "error_user_msg",
			"error_data", "error_data.details", "error_data.*",
		} {
			out = append(out, at+"."+name+" error")
		}
	}
	return out
}

// contract is what the documents say of one call: whom it names and where.
type contract struct {
	line   string // METHOD /{object}/edge
	family meta.Family
	doing  meta.Handling
	query  []string // positions of people in parameters
	body   []string
	answer []string
	flags  string
}

const (
	phone = "/{phone}"
	waba  = "/{waba}"
	media = "/{media}"
	group = "/{group}"
)

func contracts() map[string]contract {
	send := []string{
		"to number(recipient)", "recipient user(to)", "message_id message", // 6.1, 6.3
		"context.message_id message", "reaction.message_id message", "pin.message_id message",
		"audio.id medium", "sticker.id medium",
	}
	// Headers of interactive messages, templates and the cards of both hold one of three.
	for _, at := range []string{
		"", "interactive.header.", "interactive.action.cards[].header.", "template.components[].parameters[].",
		"template.components[].cards[].components[].parameters[].",
	} {
		send = append(send, at+"image.id medium", at+"video.id medium", at+"document.id medium")
	}
	sent := slices.Concat(somebody("contacts[]"), []string{"messages[].id message"}) // 6.2
	block := []string{"block_users[].user number(user_id)", "block_users[].user_id user(user)"}
	blocked := somebody("block_users.added_users[]", "block_users.removed_users[]", "block_users.failed_users[]")
	item := func(at string) []string { return []string{at + "name echo", at + "components echo"} }
	number := func(at string) []string {
		return []string{
			at + "verified_name echo", at + "new_display_name echo", at + "conversational_automation echo",
			at + "webhook_configuration removed", at + "webhook_configuration.* removed",
		}
	}
	profile := func(at string) []string {
		return []string{at + "about echo", at + "address echo", at + "description echo", at + "email echo", at + "websites echo"}
	}
	requests := slices.Concat(somebody("data[]"), problems("failed_join_requests[].errors[]"))
	return map[string]contract{
		"messages_send":           {"POST " + phone + "/messages", meta.Messages, meta.Forward, nil, send, sent, "sends"},
		"marketing_messages_send": {"POST " + phone + "/marketing_messages", meta.Messages, meta.Forward, nil, send, sent, "sends"},

		"block_users_list": { // 6.4
			"GET " + phone + "/block_users", meta.Contacts, meta.Forward, nil, nil,
			somebody("data[]", "data[].block_users[]", "block_users[]"), "paged",
		},
		"block_users_add":    {"POST " + phone + "/block_users", meta.Contacts, meta.Forward, nil, block, blocked, ""},
		"block_users_remove": {"DELETE " + phone + "/block_users", meta.Contacts, meta.Forward, nil, block, blocked, ""},
		"contact_book_delete": { // identity.md 2.3
			"DELETE " + phone + "/contact_book", meta.Contacts, meta.Forward, []string{"bsuid user"}, nil, nil, "",
		},

		"calls": { // 6.1, 2.9
			"POST " + phone + "/calls", meta.Calls, meta.Forward, nil,
			[]string{"to number(recipient)", "recipient user(to)", "call_id message"},
			[]string{"calls[].id message"},
			"sends",
		},
		"call_permissions": { // 6.1, identity.md 2.4
			"GET " + phone + "/call_permissions", meta.Calls, meta.Forward,
			[]string{"user_wa_id number(recipient)", "recipient user(user_wa_id)"},
			nil, nil, "",
		},

		"media_upload":  {"POST " + phone + "/media", meta.Media, meta.Upload, nil, nil, nil, ""},
		"media_look_up": {"GET " + media, meta.Media, meta.LookUp, nil, nil, nil, ""},
		"media_delete":  {"DELETE " + media, meta.Media, meta.Forward, nil, nil, nil, ""},

		"templates_list": {
			"GET " + waba + "/message_templates", meta.Templates, meta.Forward,
			[]string{"name echo", "name_or_content echo", "content echo"},
			nil, item("data[]."), "paged",
		},
		"templates_create": {"POST " + waba + "/message_templates", meta.Templates, meta.Forward, nil, nil, item(""), ""},
		"templates_delete": {
			"DELETE " + waba + "/message_templates", meta.Templates, meta.Forward, []string{"name echo"}, nil, item(""), "",
		},

		"profile_get": {
			"GET " + phone + "/whatsapp_business_profile", meta.Profile, meta.Forward, nil, nil,
			slices.Concat(profile("data[]."), profile("data[].business_profile.")), "",
		},
		"profile_update": {
			"POST " + phone + "/whatsapp_business_profile", meta.Profile, meta.Forward, nil, nil,
			slices.Concat(profile("data[]."), profile("data[].business_profile.")), "",
		},
		"phone_number_get":   {"GET " + phone, meta.Profile, meta.Forward, nil, nil, number(""), ""},
		"phone_numbers_list": {"GET " + waba + "/phone_numbers", meta.Profile, meta.Forward, nil, nil, number("data[]."), "paged"},
		"account_get": {
			"GET " + waba, meta.Profile, meta.Forward, nil, nil, []string{"name echo", "owner_business_info.name echo"}, "",
		},

		"groups_list": {
			"GET " + phone + "/groups", meta.Groups, meta.Forward, nil, nil,
			slices.Concat(somebody("data.groups[].participants[]", "data[].groups[].participants[]"),
				[]string{"data.groups[].invite_link link", "data[].groups[].invite_link link"}), "paged",
		},
		"group_get": {
			"GET " + group, meta.Groups, meta.Forward, nil, nil, slices.Concat(somebody("participants[]"), []string{"invite_link link"}), "",
		},
		"participants_remove": { // identity.md 2.4, webhooks.md 2.11
			"DELETE " + group + "/participants", meta.Groups, meta.Forward, nil,
			[]string{"participants[].user number(user_id)", "participants[].user_id user(user)"},
			somebody("participants[]", "removed_participants[]", "failed_participants[]"), "",
		},
		"join_requests_list":    {"GET " + group + "/join_requests", meta.Groups, meta.Forward, nil, nil, requests, "paged"},
		"join_requests_approve": {"POST " + group + "/join_requests", meta.Groups, meta.Forward, nil, nil, requests, ""},
		"join_requests_reject":  {"DELETE " + group + "/join_requests", meta.Groups, meta.Forward, nil, nil, requests, ""},
		"invite_link_get":       {"GET " + group + "/invite_link", meta.Groups, meta.Forward, nil, nil, []string{"invite_link link"}, ""},
		"invite_link_reset":     {"POST " + group + "/invite_link", meta.Groups, meta.Forward, nil, nil, []string{"invite_link link"}, ""},
	}
}

// lineOf writes a route's method and path.
func lineOf(r *meta.Route) string {
	object := map[meta.Object]string{
		meta.PhoneNumberObject: phone, meta.WABAObject: waba, meta.MediaObject: media, meta.GroupObject: group,
	}[r.Object]
	if r.Edge == "" {
		return r.Method + " " + object
	}
	return r.Method + " " + object + "/" + r.Edge
}

// Every call that leaves Bauta is here, with everybody whom the documents let it
// name: a position more or less is a fault.
func TestEveryRouteNamesWhomTheDocumentsSay(t *testing.T) {
	t.Parallel()
	want := contracts()
	for _, r := range meta.NewAPI().Routes() {
		if r.Handling == meta.Local || r.Handling == meta.Refuse {
			continue
		}
		c, ok := want[r.Name]
		if !ok {
			t.Errorf("%s (%s) leaves Bauta, and no document is named for it", r.Name, lineOf(r))
			continue
		}
		delete(want, r.Name)
		got := contract{
			line: lineOf(r), family: r.Family, doing: r.Handling,
			query:  positions(&masking.Schema{Members: r.Query}),
			body:   positions(r.Body),
			answer: positions(r.Answer, "error", "errors"),
			flags:  flagsOf(r),
		}
		slices.Sort(c.query)
		slices.Sort(c.body)
		slices.Sort(c.answer)
		if diff := cmp.Diff(c, got, cmp.AllowUnexported(contract{}), cmp.Transformer("none", func(l []string) string { return strings.Join(l, "\n") })); diff != "" {
			t.Errorf("%s (-want +got):\n%s", r.Name, diff)
		}
	}
	for name := range want {
		t.Errorf("the route %s is missing", name)
	}
}

func flagsOf(r *meta.Route) string {
	var flags []string
	if r.Sends {
		flags = append(flags, "sends")
	}
	if r.Paged {
		flags = append(flags, "paged")
	}
	return strings.Join(flags, " ")
}

// An error can come as the answer to anything, alone or beside what was done in
// part (6.4, 6.6).
func TestEveryAnswerCanBeAnError(t *testing.T) {
	t.Parallel()
	want := problems("", ".errors[]")
	for i := range want {
		want[i] = strings.TrimPrefix(want[i], ".")
	}
	for _, r := range meta.NewAPI().Routes() {
		if r.Handling == meta.Local || r.Handling == meta.Refuse {
			continue
		}
		got := positions(&masking.Schema{Members: map[string]*masking.Schema{"errors": r.Answer.Member("errors")}})
		got = append(got, positions(r.Answer.Member("error"))...)
		slices.Sort(got)
		slices.Sort(want)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", r.Name, diff)
		}
	}
}

// Where a handle is to stand in the place of the other identity, that place is
// described as one: in bodies and answers, and among the parameters.
func TestPairsOfTheAPINameASibling(t *testing.T) {
	t.Parallel()
	seen := map[*masking.Schema]bool{}
	pairs := 0
	for _, r := range meta.NewAPI().Routes() {
		pairs += checkPairs(t, r.Name+" answer", r.Answer, seen)
		pairs += checkPairs(t, r.Name+" body", r.Body, seen)
		pairs += checkPairs(t, r.Name+" query", &masking.Schema{Members: r.Query}, seen)
	}
	if pairs < 20 {
		t.Errorf("only %d pairs", pairs)
	}
}

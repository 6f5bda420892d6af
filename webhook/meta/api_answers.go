package meta

import (
	"slices"
	"strings"
)

// answerTables lists the positions of every answer, and the shapes in them.
func answerTables() map[string][]row {
	return map[string][]row{
		"written":     nil, // a tree that the business wrote itself
		"codes":       nil, // a tree of the platform's codes, times and ids
		"error":       apiErrorRows(),
		"participant": participantRows(),

		"sent":         answer(sentRows()...),
		"blocked":      answer(blockedRows("block_users.")...),
		"blockedUsers": list(append(participantsAt("data[]", "data[].block_users[]", "block_users[]"), row{"data[].block_users[].messaging_product", opaque, ""})...),
		"contactBook":  answer(row{"deleted", opaque, ""}),
		"called":       answer(row{"calls[].id", messageID, ""}, row{"calls[].status", opaque, ""}),
		"callPermissions": answer(
			row{"permission.*", opaque, ""},
			row{"actions[]", shape, "codes"},
		),
		"medium": answer(append(mediumRows(), row{"file_size", opaque, ""})...),

		"templates":    list(row{"data[]", shape, "templateItem"}),
		"template":     answer(templateRows()...),
		"templateItem": templateRows(),
		"profile":      answer(append(profileRows("data[]."), profileRows("data[].business_profile.")...)...),
		"phoneNumber":  answer(phoneNumberRows()...),
		"phoneNumbers": list(row{"data[]", shape, "phoneItem"}),
		"phoneItem":    phoneNumberRows(),
		"account":      answer(wabaRows()...),

		"groups":              list(append(groupInfoRows("data.groups[]."), groupInfoRows("data[].groups[].")...)...),
		"group":               answer(groupInfoRows("")...),
		"participantsRemoved": answer(participantsAt("participants[]", "removed_participants[]", "failed_participants[]")...),
		"joinRequests":        list(joinRequestRows()...),
		"inviteLink":          answer(row{"invite_link", inviteLink, ""}),
	}
}

// answer adds what every answer can have: an error (6.6), and that it went well.
func answer(rows ...row) []row {
	return append([]row{
		{"error", shape, "error"},
		{"errors[]", shape, "error"},
		{"messaging_product", opaque, ""},
		{"success", opaque, ""},
		{"request_id", opaque, ""},
	}, rows...)
}

// list is an answer in pages. Its cursors are sealed, and its URLs led to Bauta,
// before anybody reads them.
func list(rows ...row) []row {
	return append(answer(rows...),
		row{"paging.cursors.after", opaque, ""},
		row{"paging.cursors.before", opaque, ""},
		row{"paging.next", text, ""},
		row{"paging.previous", text, ""},
		row{"summary.*", opaque, ""},
	)
}

// apiErrorRows: an error of the API (6.6) is one of a webhook with more to say;
// error_data can be a text.
func apiErrorRows() []row {
	return append(errorRows(),
		row{"is_transient", opaque, ""},
		row{"error_data", errorText, ""},
		row{"error_data.*", errorText, ""},
	)
}

// participantsAt: somebody whom an answer lists, at every given position.
func participantsAt(paths ...string) []row {
	var rows []row
	for _, path := range paths {
		for _, r := range participantRows() {
			rows = append(rows, row{path + "." + r.path, r.what, r.with})
		}
	}
	return rows
}

// sentRows: the answer to a message (6.2). A group's id can stand in input and
// wa_id.
func sentRows() []row {
	return append(participantsAt("contacts[]"),
		row{"messages[].id", messageID, ""},
		row{"messages[].group_id", opaque, ""},
		row{"messages[].message_status", opaque, ""},
	)
}

// blockedRows: whom a call blocked or unblocked, and whom not (6.4).
func blockedRows(at string) []row {
	return participantsAt(at+"added_users[]", at+"removed_users[]", at+"failed_users[]")
}

// templateRows: a message template. All of it but its codes the business wrote.
func templateRows() []row {
	return []row{
		{"id", opaque, ""},
		{"name", echoed, ""},
		{"components", shape, "written"},
		{"language", opaque, ""},
		{"status", opaque, ""},
		{"category", opaque, ""},
		{"previous_category", opaque, ""},
		{"correct_category", opaque, ""},
		{"sub_category", opaque, ""},
		{"parameter_format", opaque, ""},
		{"library_template_name", opaque, ""},
		{"last_updated_time", opaque, ""},
		{"message_send_ttl_seconds", opaque, ""},
		{"cta_url_link_tracking_opted_out", opaque, ""},
		{"rejected_reason", opaque, ""},
		{"quality_score", shape, "codes"},
	}
}

// profileRows: the business's own profile.
func profileRows(at string) []row {
	return []row{
		{at + "about", echoed, ""},
		{at + "address", echoed, ""},
		{at + "description", echoed, ""},
		{at + "email", echoed, ""},
		{at + "websites", shape, "written"},
		{at + "vertical", opaque, ""},
		{at + "profile_picture_url", opaque, ""},
		{at + "messaging_product", opaque, ""},
		{at + "id", opaque, ""},
	}
}

// phoneNumberRows: one of the business's numbers. It is theirs, and no secret.
func phoneNumberRows() []row {
	rows := []row{
		{"verified_name", echoed, ""},
		{"new_display_name", echoed, ""},
		{"conversational_automation", shape, "written"},
		{"webhook_configuration", removed, ""}, // comes unasked: where the operator takes webhooks
		{"webhook_configuration.*", removed, ""},
		{"throughput", shape, "codes"},
		{"quality_score", shape, "codes"},
		{"health_status", shape, "codes"},
	}
	for _, name := range phoneNumberFields() {
		if !described(rows, name) {
			rows = append(rows, row{name, opaque, ""})
		}
	}
	return rows
}

// wabaRows: a WhatsApp business account.
func wabaRows() []row {
	rows := []row{
		{"name", echoed, ""},
		{"health_status", shape, "codes"},
		{"owner_business_info.name", echoed, ""},
		{"owner_business_info.id", opaque, ""},
	}
	for _, name := range wabaFields() {
		if !described(rows, name) {
			rows = append(rows, row{name, opaque, ""})
		}
	}
	return rows
}

// described tells that a table has a row for a member or something in it.
func described(rows []row, name string) bool {
	return slices.ContainsFunc(rows, func(r row) bool {
		first, _, _ := strings.Cut(r.path, ".")
		return first == name
	})
}

// groupInfoRows: a group. Its subject and description are texts, whoever wrote them.
func groupInfoRows(at string) []row {
	return append(participantsAt(at+"participants[]"),
		row{at + "id", opaque, ""},
		row{at + "subject", text, ""},
		row{at + "description", text, ""},
		row{at + "created_at", opaque, ""},
		row{at + "creation_timestamp", opaque, ""},
		row{at + "suspended", opaque, ""},
		row{at + "join_approval_mode", opaque, ""},
		row{at + "total_participant_count", opaque, ""},
		row{at + "invite_link", inviteLink, ""},
	)
}

// joinRequestRows: who asks to join a group, and the answer to letting them.
func joinRequestRows() []row {
	return append(participantsAt("data[]"),
		row{"data[].join_request_id", opaque, ""},
		row{"data[].creation_timestamp", opaque, ""},
		row{"approved_join_requests[]", opaque, ""},
		row{"rejected_join_requests[]", opaque, ""},
		row{"failed_join_requests[].join_request_id", opaque, ""},
		row{"failed_join_requests[].errors[]", shape, "error"},
	)
}

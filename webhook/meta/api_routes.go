package meta

import "slices"

// forwardedRoutes lists the calls that are made, by family.
func forwardedRoutes() []routeRow {
	return slices.Concat(messageRoutes(), contactRoutes(), callRoutes(), mediaRoutes(),
		templateRoutes(), profileRoutes(), groupRoutes())
}

// messageRoutes: sending, read marks and typing (6.1, 6.3).
func messageRoutes() []routeRow {
	return []routeRow{
		{
			name: "messages_send", method: "POST", object: PhoneNumberObject, edge: "messages", family: Messages,
			handling: Forward, body: "send", answer: "sent", sends: true,
		},
		{
			name: "marketing_messages_send", method: "POST", object: PhoneNumberObject, edge: "marketing_messages", family: Messages,
			handling: Forward, body: "send", answer: "sent", sends: true,
		},
	}
}

// contactRoutes: blocked users (6.4) and the platform's contact book (identity.md
// 2.3).
func contactRoutes() []routeRow {
	return []routeRow{
		{
			name: "block_users_list", method: "GET", object: PhoneNumberObject, edge: "block_users", family: Contacts,
			handling: Forward, answer: "blockedUsers", paged: true,
		},
		{
			name: "block_users_add", method: "POST", object: PhoneNumberObject, edge: "block_users", family: Contacts,
			handling: Forward, body: "block", answer: "blocked",
		},
		{
			name: "block_users_remove", method: "DELETE", object: PhoneNumberObject, edge: "block_users", family: Contacts,
			handling: Forward, body: "block", answer: "blocked",
		},
		{
			name: "contact_book_delete", method: "DELETE", object: PhoneNumberObject, edge: "contact_book", family: Contacts,
			handling: Forward, answer: "contactBook",
			query: []row{{"messaging_product", opaque, ""}, {"bsuid", userID, ""}},
		},
	}
}

// callRoutes: calls and who may be called (6.1, identity.md 2.4).
func callRoutes() []routeRow {
	return []routeRow{
		{
			name: "calls", method: "POST", object: PhoneNumberObject, edge: "calls", family: Calls,
			handling: Forward, body: "call", answer: "called", sends: true,
		},
		{
			name: "call_permissions", method: "GET", object: PhoneNumberObject, edge: "call_permissions", family: Calls,
			handling: Forward, answer: "callPermissions",
			query: []row{{"user_wa_id", number, "recipient"}, {"recipient", userID, "user_wa_id"}},
		},
	}
}

// mediaRoutes: 6.5. The file itself is fetched from the URL in the look-up's
// answer, which is Bauta's.
func mediaRoutes() []routeRow {
	phone := []row{{"phone_number_id", opaque, ""}}
	return []routeRow{
		{
			name: "media_upload", method: "POST", object: PhoneNumberObject, edge: "media", family: Media,
			handling: Upload, body: "free", answer: "medium",
			// Some libraries name the product here and not in the form.
			query: []row{{"messaging_product", opaque, ""}},
		},
		{
			name: "media_look_up", method: "GET", object: MediaObject, family: Media,
			handling: LookUp, answer: "medium", query: phone,
		},
		{
			name: "media_delete", method: "DELETE", object: MediaObject, family: Media,
			handling: Forward, answer: "medium", query: phone,
		},
	}
}

// templateRoutes: templates by account. A template's own id proves no owner, so
// calls on it are not made.
func templateRoutes() []routeRow {
	return []routeRow{
		{
			name: "templates_list", method: "GET", object: WABAObject, edge: "message_templates", family: Templates,
			handling: Forward, answer: "templates", paged: true, fields: templateFields(),
			query: []row{
				{"name", echoed, ""},
				{"name_or_content", echoed, ""},
				{"content", echoed, ""},
				{"language", opaque, ""},
				{"status", opaque, ""},
				{"category", opaque, ""},
				{"quality_score", opaque, ""},
			},
		},
		{
			name: "templates_create", method: "POST", object: WABAObject, edge: "message_templates", family: Templates,
			handling: Forward, body: "free", answer: "template",
		},
		{
			name: "templates_delete", method: "DELETE", object: WABAObject, edge: "message_templates", family: Templates,
			handling: Forward, answer: "template",
			query: []row{{"name", echoed, ""}, {"hsm_id", opaque, ""}},
		},
	}
}

// profileRoutes: what the business says of itself, and the state of its numbers.
func profileRoutes() []routeRow {
	return []routeRow{
		{
			name: "profile_get", method: "GET", object: PhoneNumberObject, edge: "whatsapp_business_profile", family: Profile,
			handling: Forward, answer: "profile",
			fields: []string{
				"about", "address", "description", "email", "id", "messaging_product",
				"profile_picture_url", "vertical", "websites",
			},
		},
		{
			name: "profile_update", method: "POST", object: PhoneNumberObject, edge: "whatsapp_business_profile", family: Profile,
			handling: Forward, body: "free", answer: "profile",
		},
		{
			name: "phone_number_get", method: "GET", object: PhoneNumberObject, family: Profile,
			handling: Forward, answer: "phoneNumber", fields: phoneNumberFields(),
		},
		{
			name: "phone_numbers_list", method: "GET", object: WABAObject, edge: "phone_numbers", family: Profile,
			handling: Forward, answer: "phoneNumbers", paged: true, fields: phoneNumberFields(),
		},
		{
			name: "account_get", method: "GET", object: WABAObject, family: Profile,
			handling: Forward, answer: "account", fields: wabaFields(),
		},
	}
}

// groupRoutes: declared groups (Groups API).
func groupRoutes() []routeRow {
	return []routeRow{
		{
			name: "groups_list", method: "GET", object: PhoneNumberObject, edge: "groups", family: Groups,
			handling: Forward, answer: "groups", paged: true,
		},
		{
			name: "group_get", method: "GET", object: GroupObject, family: Groups,
			handling: Forward, answer: "group",
			fields: []string{
				"creation_timestamp", "description", "id", "join_approval_mode", "participants", "subject",
				"suspended", "total_participant_count",
			},
		},
		{
			name: "participants_remove", method: "DELETE", object: GroupObject, edge: "participants", family: Groups,
			handling: Forward, body: "participants", answer: "participantsRemoved",
		},
		{
			name: "join_requests_list", method: "GET", object: GroupObject, edge: "join_requests", family: Groups,
			handling: Forward, answer: "joinRequests", paged: true,
		},
		{
			name: "join_requests_approve", method: "POST", object: GroupObject, edge: "join_requests", family: Groups,
			handling: Forward, body: "free", answer: "joinRequests",
		},
		{
			name: "join_requests_reject", method: "DELETE", object: GroupObject, edge: "join_requests", family: Groups,
			handling: Forward, body: "free", answer: "joinRequests",
		},
		{
			name: "invite_link_get", method: "GET", object: GroupObject, edge: "invite_link", family: Groups,
			handling: Forward, answer: "inviteLink",
		},
		{
			name: "invite_link_reset", method: "POST", object: GroupObject, edge: "invite_link", family: Groups,
			handling: Forward, body: "free", answer: "inviteLink",
		},
	}
}

package meta

// valueTables are the shapes of value, one for each kind of field.
func valueTables() map[string][]row {
	return map[string][]row{
		"messages": withEnvelope(
			row{"messages[]", shape, "message"},
			row{"message_echoes[]", shape, "message"},
			row{"statuses[]", shape, "status"},
			row{"user_actions[].action_type", opaque, ""},
			row{"user_actions[].timestamp", opaque, ""},
			row{"user_actions[].client_user_agent", text, ""},
			row{"user_actions[].marketing_messages_link_click_data.click_component", opaque, ""},
			row{"user_actions[].marketing_messages_link_click_data.product_id", opaque, ""},
			row{"user_actions[].marketing_messages_link_click_data.click_id", opaque, ""},
			row{"user_actions[].marketing_messages_link_click_data.tracking_token", opaque, ""},
			row{"conversation_context", shape, "summary"},
		),
		"history": withEnvelope(
			row{"history[].metadata.phase", opaque, ""},
			row{"history[].metadata.chunk_order", opaque, ""},
			row{"history[].metadata.progress", opaque, ""},
			row{"history[].threads[].id", either, ""},
			row{"history[].threads[].context", shape, "contact"},
			row{"history[].threads[].messages[]", shape, "message"},
			row{"history[].errors[]", shape, "error"},
			row{"messages[]", shape, "message"},
			row{"message_echoes[]", shape, "message"},
		),
		"state_sync": withEnvelope(
			row{"state_sync[].type", opaque, ""},
			row{"state_sync[].action", opaque, ""},
			row{"state_sync[].metadata.timestamp", opaque, ""},
			row{"state_sync[].contact.full_name", profileName, ""},
			row{"state_sync[].contact.first_name", profileName, ""},
			row{"state_sync[].contact.phone_number", number, "user_id"},
			row{"state_sync[].contact.user_id", userID, "phone_number"},
			row{"state_sync[].contact.parent_user_id", removed, ""},
			row{"state_sync[].contact.username", username, ""},
		),
		"calls": withEnvelope(
			row{"calls[]", shape, "call"},
			row{"statuses[]", shape, "status"},
		),
		"groups":           groupRows(),
		"user_preferences": preferenceRows(),
		"user_id_update":   idUpdateRows(),
		"standby":          standbyRows(),
		"handovers":        handoverRows(),
		"automatic_events": withEnvelope(
			row{"automatic_events[].id", messageID, ""},
			row{"automatic_events[].event_name", opaque, ""},
			row{"automatic_events[].timestamp", opaque, ""},
			row{"automatic_events[].ctwa_clid", opaque, ""},
			row{"automatic_events[].custom_data.*", opaque, ""},
		),
		"account": accountRows(),
	}
}

// withEnvelope adds what value has in every user-facing field.
func withEnvelope(rows ...row) []row {
	return append([]row{
		{"messaging_product", opaque, ""},
		{"metadata", shape, "business"},
		{"contacts[]", shape, "contact"},
		{"errors[]", shape, "error"},
	}, rows...)
}

// groupRows: the four group fields (2.10 to 2.13).
func groupRows() []row {
	rows := withEnvelope(
		row{"initiated_by", opaque, ""}, // outside of the group in some of Meta's examples
		row{"groups[].timestamp", opaque, ""},
		row{"groups[].group_id", opaque, ""},
		row{"groups[].type", opaque, ""},
		row{"groups[].reason", opaque, ""},
		row{"groups[].request_id", opaque, ""},
		row{"groups[].join_request_id", opaque, ""},
		row{"groups[].initiated_by", opaque, ""},
		row{"groups[].join_approval_mode", opaque, ""},
		row{"groups[].subject", text, ""},
		row{"groups[].description", text, ""},
		row{"groups[].invite_link", inviteLink, ""},
		row{"groups[].input", either, ""},
		row{"groups[].wa_id", number, "user_id"},
		row{"groups[].user_id", userID, "wa_id"},
		row{"groups[].parent_user_id", removed, ""},
		row{"groups[].username", username, ""},
		row{"groups[].errors[]", shape, "error"},
		row{"groups[].added_participants[]", shape, "participant"},
		row{"groups[].removed_participants[]", shape, "participant"},
		row{"groups[].failed_participants[]", shape, "participant"},
	)
	for _, part := range []string{"profile_picture", "group_subject", "group_description"} {
		rows = append(rows,
			row{"groups[]." + part + ".text", text, ""},
			row{"groups[]." + part + ".mime_type", opaque, ""},
			row{"groups[]." + part + ".sha256", opaque, ""},
			row{"groups[]." + part + ".update_successful", opaque, ""},
			row{"groups[]." + part + ".errors[]", shape, "error"},
		)
	}
	return rows
}

// participantRows: one participant of a group (2.11).
func participantRows() []row {
	return []row{
		{"input", either, ""},
		{"wa_id", number, "user_id"},
		{"user_id", userID, "wa_id"},
		{"parent_user_id", removed, ""},
		{"username", username, ""},
		{"errors[]", shape, "error"},
	}
}

func preferenceRows() []row {
	return withEnvelope(
		row{"user_preferences[].wa_id", number, "user_id"},
		row{"user_preferences[].user_id", userID, "wa_id"},
		row{"user_preferences[].parent_user_id", removed, ""},
		row{"user_preferences[].detail", text, ""},
		row{"user_preferences[].category", opaque, ""},
		row{"user_preferences[].value", opaque, ""},
		row{"user_preferences[].signup_id", removed, ""},
		row{"user_preferences[].timestamp", opaque, ""},
	)
}

// idUpdateRows: the field that was documented from March to August 2026. Here
// user_id is an object.
func idUpdateRows() []row {
	return withEnvelope(
		row{"user_id_update[].wa_id", number, ""},
		row{"user_id_update[].user_id", userID, "wa_id"},
		row{"user_id_update[].user_id.previous", userID, ""},
		row{"user_id_update[].user_id.current", userID, ""},
		row{"user_id_update[].parent_user_id", removed, ""},
		row{"user_id_update[].parent_user_id.previous", removed, ""},
		row{"user_id_update[].parent_user_id.current", removed, ""},
		row{"user_id_update[].detail", text, ""},
		row{"user_id_update[].timestamp", opaque, ""},
	)
}

// standbyRows: the copy of a thread that another app owns (2.16). What that app
// sent did not go through Bauta, so it may hold the number that Bauta hides, and
// nobody can use it to test a guess: it is text, no echo.
func standbyRows() []row {
	const in = "standby."
	return withEnvelope(
		row{in + "messaging_product", opaque, ""},
		row{in + "metadata", shape, "business"},
		row{in + "contacts[]", shape, "contact"},
		row{in + "messages[]", shape, "message"},
		row{in + "statuses[]", shape, "status"},
		row{in + "message_echoes[].id", messageID, ""},
		row{in + "message_echoes[].timestamp", opaque, ""},
		row{in + "message_echoes[].message.messaging_product", opaque, ""},
		row{in + "message_echoes[].message.recipient_type", opaque, ""},
		row{in + "message_echoes[].message.to", number, "recipient"},
		row{in + "message_echoes[].message.recipient", userID, "to"},
		row{in + "message_echoes[].message.recipient_identity_key_hash", removed, ""},
		row{in + "message_echoes[].message.type", opaque, ""},
		row{in + "message_echoes[].message.context.message_id", messageID, ""},
		row{in + "message_echoes[].message.reaction.message_id", messageID, ""},
		row{in + "message_echoes[].message.reaction.emoji", text, ""},
		row{in + "message_echoes[].message.pin.message_id", messageID, ""},
		row{in + "message_echoes[].message.biz_opaque_callback_data", echoed, ""},
		row{in + "message_echoes[].message.*", text, ""},
	)
}

// handoverRows: thread control (2.17).
func handoverRows() []row {
	rows := []row{
		{"messaging_product", opaque, ""},
		{"metadata", shape, "business"},
		{"recipient", shape, "business"},
		{"sender.phone_number", number, "user_id"},
		{"sender.user_id", userID, "phone_number"},
		{"sender.parent_user_id", removed, ""},
		{"type", opaque, ""},
		{"timestamp", opaque, ""},
	}
	for _, control := range []string{"control_passed.", "control_taken."} {
		rows = append(rows,
			row{control + "previous_owner_app_id", opaque, ""},
			row{control + "previous_owner_app_role", opaque, ""},
			row{control + "previous_owner_role", opaque, ""},
			row{control + "new_owner_app_id", opaque, ""},
			row{control + "new_owner_app_role", opaque, ""},
			row{control + "new_owner_role", opaque, ""},
			row{control + "metadata", text, ""},
			row{control + "conversation_context", shape, "summary"},
		)
	}
	return rows
}

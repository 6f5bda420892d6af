package meta

// answer adds what every answer can have: an error (6.6), and that it went well.
func answer(rows ...row) []row {
	return append([]row{
		{"error", shape, "fault"},
		{"messaging_product", opaque, ""},
		{"success", opaque, ""},
	}, rows...)
}

// sentRows: the answer to a message (6.2). A group's id can stand in input and
// wa_id.
func sentRows() []row {
	return []row{
		{"contacts[].input", either, ""},
		{"contacts[].wa_id", number, "user_id"},
		{"contacts[].user_id", userID, "wa_id"},
		{"contacts[].parent_user_id", removed, ""},
		{"messages[].id", messageID, ""},
		{"messages[].group_id", opaque, ""},
		{"messages[].message_status", opaque, ""},
	}
}

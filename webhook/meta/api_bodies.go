package meta

import "bauta/masking"

// buildAPIShapes makes the schemas of requests and answers.
func buildAPIShapes() map[string]*masking.Schema {
	shapes := buildShapes(apiTables())
	// Whole trees of one kind.
	for name, role := range map[string]masking.Role{"written": echoed, "codes": opaque} {
		s := shapes[name]
		s.Role, s.Any, s.Each = role, s, s
	}
	return shapes
}

// apiTables lists the tables of positions by name. A key that stands in no table of
// an answer is free text for the rewriter; one of a request passes as it is.
func apiTables() map[string][]row {
	tables := answerTables()
	tables["send"] = sendRows()
	tables["call"] = callBodyRows()
	tables["block"] = []row{
		{"block_users[].user", number, "user_id"},
		{"block_users[].user_id", userID, "user"},
	}
	tables["participants"] = []row{
		{"participants[].user", number, "user_id"},
		{"participants[].user_id", userID, "user"},
	}
	tables["free"] = nil // nobody is named, every byte passes
	return tables
}

// sendRows: a message to send, and the marks of one that came (6.1, 6.3). Both
// names of a recipient can be given; the platform then takes to.
func sendRows() []row {
	rows := []row{
		{"to", number, "recipient"},
		{"recipient", userID, "to"},
		{"message_id", messageID, ""},
		{"context.message_id", messageID, ""},
		{"reaction.message_id", messageID, ""},
		{"pin.message_id", messageID, ""},
		{"sticker.id", mediaID, ""},
		{"audio.id", mediaID, ""},
	}
	for _, kind := range []string{"image", "video", "document"} {
		for _, at := range []string{
			"", "interactive.header.", "template.components[].parameters[].",
			"interactive.action.cards[].header.", "template.components[].cards[].components[].parameters[].",
		} {
			rows = append(rows, row{at + kind + ".id", mediaID, ""})
		}
	}
	return rows
}

// callBodyRows: a call to make, or an answer to one that came.
func callBodyRows() []row {
	return []row{
		{"to", number, "recipient"},
		{"recipient", userID, "to"},
		{"call_id", messageID, ""},
	}
}

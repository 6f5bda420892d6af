package meta

import "bauta/masking"

// buildAPIShapes makes the schemas of requests and answers.
func buildAPIShapes() map[string]*masking.Schema {
	return buildShapes(apiTables())
}

// apiTables lists the tables of positions by name.
func apiTables() map[string][]row {
	return map[string][]row{
		"send":  sendRows(),
		"sent":  answer(sentRows()...),
		"fault": append(errorRows(), row{"error_data", errorText, ""}, row{"error_data.*", errorText, ""}, row{"is_transient", opaque, ""}),
	}
}

// sendRows: a message to send, and the marks of one that came (6.1, 6.3). Places of
// identities and message ids only; every other byte is the business's and passes.
func sendRows() []row {
	return []row{
		{"to", number, "recipient"},
		{"recipient", userID, "to"},
		{"message_id", messageID, ""},
		{"context.message_id", messageID, ""},
		{"reaction.message_id", messageID, ""},
		{"pin.message_id", messageID, ""},
	}
}

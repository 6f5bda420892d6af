package meta

// shapeTables lists the tables of positions by name. Shapes that several fields
// share are here, the values of the fields in catalogue_values.go. A key that
// stands in no table is free text for the rewriter.
func shapeTables() map[string][]row {
	tables := valueTables()
	tables["contact"] = contactRows()
	tables["message"] = append(messageRows(), contentRows()...)
	tables["status"] = statusRows()
	tables["call"] = callRows()
	tables["error"] = errorRows()
	tables["participant"] = participantRows()
	tables["referral"] = referralRows()
	tables["medium"] = mediumRows()
	tables["business"] = businessRows()
	tables["summary"] = []row{
		{"type", opaque, ""},
		{"summary.text", text, ""},
	}
	return tables
}

// businessRows: metadata, the business's own names (2.1).
func businessRows() []row {
	return []row{
		{"display_phone_number", opaque, ""},
		{"phone_number_id", opaque, ""},
	}
}

// contactRows: value.contacts[] (2.0, 2.1).
func contactRows() []row {
	return []row{
		{"wa_id", number, "user_id"},
		{"user_id", userID, "wa_id"},
		{"parent_user_id", removed, ""},
		{"username", username, ""},
		{"profile.name", profileName, ""},
		{"profile.username", username, ""},
		{"identity_key_hash", removed, ""},
	}
}

// messageRows: what messages of every type have (3, "common keys").
func messageRows() []row {
	return []row{
		{"from", number, "from_user_id"},
		{"from_user_id", userID, "from"},
		{"from_parent_user_id", removed, ""},
		{"from_logical_id", removed, ""},
		{"to", number, "to_user_id"},
		{"to_user_id", userID, "to"},
		{"to_parent_user_id", removed, ""},
		{"username", username, ""},
		{"group_id", opaque, ""},
		{"id", messageID, ""},
		{"timestamp", opaque, ""},
		{"type", opaque, ""},
		{"origin", opaque, ""},
		{"biz_opaque_callback_data", echoed, ""},
		{"context.from", number, "from_user_id"},
		{"context.from_user_id", userID, "from"},
		{"context.from_parent_user_id", removed, ""},
		{"context.from_logical_id", removed, ""},
		{"context.id", messageID, ""},
		{"context.message_id", messageID, ""},
		{"context.forwarded", opaque, ""},
		{"context.frequently_forwarded", opaque, ""},
		{"context.referred_product.catalog_id", opaque, ""},
		{"context.referred_product.product_retailer_id", echoed, ""},
		{"referral", shape, "referral"},
		{"errors[]", shape, "error"},
		{"identity.acknowledged", opaque, ""},
		{"identity.created_timestamp", opaque, ""},
		{"identity.hash", removed, ""},
		{"identity_key_hash", removed, ""},
		{"history_context.status", opaque, ""},
	}
}

// contentRows: what each type adds (3). Ids, titles and payloads of buttons and
// lists, and the ids of its products, are the business's own words, even though an old client can send others:
// they come back byte for byte.
func contentRows() []row {
	return []row{
		{"text.body", text, ""},
		{"image", shape, "medium"},
		{"video", shape, "medium"},
		{"audio", shape, "medium"},
		{"document", shape, "medium"},
		{"sticker", shape, "medium"},
		{"location.latitude", opaque, ""},
		{"location.longitude", opaque, ""},
		{"location.name", text, ""},
		{"location.address", text, ""},
		{"location.url", text, ""},
		{"contacts[].name.*", text, ""},
		{"contacts[].phones[].phone", card, ""},
		{"contacts[].phones[].wa_id", card, ""},
		{"contacts[].phones[].type", opaque, ""},
		{"contacts[].addresses[].*", text, ""},
		{"contacts[].emails[].*", text, ""},
		{"contacts[].org.*", text, ""},
		{"contacts[].urls[].*", text, ""},
		{"contacts[].birthday", opaque, ""},
		{"contacts[].vcard", text, ""},
		{"contacts[].origin", opaque, ""},
		{"interactive.type", opaque, ""},
		{"interactive.button_reply.id", echoed, ""},
		{"interactive.button_reply.title", echoed, ""},
		{"interactive.list_reply.id", echoed, ""},
		{"interactive.list_reply.title", echoed, ""},
		{"interactive.list_reply.description", echoed, ""},
		{"interactive.nfm_reply.name", opaque, ""},
		{"interactive.nfm_reply.body", text, ""},
		{"interactive.nfm_reply.response_json", jsonText, ""},
		{"interactive.nfm_reply.response_json.flow_token", echoed, ""},
		{"interactive.nfm_reply.response_json.values.phone_number", card, ""},
		{"interactive.call_permission_reply.response", opaque, ""},
		{"interactive.call_permission_reply.is_permanent", opaque, ""},
		{"interactive.call_permission_reply.expiration_timestamp", opaque, ""},
		{"interactive.call_permission_reply.response_source", opaque, ""},
		{"interactive.payment_method.payment_method", opaque, ""},
		{"interactive.payment_method.payment_timestamp", opaque, ""},
		{"interactive.payment_method.reference_id", echoed, ""},
		{"interactive.payment_method.last_four_digits", opaque, ""},
		{"interactive.payment_method.credential_id", removed, ""},
		{"button.payload", echoed, ""},
		{"button.text", echoed, ""},
		{"order.catalog_id", opaque, ""},
		{"order.text", text, ""},
		{"order.product_items[].product_retailer_id", echoed, ""},
		{"order.product_items[].quantity", opaque, ""},
		{"order.product_items[].item_price", opaque, ""},
		{"order.product_items[].currency", opaque, ""},
		{"reaction.message_id", messageID, ""},
		{"reaction.emoji", text, ""},
		{"pin.message_id", messageID, ""},
		{"pin.type", opaque, ""},
		{"system.body", text, ""},
		{"system.type", opaque, ""},
		{"system.wa_id", number, "user_id"},
		{"system.new_wa_id", number, ""},
		{"system.customer", number, "previous_user_id"},
		{"system.user_id", userID, "wa_id"},
		{"system.previous_user_id", userID, ""},
		{"system.parent_user_id", removed, ""},
		{"system.previous_parent_user_id", removed, ""},
		{"system.identity", removed, ""},
		{"system.identity.*", removed, ""},
		{"edit.original_message_id", messageID, ""},
		{"edit.message", shape, "message"},
		{"revoke.original_message_id", messageID, ""},
		{"unsupported.type", opaque, ""},
	}
}

// mediumRows: image, video, audio, document, sticker. The url names the medium
// and the business's token opens it; no number was seen in it (5, row 5).
func mediumRows() []row {
	return []row{
		{"id", opaque, ""},
		{"sha256", opaque, ""},
		{"mime_type", opaque, ""},
		{"url", opaque, ""},
		{"voice", opaque, ""},
		{"animated", opaque, ""},
		{"caption", text, ""},
		{"filename", text, ""},
	}
}

// referralRows: what a message says of the ad it came from (3, "referral").
func referralRows() []row {
	return []row{
		{"source_url", opaque, ""},
		{"source_type", opaque, ""},
		{"source_id", opaque, ""},
		{"headline", text, ""},
		{"body", text, ""},
		{"media_type", opaque, ""},
		{"image_url", opaque, ""},
		{"video_url", opaque, ""},
		{"thumbnail_url", opaque, ""},
		{"ctwa_clid", opaque, ""},
		{"welcome_message.text", text, ""},
		{"ref", opaque, ""},
		{"image.id", opaque, ""},
		{"video.id", opaque, ""},
	}
}

// statusRows: messages and calls (2.2, 2.9), with every spelling of 2.0.
func statusRows() []row {
	return []row{
		{"id", messageID, ""},
		{"status", opaque, ""},
		{"type", opaque, ""},
		{"timestamp", opaque, ""},
		{"recipient_type", opaque, ""},
		{"recipient_id", number, "recipient_user_id"},
		{"recipient_user_id", userID, "recipient_id"},
		{"recipient_parent_user_id", removed, ""},
		{"parent_recipient_user_id", removed, ""},
		{"recipient_participant_id", number, "recipient_participant_user_id"},
		{"participant_recipient_id", number, "recipient_participant_user_id"},
		{"recipient_participant_user_id", userID, "recipient_participant_id"},
		{"recipient_participant_parent_user_id", removed, ""},
		{"recipient_identity_key_hash", removed, ""},
		{"recipient_logical_id", removed, ""},
		{"message.recipient_id", number, "recipient_user_id"},
		{"message.recipient_user_id", userID, "recipient_id"},
		{"biz_opaque_callback_data", echoed, ""},
		{"conversation.id", opaque, ""},
		{"conversation.expiration_timestamp", opaque, ""},
		{"conversation.origin.type", opaque, ""},
		{"pricing.*", opaque, ""},
		{"errors[]", shape, "error"},
		{"payment.reference_id", echoed, ""},
		{"payment.receipt", echoed, ""},
		{"payment.notes", echoed, ""},
		{"payment.notes.*", echoed, ""},
		{"payment.currency", opaque, ""},
		{"payment.amount.value", opaque, ""},
		{"payment.amount.offset", opaque, ""},
		{"payment.transaction.id", opaque, ""},
		{"payment.transaction.type", opaque, ""},
		{"payment.transaction.status", opaque, ""},
		{"payment.transaction.created_timestamp", opaque, ""},
		{"payment.transaction.updated_timestamp", opaque, ""},
	}
}

// callRows: calls (2.9). Session descriptions are opaque: digits in them are
// ports and priorities, and a description with a number in it is held.
func callRows() []row {
	return []row{
		{"id", messageID, ""},
		{"from", number, "from_user_id"},
		{"from_user_id", userID, "from"},
		{"from_parent_user_id", removed, ""},
		{"from_logical_id", removed, ""},
		{"to", number, "to_user_id"},
		{"to_user_id", userID, "to"},
		{"to_parent_user_id", removed, ""},
		{"event", opaque, ""},
		{"type", opaque, ""},
		{"timestamp", opaque, ""},
		{"direction", opaque, ""},
		{"status", opaque, ""},
		{"status[]", opaque, ""},
		{"start_time", opaque, ""},
		{"end_time", opaque, ""},
		{"duration", opaque, ""},
		{"deeplink_payload", echoed, ""},
		{"cta_payload", echoed, ""},
		{"biz_opaque_callback_data", echoed, ""},
		{"session.sdp_type", opaque, ""},
		{"session.sdp", opaque, ""},
		{"connection.webrtc.sdp", opaque, ""},
		{"call_recording.type", opaque, ""},
		{"call_recording.audio", shape, "medium"},
		{"call_transcript.type", opaque, ""},
		{"call_transcript.document", shape, "medium"},
		{"errors[]", shape, "error"},
	}
}

// errorRows: an error of the platform, wherever one stands (2.4, 6.6).
func errorRows() []row {
	return []row{
		{"code", opaque, ""},
		{"error_subcode", opaque, ""},
		{"type", opaque, ""},
		{"href", opaque, ""},
		{"fbtrace_id", opaque, ""},
		{"title", errorText, ""},
		{"message", errorText, ""},
		{"user_title", errorText, ""},
		{"user_message", errorText, ""},
		{"error_user_title", errorText, ""},
		{"error_user_msg", errorText, ""},
		{"error_data.messaging_product", opaque, ""},
		{"error_data.details", errorText, ""},
		{"error_type", opaque, ""}, // the last three in the flows field
		{"error_rate", opaque, ""},
		{"error_count", opaque, ""},
	}
}

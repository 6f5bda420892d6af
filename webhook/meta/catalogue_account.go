package meta

// accountRows: the account-level fields of 2.19, in one table since their names
// do not collide. No person stands in them. Numbers and codes of the platform
// are opaque, wording is text, which only matters for business-less extras that
// the platform may add.
func accountRows() []row {
	var rows []row
	for _, path := range opaqueAccountPaths() {
		rows = append(rows, row{path, opaque, ""})
	}
	for _, path := range textAccountPaths() {
		rows = append(rows, row{path, text, ""})
	}
	return append(rows, row{"errors[]", shape, "error"})
}

func opaqueAccountPaths() []string {
	return []string{
		"messaging_product", "timestamp", "type", "event", "decision", "status",
		"display_phone_number", "entity_type", "entity_id", "country", "requester",
		"alert_info.alert_severity", "alert_info.alert_status", "alert_info.alert_type",
		"waba_info.waba_id", "waba_info.owner_business_id", "waba_info.partner_app_id", "waba_info.solution_id",
		"waba_info.solution_partner_business_ids[]", "waba_info.ad_account_linked",
		"ban_info.waba_ban_state", "ban_info.waba_ban_state[]", "ban_info.waba_ban_date",
		"violation_info.violation_type",
		"restriction_info[].restriction_type", "restriction_info[].expiration",
		"auth_international_rate_eligibility.start_time", "auth_international_rate_eligibility.exception_countries[].country_code",
		"auth_international_rate_eligibility.exception_countries[].start_time",
		"volume_tier_info.tier_update_time", "volume_tier_info.pricing_category", "volume_tier_info.tier",
		"volume_tier_info.effective_month", "volume_tier_info.region",
		"partner_client_certification_info.client_business_id", "partner_client_certification_info.status",
		"partner_client_certification_info.rejection_reasons[]",
		"disconnection_info.reason", "disconnection_info.initiated_by",
		"phone_number_settings.phone_number_id", "phone_number_settings.calling.*",
		"max_daily_conversations_per_business", "max_daily_conversation_per_phone", "max_phone_numbers_per_waba",
		"max_phone_numbers_per_business", "current_limit", "old_limit",
		"message_template_id", "message_template_language", "message_template_category",
		"previous_quality_score", "new_quality_score",
		"message_template_buttons[].message_template_button_type",
		"previous_category", "new_category", "correct_category", "category_update_timestamp",
		"flow_id", "old_status", "new_status", "error_rate", "threshold", "alert_state",
		"p50_latency", "p90_latency", "requests_count", "availability",
		"solution_id", "solution_status",
		"provider_mid", "created_timestamp", "updated_timestamp",
	}
}

func textAccountPaths() []string {
	return []string{
		"alert_info.alert_description", "username", "reason", "message",
		"message_template_name", "message_template_title", "message_template_element", "message_template_footer",
		"message_template_buttons[].message_template_button_text", "message_template_buttons[].message_template_button_url",
		"message_template_buttons[].message_template_button_phone_number",
		"rejection_info.reason", "rejection_info.recommendation",
		"requested_verified_name", "rejection_reason",
		"configuration_name", "provider_name",
	}
}

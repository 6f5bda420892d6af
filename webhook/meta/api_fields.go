package meta

// What the parameter fields may list. Names stand as a whole: with an expansion
// (phone_numbers{id}) or a modifier (.limit(3)) a name is another. The field
// webhook_configuration is in no list: it tells where the operator takes webhooks.

// phoneNumberFields of a phone number.
func phoneNumberFields() []string {
	return []string{
		"account_mode", "code_verification_status", "conversational_automation", "country_dial_code", "display_phone_number",
		"eligibility_for_api_business_global_search", "health_status", "host_platform", "id",
		"is_official_business_account", "is_on_biz_app", "is_pin_enabled", "is_preverified_number", "last_onboarded_time",
		"messaging_limit_tier", "name_status", "new_display_name", "new_name_status", "platform_type", "quality_rating",
		"quality_score", "search_visibility", "status", "throughput", "unified_cert_status", "username", "verified_name",
		"whatsapp_business_manager_messaging_limit",
	}
}

// wabaFields of a WhatsApp business account.
func wabaFields() []string {
	return []string{
		"account_review_status", "business_verification_status", "country", "creation_time", "currency", "health_status", "id",
		"is_enabled_for_insights", "marketing_messages_lite_api_status", "marketing_messages_onboarding_status",
		"message_template_namespace", "name", "owner_business_info", "ownership_type", "primary_business_location",
		"status", "timezone_id", "whatsapp_business_manager_messaging_limit",
	}
}

// templateFields of a message template.
func templateFields() []string {
	return []string{
		"category", "components", "correct_category", "cta_url_link_tracking_opted_out", "id", "language",
		"last_updated_time", "library_template_name", "message_send_ttl_seconds", "name", "parameter_format",
		"previous_category", "quality_score", "rejected_reason", "status", "sub_category",
	}
}

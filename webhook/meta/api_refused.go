package meta

import "strings"

// The reasons that several routes share.
const (
	whyRegistration = "Numbers are registered, verified and deregistered by the operator of Bauta: the one who holds a number's registration can take its messages elsewhere."
	whyCallback     = "Events come by way of Bauta, and its operator sets where they go. No callback was changed."
	whyThread       = "Conversations stay with the operator's app: another app that takes over a thread would receive its messages unmasked."
	whyAccess       = "Who may use the account is the operator's to say: whoever gets access can read messages without Bauta."
	whySettings     = "The operator changes these settings: with SIP or storage settings calls and messages go past Bauta, and the answer can hold SIP credentials."
	whyEncryption   = "The operator sets this key: Bauta could not mask what is encrypted for the business."
)

const accepted = `{"success":true}`

// keptRoutes lists the calls that are answered by Bauta itself, whatever
// passthrough says: they would lead the raw webhooks around it (1.5, 2.9, 2.17).
func keptRoutes() []routeRow { return append(localRoutes(), refusedRoutes()...) }

// localRoutes are what a CRM calls on connecting. It gets the answer with which it
// goes on; nothing is changed.
func localRoutes() []routeRow {
	const apps = `{"data":[{"whatsapp_business_api_data":{"link":"","name":"Bauta","id":"0"}}]}`
	const notRegistered = "The number is registered already; nothing was changed. " + whyRegistration
	override := []row{
		{"override_callback_uri", opaque, ""},
		{"verify_token", opaque, ""},
		{"subscribed_fields", opaque, ""},
	}
	return []routeRow{
		{
			name: "subscribed_apps_list", method: "GET", object: WABAObject, edge: "subscribed_apps", family: Profile,
			handling: Local, reply: apps, why: "Bauta's own app is subscribed; which others are, is not told. " + whyCallback,
			fields: []string{"id", "link", "name", "override_callback_uri", "whatsapp_business_api_data"},
		},
		{
			name: "subscribed_apps_add", method: "POST", object: WABAObject, edge: "subscribed_apps", family: Profile,
			handling: Local, body: "free", query: override, reply: accepted, why: whyCallback,
		},
		{
			name: "subscribed_apps_remove", method: "DELETE", object: WABAObject, edge: "subscribed_apps", family: Profile,
			handling: Local, body: "free", reply: accepted, why: "The subscription stays. " + whyCallback,
		},
		{
			name: "phone_number_override", method: "POST", object: PhoneNumberObject, family: Profile,
			handling: Local, body: "free", reply: accepted, why: whyCallback + " A PIN in the same call was not set either.",
		},
		{
			name: "account_override", method: "POST", object: WABAObject, family: Profile,
			handling: Local, body: "free", reply: accepted, why: whyCallback,
		},
		{
			name: "register", method: "POST", object: PhoneNumberObject, edge: "register", family: Profile,
			handling: Local, body: "free", reply: accepted, why: notRegistered,
		},
	}
}

// refusedRoutes get an error that says why.
func refusedRoutes() []routeRow {
	rows := []struct {
		name, methods string
		object        Object
		edge, why     string
	}{
		{"settings", "GET POST DELETE", PhoneNumberObject, "settings", whySettings},
		{"deregister", "POST", PhoneNumberObject, "deregister", whyRegistration},
		{"request_code", "POST", PhoneNumberObject, "request_code", whyRegistration},
		{"verify_code", "POST", PhoneNumberObject, "verify_code", whyRegistration},
		{"phone_number", "DELETE", PhoneNumberObject, "", whyRegistration},
		{"account", "DELETE", WABAObject, "", whyAccess},
		{"phone_webhook_configuration", "GET POST DELETE", PhoneNumberObject, "webhook_configuration", whyCallback},
		{"account_webhook_configuration", "GET POST DELETE", WABAObject, "webhook_configuration", whyCallback},
		{"assigned_users", "GET POST DELETE", WABAObject, "assigned_users", whyAccess},
		{"solution_migration", "POST", WABAObject, "set_solution_migration_intent", whyAccess},
		{"obo_mobility", "POST", WABAObject, "set_obo_mobility_intent", whyAccess},
		{"encryption", "POST", PhoneNumberObject, "whatsapp_business_encryption", whyEncryption},
		{"pass_thread", "POST", PhoneNumberObject, "pass_thread_control", whyThread},
		{"take_thread", "POST", PhoneNumberObject, "take_thread_control", whyThread},
		{"release_thread", "POST", PhoneNumberObject, "release_thread_control", whyThread},
		{"request_thread", "POST", PhoneNumberObject, "request_thread_control", whyThread},
	}
	var out []routeRow
	for _, r := range rows {
		for method := range strings.FieldsSeq(r.methods) {
			out = append(out, routeRow{
				name: r.name + "_" + strings.ToLower(method), method: method, object: r.object, edge: r.edge,
				family: Profile, handling: Refuse, why: r.why,
			})
		}
	}
	return out
}

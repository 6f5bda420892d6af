// Package ads decides a first contact in the direct chat: is this interaction
// eligible for hiding? It implements webhook.Decider.
//
// The order, first answer wins:
//
//	no policy of that business                      hide   no_policy
//	source_type neither "ad" nor "post" (or empty)  hide   unknown_source_type
//	rules, in the order of the configuration:
//	  details of the ad wanted, and:
//	    the platform knows no such ad, or it is
//	    somebody else's                             hide   ad_unknown
//	    the look-up failed or took too long         hide   ad_lookup_failed
//	    look-ups are paused after failures          hide   ad_lookup_paused
//	  the rule fails or costs too much              hide   rule_failed
//	  the condition holds                           as the rule says   rule
//	an ad, and the business has no rules            hide   ad
//	an ad, and no rule matched                      hide   no_rule_matched
//	a post                                          default   post_default_visible, post_default_hidden
//	no referral                                     default   no_ad_default_visible, no_ad_default_hidden
//
// Whatever this leads to, who comes without a number is hidden (platform_hid_it).
//
// Rules see every first contact, with an ad or without. A rule in report mode
// never decides: what it would have done stands in Decision.Reports (for one
// that fails: hide), and the next rule is asked. An ad without ctwa_clid (ads
// in WhatsApp Status have none) is an ad all the same.
//
// What a condition sees, all of it typed; an unknown name is a RuleError:
//
//	ad.present      bool    true for source_type "ad"
//	ad.type ad.id ad.url ad.headline ad.body ad.media ad.clid   string, the referral's words
//	ad.campaign ad.account ad.adset                             string, ids
//	ad.destination  string  the ad set's destination_type, such as WHATSAPP
//	ad.status       string  effective_status, such as ACTIVE
//	customer.country string ISO 3166 alpha-2, "" if unknown
//	customer.first_contact customer.has_number   bool
//	customer.bucket int     0 to 99, stable for a customer, for a gradual roll-out
//	business.id     string
//	now             timestamp
//
// The third line and the two below it are looked up in the Marketing API, at
// the moment in which a condition reads one of them, and only for an ad; for
// anything else they are "". One answer is shared by all callers that wait for
// it and cached.
package ads

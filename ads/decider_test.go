package ads_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"bauta/ads"
	"bauta/webhook"
)

func decider(tb testing.TB, o ads.Options) *ads.Decider {
	tb.Helper()
	d, err := ads.New(o)
	if err != nil {
		tb.Fatal(err)
	}
	return d
}

// fromAd is a first contact through an ad, as identity.md 2.7 b shows it.
func fromAd(change ...func(*webhook.FirstContact)) webhook.FirstContact {
	c := webhook.FirstContact{
		Business: "acme",
		Referral: webhook.Referral{
			Present: true, Type: "ad", ID: "120226305854810726", URL: "https://fb.me/2Qv", Headline: "Shoes",
			Body: "Run faster", Media: "image", CLID: "Aff-n8",
		},
		Country: "IT", First: true, HasNumber: true, Bucket: 42,
		At: time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC),
	}
	for _, f := range change {
		f(&c)
	}
	return c
}

func source(kind string) func(*webhook.FirstContact) {
	return func(c *webhook.FirstContact) { c.Referral.Type = kind }
}

func organic(c *webhook.FirstContact) { c.Referral = webhook.Referral{} }

func hide(name, when string) ads.Rule { return ads.Rule{Name: name, When: when, Hide: true} }
func show(name, when string) ads.Rule { return ads.Rule{Name: name, When: when} }
func report(r ads.Rule) ads.Rule      { r.Report = true; return r }

func TestDecisions(t *testing.T) {
	t.Parallel()
	noNumber := func(c *webhook.FirstContact) { c.HasNumber = false }
	for name, row := range map[string]struct {
		rules         []ads.Rule
		hideByDefault bool
		contact       webhook.FirstContact
		want          webhook.Decision
	}{
		"an ad, no rules":                      {nil, false, fromAd(), webhook.Decision{Reason: "ad"}},
		"an ad without ctwa_clid is an ad":     {nil, false, fromAd(func(c *webhook.FirstContact) { c.Referral.CLID = "" }), webhook.Decision{Reason: "ad"}},
		"no referral, default visible":         {nil, false, fromAd(organic), webhook.Decision{Visible: true, Reason: "no_ad_default_visible"}},
		"no referral, default hidden":          {nil, true, fromAd(organic), webhook.Decision{Reason: "no_ad_default_hidden"}},
		"a post, default visible":              {nil, false, fromAd(source("post")), webhook.Decision{Visible: true, Reason: "post_default_visible"}},
		"a post, default hidden":               {nil, true, fromAd(source("post")), webhook.Decision{Reason: "post_default_hidden"}},
		"an unknown source_type hides":         {nil, false, fromAd(source("story")), webhook.Decision{Reason: "unknown_source_type"}},
		"an empty source_type hides":           {nil, false, fromAd(source("")), webhook.Decision{Reason: "unknown_source_type"}},
		"an AD in capitals is unknown":         {nil, false, fromAd(source("AD")), webhook.Decision{Reason: "unknown_source_type"}},
		"no rule shows an unknown source_type": {[]ads.Rule{show("all", "true")}, false, fromAd(source("story")), webhook.Decision{Reason: "unknown_source_type"}},
		"no policy hides":                      {nil, false, fromAd(organic, func(c *webhook.FirstContact) { c.Business = "other" }), webhook.Decision{Reason: "no_policy"}},
		"without a number, hidden whatever the default": {
			nil, false, fromAd(organic, noNumber), webhook.Decision{Reason: "platform_hid_it"},
		},
		"without a number, hidden whatever a rule says": {
			[]ads.Rule{report(show("r", "true")), show("all", "true")},
			false, fromAd(noNumber),
			webhook.Decision{Reason: "platform_hid_it", Reports: []webhook.Report{{Rule: "r"}}},
		},
		"a rule hides an ad": {
			[]ads.Rule{hide("pilot", `ad.present && customer.country in ["IT", "DE"]`)},
			false, fromAd(),
			webhook.Decision{Rule: "pilot", Reason: "rule"},
		},
		"a rule shows an ad": {
			[]ads.Rule{show("own-brand", `ad.headline == "Shoes"`)},
			true, fromAd(),
			webhook.Decision{Visible: true, Rule: "own-brand", Reason: "rule"},
		},
		"the first match wins": {
			[]ads.Rule{hide("a", "customer.country == 'DE'"), show("b", "true"), hide("c", "true")},
			false, fromAd(),
			webhook.Decision{Visible: true, Rule: "b", Reason: "rule"},
		},
		"no rule matched an ad": {
			[]ads.Rule{show("a", "customer.country == 'DE'")}, false, fromAd(), webhook.Decision{Reason: "no_rule_matched"},
		},
		"no rule matched, and no ad": {
			[]ads.Rule{hide("a", "ad.present")},
			false, fromAd(organic),
			webhook.Decision{Visible: true, Reason: "no_ad_default_visible"},
		},
		"a rule decides without an ad": {
			[]ads.Rule{hide("italy", `customer.country == "IT"`)},
			false, fromAd(organic),
			webhook.Decision{Rule: "italy", Reason: "rule"},
		},
		"a post is not present as an ad, and a rule can name it": {
			[]ads.Rule{hide("a", "ad.present"), hide("posts", `ad.type == "post" && ad.id != ""`)},
			false, fromAd(source("post")),
			webhook.Decision{Rule: "posts", Reason: "rule"},
		},
		"a report-mode rule records and does not decide": {
			[]ads.Rule{report(show("try", "ad.present")), report(hide("never", "false")), report(hide("too", "true"))},
			false, fromAd(),
			webhook.Decision{Reason: "no_rule_matched", Reports: []webhook.Report{{Rule: "try"}, {Rule: "too", Hide: true}}},
		},
		"report-mode rules before the one that decides": {
			[]ads.Rule{report(hide("try", "true")), show("b", "true"), report(hide("after", "true"))},
			false, fromAd(),
			webhook.Decision{Visible: true, Rule: "b", Reason: "rule", Reports: []webhook.Report{{Rule: "try", Hide: true}}},
		},
		"a rule that fails hides": {
			[]ads.Rule{show("broken", `100 / (customer.bucket - 42) > 1`)},
			false, fromAd(organic),
			webhook.Decision{Rule: "broken", Reason: "rule_failed"},
		},
		"a report-mode rule that fails would hide": {
			[]ads.Rule{report(show("broken", `100 / (customer.bucket - 42) > 1`))},
			false, fromAd(organic),
			webhook.Decision{Visible: true, Reason: "no_ad_default_visible", Reports: []webhook.Report{{Rule: "broken", Hide: true}}},
		},
		"a rule that costs too much on what came hides": {
			[]ads.Rule{show("slow", `ad.body.matches("(a+)+$")`)},
			false,
			fromAd(func(c *webhook.FirstContact) { c.Referral.Body = strings.Repeat("a", 1<<20) }),
			webhook.Decision{Rule: "slow", Reason: "rule_failed"},
		},
		"a bucket in the roll-out":    {[]ads.Rule{hide("half", "customer.bucket < 43")}, false, fromAd(organic), webhook.Decision{Rule: "half", Reason: "rule"}},
		"a bucket not yet rolled out": {[]ads.Rule{hide("half", "customer.bucket < 42")}, false, fromAd(organic), webhook.Decision{Visible: true, Reason: "no_ad_default_visible"}},
		"every name of a first contact": {
			[]ads.Rule{hide("all", `ad.present && ad.type == "ad" && ad.id == "120226305854810726" && ad.url.startsWith("https://fb.me/") &&
				ad.headline == "Shoes" && ad.body.contains("faster") && ad.media == "image" && ad.clid == "Aff-n8" && customer.country == "IT" &&
				customer.first_contact && customer.has_number && customer.bucket == 42 && business.id == "acme" && now < timestamp("2027-01-01T00:00:00Z")`)},
			false, fromAd(),
			webhook.Decision{Rule: "all", Reason: "rule"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := decider(t, ads.Options{Policies: []ads.Policy{{Business: "acme", HideByDefault: row.hideByDefault, Rules: row.rules}}})
			if diff := cmp.Diff(row.want, d.Decide(t.Context(), row.contact)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

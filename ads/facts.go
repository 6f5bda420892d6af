package ads

import (
	"context"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"

	"bauta/webhook"
)

// variables declares every name a condition may use. Each is a variable of its
// own with a dot in it: the compiler then refuses any other field.
func variables() []cel.EnvOption {
	var all []cel.EnvOption
	for _, name := range []string{
		"ad.type", "ad.id", "ad.url", "ad.headline", "ad.body", "ad.media", "ad.clid",
		"ad.campaign", "ad.account", "ad.adset", "ad.destination", "ad.status",
		"customer.country", "business.id",
	} {
		all = append(all, cel.Variable(name, cel.StringType))
	}
	for _, name := range []string{"ad.present", "customer.first_contact", "customer.has_number"} {
		all = append(all, cel.Variable(name, cel.BoolType))
	}
	return append(all, cel.Variable("customer.bucket", cel.IntType), cel.Variable("now", cel.TimestampType))
}

// facts are one first contact, as conditions see it. It implements
// cel.Activation for one decision and one goroutine.
type facts struct {
	ctx     context.Context //nolint:containedctx // it lives as long as one call of Decide
	contact *webhook.FirstContact
	finder  *finder
	// wanted: the condition now evaluated read a detail of the ad. Details are
	// asked for once, when the first condition does.
	wanted  bool
	asked   bool
	details Details
	missing reason
}

// Parent implements cel.Activation.
func (f *facts) Parent() cel.Activation { return nil }

// ResolveName implements cel.Activation.
func (f *facts) ResolveName(name string) (any, bool) {
	c, r := f.contact, &f.contact.Referral
	switch name {
	case "ad.present":
		return types.Bool(f.isAd()), true
	case "ad.type":
		return types.String(r.Type), true
	case "ad.id":
		return types.String(r.ID), true
	case "ad.url":
		return types.String(r.URL), true
	case "ad.headline":
		return types.String(r.Headline), true
	case "ad.body":
		return types.String(r.Body), true
	case "ad.media":
		return types.String(r.Media), true
	case "ad.clid":
		return types.String(r.CLID), true
	case "customer.country":
		return types.String(c.Country), true
	case "customer.first_contact":
		return types.Bool(c.First), true
	case "customer.has_number":
		return types.Bool(c.HasNumber), true
	case "customer.bucket":
		return types.Int(c.Bucket), true
	case "business.id":
		return types.String(c.Business), true
	case "now":
		return types.Timestamp{Time: c.At}, true
	}
	return f.resolveDetail(name)
}

// resolveDetail looks the ad up only for a name that needs it.
func (f *facts) resolveDetail(name string) (any, bool) {
	switch name {
	case "ad.campaign":
		return types.String(f.lookUp().Campaign), true
	case "ad.account":
		return types.String(f.lookUp().Account), true
	case "ad.adset":
		return types.String(f.lookUp().AdSet), true
	case "ad.destination":
		return types.String(f.lookUp().Destination), true
	case "ad.status":
		return types.String(f.lookUp().Status), true
	}
	return nil, false
}

func (f *facts) isAd() bool { return f.contact.Referral.Present && f.contact.Referral.Type == typeAd }

func (f *facts) lookUp() Details {
	if !f.asked && f.isAd() {
		f.details, f.missing = f.finder.find(f.ctx, f.contact.Business, f.contact.Referral.ID)
	}
	f.asked, f.wanted = true, true
	return f.details
}

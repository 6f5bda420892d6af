package ads

import (
	"context"
	"errors"
	"fmt"

	"bauta/webhook"
)

// The platform's referral.source_type values (identity.md 2.7 b).
const (
	typeAd   = "ad"
	typePost = "post"
)

// reason is why a contact was decided as it was: the closed set of doc.go.
type reason string

// The reasons, as Decision.Reason gives them.
const (
	reasonNoPolicy      reason = "no_policy"
	reasonUnknownType   reason = "unknown_source_type"
	reasonRule          reason = "rule"
	reasonRuleFailed    reason = "rule_failed"
	reasonAd            reason = "ad"
	reasonNoRule        reason = "no_rule_matched"
	reasonPostVisible   reason = "post_default_visible"
	reasonPostHidden    reason = "post_default_hidden"
	reasonNoAdVisible   reason = "no_ad_default_visible"
	reasonNoAdHidden    reason = "no_ad_default_hidden"
	reasonPlatformHidIt reason = "platform_hid_it"
	reasonAdUnknown     reason = "ad_unknown"
	reasonLookupFailed  reason = "ad_lookup_failed"
	reasonLookupPaused  reason = "ad_lookup_paused"
)

// Options of a Decider.
type Options struct {
	Policies []Policy
	// Lookup asks the platform about ads; without one every ad is unknown.
	Lookup Lookup
	// Cache keeps what Lookup said; without one every look-up asks.
	Cache Cache
}

// policy is a compiled Policy.
type policy struct {
	hideByDefault bool
	rules         []rule
}

// Decider implements webhook.Decider. It is safe for concurrent use.
type Decider struct {
	policies map[string]*policy
	finder   *finder
}

var _ webhook.Decider = (*Decider)(nil)

// New compiles the policies. Its error joins every fault of every rule, each a
// *RuleError, so that one look shows all there is to repair.
func New(o Options) (*Decider, error) {
	c, err := newCompiler()
	if err != nil {
		return nil, err
	}
	d := &Decider{policies: make(map[string]*policy, len(o.Policies)), finder: newFinder(o.Lookup, o.Cache)}
	var faults []error
	for i := range o.Policies {
		p := &o.Policies[i]
		if _, twice := d.policies[p.Business]; twice {
			faults = append(faults, fmt.Errorf("ads: business %q has two policies; keep one", p.Business))
		}
		rules, err := c.compile(p)
		faults = append(faults, err)
		d.policies[p.Business] = &policy{hideByDefault: p.HideByDefault, rules: rules}
	}
	if err := errors.Join(faults...); err != nil {
		return nil, err
	}
	return d, nil
}

// Decide implements webhook.Decider. It takes up to 2 s when a rule reads
// details of an ad, and else no time to speak of. A context that ends hides.
func (d *Decider) Decide(ctx context.Context, c webhook.FirstContact) webhook.Decision {
	out := d.decide(ctx, &c)
	if out.Visible && !c.HasNumber {
		return webhook.Decision{Reason: string(reasonPlatformHidIt), Reports: out.Reports}
	}
	return out
}

func (d *Decider) decide(ctx context.Context, c *webhook.FirstContact) webhook.Decision {
	p := d.policies[c.Business]
	if p == nil {
		return webhook.Decision{Reason: string(reasonNoPolicy)}
	}
	if c.Referral.Present && c.Referral.Type != typeAd && c.Referral.Type != typePost {
		return webhook.Decision{Reason: string(reasonUnknownType)}
	}
	f := &facts{ctx: ctx, contact: c, finder: d.finder}
	var reports []webhook.Report
	for i := range p.rules {
		r := &p.rules[i]
		decision, matched := r.apply(f)
		switch {
		case matched && r.report:
			reports = append(reports, webhook.Report{Rule: r.name, Hide: !decision.Visible})
		case matched:
			decision.Reports = reports
			return decision
		}
	}
	out := p.builtIn(f)
	out.Reports = reports
	return out
}

// apply asks one rule; false if it does not match. What goes wrong matches, and
// hides.
func (r *rule) apply(f *facts) (webhook.Decision, bool) {
	f.wanted = false
	result, _, err := r.program.Eval(f)
	if f.wanted && f.missing != "" {
		return webhook.Decision{Rule: r.name, Reason: string(f.missing), AdUnknown: true}, true
	}
	if err != nil {
		return webhook.Decision{Rule: r.name, Reason: string(reasonRuleFailed)}, true
	}
	if holds, ok := result.Value().(bool); !ok {
		return webhook.Decision{Rule: r.name, Reason: string(reasonRuleFailed)}, true
	} else if !holds {
		return webhook.Decision{}, false
	}
	return webhook.Decision{Visible: !r.hide, Rule: r.name, Reason: string(reasonRule)}, true
}

// builtIn decides where no rule did.
func (p *policy) builtIn(f *facts) webhook.Decision {
	pick := func(visible, hidden reason) webhook.Decision {
		if p.hideByDefault {
			return webhook.Decision{Reason: string(hidden)}
		}
		return webhook.Decision{Visible: true, Reason: string(visible)}
	}
	switch {
	case f.isAd() && len(p.rules) == 0:
		return webhook.Decision{Reason: string(reasonAd)}
	case f.isAd():
		return webhook.Decision{Reason: string(reasonNoRule)}
	case f.contact.Referral.Present:
		return pick(reasonPostVisible, reasonPostHidden)
	default:
		return pick(reasonNoAdVisible, reasonNoAdHidden)
	}
}

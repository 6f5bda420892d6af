package app

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"bauta/ads"
	"bauta/cmd/bauta/app/config"
	"bauta/redis/adcache"
	"bauta/webhook"
	"bauta/webhook/graph"
)

// newDecider compiles the businesses' rules. Faults of rules come with the place
// in the configuration.
func newDecider(k *core, c *config.Config) (webhook.Decider, error) {
	var cache ads.Cache = adcache.New(k.store)
	if k.readOnly {
		cache = readCache{cache}
	}
	decider, err := ads.New(ads.Options{
		Policies: policies(c), Lookup: lookup{client: k.platform, tokens: adTokens(c)}, Cache: cache,
	})
	if err != nil {
		if fault := checkRules(c); fault != nil {
			err = fault
		}
		return nil, usageError{err}
	}
	return decider, nil
}

func policies(c *config.Config) []ads.Policy {
	out := make([]ads.Policy, 0, len(c.Business))
	for i := range c.Business {
		b := &c.Business[i]
		p := ads.Policy{Business: b.ID, HideByDefault: b.Hiding.Default != "visible"}
		for _, r := range b.Hiding.Rules {
			p.Rules = append(p.Rules, ads.Rule{Name: r.Name, When: r.When, Hide: r.Hide, Report: r.Mode == "report"})
		}
		out = append(out, p)
	}
	return out
}

// checkRules compiles the rules, for config check: nothing is looked up. Their
// places stand in for their names, which the configuration checks and two rules
// may share: so every fault comes with its own place.
func checkRules(c *config.Config) error {
	all := policies(c)
	for i := range all {
		all[i].Business = strconv.Itoa(i)
		for j := range all[i].Rules {
			all[i].Rules[j].Name = strconv.Itoa(j)
		}
	}
	_, err := ads.New(ads.Options{Policies: all})
	if err == nil {
		return nil
	}
	var faults config.Faults
	for _, one := range flatten(err) {
		fault, ok := errors.AsType[*ads.RuleError](one)
		if !ok {
			return err
		}
		faults = append(faults, ruleFault(c, fault))
	}
	return faults
}

// ruleFault is a fault of the rule whose place stands for its name.
func ruleFault(c *config.Config, fault *ads.RuleError) config.Fault {
	i, _ := strconv.Atoi(fault.Business)
	j, _ := strconv.Atoi(fault.Rule)
	problem := fault.Problem
	if fault.Line > 0 {
		name := c.Business[i].Hiding.Rules[j].Name
		problem = fmt.Sprintf("rule %s, line %d column %d of the condition: %s", name, fault.Line, fault.Column, fault.Problem)
	}
	return c.Fault(fmt.Sprintf("businesses[%d].hiding.rules[%d].when", i, j), problem, "see deploy/reference/hiding.md")
}

// flatten takes joined errors apart.
func flatten(err error) []error {
	joined, ok := err.(interface{ Unwrap() []error })
	if !ok {
		return []error{err}
	}
	var all []error
	for _, one := range joined.Unwrap() {
		all = append(all, flatten(one)...)
	}
	return all
}

// readCache keeps nothing, for a process that writes nothing.
type readCache struct{ ads.Cache }

func (readCache) Put(context.Context, string, string, []byte, time.Duration) error { return nil }

// lookup asks the platform with each business's own token.
type lookup struct {
	client *graph.Client
	tokens map[string]config.Secret
}

func adTokens(c *config.Config) map[string]config.Secret {
	out := make(map[string]config.Secret, len(c.Business))
	for i := range c.Business {
		out[c.Business[i].ID] = c.Business[i].AdToken()
	}
	return out
}

// Ad implements ads.Lookup.
func (l lookup) Ad(ctx context.Context, business, id string) (ads.Details, error) {
	ad, err := l.client.Ad(ctx, l.tokens[business].Reveal(), id)
	if fault, ok := errors.AsType[*graph.Error](err); ok && fault.Kind == graph.NotFound {
		return ads.Details{}, nil
	}
	if err != nil {
		return ads.Details{}, err
	}
	return ads.Details{
		Known: true, Campaign: ad.Campaign, Account: ad.Account, AdSet: ad.AdSet,
		Destination: ad.Destination, Status: ad.Status,
	}, nil
}

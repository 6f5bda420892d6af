package config

import (
	"fmt"
	"slices"
)

// businesses checks each business, and that no two claim the same.
func (d *decoder) businesses(all []Business, apps map[string]bool) {
	ids, owners, phones := map[string]bool{}, map[string]string{}, map[string]string{}
	for i := range all {
		b, path := &all[i], fmt.Sprintf("businesses[%d]", i)
		if b.ID != "" && ids[b.ID] {
			d.fault(path+".id", "another business has this id", "ids are unique")
		}
		ids[b.ID] = true
		if b.App != "" && !apps[b.App] {
			d.fault(path+".app", "there is no such app", "name the id of one of apps")
		}
		for j, waba := range b.WABAs {
			if owner, claimed := owners[waba]; claimed && waba != "" {
				d.fault(fmt.Sprintf("%s.wabas[%d]", path, j), "is claimed already, by "+owner, "an account belongs to one business")
			}
			owners[waba] = path
		}
		d.moves(b, path+".moved_from")
		d.rules(b.Hiding.Rules, path+".hiding.rules")
		d.sharing(&b.Sharing, path+".sharing")
		d.groups(b, path+".groups")
		d.endpoints(b.Endpoints, path+".endpoints")
		d.sender(b, path)
		for j, phone := range b.PhoneNumberIDs {
			if owner, claimed := phones[phone]; claimed && phone != "" {
				d.fault(fmt.Sprintf("%s.phone_number_ids[%d]", path, j), "is claimed already, by "+owner, "a phone number belongs to one business")
			}
			phones[phone] = path
		}
	}
}

// moves checks from whom a business takes accounts over, and says what that means.
func (d *decoder) moves(b *Business, path string) {
	for i, id := range b.MovedFrom {
		inner := fmt.Sprintf("%s[%d]", path, i)
		if id == b.ID {
			d.fault(inner, "is this business itself", "name the business that had its accounts before, or take this out")
			continue
		}
		d.warn(inner, "whoever was hidden at that business is a stranger to this one, and may be shown", "take it out once every node has started with it: the store remembers the move")
	}
}

func (d *decoder) rules(rules []Rule, path string) {
	names := map[string]bool{}
	for i, rule := range rules {
		if rule.Name != "" && names[rule.Name] {
			d.fault(fmt.Sprintf("%s[%d].name", path, i), "another rule has this name", "decisions are explained by name: make it unique")
		}
		names[rule.Name] = true
	}
}

func (d *decoder) groups(b *Business, path string) {
	ids := map[string]bool{}
	for i, group := range b.Groups {
		if group.Hide && group.Name == "" && b.Sharing.speaks() {
			d.fault(fmt.Sprintf("%s[%d].name", path, i), "is missing: Bauta's questions name the subgroup",
				"set the name that its members know, or sharing.ask: never")
		}
		if group.ID != "" && ids[group.ID] {
			d.fault(fmt.Sprintf("%s[%d].id", path, i), "the group is declared already", "declare it once")
		}
		ids[group.ID] = true
	}
}

func (d *decoder) endpoints(endpoints []Endpoint, path string) {
	ids := map[string]bool{}
	for i, e := range endpoints {
		inner := fmt.Sprintf("%s[%d]", path, i)
		if e.ID != "" && ids[e.ID] {
			d.fault(inner+".id", "another endpoint of this business has this id", "ids are unique within a business")
		}
		ids[e.ID] = true
		d.endpointURL(e, inner+".url")
		for j, secret := range e.Secrets {
			d.secretForm(secret, fmt.Sprintf("%s.secrets[%d]", inner, j))
		}
		if len(e.Retry.Schedule) == 0 {
			d.fault(inner+".retry.schedule", "is empty", "name at least one wait")
		}
	}
}

// sender checks what a business may do towards the platform.
func (d *decoder) sender(b *Business, path string) {
	if b.RawRecipients == "allow" {
		d.warn(path+".raw_recipients", "hiding can be undone: who sends to a plain number sees by the answers and statuses whether it is a hidden customer's",
			"use known, unless business and operator are one")
	}
	if b.RawRecipients == "deny" && b.showsSomebody() {
		d.warn(path+".raw_recipients", "a customer who is not hidden has no handle: this business cannot answer them",
			"use known; or hide everybody: hiding.default hidden, and no rule that shows")
	}
	if b.AccessToken.IsZero() && (len(b.PhoneNumberIDs) > 0 || len(b.Passthrough) > 0) {
		d.fault(path+".access_token", "is missing", "without it nothing can be sent for this business: set it, such as ${ACME_META_TOKEN}")
	}
}

// showsSomebody tells that a customer of the business can be visible.
func (b *Business) showsSomebody() bool {
	shows := func(r Rule) bool { return !r.Hide && r.Mode != "report" }
	open := func(g Group) bool { return !g.Hide }
	return b.Hiding.Default != "hidden" || !b.Hiding.KnownUntil.Time().IsZero() ||
		slices.ContainsFunc(b.Hiding.Rules, shows) || slices.ContainsFunc(b.Groups, open)
}

// CannotAnswer returns a warning for each business without an access_token, or for
// one business: those that only receive mean it so. Such a business's customers
// cannot be asked for their numbers either.
func (c *Config) CannotAnswer(business string) []Fault {
	var out []Fault
	for i := range c.Business {
		path := fmt.Sprintf("businesses[%d].access_token", i)
		if _, present := c.positions[path]; !present && (business == "" || business == c.Business[i].ID) {
			problem, advice := "is missing: this business cannot answer through Bauta", "set it, such as ${ACME_META_TOKEN}; whoever only receives needs none"
			if c.Business[i].Sharing.Ask != "never" {
				problem += ", and Bauta cannot ask its customers for their numbers"
				advice += ", with sharing.ask: never"
			}
			out = append(out, c.Fault(path, problem, advice))
		}
	}
	return out
}

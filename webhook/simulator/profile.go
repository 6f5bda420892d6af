package simulator

import "net/http"

// ownApp is the id of the caller's own app.
const ownApp = "670843887433847"

// SubscribedApp is an app that gets a WABA's webhooks.
type SubscribedApp struct {
	ID, Name string
	// Override is the callback that replaces the app's own, "" for none.
	Override string
}

// Subscribe adds an app to a WABA, beside the one that is there from the start.
func (g *Graph) Subscribe(waba string, app SubscribedApp) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.apps[waba] = append(g.apps[waba], app)
}

// subscribedApps answers calls of subscribed_apps. A POST subscribes the caller's
// own app, with override_callback_uri if it has one.
func (g *Graph) subscribedApps(c *call) reply {
	apps := g.apps[c.account.WABA]
	switch c.method {
	case http.MethodPost:
		override := c.fields.text("override_callback_uri")
		if override == "" {
			override = c.query.Get("override_callback_uri")
		}
		if len(apps) == 0 {
			apps = []SubscribedApp{{ID: ownApp, Name: "Bauta"}}
		}
		apps[0].Override = override
		g.apps[c.account.WABA] = apps
		return success()
	case http.MethodDelete:
		g.apps[c.account.WABA] = nil
		return success()
	}
	data := []Part{}
	for _, a := range apps {
		item := Part{{"whatsapp_business_api_data", Part{
			{"link", "https://www.facebook.com/games/?app_id=" + a.ID}, {"name", a.Name}, {"id", a.ID},
		}}}
		if a.Override != "" {
			item = append(item, Member{"override_callback_uri", a.Override})
		}
		data = append(data, item)
	}
	return ok(Part{{"data", data}})
}

// number is what the platform tells of a phone number.
func (a *Account) number() Part {
	return Part{
		{"verified_name", a.Name},
		{"code_verification_status", "VERIFIED"},
		{"display_phone_number", "+" + a.Number},
		{"quality_rating", "GREEN"},
		{"platform_type", "CLOUD_API"},
		{"throughput", Part{{"level", "STANDARD"}}},
		{"id", a.PhoneNumberID},
	}
}

// configured is a phone number with the callback that replaces others.
func (g *Graph) configured(a *Account) Part {
	number := a.number()
	if callback := g.callbacks[a.PhoneNumberID]; callback != "" {
		number = append(number, Member{"webhook_configuration", Part{{"phone_number", callback}}})
	}
	return number
}

func (g *Graph) numberInfo(c *call) reply { return ok(c.chosen(g.configured(c.account))) }

func (g *Graph) phoneNumbers(c *call) reply {
	accounts := g.ofWABA(c.account.WABA)
	from, to, paging := c.page(len(accounts))
	data := []Part{}
	for _, a := range accounts[from:to] {
		data = append(data, c.chosen(g.configured(a)))
	}
	body := Part{{"data", data}}
	if paging != nil {
		body = append(body, Member{"paging", paging})
	}
	return ok(body)
}

// profile answers calls of whatsapp_business_profile.
func (g *Graph) profile(c *call) reply {
	id := c.account.PhoneNumberID
	profile := g.profiles[id]
	if profile == nil {
		profile = Part{{"about", "Succulents"}, {"messaging_product", "whatsapp"}, {"vertical", "RETAIL"}}
	}
	if c.method == http.MethodGet {
		return ok(Part{{"data", []Part{c.chosen(profile)}}})
	}
	if c.fields.text("messaging_product") != "whatsapp" {
		return g.refuse(codeParameter, "The parameter messaging_product is required.")
	}
	changed := Part{}
	for _, name := range []string{"about", "address", "description", "email", "messaging_product", "websites", "vertical"} {
		value, given := c.fields[name]
		if given {
			changed = append(changed, Member{name, value})
			continue
		}
		for _, m := range profile {
			if m.Name == name {
				changed = append(changed, m)
			}
		}
	}
	g.profiles[id] = changed
	return success()
}

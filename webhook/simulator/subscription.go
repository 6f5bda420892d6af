package simulator

import "strings"

// Subscription is what the app gets webhooks about, and where.
type Subscription struct {
	Callback string
	Fields   []string
}

// SetSubscription replaces the app's own subscription, nil: it has none. At first it is
// where the Sender posts to, for all fields that a business needs.
func (g *Graph) SetSubscription(s *Subscription) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.subscribed, g.subscription = true, s
}

// SetCallback gives a phone number a callback of its own, "" takes it away.
func (g *Graph) SetCallback(phoneNumberID, url string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.callbacks == nil {
		g.callbacks = map[string]string{}
	}
	g.callbacks[phoneNumberID] = url
}

// subscriptions answers GET {app}/subscriptions, which takes the app's own token: its id,
// a bar and its secret.
func (g *Graph) subscriptions(c *call) reply {
	app, secret, _ := strings.Cut(c.token, "|")
	if g.o.Sender == nil || app != c.object || secret != g.o.Sender.Secret || app != ownApp {
		return g.refuse(codeToken, "Invalid OAuth access token signature.")
	}
	s := g.subscription
	if !g.subscribed {
		s = &Subscription{Callback: g.o.Sender.URL, Fields: []string{"messages", "calls", "account_update"}}
	}
	data := []Part{}
	if s != nil {
		fields := []Part{}
		for _, name := range s.Fields {
			fields = append(fields, Part{{"name", name}, {"version", "v25.0"}})
		}
		data = append(data, Part{{"object", "whatsapp_business_account"}, {"callback_url", s.Callback}, {"active", true}, {"fields", fields}})
	}
	return ok(Part{{"data", data}})
}

package simulator

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// ServeHTTP answers a call of the API, or the download of a medium.
func (g *Graph) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c, fault := read(r)
	answer := g.deal(c, fault, strings.HasPrefix(r.URL.Path, downloadPath))
	body := answer.raw
	if body == nil {
		var err error
		if body, err = json.Marshal(answer.body); err != nil {
			// Answers are made of strings, numbers and Parts: they always encode.
			panic(err)
		}
	}
	header := w.Header()
	header.Set("Content-Type", "application/json; charset=UTF-8")
	if answer.kind != "" {
		header.Set("Content-Type", answer.kind)
	}
	g.usage(header, c, answer.trace)
	if g.o.Observe != nil {
		g.o.Observe(Call{Method: r.Method, Path: r.URL.EscapedPath(), Body: c.raw, Answer: body, Status: answer.status, Code: answer.code})
	}
	if answer.after != nil {
		answer.after()
	}
	defer g.nudge() // webhooks follow the answer, however it ends
	g.write(w, r, answer.mode, answer.status, body)
}

// deal does what a call asks for. Fault is why it could not be read, nil if it
// could.
func (g *Graph) deal(c *call, fault error, download bool) (answer reply) {
	g.mu.Lock()
	defer g.mu.Unlock()
	switch {
	case download:
		answer = g.download(c)
	case errors.Is(fault, errTooLarge):
		answer = g.refuse(codeParameter, "The request is too large")
	case fault != nil:
		answer = g.refuse(codeParameter, "The request body could not be read")
	default:
		c.wish = g.asked(c)
		answer = g.answer(c)
	}
	if answer.mode = g.mode; answer.mode == "" {
		answer.mode = c.wish.mode
	}
	answer.trace = g.trace()
	return answer
}

// usage sets the headers that every answer of the platform has.
func (g *Graph) usage(header http.Header, c *call, trace string) {
	header.Set("X-Fb-Trace-Id", trace)
	header.Set("Facebook-Api-Version", "v25.0")
	header.Set("Date", g.o.Now().UTC().Format(http.TimeFormat))
	header.Set("X-App-Usage", `{"call_count":1,"total_time":1,"total_cputime":1}`)
	if c.account != nil {
		header.Set("X-Business-Use-Case-Usage", fmt.Sprintf(
			`{"%s":[{"type":"whatsapp","call_count":1,"total_cputime":1,"total_time":1,"estimated_time_to_regain_access":0}]}`, c.account.WABA))
	}
}

// answer finds who is asked.
func (g *Graph) answer(c *call) reply {
	if c.edge == "subscriptions" {
		return g.subscriptions(c)
	}
	if !slices.ContainsFunc(g.o.Accounts, func(a Account) bool { return a.AccessToken == c.token }) && c.token != g.o.AccessToken || c.token == "" {
		return g.refuse(codeToken, "The access token could not be decrypted")
	}
	if c.object == "" {
		return g.noPath()
	}
	if a := g.byNumberID(c.object); a != nil {
		if a.AccessToken != c.token {
			return g.noObject()
		}
		c.account = a
		return g.ofNumber(c)
	}
	if all := g.ofWABA(c.object); len(all) > 0 {
		if all[0].AccessToken != c.token {
			return g.noObject()
		}
		c.account = all[0]
		return g.ofAccount(c)
	}
	if m := g.media.get(c.object); m != nil && m.account.AccessToken == c.token {
		c.account = m.account
		return g.ofMedium(c, m)
	}
	if d := g.groups[c.object]; d != nil && d.account.AccessToken == c.token {
		c.account = d.account
		return g.ofGroup(c, d)
	}
	return g.ad(c)
}

// ofNumber answers calls of a phone number.
func (g *Graph) ofNumber(c *call) reply {
	switch c.method + " " + c.edge {
	case "POST messages", "POST marketing_messages":
		return g.message(c)
	case "GET ":
		return g.numberInfo(c)
	case "POST media":
		return g.upload(c)
	case "GET block_users":
		return g.blocked(c)
	case "POST block_users", "DELETE block_users":
		return g.block(c)
	case "GET whatsapp_business_profile", "POST whatsapp_business_profile":
		return g.profile(c)
	case "POST calls":
		return g.phoneCall(c)
	case "GET call_permissions":
		return g.callPermissions(c)
	case "DELETE contact_book":
		return g.contactBook(c)
	case "GET groups", "POST groups":
		return g.groupsOf(c)
	case "POST register", "POST deregister", "POST request_code", "POST verify_code", "POST settings":
		return success()
	}
	return g.noPath()
}

// ofAccount answers calls of a WABA.
func (g *Graph) ofAccount(c *call) reply {
	switch c.method + " " + c.edge {
	case "GET ":
		return ok(c.chosen(Part{
			{"id", c.account.WABA}, {"name", c.account.Name}, {"timezone_id", "1"}, {"message_template_namespace", "ba30dd89_2ebd_41e4_b805_f2c05ae04cc9"},
		}))
	case "GET phone_numbers":
		return g.phoneNumbers(c)
	case "GET subscribed_apps", "POST subscribed_apps", "DELETE subscribed_apps":
		return g.subscribedApps(c)
	case "GET message_templates", "POST message_templates", "DELETE message_templates":
		return g.messageTemplates(c)
	}
	return g.noPath()
}

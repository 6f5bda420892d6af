package simulator

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// ServeHTTP answers a call of the API, or the download of a medium.
func (g *Graph) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c, err := read(r)
	var answer reply
	var after func()
	mode := Mode("")
	g.mu.Lock()
	switch {
	case strings.HasPrefix(r.URL.Path, downloadPath):
		answer = g.download(c)
		mode = g.mode
	case errors.Is(err, errTooLarge):
		answer = g.refuse(codeParameter, "The request is too large")
	case err != nil:
		answer = g.refuse(codeParameter, "The request body could not be read")
	default:
		c.wish = g.asked(c)
		answer, after = g.answer(c)
		if mode = g.mode; mode == "" {
			mode = c.wish.mode
		}
	}
	trace := g.trace()
	g.mu.Unlock()
	body := answer.raw
	if body == nil {
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
	g.usage(header, c, trace)
	if g.o.Observe != nil {
		g.o.Observe(Call{Method: r.Method, Path: r.URL.EscapedPath(), Body: c.raw, Answer: body, Status: answer.status, Code: answer.code})
	}
	if after != nil {
		after()
	}
	defer g.nudge() // webhooks follow the answer, however it ends
	g.write(w, r, mode, answer.status, body)
}

// usage sets the headers that every answer of the platform has.
func (g *Graph) usage(header http.Header, c *call, trace string) {
	header.Set("X-Fb-Trace-Id", trace)
	header.Set("Facebook-Api-Version", "v25.0")
	header.Set("X-App-Usage", `{"call_count":1,"total_time":1,"total_cputime":1}`)
	if c.account != nil {
		header.Set("X-Business-Use-Case-Usage", fmt.Sprintf(
			`{"%s":[{"type":"whatsapp","call_count":1,"total_cputime":1,"total_time":1,"estimated_time_to_regain_access":0}]}`, c.account.WABA))
	}
}

// answer finds who is asked. What comes back beside the reply is done without
// the lock, before it is written.
func (g *Graph) answer(c *call) (reply, func()) {
	if !slices.ContainsFunc(g.o.Accounts, func(a Account) bool { return a.AccessToken == c.token }) && c.token != g.o.AccessToken || c.token == "" {
		return g.refuse(codeToken, "The access token could not be decrypted"), nil
	}
	if c.object == "" {
		return g.noPath(), nil
	}
	if a := g.byNumberID(c.object); a != nil {
		if a.AccessToken != c.token {
			return g.noObject(), nil
		}
		c.account = a
		return g.ofNumber(c)
	}
	if all := g.ofWABA(c.object); len(all) > 0 {
		if all[0].AccessToken != c.token {
			return g.noObject(), nil
		}
		c.account = all[0]
		return g.ofAccount(c), nil
	}
	if m := g.media.get(c.object); m != nil && m.account.AccessToken == c.token {
		c.account = m.account
		return g.ofMedium(c, m), nil
	}
	if d := g.groups[c.object]; d != nil && d.account.AccessToken == c.token {
		c.account = d.account
		return g.ofGroup(c, d), nil
	}
	return g.ad(c), nil
}

// ofNumber answers calls of a phone number.
func (g *Graph) ofNumber(c *call) (reply, func()) {
	switch c.method + " " + c.edge {
	case "POST messages", "POST marketing_messages":
		return g.message(c)
	case "GET ":
		return g.numberInfo(c), nil
	case "POST media":
		return g.upload(c), nil
	case "GET block_users":
		return g.blocked(c), nil
	case "POST block_users", "DELETE block_users":
		return g.block(c), nil
	case "GET whatsapp_business_profile", "POST whatsapp_business_profile":
		return g.profile(c), nil
	case "POST calls":
		return g.phoneCall(c), nil
	case "GET call_permissions":
		return g.callPermissions(c), nil
	case "DELETE contact_book":
		return g.contactBook(c), nil
	case "GET groups", "POST groups":
		return g.groupsOf(c), nil
	case "POST register", "POST deregister", "POST request_code", "POST verify_code", "POST settings":
		return success(), nil
	}
	return g.noPath(), nil
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

// chosen leaves those members that the parameter fields lists, and the id.
func (c *call) chosen(all Part) Part {
	list := c.query.Get("fields")
	if list == "" {
		return all
	}
	wanted, depth, name := map[string]bool{"id": true}, 0, ""
	for _, ch := range list + "," {
		switch {
		case ch == '{' || ch == '(':
			depth++
		case ch == '}' || ch == ')':
			depth--
		case depth > 0:
		case ch == ',':
			wanted[strings.TrimSpace(name)], name = true, ""
		default:
			name += string(ch)
		}
	}
	var chosen Part
	for _, m := range all {
		if wanted[m.Name] {
			chosen = append(chosen, m)
		}
	}
	return chosen
}

// page is the part of n things that limit, after and before ask for, and the
// cursors, which are the base64 of a number (webhooks.md 5, row 20).
func (c *call) page(n int) (from, to int, paging Part) {
	limit, err := strconv.Atoi(c.query.Get("limit"))
	if err != nil || limit <= 0 {
		limit = 25
	}
	from = cursorOf(c.query.Get("after"), 0)
	if before := c.query.Get("before"); before != "" {
		from = cursorOf(before, limit) - limit - 1
	}
	from = min(max(from, 0), n)
	to = min(from+limit, n)
	if from == to {
		return from, to, nil
	}
	paging = Part{{"cursors", Part{{"before", cursor(from + 1)}, {"after", cursor(to)}}}}
	// The platform's own pages name the token.
	page := func(at string) string {
		return "http://" + c.host + "/v25.0/" + c.object + "/" + c.edge + "?access_token=" + url.QueryEscape(c.token) +
			"&limit=" + strconv.Itoa(limit) + "&" + at
	}
	if to < n {
		paging = append(paging, Member{"next", page("after=" + cursor(to))})
	}
	if from > 0 {
		paging = append(paging, Member{"previous", page("before=" + cursor(from+1))})
	}
	return from, to, paging
}

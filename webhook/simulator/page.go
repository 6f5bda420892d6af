package simulator

import (
	"encoding/base64"
	"net/url"
	"strconv"
	"strings"
)

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

// maxPage is how many things one page has at most.
const maxPage = 1000

// page is the part of n things that limit, after and before ask for, and the
// cursors, which are the base64 of a number (webhooks.md 5, row 20).
func (c *call) page(n int) (from, to int, paging Part) {
	limit, err := strconv.Atoi(c.query.Get("limit"))
	if err != nil || limit <= 0 {
		limit = 25
	}
	limit = min(limit, maxPage)
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

// cursor is a place in a list.
func cursor(at int) string {
	return base64.StdEncoding.EncodeToString([]byte(strconv.FormatInt(10151194520072940+int64(at), 10)))
}

func cursorOf(text string, otherwise int) int {
	raw, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return otherwise
	}
	at, err := strconv.ParseInt(string(raw), 10, 64)
	if err != nil {
		return otherwise
	}
	return int(at - 10151194520072940)
}

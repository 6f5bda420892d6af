package simulator

import (
	"slices"
	"unicode/utf8"
)

// The platform's bounds of interactive messages, in characters. 10 rows are all of a
// list's, in all its sections.
const (
	maxBodyText    = 1024
	maxButtons     = 3
	maxButtonTitle = 20
	maxButtonID    = 256
	maxListText    = 4096
	maxRows        = 10
	maxRowTitle    = 24
	maxRowID       = 200
)

// checkInteractive tells what is wrong with an interactive message. Of types with
// neither buttons nor rows only body and action are looked at.
func (g *Graph) checkInteractive(content fields, to *recipient) *reply {
	kind, action := content.text("type"), content.object("action")
	body := content.object("body").text("text")
	fail := func(code int, details string) *reply {
		answer := g.refuse(code, details)
		return &answer
	}
	switch {
	case to.group != nil: // identity.md 2.11
		return fail(codeType, "Interactive messages are not supported in groups.")
	case kind == "" || action == nil:
		return fail(codeMissing, "interactive.type and interactive.action are required.")
	case !slices.Contains(interactiveTypes(), kind):
		return fail(codeParameter, "Param interactive['type'] is no type of interactive messages.")
	}
	most := maxBodyText
	if kind == "list" {
		most = maxListText
	}
	if fault := g.bounded("interactive['body']['text']", body, most); fault != nil && (body != "" || needsBody(kind)) {
		return fault
	}
	switch kind {
	case "button":
		return g.checkButtons(action.list("buttons"))
	case "list":
		return g.checkRows(action.list("sections"))
	case requestContactInfo: // identity.md 2.5
		if action.text("name") != requestContactInfo {
			return fail(codeValue, "Parameter value is not valid: interactive.action.name")
		}
	}
	return nil
}

func interactiveTypes() []string {
	return []string{
		"button", "list", requestContactInfo, "cta_url", "flow", "product", "product_list", "catalog_message", "carousel",
		"address_message", "location_request_message", "call_permission_request", "voice_call", "order_details", "order_status",
	}
}

func needsBody(kind string) bool {
	return kind == "button" || kind == "list" || kind == requestContactInfo
}

// bounded tells that a text has 1 to most characters.
func (g *Graph) bounded(name, text string, most int) *reply {
	n := utf8.RuneCountInString(text)
	if n >= 1 && n <= most {
		return nil
	}
	code, details := codeValue, "Parameter value is not valid: "+name+" is too long"
	if n == 0 {
		code, details = codeMissing, "The parameter "+name+" is required."
	}
	answer := g.refuse(code, details)
	return &answer
}

func (g *Graph) checkButtons(buttons []fields) *reply {
	if len(buttons) < 1 || len(buttons) > maxButtons {
		answer := g.refuse(codeValue, "Invalid buttons count. Min allowed buttons: 1, Max allowed buttons: 3")
		return &answer
	}
	var ids, titles []string
	for _, b := range buttons {
		r := b.object("reply")
		if b.text("type") != "reply" || r == nil {
			answer := g.refuse(codeValue, "Parameter value is not valid: interactive.action.buttons[].type")
			return &answer
		}
		if fault := g.bounded("button title", r.text("title"), maxButtonTitle); fault != nil {
			return fault
		}
		if fault := g.bounded("button id", r.text("id"), maxButtonID); fault != nil {
			return fault
		}
		ids, titles = append(ids, r.text("id")), append(titles, r.text("title"))
	}
	return g.distinct(ids, titles)
}

func (g *Graph) checkRows(sections []fields) *reply {
	var ids []string
	for _, s := range sections {
		for _, row := range s.list("rows") {
			if fault := g.bounded("row title", row.text("title"), maxRowTitle); fault != nil {
				return fault
			}
			if fault := g.bounded("row id", row.text("id"), maxRowID); fault != nil {
				return fault
			}
			ids = append(ids, row.text("id"))
		}
	}
	if len(ids) < 1 || len(ids) > maxRows {
		answer := g.refuse(codeValue, "Invalid rows count. Min allowed rows: 1, Max allowed rows: 10")
		return &answer
	}
	return g.distinct(ids)
}

// distinct tells that no text stands twice in a list.
func (g *Graph) distinct(lists ...[]string) *reply {
	for _, list := range lists {
		slices.Sort(list)
		if len(slices.Compact(list)) < len(list) {
			answer := g.refuse(codeValue, "Parameter value is not valid: ids and titles must be unique")
			return &answer
		}
	}
	return nil
}

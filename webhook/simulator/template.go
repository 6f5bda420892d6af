package simulator

import (
	"encoding/json"
	"net/http"
	"slices"
)

// Template is a message template. WABA "" is every one's.
type Template struct {
	WABA, ID, Name, Language string
	// Category is UTILITY, MARKETING or AUTHENTICATION.
	Category string
	// Status is APPROVED or PENDING; "" is APPROVED.
	Status     string
	Components json.RawMessage
}

// defaultTemplates are there from the start: one of each category.
func defaultTemplates() []Template {
	return []Template{
		{ID: "594425479261596", Name: "hello_world", Language: "en_US", Category: "UTILITY"},
		{ID: "594425479261597", Name: "spring_sale", Language: "en_US", Category: "MARKETING"},
		{ID: "594425479261598", Name: "login_code", Language: "en_US", Category: "AUTHENTICATION"},
	}
}

func (t *Template) of(waba string) bool { return t.WABA == "" || t.WABA == waba }

func (g *Graph) template(waba, name, language string) *Template {
	for i := range g.templates {
		if t := &g.templates[i]; t.of(waba) && t.Name == name && t.Language == language {
			return t
		}
	}
	return nil
}

// messageTemplates answers calls of message_templates.
func (g *Graph) messageTemplates(c *call) reply {
	switch c.method {
	case http.MethodPost:
		return g.createTemplate(c)
	case http.MethodDelete:
		before := len(g.templates)
		g.templates = slices.DeleteFunc(g.templates, func(t Template) bool {
			return t.of(c.account.WABA) && t.Name == c.query.Get("name")
		})
		if len(g.templates) == before {
			return g.refuse(codeParameter, "Message template not found")
		}
		return success()
	}
	var found []Template
	for _, t := range g.templates {
		if t.of(c.account.WABA) && (c.query.Get("name") == "" || c.query.Get("name") == t.Name) {
			found = append(found, t)
		}
	}
	from, to, paging := c.page(len(found))
	data := []Part{}
	for _, t := range found[from:to] {
		data = append(data, c.chosen(t.part()))
	}
	body := Part{{"data", data}}
	if paging != nil {
		body = append(body, Member{"paging", paging})
	}
	return ok(body)
}

func (t *Template) part() Part {
	status, components := t.Status, t.Components
	if status == "" {
		status = "APPROVED"
	}
	if components == nil {
		components = json.RawMessage(`[{"type":"BODY","text":"Hello"}]`)
	}
	return Part{
		{"name", t.Name},
		{"parameter_format", "POSITIONAL"},
		{"components", components},
		{"language", t.Language},
		{"status", status},
		{"category", t.Category},
		{"id", t.ID},
	}
}

func (g *Graph) createTemplate(c *call) reply {
	t := Template{
		WABA: c.account.WABA, ID: g.digits(15), Name: c.fields.text("name"), Language: c.fields.text("language"),
		Category: c.fields.text("category"), Status: "PENDING", Components: c.fields["components"],
	}
	switch {
	case t.Name == "" || t.Language == "" || t.Category == "" || t.Components == nil:
		return g.refuse(codeParameter, "name, language, category and components are required.")
	case g.template(t.WABA, t.Name, t.Language) != nil:
		return g.refuse(codeParameter, "Content in this language already exists")
	case len(g.templates) >= maxTemplates:
		return g.refuse(codeParameter, "Message template limit exceeded")
	}
	g.templates = append(g.templates, t)
	return ok(Part{{"id", t.ID}, {"status", t.Status}, {"category", t.Category}})
}

// maxTemplates is the platform's bound.
const maxTemplates = 6000

package meta

import "bauta/masking"

// routeRow is one line of the table of routes: a Route with its shapes by name.
type routeRow struct {
	name     string
	method   string
	object   Object
	edge     string
	family   Family
	handling Handling
	query    []row
	fields   []string
	body     string
	answer   string
	reply    string
	why      string
	sends    bool
	paged    bool
}

// routeTable lists every route.
func routeTable() []routeRow { return append(forwardedRoutes(), keptRoutes()...) }

// route returns the row's Route.
func (r *routeRow) route(shapes map[string]*masking.Schema) *Route {
	out := &Route{
		Name: r.name, Method: r.method, Object: r.object, Edge: r.edge, Family: r.family, Handling: r.handling,
		Fields: r.fields, Reply: r.reply, Why: r.why, Sends: r.sends, Paged: r.paged,
		Body: shapes[r.body], Answer: shapes[r.answer],
	}
	rows := r.query
	if r.paged {
		rows = append(pagingRows(), rows...)
	}
	if len(rows) > 0 {
		out.Query = make(map[string]*masking.Schema, len(rows))
	}
	for _, q := range rows {
		out.Query[q.path] = &masking.Schema{Role: q.what, Pair: q.with}
	}
	return out
}

// aboutPeople tells that calls of the row's family name customers or their messages.
func (r *routeRow) aboutPeople() bool {
	switch r.family {
	case Messages, Contacts, Calls, Groups:
		return true
	case Media, Templates, Profile:
	}
	return false
}

// pagingRows: the parameters of a list. Its cursors are the platform's (5, row 20).
func pagingRows() []row {
	return []row{
		{"limit", opaque, ""},
		{"after", opaque, ""},
		{"before", opaque, ""},
	}
}

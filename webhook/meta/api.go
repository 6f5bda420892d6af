package meta

import (
	"slices"

	"bauta/masking"
)

// API is what Bauta knows of the platform's API: its routes, and what stands at
// every position of their requests and answers (webhooks.md section 6). It is
// read-only after NewAPI and safe for concurrent use. The tables are in
// api_routes.go and api_refused.go (routes), api_bodies.go and api_answers.go
// (positions).
type API struct {
	routes []*Route
	// byCall are the routes by method and edge.
	byCall map[call][]*Route
	opaque map[string]bool
	// guarded are the schemas that name somebody at or below them.
	guarded map[*masking.Schema]bool
}

// call is what a request line says, but for whom it is about.
type call struct{ method, edge string }

// NewAPI builds the table. It is meant to be called once and shared: it takes
// less than a millisecond.
func NewAPI() *API {
	shapes := buildAPIShapes()
	a := &API{byCall: map[call][]*Route{}, opaque: map[string]bool{}, guarded: map[*masking.Schema]bool{}}
	seen := map[*masking.Schema]bool{}
	for _, row := range routeTable() {
		r := row.route(shapes)
		a.routes = append(a.routes, r)
		at := call{r.Method, r.Edge}
		a.byCall[at] = append(a.byCall[at], r)
		spread(r.Answer, a.guarded, namesSomebody)
		collectOpaque(r.Answer, a.opaque, seen)
	}
	for name, always := range a.opaque {
		if !always {
			delete(a.opaque, name)
		}
	}
	return a
}

// Match returns the routes of a method and an edge ("" for the object itself).
// They differ by Object: the caller chooses by what the id in the path names.
// The list is shared and read-only; nil if there is none.
func (a *API) Match(method, edge string) []*Route { return a.byCall[call{method, edge}] }

// Routes returns all routes, in the order of the table. The list is the caller's,
// the routes are shared.
func (a *API) Routes() []*Route { return slices.Clone(a.routes) }

// Opaque returns the names under which the platform's own codes, times, hashes and
// ids stand in answers, and nowhere else anything but those (Catalogue.Opaque). It
// is shared and read-only.
func (a *API) Opaque() map[string]bool { return a.opaque }

package outbound

import (
	"maps"
	"net/url"
	"slices"

	"bauta/masking"
)

// parameters are those of a call, in order of their names.
type parameters struct {
	sheet

	names  []string
	values []string
}

// readQuery reads the parameters. The caller has checked them against the route
// already; what the route does not have is refused here all the same.
func (r *request) readQuery() error {
	if len(r.call.Query) == 0 {
		return nil
	}
	r.query.names = slices.Sorted(maps.Keys(r.call.Query))
	for i, name := range r.query.names {
		values := r.call.Query[name]
		value := ""
		if len(values) > 0 {
			value = values[0]
		}
		r.query.values = append(r.query.values, value)
		at := place{&r.query.sheet, int32(i)}
		if name == tokenMember {
			at.drop()
			continue
		}
		schema, described := r.call.Route.Query[name]
		if !described && (name != "fields" || r.call.Route.Fields == nil) {
			return &BodyError{"the query", "has a parameter that this call does not take"}
		}
		if len(values) != 1 {
			return &BodyError{name, "is given more than once"}
		}
		if err := r.parameter(at, name, value, schema); err != nil {
			return located(err, name)
		}
	}
	return nil
}

func (r *request) parameter(at place, name, value string, schema *masking.Schema) error {
	if r.call.Route.Paged && (name == "after" || name == "before") {
		if value == "" {
			at.drop()
			return nil
		}
		cursor, err := r.t.openCursor(&r.call, value)
		if err != nil {
			return &BodyError{Reason: "is no cursor of this list; begin at its first page again"}
		}
		at.put("", cursor)
		return nil
	}
	if !isGuarded(schema.RoleOf()) {
		return nil
	}
	return r.name(spot{at: at, name: name, schema: schema, text: value})
}

// render returns them as the platform gets them.
func (p *parameters) render() url.Values {
	out := make(url.Values, len(p.names))
	for i, name := range p.names {
		out[name] = []string{p.values[i]}
	}
	for _, c := range p.changes {
		if c.drop {
			delete(out, p.names[c.at])
		}
	}
	for _, c := range p.changes {
		switch name := p.names[c.at]; {
		case c.drop:
		case c.name != "" && c.name != name:
			delete(out, name)
			out[c.name] = []string{c.text}
		default:
			out[name] = []string{c.text}
		}
	}
	return out
}

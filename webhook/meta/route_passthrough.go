package meta

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"bauta/masking"
)

// PassthroughName is the Name of every route that ParsePassthrough makes.
const PassthroughName = "passthrough"

// mostEdge is the longest edge of a passthrough, in bytes.
const mostEdge = 64

// ParsePassthrough reads an entry of a business's passthrough list, such as
//
//	GET /{phone_number_id}/username
//	POST /{waba_id}/flows
//
// literally with the placeholder, which stands for the business's own ids. In such
// a call nothing is translated, and all of its answer is text. So it refuses, under
// any method and for either object, what leads raw webhooks around Bauta, and what
// names people; and calls that Bauta makes already.
func ParsePassthrough(entry string) (*Route, error) {
	method, path, ok := strings.Cut(entry, " ")
	if !ok || !slices.Contains([]string{"GET", "POST", "DELETE"}, method) {
		return nil, fmt.Errorf("passthrough %q: begin with GET, POST or DELETE and one space", entry)
	}
	object, edge, err := cutPassthrough(path)
	if err != nil {
		return nil, fmt.Errorf("passthrough %q: %w", entry, err)
	}
	if err := closed(method, object, edge); err != nil {
		return nil, fmt.Errorf("passthrough %q: %w", entry, err)
	}
	return passthrough(method, object, edge), nil
}

// closed says why a call cannot be passed through, nil if it can: first what the table
// has of this very call, then what it has under the edge at all.
func closed(method string, object Object, edge string) error {
	var found error
	for _, r := range routeTable() {
		kept := r.handling == Refuse || r.handling == Local
		same := r.method == method && r.object == object
		switch {
		case r.edge != edge || edge == "" && !same:
		case same && !kept:
			return errors.New("this call is made already, without an entry; take it out")
		case kept && (same || found == nil):
			found = fmt.Errorf("this path stays closed: %s", r.why)
			if same {
				return found
			}
		case found == nil && r.aboutPeople():
			found = errors.New("this path names people, and nothing in a passthrough is translated; take the entry out")
		}
	}
	return found
}

// cutPassthrough splits a path into what its placeholder names and the edge.
func cutPassthrough(path string) (Object, string, error) {
	object := PhoneNumberObject
	rest, ok := strings.CutPrefix(path, "/{phone_number_id}")
	if !ok {
		object = WABAObject
		rest, ok = strings.CutPrefix(path, "/{waba_id}")
	}
	if !ok {
		return NoObject, "", errors.New("the path begins with /{phone_number_id} or /{waba_id}, written so")
	}
	if rest == "" {
		return object, "", nil
	}
	edge, ok := strings.CutPrefix(rest, "/")
	if !ok || edge == "" || len(edge) > mostEdge || strings.Trim(edge, "abcdefghijklmnopqrstuvwxyz_") != "" {
		return NoObject, "", fmt.Errorf("after the id comes / and one name of letters a-z and _, at most %d, or nothing", mostEdge)
	}
	return object, edge, nil
}

// passthrough makes the route. It is about a number or an account, so the scope
// profile opens it. Nobody knows what a POST does: it may send.
func passthrough(method string, object Object, edge string) *Route {
	r := &Route{
		Name: PassthroughName, Method: method, Object: object, Edge: edge, Family: Profile, Handling: Forward,
		Sends: method == "POST", Paged: method == "GET",
	}
	if method != "GET" {
		r.Body = &masking.Schema{}
		return r
	}
	r.Query = map[string]*masking.Schema{}
	for _, q := range pagingRows() {
		r.Query[q.path] = &masking.Schema{Role: q.what}
	}
	return r
}

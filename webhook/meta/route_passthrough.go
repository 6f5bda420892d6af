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
// The error quotes the entry, and wraps one that does not.
func ParsePassthrough(entry string) (*Route, error) {
	r, err := parsePassthrough(entry)
	if err != nil {
		return nil, fmt.Errorf("passthrough %q: %w", entry, err)
	}
	return r, nil
}

func parsePassthrough(entry string) (*Route, error) {
	method, path, ok := strings.Cut(entry, " ")
	if !ok || !slices.Contains([]string{"GET", "POST", "DELETE"}, method) {
		return nil, errors.New("begin with GET, POST or DELETE and one space, such as GET /{phone_number_id}/username or POST /{waba_id}/flows")
	}
	object, edge, err := cutPassthrough(path)
	if err != nil {
		return nil, err
	}
	if err := closed(method, object, edge); err != nil {
		return nil, err
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
			return errors.New("this call works without an entry; take it out")
		case kept && (same || found == nil):
			found = fmt.Errorf("cannot be opened: %s; take the entry out", whyClosed(r.why))
			if same {
				return found
			}
		case found == nil && r.aboutPeople():
			found = errors.New("cannot be opened: such calls name people, and in a passthrough nothing is turned or masked but what looks like a number; take the entry out")
		}
	}
	return found
}

// whyClosed says to the operator what the API says to a business.
func whyClosed(why string) string {
	for _, reason := range [][2]string{
		{whyRegistration, "whoever holds a number's registration can take its messages elsewhere"},
		{whyCallback, "it would lead raw webhooks around Bauta"},
		{whyThread, "an app that takes a conversation over would get its messages around Bauta, unmasked"},
		{whyAccess, "whoever gets access to the account can read its messages without Bauta"},
		{whySettings, "with SIP or storage settings calls and messages would go around Bauta, and the answer can hold SIP credentials"},
		{whyEncryption, "Bauta could not mask what is encrypted for the business"},
	} {
		if strings.Contains(why, reason[0]) {
			return reason[1]
		}
	}
	return "Bauta answers it itself"
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
		return NoObject, "", errors.New("the path begins with /{phone_number_id} or /{waba_id}, literally: they stand for the business's own ids, and there are no others")
	}
	if rest == "" {
		return object, "", nil
	}
	edge, ok := strings.CutPrefix(rest, "/")
	if !ok || edge == "" || len(edge) > mostEdge || strings.Trim(edge, "abcdefghijklmnopqrstuvwxyz_") != "" {
		return NoObject, "", fmt.Errorf("after {phone_number_id} or {waba_id} comes / and one name of letters a-z and _, at most %d, or nothing", mostEdge)
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

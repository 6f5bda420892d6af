package manage

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"bauta/webhook/access"
)

// root is the path of the whole API.
const root = "/v1"

// handling answers a call whose token, query and body were found right.
type handling func(h *Handler, ctx context.Context, r *request) (*outcome, error)

// route is one that the API has.
type route struct {
	// name is a metric label, and the operation's id in openapi.json.
	name         string
	method, path string
	// about says in one line what it does.
	about string
	// scope that it needs; "": it says nothing of anybody and needs no token. What tells of
	// all scopes at once, in the order of time, would join a customer's handles for whoever
	// knows the business's events: it needs the scope console, which the operator keeps.
	scope string
	// of says which businesses it is about.
	of whose
	// takes are the parameters of its query, beside business.
	takes []string
	// body reads the JSON body, which may be left out; nil: it takes none.
	body   reading
	handle handling
}

// whose businesses a route is about. With a token of one business it is that one; a token
// of all names it with the parameter business.
type whose uint8

const (
	// The zero value is one business.
	_ whose = iota
	// holders is one business, or the name of an app for bodies that name none (_main).
	holders
	// alls is one business or, if none is named, all that the token sees.
	alls
	// installation is about no business: only a token of all may ask.
	installation
)

// find finds the route of an escaped path and a method, and what the path has in the
// places of a route's {names}. Without a route, allow are the methods that the path
// takes: none for an unknown one. HEAD is GET without a body.
func (h *Handler) find(escaped, method string) (found *route, named map[string]string, allow []string) {
	segments, ok := splitPath(escaped)
	if !ok {
		return nil, nil, nil
	}
	if method == http.MethodHead {
		method = http.MethodGet
	}
	for i := range h.routes {
		rt := &h.routes[i]
		named, ok := matches(rt.path, segments)
		if !ok {
			continue
		}
		if rt.method == method {
			return rt, named, nil
		}
		allow = append(allow, rt.method)
	}
	if len(allow) > 0 {
		if slices.Contains(allow, http.MethodGet) {
			allow = append(allow, http.MethodHead)
		}
		allow = append(allow, http.MethodOptions)
		slices.Sort(allow)
	}
	return nil, nil, allow
}

// splitPath unescapes every part of a path by itself; no part is empty. One slash at
// the end means nothing.
func splitPath(escaped string) ([]string, bool) {
	parts := strings.Split(strings.TrimSuffix(strings.TrimPrefix(escaped, "/"), "/"), "/")
	for i, part := range parts {
		plain, err := url.PathUnescape(part)
		if err != nil || plain == "" {
			return nil, false
		}
		parts[i] = plain
	}
	return parts, true
}

// matches holds the parts of a path against a route's.
func matches(path string, parts []string) (named map[string]string, ok bool) {
	pattern := strings.Split(path[1:], "/")
	if len(pattern) != len(parts) {
		return nil, false
	}
	named = map[string]string{}
	for i, p := range pattern {
		switch {
		case strings.HasPrefix(p, "{"):
			named[strings.Trim(p, "{}")] = parts[i]
		case p != parts[i]:
			return nil, false
		}
	}
	return named, true
}

// routes is the table; openapi.json has the same ones.
func routes() []route {
	return slices.Concat(
		[]route{
			{
				name: "index", method: http.MethodGet, path: root, about: "this list",
				handle: (*Handler).list,
			},
			{
				name: "openapi", method: http.MethodGet, path: root + "/openapi.json", about: "this API as an OpenAPI document",
				handle: (*Handler).document,
			},
		},
		scoped(access.Manage, customerRoutes()),
		scoped(access.Console, proofRoutes(), glanceRoutes(), endpointRoutes(), heldRoutes(), letterRoutes(), jobRoutes(), configurationRoutes()),
	)
}

func scoped(scope string, groups ...[]route) []route {
	all := slices.Concat(groups...)
	for i := range all {
		all[i].scope = scope
	}
	return all
}

func customerRoutes() []route {
	const customer = root + "/customers/{handle}"
	return []route{
		{
			name: "customer", method: http.MethodGet, path: customer, about: "how a customer stands: visibility, and what they were asked and answered",
			handle: (*Handler).view,
		},
		{
			name: "share_request", method: http.MethodPost, path: customer + "/share-requests", about: "ask a hidden customer to share their number",
			body: bodyOf[struct{}], handle: (*Handler).request,
		},
		{
			name: "withdraw", method: http.MethodDelete, path: customer + "/sharing", about: "hide a shared number again, on the customer's behalf",
			handle: (*Handler).withdraw,
		},
		{
			name: "erase", method: http.MethodDelete, path: customer, about: "erase a customer; it cannot be undone",
			handle: (*Handler).erase,
		},
	}
}

func proofRoutes() []route {
	return []route{
		{
			name: "consents", method: http.MethodGet, path: root + "/consents", about: "the lines of the consent ledger, oldest first",
			takes: paged(), handle: (*Handler).consents,
		},
		{
			name: "consents_head", method: http.MethodGet, path: root + "/consents/head", about: "the signed head of the consent ledger",
			handle: (*Handler).head,
		},
		{
			name: "audit", method: http.MethodGet, path: root + "/audit", about: "every use of what stands behind a handle, oldest first",
			takes: paged(), handle: (*Handler).audit,
		},
		{
			name: "actions", method: http.MethodGet, path: root + "/actions", about: "what operators did, oldest first or newest first",
			of: alls, takes: paged(parameterOrder), handle: (*Handler).actions,
		},
		{
			name: "balance", method: http.MethodGet, path: root + "/balance", about: "what became of the events that were accepted, by minute or in total",
			of: holders, takes: paged(parameterFrom, parameterTo, parameterBy), handle: (*Handler).balance,
		},
	}
}

package manage

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// root is the path of the whole API.
const root = "/v1"

// placeholder stands for a customer in a route's path.
const placeholder = "{handle}"

// handling answers a call whose token, query and body were found right.
type handling func(h *Handler, ctx context.Context, r *request) (*outcome, error)

// route is one that the API has.
type route struct {
	// name is a metric label, and the operation's id in openapi.json.
	name         string
	method, path string
	// about says in one line what it does.
	about string
	// open: it says nothing of anybody and needs no token.
	open bool
	// operator: it tells of all scopes at once, in the order of time, which would join a
	// customer's handles for whoever knows the business's events. It needs the scope
	// console, which the operator keeps.
	operator bool
	// pages: it takes limit and after; spans: from, to and by too.
	pages, spans bool
	// takesBody: it has a JSON body, which may be left out.
	takesBody bool
	handle    handling
}

// routes is the table; openapi.json has the same ones.
func routes() []route {
	return []route{
		{
			name: "index", method: http.MethodGet, path: root, about: "this list",
			open: true, handle: (*Handler).list,
		},
		{
			name: "openapi", method: http.MethodGet, path: root + "/openapi.json", about: "this API as an OpenAPI document",
			open: true, handle: (*Handler).document,
		},
		{
			name: "customer", method: http.MethodGet, path: root + "/customers/{handle}", about: "how a customer stands: visibility, and what they were asked and answered",
			handle: (*Handler).view,
		},
		{
			name: "share_request", method: http.MethodPost, path: root + "/customers/{handle}/share-requests", about: "ask a hidden customer to share their number",
			takesBody: true, handle: (*Handler).request,
		},
		{
			name: "withdraw", method: http.MethodDelete, path: root + "/customers/{handle}/sharing", about: "hide a shared number again, on the customer's behalf",
			handle: (*Handler).withdraw,
		},
		{
			name: "erase", method: http.MethodDelete, path: root + "/customers/{handle}", about: "erase a customer; it cannot be undone",
			handle: (*Handler).erase,
		},
		{
			name: "consents", method: http.MethodGet, path: root + "/consents", about: "the lines of the consent ledger, oldest first",
			operator: true, pages: true, handle: (*Handler).consents,
		},
		{
			name: "consents_head", method: http.MethodGet, path: root + "/consents/head", about: "the signed head of the consent ledger",
			operator: true, handle: (*Handler).head,
		},
		{
			name: "audit", method: http.MethodGet, path: root + "/audit", about: "every use of what stands behind a handle, oldest first",
			operator: true, pages: true, handle: (*Handler).audit,
		},
		{
			name: "balance", method: http.MethodGet, path: root + "/balance", about: "what became of the events that were accepted, by minute or in total",
			operator: true, pages: true, spans: true, handle: (*Handler).balance,
		},
	}
}

// find finds the route of an escaped path and a method, and what the path has in the
// handle's place. Without a route, allow are the methods that the path takes: none
// for an unknown one. HEAD is GET without a body.
func (h *Handler) find(escaped, method string) (found *route, handle string, allow []string) {
	segments, ok := splitPath(escaped)
	if !ok {
		return nil, "", nil
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
	return nil, "", allow
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
func matches(path string, parts []string) (handle string, ok bool) {
	pattern := strings.Split(path[1:], "/")
	if len(pattern) != len(parts) {
		return "", false
	}
	for i, p := range pattern {
		switch {
		case p == placeholder:
			handle = parts[i]
		case p != parts[i]:
			return "", false
		}
	}
	return handle, true
}

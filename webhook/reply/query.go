package reply

import (
	"net/url"
	"slices"
	"strings"

	"bauta/webhook/meta"
)

// mostQuery bounds a query, in bytes; the platform's own, with cursors, have some
// 500.
const mostQuery = 8 << 10

// parameterFields lists what the platform shall answer.
const parameterFields = "fields"

// parseQuery reads a query. What is wrong with it is told once it is known who asks:
// until then it is only searched for a token.
func (r *request) parseQuery(raw string) {
	r.query = url.Values{}
	if raw == "" {
		return
	}
	if len(raw) > mostQuery {
		r.badQuery = true
		return
	}
	query, err := url.ParseQuery(raw)
	r.query, r.badQuery = query, err != nil
}

// checkQuery holds the query against what the route allows.
func (r *request) checkQuery() error {
	if r.badQuery {
		return fail(meta.FaultBadParameter, "The query cannot be read, or it is longer than 8 KiB.")
	}
	r.withoutCallbacks()
	// In order, so that the same call is always told the same.
	for _, name := range sortedNames(r.query) {
		_, allowed := r.route.Query[name]
		if name == parameterFields {
			allowed = r.route.Fields != nil
		}
		switch {
		case !allowed:
			return fail(meta.FaultBadParameter, "This call does not take "+parameter(name)+" through Bauta. Leave it out.")
		case len(r.query[name]) != 1:
			return fail(meta.FaultBadParameter, "The query has "+parameter(name)+" more than once.")
		case name == parameterFields && !r.fieldsAllowed():
			return fail(meta.FaultBadParameter, fieldsDetails(r.route.Fields))
		}
	}
	return nil
}

// fieldCallbacks is asked for by software that shows whether its own callback is set
// (Chatwoot). It tells where the operator takes webhooks, so it is left out, and the
// rest of the call goes on.
const fieldCallbacks = "webhook_configuration"

// withoutCallbacks takes the one name out of fields that is left out silently.
func (r *request) withoutCallbacks() {
	asked := r.query.Get(parameterFields)
	if r.route.Fields == nil || len(r.query[parameterFields]) != 1 || !strings.Contains(asked, fieldCallbacks) {
		return
	}
	names := slices.DeleteFunc(strings.Split(asked, ","), func(name string) bool { return name == fieldCallbacks })
	if len(names) > 0 {
		r.query.Set(parameterFields, strings.Join(names, ","))
	}
}

// fieldsAllowed: every name is on the route's list, which has no braces, dots or
// modifiers.
func (r *request) fieldsAllowed() bool {
	for name := range strings.SplitSeq(r.query.Get(parameterFields), ",") {
		if !slices.Contains(r.route.Fields, name) {
			return false
		}
	}
	return true
}

func fieldsDetails(fields []string) string {
	return "fields names a field that this call does not take through Bauta. It takes: " + strings.Join(fields, ", ") + "."
}

func sortedNames(query url.Values) []string {
	if len(query) == 0 {
		return nil
	}
	names := make([]string, 0, len(query))
	for name := range query {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// mostWord is the longest name of a parameter that is repeated to the caller.
const mostWord = 40

// parameter names a parameter if its name is a plain word: anything else could be
// somebody's number, and answers end up in logs.
func parameter(name string) string {
	if name == "" || len(name) > mostWord || strings.Trim(name, "abcdefghijklmnopqrstuvwxyz_") != "" {
		return "one of the parameters"
	}
	return "the parameter " + name
}

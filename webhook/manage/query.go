package manage

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"bauta/webhook/operate"
)

// mostQuery bounds a query, in bytes.
const mostQuery = 8 << 10

// The parameters.
const (
	parameterBusiness = "business"
	parameterAfter    = "after"
	parameterLimit    = "limit"
	parameterFrom     = "from"
	parameterTo       = "to"
	parameterBy       = "by"
	parameterStep     = "step_seconds"
	parameterEndpoint = "endpoint"
	parameterSince    = "since"
	parameterUntil    = "until"
	parameterReason   = "reason"
	parameterStatus   = "status"
	parameterOrder    = "order"
)

// paged are the parameters of a list, behind others.
func paged(others ...string) []string {
	return append(slices.Clone(others), parameterAfter, parameterLimit)
}

// parameters of a route, all of them.
func (rt *route) parameters() []string {
	if rt.scope == "" || rt.of == installation {
		return rt.takes
	}
	return append([]string{parameterBusiness}, rt.takes...)
}

// readQuery holds the query against what the route takes. Values that depend on others
// are read where they are used.
func (r *request) readQuery(raw string) (err error) {
	if len(raw) > mostQuery {
		return fail(problemParameter).saying("The query is longer than 8 KiB. Take after from next of an answer.")
	}
	if r.query, err = url.ParseQuery(raw); err != nil {
		return fail(problemParameter).saying("The query cannot be read. Escape it as URLs need it.")
	}
	takes := r.route.parameters()
	for name, values := range r.query {
		switch {
		case slices.Contains(takes, name) && len(values) == 1:
		case len(takes) == 0:
			return fail(problemParameter).saying("This call takes no parameters. Leave the query out.")
		default:
			return fail(problemParameter).saying("The query has a parameter that this call does not take, or one twice. It takes " + listed(takes) + ", each once.")
		}
	}
	return r.readLimit()
}

// listed are words as people list them.
func listed(words []string) string {
	last := len(words) - 1
	if last < 1 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:last], ", ") + " and " + words[last]
}

// readLimit reads how long a page is to be.
func (r *request) readLimit() error {
	r.page.limit = usualPage
	if !r.query.Has(parameterLimit) {
		return nil
	}
	limit, err := strconv.ParseUint(r.query.Get(parameterLimit), 10, 16)
	if err != nil || limit < 1 || limit > mostPage {
		return fail(problemParameter).saying("The parameter limit is not a whole number from 1 to 500.")
	}
	r.page.limit = int(limit)
	return nil
}

// usualSpan is what is told if nobody says for how long.
const usualSpan = time.Hour

// span reads from and to: whole minutes.
func (r *request) span(usual time.Duration) (operate.Span, error) {
	to, err := r.time(parameterTo)
	if err != nil {
		return operate.Span{}, err
	}
	if to.IsZero() {
		to = r.came.UTC().Truncate(time.Minute).Add(time.Minute)
	}
	from, err := r.time(parameterFrom)
	if err != nil {
		return operate.Span{}, err
	}
	if from.IsZero() {
		from = to.Add(-usual)
	}
	if !from.Before(to) || to.Sub(from) > operate.MostSpan {
		return operate.Span{}, fail(problemParameter).saying("The time from has to be before to, by at most 8 days: that is how long counters are kept.")
	}
	return operate.Span{From: from.UTC().Truncate(time.Minute), To: to.UTC().Add(time.Minute - 1).Truncate(time.Minute)}.Bounded(), nil
}

// time reads a parameter that is a time; zero if it is not there.
func (r *request) time(name string) (time.Time, error) {
	if !r.query.Has(name) {
		return time.Time{}, nil
	}
	at, err := time.Parse(time.RFC3339, r.query.Get(name))
	if err != nil || at.Year() < 2000 || at.Year() > 9999 {
		return time.Time{}, fail(problemParameter).saying("The parameter " + name + " is not a time such as 2026-09-10T08:00:00Z.")
	}
	return at.UTC(), nil
}

// number reads a parameter that is a whole number from least to most; 0 if it is not there.
func (r *request) number(name string, least, most int) (int, error) {
	if !r.query.Has(name) {
		return 0, nil
	}
	n, err := strconv.Atoi(r.query.Get(name))
	if err != nil || n < least || n > most {
		return 0, fail(problemParameter).saying("The parameter " + name + " is not a whole number from " + strconv.Itoa(least) + " to " + strconv.Itoa(most) + ".")
	}
	return n, nil
}

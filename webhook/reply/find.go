package reply

import (
	"context"
	"errors"
	"maps"
	"net/http"
	"slices"
	"strings"

	"bauta/webhook"
	"bauta/webhook/graph"
	"bauta/webhook/meta"
)

// find finds the route of a call, whose object is the business's own then. One
// business's id is to another business as if it were nobody's.
func (h *Handler) find(ctx context.Context, r *request, request *http.Request) error {
	p, wrong, ok := splitPath(request.URL.EscapedPath())
	if !ok {
		return fail(meta.FaultUnknownPath, wrong)
	}
	r.version, r.object, r.edge = p.version, p.object, p.edge
	candidates := h.candidates(r, request.Method)
	if len(candidates) == 0 {
		return h.noRoute(r, meta.NoObject)
	}
	object, err := h.objectOf(ctx, r, candidates)
	if err != nil {
		return err
	}
	for _, route := range candidates {
		if route.Object == object {
			r.route = route
			if object == meta.GroupObject {
				r.group = r.object
			}
			return nil
		}
	}
	if object == meta.NoObject {
		return fail(meta.FaultNotFound, "The id in the path names nothing of this business. "+goesTo(candidates))
	}
	err = h.noRoute(r, object)
	if f, ok := errors.AsType[*failure](err); ok && f.fault.Name == meta.FaultUnknownPath {
		f.fault.Details = "This id is " + nameOf(object) + ". " + goesTo(candidates)
	}
	return err
}

// goesTo says what the id in the path has to be. It depends on the edge alone.
func goesTo(candidates []*meta.Route) string {
	var wanted []string
	for _, route := range candidates {
		if name := nameOf(route.Object) + " of this business"; !slices.Contains(wanted, name) {
			wanted = append(wanted, name)
		}
	}
	return "This call goes to " + strings.Join(wanted, ", or ") + "."
}

// nameOf is what callers know an object as.
func nameOf(object meta.Object) string {
	switch object {
	case meta.PhoneNumberObject:
		return "a phone number id"
	case meta.WABAObject:
		return "an account (WABA id)"
	case meta.MediaObject:
		return "a medium"
	case meta.GroupObject:
		return "a declared group"
	case meta.NoObject:
	}
	return "an object"
}

// candidates are the routes of a method and the edge; those that the operator
// opened come last, so that they open nothing which the API refuses.
func (h *Handler) candidates(r *request, method string) []*meta.Route {
	found := h.API.Match(method, r.edge)
	for _, route := range opened(r.business) {
		if route.Method == method && route.Edge == r.edge {
			found = append(slices.Clip(found), route)
		}
	}
	return found
}

// noRoute tells a path that is not known from a method that it does not take.
// NoObject: it was not asked what the id names.
func (h *Handler) noRoute(r *request, object meta.Object) error {
	methods := map[string]bool{}
	for _, routes := range [][]*meta.Route{h.API.Routes(), opened(r.business)} {
		for _, route := range routes {
			if route.Edge == r.edge && (object == meta.NoObject || route.Object == object) {
				methods[route.Method] = true
			}
		}
	}
	if len(methods) == 0 {
		return fail(meta.FaultUnknownPath, "")
	}
	f := fail(meta.FaultMethodNotAllowed, "")
	f.allow = slices.Sorted(maps.Keys(methods))
	return f
}

// objectOf tells what of the business the id in the path names, as far as the
// candidates ask: NoObject if nothing.
func (h *Handler) objectOf(ctx context.Context, r *request, candidates []*meta.Route) (meta.Object, error) {
	b := r.business
	if slices.Contains(b.WABAs, r.object) {
		return meta.WABAObject, nil
	}
	if _, declared := b.Groups[r.object]; declared {
		return meta.GroupObject, nil
	}
	if h.numbers.known(b, r.object) {
		return meta.PhoneNumberObject, nil
	}
	if takes(candidates, meta.MediaObject) {
		owned, err := h.owns(ctx, b.ID, r.object)
		if err != nil {
			h.notices.store(ctx, b.ID, err)
			return meta.NoObject, unavailable()
		}
		if owned {
			return meta.MediaObject, nil
		}
	}
	if !takes(candidates, meta.PhoneNumberObject) {
		return meta.NoObject, nil
	}
	owned, err := h.numbers.ask(ctx, b, r.token, r.object)
	if err != nil {
		return meta.NoObject, h.unasked(ctx, b.ID, err)
	}
	if owned {
		return meta.PhoneNumberObject, nil
	}
	return meta.NoObject, nil
}

// parameterNumber is a parameter of media that names one of the business's phone
// numbers.
const parameterNumber = "phone_number_id"

// checkNumber: with one access token for several businesses the platform's answers
// would tell which phone number ids exist.
func (h *Handler) checkNumber(ctx context.Context, r *request) error {
	id := r.query.Get(parameterNumber)
	if id == "" || h.numbers.known(r.business, id) {
		return nil
	}
	owned, err := h.numbers.ask(ctx, r.business, r.token, id)
	switch {
	case err != nil:
		return h.unasked(ctx, r.business.ID, err)
	case !owned:
		return fail(meta.FaultNotFound, "")
	}
	return nil
}

// unasked is what it becomes that the platform could not be asked for the phone
// numbers of a business.
func (h *Handler) unasked(ctx context.Context, business string, err error) error {
	if ctx.Err() != nil {
		return errGone
	}
	known, ok := errors.AsType[*notAskedError](err)
	if !ok {
		return fail(meta.FaultInternal, "")
	}
	h.notices.numbers(ctx, business, known.fault.Kind)
	const wanted = ". Bauta has to ask Meta which phone numbers this business has. Nothing was sent."
	switch why := because(known.fault.Kind); known.fault.Kind {
	case graph.TokenRefused, graph.Forbidden, graph.NotFound:
		f := fail(meta.FaultPlatformToken, why+"; Bauta's own token is fine"+wanted+" Ask the operator to mend it: repeating does not help before.")
		f.fault.Details += metaSays(known.fault.Code, known.fault.Subcode)
		return f
	case graph.RateLimited, graph.Refused, graph.Unavailable, graph.Unreadable, graph.TooSlow, graph.Unreachable, graph.BreakerOpen,
		graph.Canceled, graph.SourceBroken:
	}
	return fail(meta.FaultUnavailable, because(known.fault.Kind)+wanted+repeatLater).wait(known.wait)
}

func takes(routes []*meta.Route, object meta.Object) bool {
	return slices.ContainsFunc(routes, func(r *meta.Route) bool { return r.Object == object })
}

// owns tells whether a medium was sent to the business or uploaded by it.
func (h *Handler) owns(ctx context.Context, business, id string) (bool, error) {
	for _, roll := range []webhook.Roll{webhook.ReceivedMedia, webhook.UploadedMedia} {
		on, err := h.Rolls.On(ctx, business, roll, []string{id})
		if err != nil {
			return false, err
		}
		if len(on) == 1 && on[0] {
			return true, nil
		}
	}
	return false, nil
}

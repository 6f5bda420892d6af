package manage

import (
	"slices"

	"bauta/webhook"
)

// choose finds out which business a call is about, and that it is the caller's. One that
// is another's is answered as one that is none.
func (h *Handler) choose(r *request) error {
	given, all := r.query.Has(parameterBusiness), r.grant.Business == webhook.AllBusinesses
	switch {
	case r.route.scope == "":
		return nil
	case r.route.of == installation:
		r.of = webhook.AllBusinesses
		return nil
	case given:
		r.of = r.query.Get(parameterBusiness)
	case !all:
		r.of = r.grant.Business
	case r.route.of == alls:
		return nil
	default:
		return fail(problemParameter).saying("The token sees all businesses, and this call is about one. Name it with the parameter business; GET /v1/businesses lists them.")
	}
	if !all && r.of != r.grant.Business {
		return fail(problemUnknown)
	}
	r.business = h.Businesses.ByID(r.of)
	if r.business == nil && (r.route.of != holders || !slices.Contains(h.Desk.Holders(r.actor), r.of)) {
		return fail(problemUnknown)
	}
	return nil
}

package console

import (
	"strings"

	"bauta/webhook"
	"bauta/webhook/operate"
)

// fewLanes is how many lanes of an endpoint a page shows, fewAttempts how many attempts.
const (
	fewLanes    = 25
	fewAttempts = 50
)

// deliveriesView is the page on which one looks for what is under way.
type deliveriesView struct {
	// Handle and Lane are what was asked for.
	Handle, Lane string
	Endpoint     webhook.EndpointKey
	Endpoints    []operate.Endpoint
	// Found: something was asked for; Nobody: the handle names nobody, or nothing waits in
	// the lane. NoBusiness: a handle needs one.
	Found, Nobody, NoBusiness bool
	Lanes                     []operate.Lane
	Tried                     []operate.Tried
	Dead                      []operate.DeadLetter
	// Next is the cursor of what follows of an endpoint's lanes, "" at the end.
	Next string
}

// deliveries looks for what a form asks for: in its body, so that what somebody typed for a
// handle, perhaps a number, is in no URL. Links say it behind the ?.
func (c *Console) deliveries(v *visit) error {
	if err := v.r.ParseForm(); err != nil {
		return errForm
	}
	q, chosen := v.r.Form, c.chosen(v)
	out := &deliveriesView{Handle: strings.TrimSpace(q.Get("handle")), Lane: strings.TrimSpace(q.Get("lane"))}
	if business, endpoint, ok := strings.Cut(q.Get("endpoint"), "/"); ok {
		out.Endpoint = webhook.EndpointKey{Business: business, Endpoint: endpoint}
	}
	var err error
	if out.Endpoints, err = c.Desk.Endpoints(v.ctx(), v.actor, ""); err != nil {
		return err
	}
	switch {
	case out.Handle != "":
		err = c.byHandle(v, out, chosen)
	case out.Lane != "":
		err = c.byLane(v, out)
	case out.Endpoint.Endpoint != "":
		out.Found = true
		out.Lanes, out.Next, err = c.Desk.Lanes(v.ctx(), v.actor, out.Endpoint, operate.Page{After: q.Get("after"), Limit: fewLanes})
		if err == nil {
			out.Tried, err = c.Desk.Attempts(v.actor, out.Endpoint, fewAttempts)
		}
	}
	if err != nil {
		return err
	}
	return c.render(v, "deliveries", 0, out)
}

// byHandle looks for what is under way under a handle. Of all businesses the one that the
// handle names has to be said: handles are one business's.
func (c *Console) byHandle(v *visit, out *deliveriesView, business string) error {
	if business == "" {
		out.NoBusiness = true
		return nil
	}
	out.Found = true
	found, err := c.Desk.Deliveries(v.ctx(), v.actor, business, out.Handle)
	if gone(err) {
		out.Nobody = true
		return nil
	}
	out.Lanes, out.Tried, out.Dead = found.Lanes, found.Tried, found.Dead
	return err
}

// byLane looks for a lane by its hash, at one endpoint or at all that are configured.
func (c *Console) byLane(v *visit, out *deliveriesView) error {
	out.Found = true
	for i := range out.Endpoints {
		key := out.Endpoints[i].Key
		if out.Endpoint.Endpoint != "" && key != out.Endpoint {
			continue
		}
		lane, err := c.Desk.Lane(v.ctx(), v.actor, key, out.Lane)
		if key, _ := problemOf(err); err != nil && key == "unknown" {
			continue
		}
		if err != nil {
			return err
		}
		out.Lanes = append(out.Lanes, lane)
		out.Tried = append(out.Tried, lane.Tried...)
	}
	out.Nobody = len(out.Lanes) == 0
	return nil
}

package console

import (
	"errors"
	"net/url"
	"strings"
	"time"

	"bauta/webhook"
	"bauta/webhook/operate"
	"bauta/webhook/pages"
)

// endpointsView is the page of endpoints.
type endpointsView struct {
	List []*endpointRow
	Live string
	// Form is the session's word, for the forms in the list.
	Form string
	// Tried is what a test event or a handshake was answered with.
	Tried *trial
	AsOf  asOf
}

type endpointRow struct {
	operate.Endpoint

	// Tone of its state.
	Tone    string
	Longest time.Duration
	Left    time.Duration
}

// trial is a request to an endpoint and its answer.
type trial struct {
	webhook.Trial

	Key webhook.EndpointKey
	// Kind is test or handshake.
	Kind string
}

func (c *Console) endpoints(v *visit) error { return c.drawEndpoints(v, nil) }

func (c *Console) drawEndpoints(v *visit, t *trial) error {
	out, err := c.endpointList(v)
	if err != nil {
		return err
	}
	out.Tried = t
	return c.render(v, "endpoints", 0, out)
}

// liveEndpoints is what changes of it: not the forms, in which somebody may be writing.
func (c *Console) liveEndpoints(v *visit) ([]pages.Patch, error) {
	out, err := c.endpointList(v)
	if err != nil {
		return nil, err
	}
	var patches []pages.Patch
	for i := range out.List {
		e := out.List[i]
		patches = append(patches, pages.Patch{Place: "endpoint-" + e.ID(), How: pages.Replace, Fragment: "endpoint_state", Data: e})
	}
	return patches, nil
}

// ID names it on its page.
func (e *endpointRow) ID() string { return e.Key.Business + "." + e.Key.Endpoint }

func (c *Console) endpointList(v *visit) (*endpointsView, error) {
	chosen := c.chosen(v)
	list, err := c.Desk.Endpoints(v.ctx(), v.actor, chosen)
	if err != nil {
		return nil, err
	}
	of := chosen
	if of == "" {
		of = webhook.AllBusinesses
	}
	out := &endpointsView{Live: Base + "live/endpoints/" + of, Form: v.session.Form, AsOf: asOf{At: c.Now()}}
	tones := map[string]string{operate.Delivering: "ok", operate.Paused: "warn", operate.ProbeDue: "warn", operate.Probing: "info", operate.Off: "bad"}
	for _, e := range list {
		row := &endpointRow{Endpoint: e, Tone: tones[e.State], Longest: since(out.AsOf.At, e.Oldest)}
		if left := e.Until.Sub(out.AsOf.At); !e.Until.IsZero() && left > 0 {
			row.Left = left.Round(time.Second)
		}
		out.List = append(out.List, row)
	}
	return out, nil
}

// endpointOf is the one that a form is about.
func endpointOf(v *visit) webhook.EndpointKey {
	return webhook.EndpointKey{Business: v.posted().Get("of"), Endpoint: v.posted().Get("endpoint")}
}

// toEndpoints leads back to the page as it was chosen.
func (v *visit) toEndpoints(key string) error {
	return v.back("endpoints", key, url.Values{"on": {v.posted().Get("endpoint")}, "business": {v.posted().Get("business")}})
}

func (c *Console) pause(v *visit) error {
	lasts, ok := lengthOf(v.posted().Get("for"))
	if !ok {
		return v.toEndpoints("pause_length")
	}
	if err := c.Desk.PauseEndpoint(v.ctx(), v.actor, endpointOf(v), lasts); err != nil {
		return err
	}
	return v.toEndpoints("paused")
}

// lengthOf reads how long a pause lasts: "" is until somebody resumes it.
func lengthOf(text string) (time.Duration, bool) {
	text = strings.TrimSpace(text)
	if text == "" {
		return 0, true
	}
	lasts, err := time.ParseDuration(text)
	return lasts, err == nil && lasts > 0
}

func (c *Console) resume(v *visit) error {
	was, err := c.Desk.ResumeEndpoint(v.ctx(), v.actor, endpointOf(v))
	switch {
	case err != nil:
		return err
	case !was:
		return v.toEndpoints("not_paused")
	}
	return v.toEndpoints("resumed")
}

// test sends a test event, and shows what it was answered with.
func (c *Console) test(v *visit) error {
	key := endpointOf(v)
	got, err := c.Desk.TestEndpoint(v.ctx(), v.actor, key)
	if err != nil {
		return err
	}
	return c.drawEndpoints(v, &trial{got, key, "test"})
}

// handshake does the platform's handshake with it.
func (c *Console) handshake(v *visit) error {
	key := endpointOf(v)
	got, err := c.Desk.ShakeHands(v.ctx(), v.actor, key, v.posted().Get("verify_token"))
	if err != nil {
		return err
	}
	return c.drawEndpoints(v, &trial{got, key, "handshake"})
}

// gone tells that a handle names nobody.
func gone(err error) bool {
	return errors.Is(err, webhook.ErrUnknownHandle) || errors.Is(err, webhook.ErrErased)
}

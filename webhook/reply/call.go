package reply

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"time"

	"bauta/webhook"
	"bauta/webhook/graph"
	"bauta/webhook/meta"
	"bauta/webhook/outbound"
)

// callTimeout bounds what is done for a call once nobody may interrupt it, and is
// below the server's time for an answer.
const callTimeout = 50 * time.Second

// The platform's codes that mean something here (webhooks.md 6.6).
const (
	codeToken       = 190
	codeNeedsNumber = 131062
)

// passedOn are the headers of the platform that a caller gets.
func passedOn() []string {
	return []string{headerRetryAfter, headerAppUsage, headerUsage}
}

// call translates a call, makes it, and masks its answer.
func (h *Handler) call(ctx context.Context, r *request) (*outcome, error) {
	o, _, err := h.exchange(ctx, r)
	return o, err
}

// exchange is call, and returns the platform's answer as it was too.
func (h *Handler) exchange(ctx context.Context, r *request) (*outcome, *graph.Answer, error) {
	r.sought = time.Now()
	out, err := h.Translator.Out(ctx, outbound.Call{
		Business: r.business, Route: r.route, Group: r.group, Object: r.object,
		Query: r.query, Body: r.body, Form: r.form, Base: r.base,
	})
	if err != nil {
		return nil, nil, h.refused(ctx, r, err)
	}
	if ctx.Err() != nil {
		return nil, nil, errGone
	}
	// From here on a caller who hangs up changes nothing: a message that went out has
	// to be remembered.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), callTimeout)
	defer cancel()
	if err := h.audit(ctx, r, out); err != nil {
		return nil, nil, err
	}
	request, err := h.ask(ctx, r, out)
	if err != nil {
		return nil, nil, err
	}
	h.spoke(r, out)
	answer, err := h.Platform.Call(ctx, h.outgoing(r, out))
	if err != nil {
		h.takeBack(ctx, r, request, err)
		return nil, nil, h.lost(ctx, r, err)
	}
	if answer.Code == codeNeedsNumber {
		// The platform takes no user id for this message and has sent nothing.
		if again, ok := out.ByNumber(); ok {
			if answer, err = h.Platform.Call(ctx, h.outgoing(r, again)); err != nil {
				return nil, nil, h.lost(ctx, r, err)
			}
			out = again
		}
	}
	h.asked(ctx, r, request, answer)
	o, err := h.back(ctx, r, out, answer)
	if o != nil {
		o.about = out.About()
	}
	return o, answer, err
}

// outgoing is the call as the platform gets it.
func (h *Handler) outgoing(r *request, out *outbound.Outgoing) graph.Request {
	g := graph.Request{
		Token: r.token, Object: r.object, Method: r.route.Method, Version: r.version, Edge: r.edge,
		Query: out.Query, Body: out.Body,
	}
	switch {
	case len(out.Body) == 0:
	case r.form:
		g.ContentType = typeForm
	default:
		g.ContentType = typeJSON
	}
	return g
}

// back masks the platform's answer. One that cannot be passed on may be that of a
// call which was carried out.
func (h *Handler) back(ctx context.Context, r *request, out *outbound.Outgoing, answer *graph.Answer) (*outcome, error) {
	if answer.Code == codeToken || answer.Status == http.StatusUnauthorized {
		return nil, h.tokenRefused(ctx, r, answer.Code, subcodeOf(answer))
	}
	masked := h.Translator.Back(ctx, out, answer.Status, answer.Body)
	if masked.Fault != "" {
		f := fail(meta.FaultName(masked.Fault), meta.DetailsUnread)
		f.uncertain = !answer.Unsent
		return nil, f
	}
	o := &outcome{status: masked.Status, body: masked.Body, unsent: answer.Unsent, header: http.Header{}}
	for _, name := range passedOn() {
		// Doubt keeps a header back: nobody needs one more than the customer the number.
		if values := answer.Header[name]; len(values) > 0 && passable(name, values[0]) && out.Clean(values[0]) {
			o.header[name] = values[:1]
		}
	}
	return o, nil
}

// subcodeOf says more of an error that the platform answered, 0 if it does not.
func subcodeOf(answer *graph.Answer) int {
	var body struct {
		Error struct {
			Subcode int `json:"error_subcode"`
		} `json:"error"`
	}
	if json.Unmarshal(answer.Body, &body) != nil {
		return 0
	}
	return body.Error.Subcode
}

// refused is what it becomes that a call is not made. Each could have been found out
// by looking somebody up, so that its time is made even.
func (h *Handler) refused(ctx context.Context, r *request, err error) error {
	f := h.refusalOf(ctx, r, err)
	f.even = true
	return f
}

func (h *Handler) refusalOf(ctx context.Context, r *request, err error) *failure {
	for _, known := range []struct {
		err  error
		name meta.FaultName
	}{
		{webhook.ErrUnknownHandle, meta.FaultUnknownHandle},
		{outbound.ErrRawRecipient, meta.FaultRawRecipient},
		{outbound.ErrGroupHandle, meta.FaultGroupHandle},
		{outbound.ErrUnknownMessage, meta.FaultUnknownMessage},
		{outbound.ErrUnknownMedium, meta.FaultUnknownMedium},
		{outbound.ErrNeedsNumber, meta.FaultNeedsNumber},
		{outbound.ErrNeedsUserID, meta.FaultNeedsUserID},
		{outbound.ErrNoRecipient, meta.FaultNoRecipient},
		{outbound.ErrTwoRecipients, meta.FaultTwoRecipients},
	} {
		if errors.Is(err, known.err) {
			return fail(known.name, r.sayingOf(known.name))
		}
	}
	if bad, ok := errors.AsType[*outbound.BodyError](err); ok {
		name := meta.FaultBadBody
		if _, inQuery := r.query[bad.Position]; inQuery || len(r.body) == 0 {
			name = meta.FaultBadParameter
		}
		return fail(name, bad.Error())
	}
	h.notices.store(ctx, r.business.ID, err)
	return unavailable()
}

// sayingOf are the details of a refusal: the usual ones, or those of the business's
// configuration. They are the same whoever is meant.
func (r *request) sayingOf(name meta.FaultName) string {
	if name == meta.FaultRawRecipient && r.business.RawRecipients == webhook.DenyRaw {
		return "Plain numbers are switched off for this business (raw_recipients: deny). Copy the handle from one of the customer's events."
	}
	return ""
}

package reply

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"

	"bauta/webhook"
	"bauta/webhook/graph"
	"bauta/webhook/meta"
	"bauta/webhook/outbound"
)

// Requests takes note of the platform's own requests for the number that a business
// sends: *webhook.Consents.
type Requests interface {
	// Worded notes one before it is sent; webhook.ErrNotHidden: there is nothing to
	// share; *webhook.LatelyError: it must not be sent.
	Worded(ctx context.Context, b *webhook.Business, key, hash string) (webhook.Errand, *webhook.Customer, error)
	// Sent confirms it, Failed takes it back.
	Sent(ctx context.Context, b *webhook.Business, c *webhook.Customer, told webhook.Told) error
	Failed(ctx context.Context, b *webhook.Business, c *webhook.Customer, e webhook.Errand, why webhook.Failure) error
}

// Pace is told to whom the business itself writes, so that Bauta's own messages yield.
type Pace interface {
	Spoke(business, customer string)
}

// asking is a request for the number on its way. The zero value is none.
type asking struct {
	customer *webhook.Customer
	errand   webhook.Errand
}

// ask takes note of a request for the number, before it is sent: an answer to one that
// nobody knows of does not count.
func (h *Handler) ask(ctx context.Context, r *request, out *outbound.Outgoing) (asking, error) {
	key, wording, ok := out.Asks()
	if !ok {
		return asking{}, nil
	}
	if r.business.Sharing.Ask == webhook.AskNever {
		return asking{}, fail(meta.FaultBadBody, "Customers of this business are never asked for their number (sharing.ask: never).")
	}
	if !r.business.Sharing.BusinessWords {
		return asking{}, fail(meta.FaultBadBody, "Requests for the number are worded by Bauta here (sharing.business_requests: bauta_text_only). "+
			"Ask with POST /v1/customers/{handle}/share-requests of the management API.")
	}
	errand, customer, err := h.Requests.Worded(ctx, r.business, key, wording)
	_, lately := errors.AsType[*webhook.LatelyError](err)
	switch {
	case lately:
		return asking{}, fail(meta.FaultBadBody, "The customer was asked lately, or answered: between two questions lies sharing.ask_pause. Nothing was sent.")
	case errors.Is(err, webhook.ErrNotHidden):
		return asking{}, nil
	case err != nil:
		return asking{}, h.refused(ctx, r, err)
	}
	return asking{customer, errand}, nil
}

// asked tells what became of the request. Where nobody knows, it stays pending.
func (h *Handler) asked(ctx context.Context, r *request, a asking, answer *graph.Answer) {
	if a.customer == nil || a.errand.Question == "" {
		return
	}
	var err error
	if stanza, ok := stanzaOf(answer); ok {
		err = h.Requests.Sent(ctx, r.business, a.customer, webhook.Told{Errand: a.errand, Stanza: stanza})
	} else if answer.Status >= http.StatusBadRequest && answer.Status < http.StatusInternalServerError {
		err = h.Requests.Failed(ctx, r.business, a.customer, a.errand, webhook.Uncounted)
	}
	if err != nil {
		h.notices.store(ctx, r.business.ID, err)
	}
}

// takeBack takes a request back that certainly was not sent.
func (h *Handler) takeBack(ctx context.Context, r *request, a asking, cause error) {
	failed, ok := errors.AsType[*graph.Error](cause)
	if a.customer == nil || a.errand.Question == "" || !ok || failed.MaybeSent() {
		return
	}
	if err := h.Requests.Failed(ctx, r.business, a.customer, a.errand, webhook.Uncounted); err != nil {
		h.notices.store(ctx, r.business.ID, err)
	}
}

// stanzaOf is the sent message's own id within the id that the platform gave.
func stanzaOf(answer *graph.Answer) (string, bool) {
	var sent struct {
		Messages []struct {
			ID string `json:"id"`
		} `json:"messages"`
	}
	if json.Unmarshal(answer.Body, &sent) != nil || len(sent.Messages) != 1 {
		return "", false
	}
	id, err := meta.ParseID(sent.Messages[0].ID)
	return id.Stanza(), err == nil && id.Stanza() != ""
}

// audit writes down whom the platform is about to be told in place of a handle. What
// cannot be written down is not done.
func (h *Handler) audit(ctx context.Context, r *request, out *outbound.Outgoing) error {
	handles, _ := out.Reversed()
	if len(handles) == 0 {
		return nil
	}
	notes := make([]webhook.Reversal, len(handles))
	for i, handle := range handles {
		notes[i] = webhook.Reversal{At: h.Now(), Business: r.business.ID, Handle: handle, By: r.grant.ID, For: r.route.Name}
	}
	if err := h.Audit.Note(ctx, notes); err != nil {
		h.notices.store(ctx, r.business.ID, err)
		return unavailable()
	}
	return nil
}

// spoke tells whom the business wrote to.
func (h *Handler) spoke(r *request, out *outbound.Outgoing) {
	if !r.route.Sends {
		return
	}
	_, customers := out.Reversed()
	for _, c := range customers {
		h.Pace.Spoke(r.business.ID, c)
	}
}

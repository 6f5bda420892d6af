package manage

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"time"

	"bauta/masking/sharing"
	"bauta/webhook"
	"bauta/webhook/access"
)

// Who acts through this API, and by what, as the consent ledger writes it
// (sharing.Line).
const (
	byBusiness = "business"
	action     = "management_api"
)

// view answers GET /v1/customers/{handle}.
func (h *Handler) view(ctx context.Context, r *request) (*outcome, error) {
	named, ok := h.Handles.Parse(r.named["handle"])
	if !ok {
		return nil, h.refused(ctx, r, webhook.ErrUnknownHandle)
	}
	seen, err := h.Decisions.View(ctx, r.business, named.Key)
	if err != nil {
		return nil, h.refused(ctx, r, err)
	}
	return answered(http.StatusOK, customerOf(seen))
}

// request answers POST /v1/customers/{handle}/share-requests: 202 if a question
// follows from it.
func (h *Handler) request(ctx context.Context, r *request) (*outcome, error) {
	return h.write(ctx, r, func(ctx context.Context, key string) (*outcome, error) {
		before, err := h.Decisions.View(ctx, r.business, key)
		if err != nil {
			return nil, err
		}
		after, err := h.Decisions.Request(ctx, r.business, key, newID())
		if err != nil {
			return nil, err
		}
		status := http.StatusOK
		if pending(after.State) && (!pending(before.State) || before.Apart()) {
			status = http.StatusAccepted // whether one is pending in a group already is not told
		}
		return answered(status, customerOf(after))
	})
}

// pending tells that there is a question which may still be answered.
func pending(s sharing.State) bool { return s == sharing.Asked || s == sharing.Waiting }

// withdraw answers DELETE /v1/customers/{handle}/sharing.
func (h *Handler) withdraw(ctx context.Context, r *request) (*outcome, error) {
	return h.write(ctx, r, func(ctx context.Context, key string) (*outcome, error) {
		seen, err := h.Decisions.Withdraw(ctx, r.business, key, byBusiness, newID())
		if err != nil {
			return nil, err
		}
		return answered(http.StatusOK, customerOf(seen))
	})
}

// erase answers DELETE /v1/customers/{handle}. The receipt names the handle that was
// asked for alone: the customer's others are of other scopes, and what one scope
// tells must not join them (promise 7).
//
// How long it takes must not tell whether the customer has others either.
func (h *Handler) erase(ctx context.Context, r *request) (*outcome, error) {
	out, err := h.write(ctx, r, func(ctx context.Context, key string) (*outcome, error) {
		receipt, err := h.Eraser.EraseHandle(ctx, r.business, key, byBusiness, action)
		if err != nil {
			return nil, err
		}
		others := func(handle string) bool {
			named, ok := h.Handles.Parse(handle)
			return !ok || named.Key != key
		}
		return answered(http.StatusOK, receiptOf{
			Business: receipt.Business, ErasedAt: receipt.ErasedAt, Ledger: receipt.Ledger, Dumps: receipt.Dumps, DumpsUnreadableFrom: receipt.DumpsUnreadableFrom,
			Handles: slices.DeleteFunc(slices.Clone(receipt.Handles), others),
		})
	})
	if err == nil {
		access.Even(ctx, r.sought)
	}
	return out, err
}

// receiptOf is a receipt (webhook.Receipt) as a business gets it. How much waited says
// something of the other scopes too, and so does whether the platform had an entry that
// serves them all: neither is in it.
type receiptOf struct {
	Business string    `json:"business"`
	ErasedAt time.Time `json:"erased_at"`
	Handles  []string  `json:"handles"`
	Ledger   string    `json:"ledger"`
	Dumps    string    `json:"dumps"`

	DumpsUnreadableFrom time.Time `json:"dumps_unreadable_from,omitzero"`
}

// newID names one act. It is drawn, also under an Idempotency-Key: a business may
// use a key again after a day, for an act that is another one, and the ledger takes
// every line once by what is made of this id. That a repeated act changes nothing
// follows from the state that it meets.
func newID() string { return rand.Text() }

// answered is an answer of JSON.
func answered(status int, body any) (*outcome, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(body); err != nil {
		return nil, fmt.Errorf("write an answer: %w", err)
	}
	return &outcome{status: status, kind: typeJSON, body: b.Bytes(), name: outcomeOK}, nil
}

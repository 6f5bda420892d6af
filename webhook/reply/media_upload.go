package reply

import (
	"context"
	"errors"
	"io"
	"net/http"

	"github.com/labstack/echo/v4"

	"bauta/webhook"
	"bauta/webhook/graph"
	"bauta/webhook/meta"
	"bauta/webhook/outbound"
)

// upload streams a file to the platform. It is the business's own once the platform
// named it. An Idempotency-Key is not looked at: an upload that is repeated makes
// another medium and reaches nobody.
func (h *Handler) upload(c echo.Context, r *request) (*outcome, error) {
	end, ok := h.transfers.begin(transferKind{r.business.ID, true})
	if !ok {
		return nil, unread(c, busy())
	}
	defer end()
	request := c.Request()
	if encoding := request.Header.Get(echo.HeaderContentEncoding); encoding != "" && encoding != "identity" {
		return nil, unread(c, fail(meta.FaultBadMediaType, "The body is compressed. Send it as it is."))
	}
	ctx, cancel := context.WithTimeout(request.Context(), transferTimeout)
	defer cancel()
	out, err := h.Translator.Out(ctx, outbound.Call{
		Business: r.business, Route: r.route, Group: r.group, Object: r.object, Query: r.query, Base: r.base,
	})
	if err != nil {
		return nil, unread(c, h.refused(ctx, r, err))
	}
	body := newArriving(c.Response(), request.Body)
	f, err := newForm(request, body)
	if err != nil {
		return nil, unread(c, err)
	}
	answer, err := h.carry(ctx, r, out, f)
	if err != nil {
		return nil, unread(c, err)
	}
	return h.uploaded(context.WithoutCancel(ctx), r, out, answer)
}

// unread closes the connection with the answer: what was not read is not waited for.
func unread(c echo.Context, err error) error {
	c.Response().Header().Set(echo.HeaderConnection, "close")
	return err
}

// carry sends the form while it comes in. When it returns nobody reads the body any
// more.
func (h *Handler) carry(ctx context.Context, r *request, out *outbound.Outgoing, f *form) (*graph.Answer, error) {
	from, to := io.Pipe()
	copied := make(chan error, 1)
	go func() {
		err := f.copy(to)
		_ = to.CloseWithError(err)
		copied <- err
	}()
	answer, err := h.Platform.Call(ctx, graph.Request{
		Token: r.token, Object: r.object, Method: http.MethodPost, Version: r.version, Edge: r.edge, Query: out.Query,
		ContentType: f.contentType(), Stream: from,
	})
	_ = from.CloseWithError(errEnded)
	var fault error
	select {
	case fault = <-copied:
	default:
		f.body.stop()
		fault = <-copied
	}
	// What was wrong with the form counts, unless it is that the platform wanted no
	// more of it.
	if bad, ok := errors.AsType[*failure](fault); ok && !f.body.stopped() {
		return nil, bad
	}
	if err != nil {
		return nil, h.untaken(ctx, r, err)
	}
	if fault == nil {
		f.body.whole()
	}
	return answer, nil
}

// untaken is what an upload becomes to which the platform gave no answer.
func (h *Handler) untaken(ctx context.Context, r *request, err error) error {
	if known, ok := errors.AsType[*graph.Error](err); ok && known.Kind == graph.SourceBroken {
		return fail(meta.FaultBadBody, formBroken)
	}
	return h.lost(ctx, r, err)
}

// uploaded notes that the medium is the business's, and masks the answer.
func (h *Handler) uploaded(ctx context.Context, r *request, out *outbound.Outgoing, answer *graph.Answer) (*outcome, error) {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	if answer.Status < http.StatusMultipleChoices {
		if ids := texts(answer.Body, "id"); len(ids) > 0 {
			if err := h.Rolls.Enter(ctx, r.business.ID, webhook.UploadedMedia, ids); err != nil {
				h.notices.store(ctx, r.business.ID, err)
				return nil, fail(meta.FaultUnavailable, "The file was uploaded, but Bauta could not note whose it is. Upload it again after the time that the header Retry-After says.").wait(storeWait)
			}
		}
	}
	return h.back(ctx, r, out, answer)
}

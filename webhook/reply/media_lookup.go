package reply

import (
	"context"
	"net/http"

	"bauta/webhook/meta"
)

// lookUp asks for a medium of the business. The URL in the answer leads to Bauta,
// since the platform's opens with the access token only.
func (h *Handler) lookUp(ctx context.Context, r *request) (*outcome, error) {
	o, answer, err := h.exchange(ctx, r)
	if err != nil || o.status >= http.StatusMultipleChoices {
		return o, err
	}
	if o.body, err = h.leadHere(r, answer.Body, o.body); err != nil {
		return nil, err
	}
	return o, nil
}

// leadHere puts Bauta's URL in the place of the platform's. The platform says it
// once, as a string; else nothing of the answer is passed on.
func (h *Handler) leadHere(r *request, platform, masked []byte) ([]byte, error) {
	places := members(masked, "url")
	urls := members(platform, "url")
	switch {
	case len(places) == 0 && len(urls) == 0:
		return masked, nil
	case len(places) != 1 || len(urls) != 1 || !urls[0].isText:
		return nil, fail(meta.FaultBadAnswer, "")
	}
	to := leadsTo{url: urls[0].text, until: h.Now().Add(urlLife)}
	if kinds := texts(platform, "mime_type"); len(kinds) > 0 {
		to.kind = kinds[0]
	}
	sealed, err := h.sealURL(r.business.ID, to)
	if err != nil {
		return nil, err
	}
	if len(sealed) > mostSealed {
		return nil, fail(meta.FaultBadAnswer, "")
	}
	return withText(masked, places, r.root+mediaPath+sealed)
}

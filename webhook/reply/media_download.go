package reply

import (
	"context"
	"errors"
	"io"
	"mime"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/labstack/echo/v4"

	"bauta/webhook/graph"
	"bauta/webhook/meta"
)

// jsonLimit bounds media that are JSON, which are masked as a whole, in bytes.
const jsonLimit = 1 << 20

// download streams a medium from the platform to the business that looked it up.
func (h *Handler) download(c echo.Context, r *request) (*outcome, error) {
	r.route = &meta.Route{Name: "media_download", Method: http.MethodGet, Object: meta.MediaObject, Family: meta.Media}
	if err := h.authenticate(c, r); err != nil {
		return nil, err
	}
	if !r.grant.Allows(string(r.route.Family)) {
		return nil, fail(meta.FaultWrongScope, "")
	}
	if err := r.checkQuery(); err != nil {
		return nil, err
	}
	to, ok := h.openURL(r.business.ID, c.Param("sealed"))
	if !ok {
		return nil, expired()
	}
	end, ok := h.transfers.begin(transferKind{r.business.ID, false})
	if !ok {
		return nil, busy()
	}
	ctx, cancel := context.WithTimeout(c.Request().Context(), transferTimeout)
	closed := func() { cancel(); end() }
	medium, err := h.Platform.Download(ctx, r.token, to.url)
	if err != nil {
		closed()
		return nil, h.unopened(ctx, r, err)
	}
	stream := &leaving{body: medium.Body, control: http.NewResponseController(c.Response()), end: closed}
	o := &outcome{status: http.StatusOK, header: http.Header{}, stream: stream, length: medium.Length}
	o.header.Set(echo.HeaderContentType, medium.Type)
	o.header.Set(echo.HeaderContentDisposition, "attachment")
	if isJSON(medium.Type) || isJSON(to.kind) {
		defer func() { _ = stream.Close() }()
		return o, h.maskContent(ctx, r, o, medium)
	}
	return o, nil
}

// expired is the platform's answer to a URL that does not work (any more): 404
// (webhooks.md 6.5).
func expired() error {
	f := fail(meta.FaultNotFound, "The URL has expired, or it is none that this business got. Look the medium up again.")
	f.fault.Status = http.StatusNotFound
	return f
}

// unopened is what it becomes that the platform did not give the medium.
func (h *Handler) unopened(ctx context.Context, r *request, err error) error {
	known, ok := errors.AsType[*graph.Error](err)
	if !ok {
		return fail(meta.FaultInternal, "")
	}
	switch known.Kind {
	case graph.NotFound:
		return expired()
	case graph.Refused, graph.Forbidden, graph.Unreadable:
		// Refused without a status: the URL is not on a host of the platform's.
		return fail(meta.FaultBadAnswer, "The platform does not give the medium, or names a place for it that Bauta does not fetch from. Look the medium up again; if this stays, the operator finds it under fbtrace_id.")
	case graph.TokenRefused:
		return h.tokenRefused(ctx, r, known.Code, known.Subcode)
	case graph.Canceled:
		return errGone
	case graph.RateLimited, graph.Unavailable, graph.TooSlow, graph.Unreachable, graph.BreakerOpen, graph.SourceBroken:
	}
	return unavailable().wait(max(known.RetryAfter, storeWait))
}

// maskContent reads a medium that is JSON (transcripts name people) and masks it.
func (h *Handler) maskContent(ctx context.Context, r *request, o *outcome, medium *graph.Medium) error {
	if !h.memory.TryAcquire(jsonLimit) {
		return unavailable().wait(time.Second)
	}
	r.held += jsonLimit
	body, err := io.ReadAll(io.LimitReader(medium.Body, jsonLimit+1))
	switch {
	case err != nil:
		return h.unopened(ctx, r, err)
	case len(body) > jsonLimit:
		return fail(meta.FaultBadAnswer, "The medium is JSON of more than 1 MiB, which Bauta cannot prove clean.")
	}
	masked, ok := h.Translator.Content(ctx, r.business, body)
	if !ok || !inUTF8(medium.Type) {
		return fail(meta.FaultBadAnswer, "The medium is JSON, and Bauta cannot prove that it names nobody who is hidden.")
	}
	o.body, o.stream = masked, nil
	return nil
}

// isJSON: application/json, text/json, and what ends in +json (RFC 6839).
func isJSON(kind string) bool {
	kind, _, _ = strings.Cut(kind, ";")
	kind = strings.ToLower(strings.TrimSpace(kind))
	return strings.HasSuffix(kind, "/json") || strings.HasSuffix(kind, "+json")
}

// inUTF8 tells that bytes of a type are what they seem to be.
func inUTF8(kind string) bool {
	_, params, err := mime.ParseMediaType(kind)
	charset := strings.ToLower(params["charset"])
	return err == nil && (charset == "" || charset == "utf-8" || charset == "us-ascii")
}

// leaving is a medium on its way to the business, which may take as long as it takes
// some of it.
type leaving struct {
	body     io.ReadCloser
	control  *http.ResponseController
	extended time.Time
	end      func()
	once     sync.Once
}

// Read implements io.Reader.
func (l *leaving) Read(p []byte) (int, error) {
	n, err := l.body.Read(p)
	// For the writing of what was read.
	if now := time.Now(); now.Sub(l.extended) >= time.Second {
		l.extended = now
		_ = l.control.SetWriteDeadline(now.Add(idleTimeout + time.Second))
	}
	return n, err
}

// Close implements io.Closer.
func (l *leaving) Close() error {
	l.once.Do(func() {
		_ = l.body.Close()
		l.end()
	})
	return nil
}

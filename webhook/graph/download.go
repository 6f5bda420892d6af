package graph

import (
	"context"
	"errors"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// platformMedia is where the platform keeps media (webhooks.md 6.5).
const platformMedia = "lookaside.fbsbx.com"

// maxMedium is the platform's own bound of a medium.
const maxMedium = 100 << 20

// Download opens the URL that a medium's look-up gave. Every error is an *Error,
// those of Body's Read too (but io.EOF): Unreadable beyond 100 MiB. Refused, and no
// request made, is every URL that is not on the platform's media host or graph_url's
// own: the token would go there. No redirect is followed, for the same reason.
// NotFound: the URL has expired (they live 5 minutes), look the medium up again.
//
// The whole may take as long as it moves: each part idleTimeout at most.
// ctx must last as long as Body is read.
func (c *Client) Download(ctx context.Context, token, rawURL string) (*Medium, error) {
	medium, fault := c.download(ctx, token, rawURL)
	if fault != nil {
		c.metrics.call(string(fault.Kind))
		return nil, fault
	}
	c.metrics.call(outcomeOK)
	return medium, nil
}

func (c *Client) download(caller context.Context, token, rawURL string) (*Medium, *Error) {
	target := c.mediaURL(rawURL)
	switch {
	case target == nil:
		return nil, &Error{Kind: Refused}
	case token == "" || !isHeader(token, maxToken):
		return nil, &Error{Kind: TokenRefused}
	}
	if fault := gone(caller); fault != nil {
		return nil, fault
	}
	medium, fault := c.open(caller, token, target)
	if fault != nil && fault.Kind == Unreachable && pause(caller, jittered(firstWait)) {
		c.metrics.again(afterConnection)
		return c.open(caller, token, target)
	}
	return medium, fault
}

// open makes the request. The breaker is the host's, and judges it up to the
// answer's headers: after these a reader may be slow.
func (c *Client) open(caller context.Context, token string, target *url.URL) (*Medium, *Error) {
	done, refused := c.breakers.allow("host:" + target.Host)
	if refused != nil {
		return nil, refused
	}
	verdict := failed
	defer func() { done(verdict) }()
	ctx, watch := newIdle(caller)
	j := &journey{}
	r := &http.Request{Method: http.MethodGet, URL: target, Host: target.Host, Header: headers(token, "*/*")}
	// As it is: its length is then known, and it is not decompressed into more.
	r.Header["Accept-Encoding"] = []string{"identity"}
	started := time.Now()
	answer, err := c.http.Do(r.WithContext(j.trace(ctx))) //nolint:bodyclose // mediumBody closes it
	if err != nil {
		fault := c.lost(ctx, caller, err, j.maybeSent())
		watch.stop()
		verdict = blame(caller, fault)
		return nil, fault
	}
	c.metrics.took(operationDownload, time.Since(started))
	body := &mediumBody{client: c, caller: caller, ctx: ctx, watch: watch, body: answer.Body, left: maxMedium}
	encoding := answer.Header.Get("Content-Encoding")
	switch {
	case answer.StatusCode != http.StatusOK:
		var fault *Error
		fault, verdict = body.refusal(answer)
		_ = body.Close()
		return nil, fault
	case encoding != "" && encoding != "identity", answer.ContentLength > maxMedium:
		_ = body.Close()
		verdict = worked
		return nil, &Error{Kind: Unreadable, Status: answer.StatusCode, sent: true}
	}
	verdict = worked
	watch.pause()
	return &Medium{Type: mediaType(answer.Header.Get("Content-Type")), Length: answer.ContentLength, Body: body}, nil
}

// mediaURL is the URL to ask, nil if none may be asked. It is compared by whole
// host, after everything that a URL can hide one behind was refused.
func (c *Client) mediaURL(raw string) *url.URL {
	if len(raw) > 8<<10 || !isHeader(raw, len(raw)) || strings.ContainsAny(raw, "\\ ") {
		return nil
	}
	u, err := url.Parse(raw)
	if err != nil || u.User != nil || u.Opaque != "" || u.Fragment != "" || u.Host == "" {
		return nil
	}
	if !isHeader(u.Host, len(u.Host)) {
		return nil // letters of other scripts, escaped; some fold to ASCII
	}
	u.Host = strings.ToLower(u.Host)
	if u.Host == strings.ToLower(c.base.Host) && (u.Scheme == "https" || u.Scheme == c.base.Scheme) {
		return u
	}
	if u.Scheme == "https" && u.Host == platformMedia {
		return u
	}
	return nil
}

// mediaType is the type in its normal form, with the parameters that players
// need and no others: a name of a file could say who somebody is.
func mediaType(header string) string {
	const doubt = "application/octet-stream"
	kind, params, err := mime.ParseMediaType(header)
	if err != nil || !strings.Contains(kind, "/") || len(header) > 256 {
		return doubt
	}
	kept := make(map[string]string, 1)
	for _, name := range [...]string{"charset", "codecs"} {
		if v, ok := params[name]; ok {
			kept[name] = v
		}
	}
	if kind = mime.FormatMediaType(kind, kept); kind == "" {
		return doubt
	}
	return kind
}

// mediumBody is a medium under way. It is read by one goroutine.
type mediumBody struct {
	client      *Client
	caller, ctx context.Context //nolint:containedctx // they live as long as the body, which is read after Download
	watch       *idle
	body        io.ReadCloser
	left        int64
}

// Read implements io.Reader.
func (m *mediumBody) Read(p []byte) (int, error) {
	if int64(len(p)) > m.left+1 {
		p = p[:m.left+1]
	}
	n, err := patient{m.body, m.watch}.Read(p)
	if m.left -= int64(n); m.left < 0 {
		return 0, &Error{Kind: Unreadable, Status: http.StatusOK, sent: true}
	}
	if err != nil && !errors.Is(err, io.EOF) {
		return n, m.client.lost(m.ctx, m.caller, err, true)
	}
	return n, err
}

// Close implements io.Closer.
func (m *mediumBody) Close() error {
	m.watch.stop()
	return m.body.Close()
}

// refusal reads what an answer that is no medium says, and how it counts.
func (m *mediumBody) refusal(answer *http.Response) (*Error, verdict) {
	body, err := io.ReadAll(io.LimitReader(m, maxErrorBody))
	if err != nil {
		body = nil
	}
	e := refusal(answer.StatusCode, body)
	if e.Kind == Refused && answer.StatusCode == http.StatusNotFound {
		e.Kind = NotFound
	}
	return e, judge(answer.StatusCode, e.Code)
}

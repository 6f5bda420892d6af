package app

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"bauta/cmd/bauta/app/config"
	"bauta/webhook/egress"
)

// reachTimeout bounds one look at an endpoint or at public_url.
const reachTimeout = 10 * time.Second

// lookAtEndpoints finds out whether each endpoint can be reached as serve would: by the
// same guard. It asks as the platform's handshake does and delivers nothing, so that any
// answer is one.
func (d *doctor) lookAtEndpoints(ctx context.Context) {
	d.eachEndpoint(func(b *config.Business, e *config.Endpoint) {
		check := "endpoint " + b.ID + "/" + e.ID
		way := egress.New(egress.Options{AllowPrivate: e.AllowPrivate, AllowHTTP: e.AllowHTTP, Connections: 1})
		defer way.CloseIdleConnections()
		challenge, target := handshake(e.URL, "")
		status, body, err := ask(ctx, way, target)
		switch {
		case err != nil:
			says, do := unreachable(err)
			d.bad(check, says, do)
		case status >= http.StatusInternalServerError && status != http.StatusNotImplemented:
			d.warning(check, fmt.Sprintf("can be reached, and answers %d to a GET", status), "Look whether it takes deliveries: bauta endpoints list.")
		case status == http.StatusOK && strings.TrimSpace(body) == challenge:
			d.good(check, "can be reached, and answers the platform's handshake")
		default:
			// Bauta needs no handshake; software written for the platform wants its own token in it.
			d.good(check, "can be reached")
		}
	})
}

func (d *doctor) eachEndpoint(look func(b *config.Business, e *config.Endpoint)) {
	for i := range d.config.Business {
		b := &d.config.Business[i]
		for j := range b.Endpoints {
			look(b, &b.Endpoints[j])
		}
	}
}

// handshake is the platform's question to a webhook before it is entered: a URL, and the
// challenge that the answer has to be. A URL that cannot be read stays as it is.
func handshake(target, verifyToken string) (challenge, asked string) {
	challenge = rand.Text()
	to, err := url.Parse(target)
	if err != nil {
		return challenge, target
	}
	query := to.Query()
	query.Set("hub.mode", "subscribe")
	query.Set("hub.challenge", challenge)
	query.Set("hub.verify_token", verifyToken)
	to.RawQuery = query.Encode()
	return challenge, to.String()
}

// unreachable says why, without the address: an URL can hold a secret.
func unreachable(err error) (says, do string) {
	if refused, is := errors.AsType[*egress.RefusedError](err); is {
		return refused.Error(), "Bauta connects to public addresses by https only; allow_private and allow_http open the rest."
	}
	if lookup, is := errors.AsType[*net.DNSError](err); is && lookup.IsNotFound {
		return "its name is not found", "Mend url, or the name server of this machine."
	}
	if wire, is := errors.AsType[net.Error](err); is && wire.Timeout() {
		return "does not answer in time", "Look whether it runs, and whether a firewall lets this machine through."
	}
	if strings.Contains(err.Error(), "certificate") || strings.Contains(err.Error(), "tls: ") {
		return "its TLS is not in order", "Look at its certificate: name, end, and the intermediate ones."
	}
	return "cannot be connected to", "Look whether it runs, and at its port."
}

// lookAtPublicURL asks the way in for the platform's own handshake, of every app.
func (d *doctor) lookAtPublicURL(ctx context.Context) {
	const check = "public_url"
	if d.config.PublicURL == "" {
		d.warning(check, "is not set: whether the platform reaches Bauta is not looked at", "Set it to the URL under which Bauta is public, such as https://bauta.example.")
		return
	}
	client := &http.Transport{TLSHandshakeTimeout: reachTimeout}
	defer client.CloseIdleConnections()
	for i := range d.config.Apps {
		app := &d.config.Apps[i]
		challenge, target := handshake(strings.TrimRight(d.config.PublicURL, "/")+"/webhooks/"+app.ID, app.VerifyToken.Reveal())
		status, body, err := ask(ctx, client, target)
		switch {
		case err != nil:
			says, do := unreachable(err)
			d.bad(check, says, do)
		case status != http.StatusOK || body != challenge:
			d.bad(check, fmt.Sprintf("is answered %d where the platform verifies the webhooks of the app %s, and not as Bauta does with this configuration", status, app.ID),
				"Start serve, and look where the proxy leads /webhooks/.")
		default:
			d.good(check, "leads to Bauta, which answers the platform's handshake for the app "+app.ID)
		}
	}
}

// ask makes one GET, follows nothing, and reads a little of the answer.
func ask(ctx context.Context, way http.RoundTripper, target string) (status int, body string, err error) {
	ctx, cancel := context.WithTimeout(ctx, reachTimeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, target, http.NoBody)
	if err != nil {
		return 0, "", err
	}
	request.Header.Set("User-Agent", "Bauta/"+version()+" (doctor)")
	response, err := way.RoundTrip(request)
	if err != nil {
		return 0, "", err
	}
	defer func() { _ = response.Body.Close() }()
	text, err := io.ReadAll(io.LimitReader(response.Body, 1<<10))
	if err != nil {
		return response.StatusCode, "", nil // it answered
	}
	return response.StatusCode, string(text), nil
}

package app

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"strings"
	"time"

	"bauta/cmd/bauta/app/config"
	"bauta/webhook"
	"bauta/webhook/forward"
	"bauta/webhook/simulator"
)

// sendToBauta posts a signed test event as the platform does, for every app and every
// secret: the whole way in, and nobody gets it.
func (d *doctor) sendToBauta(ctx context.Context) {
	at, ok := d.wayIn()
	if !ok {
		d.bad("test event", "public_url is not set, and listen does not say where Bauta is", "Set public_url, or a port in listen.")
		return
	}
	client := &http.Client{Timeout: reachTimeout, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	defer client.CloseIdleConnections()
	for i := range d.config.Apps {
		app := &d.config.Apps[i]
		for j, secret := range app.AppSecrets {
			check := "test event, app " + app.ID
			if len(app.AppSecrets) > 1 {
				check += fmt.Sprintf(", app_secrets[%d]", j)
			}
			began := time.Now()
			status, err := sendTestEvent(ctx, client, at+"/webhooks/"+app.ID, secret.Reveal())
			d.judgeTestEvent(check, status, time.Since(began), err)
		}
	}
}

// wayIn is where the platform's webhooks come: public_url, or the listener on this machine.
func (d *doctor) wayIn() (url string, ok bool) {
	if d.config.PublicURL != "" {
		return strings.TrimRight(d.config.PublicURL, "/"), true
	}
	host, port, err := net.SplitHostPort(d.config.Listen)
	if err != nil || port == "" || port == "0" {
		return "", false
	}
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
		host = "127.0.0.1"
	}
	scheme := "http://"
	if d.config.TLS.Cert != "" {
		scheme = "https://"
	}
	return scheme + net.JoinHostPort(host, port), true
}

func sendTestEvent(ctx context.Context, client *http.Client, to, secret string) (status int, err error) {
	body, err := json.Marshal(map[string]any{"object": accountObject, "entry": []any{map[string]any{
		"id": webhook.TestWABA, "time": time.Now().Unix(), "changes": []any{map[string]any{"field": "bauta_test", "value": map[string]any{}}},
	}}})
	if err != nil {
		return 0, err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, to, bytes.NewReader(body))
	if err != nil {
		return 0, err
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("User-Agent", "Bauta/"+version()+" (doctor)")
	request.Header.Set("X-Hub-Signature-256", simulator.Sign(secret, body))
	response, err := client.Do(request)
	if err != nil {
		return 0, err
	}
	_ = response.Body.Close()
	return response.StatusCode, nil
}

func (d *doctor) judgeTestEvent(check string, status int, took time.Duration, err error) {
	if err != nil {
		says, do := unreachable(err)
		d.bad(check, "Bauta "+says, do)
		return
	}
	says := fmt.Sprintf("was answered %d", status)
	switch status {
	case http.StatusOK:
		d.good(check, "was taken, with its signature, in "+took.Round(time.Millisecond).String()+"; no business gets it")
	case http.StatusUnauthorized:
		d.bad(check, says+": its signature is refused", "Look whether serve runs with this app_secrets (bauta_config_refused, or restart it), and whether the proxy passes bodies on unchanged.")
	case http.StatusForbidden:
		d.bad(check, says+": it has no certificate of the platform's", "That is right where tls.client_ca is set: only the platform gets in. Otherwise look at the proxy.")
	case http.StatusNotFound:
		d.bad(check, says+": there is no such app", "Start or reload serve with this configuration, and look where the proxy leads /webhooks/.")
	case http.StatusServiceUnavailable:
		d.bad(check, says+": Bauta cannot store now", "See /readyz on the admin listener, and the lines above on redis.")
	default:
		d.bad(check, says, "Bauta does not answer that: look at the proxy in front of it, and where it leads /webhooks/.")
	}
}

// sendToEndpoints sends each endpoint a signed event of the type endpoint_test.
func (d *doctor) sendToEndpoints(ctx context.Context) {
	all := d.config.Businesses()
	find := func(k webhook.EndpointKey) *webhook.Endpoint {
		for i := range all {
			for j := range all[i].Endpoints {
				if all[i].ID == k.Business && all[i].Endpoints[j].ID == k.Endpoint {
					return &all[i].Endpoints[j]
				}
			}
		}
		return nil
	}
	tester := forward.NewTester(find, nil, version())
	d.eachEndpoint(func(b *config.Business, e *config.Endpoint) {
		check := "test event to endpoint " + b.ID + "/" + e.ID
		trial, err := tester.Send(ctx, webhook.EndpointKey{Business: b.ID, Endpoint: e.ID})
		switch {
		case err != nil:
			d.bad(check, "could not be sent", "Look at the endpoint's url and secrets: bauta config check.")
		case trial.OK:
			d.good(check, fmt.Sprintf("was taken (%s, signed) in %s", forward.TestEvent, trial.Took.Round(time.Millisecond)))
		default:
			d.bad(check, "was not taken ("+trial.Reason+")", strings.ToUpper(trial.Detail[:1])+trial.Detail[1:]+".")
		}
	})
}

package graph_test

import (
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"bauta/webhook/graph"
)

// Whatever the platform answers, every call ends in an outcome or in an *Error, and none
// of them holds the token.
func FuzzAnswers(f *testing.F) {
	for status, body := range map[int]string{
		200: `{"data":[{"id":"1","name":"a","category":"MARKETING","language":"de","paging":{"cursors":{"after":"x"}}}]}`,
		201: `{"id":"120226305854810726","name":"Sale","campaign_id":"1","account_id":"2","effective_status":"ACTIVE"}`,
		202: `{"data":[{"whatsapp_business_api_data":{"id":"1","name":"a"},"override_callback_uri":"https://a.example"}]}`,
		203: `{"data":[],"paging":{"next":"https://graph.facebook.com/x?after=y","cursors":{"after":"y"}}}`,
		400: `{"error":{"message":"(#100)","type":"OAuthException","code":100,"error_subcode":33,"error_data":{"details":"x"}}}`,
		429: `{"error":{"code":130429}}`,
		401: `{"error":{"code":190}}`,
		500: `[[[[[[[[`,
		302: "",
		204: "null",
		418: "\xff{\"error\":{\"code\":1e400}}",
	} {
		f.Add(status, body, "1", "application/json")
		f.Add(status, body, "Fri, 31 Dec 9999 23:59:59 GMT", "text/html")
	}
	f.Fuzz(func(t *testing.T, status int, body, after, kind string) {
		status = 200 + int(uint(status)%400)
		// The same answer to every question; after a few there is no connection any more,
		// so that no page leads to another for ever.
		asked := 0
		c, err := graph.New(graph.Options{URL: "https://graph.example", Version: "v25.0", RetryFor: 1, HTTP: &http.Client{
			Transport: trip(func(*http.Request) (*http.Response, error) {
				if asked++; asked > 5 {
					return nil, errors.New("no connection")
				}
				header := http.Header{"Retry-After": {after}, "Content-Type": {kind}, "Location": {body}}
				return &http.Response{StatusCode: status, Header: header, Body: io.NopCloser(strings.NewReader(body)), ContentLength: -1}, nil
			}),
		}})
		if err != nil {
			t.Fatal(err)
		}
		const secret = "EAAG-the-token"
		ctx := t.Context()
		_, call := c.Call(ctx, graph.Request{Token: secret, Object: "1", Method: http.MethodPost, Body: []byte("{}"), Query: url.Values{}})
		asked = 0
		_, ad := c.Ad(ctx, secret, "1")
		asked = 0
		_, numbers := c.PhoneNumbers(ctx, secret, "1")
		asked = 0
		_, category := c.TemplateCategory(ctx, secret, "1", "hello", "de")
		asked = 0
		_, apps := c.SubscribedApps(ctx, secret, "1")
		asked = 0
		_, overrides := c.CallbackOverrides(ctx, secret, "1")
		for name, err := range map[string]error{"call": call, "ad": ad, "numbers": numbers, "category": category, "apps": apps, "overrides": overrides} {
			if _, known := errors.AsType[*graph.Error](err); err != nil && (!known || strings.Contains(err.Error(), secret)) {
				t.Errorf("%s: %T %v", name, err, err)
			}
		}
	})
}

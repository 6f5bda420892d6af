package graph

import (
	"context"
	"net/http"
	"net/url"
)

// Subscription is what of an object an app gets webhooks about, and where.
type Subscription struct {
	Object, Callback string
	Active           bool
	Fields           []string
}

// Subscriptions are those of an app, asked for by the app's own token: its id and secret.
// TokenRefused: the secret is another app's. Every error is an *Error.
func (c *Client) Subscriptions(ctx context.Context, app, secret string) ([]Subscription, error) {
	type row struct {
		Object   string `json:"object"`
		Callback string `json:"callback_url"`
		Active   bool   `json:"active"`
		Fields   []struct {
			Name string `json:"name"`
		} `json:"fields"`
	}
	rows, err := list[row](ctx, c, Request{Token: app + "|" + secret, Object: app, Edge: "subscriptions", Query: url.Values{}, asks: asksApps})
	if err != nil {
		return nil, err
	}
	all := make([]Subscription, len(rows))
	for i, one := range rows {
		all[i] = Subscription{Object: one.Object, Callback: one.Callback, Active: one.Active}
		for _, f := range one.Fields {
			all[i].Fields = append(all[i].Fields, f.Name)
		}
	}
	return all, nil
}

// MaySend finds out whether a token has the right to send from a phone number
// (whatsapp_business_messaging): it reads the number's profile, which needs that right
// too, and changes nothing. Every error is an *Error.
func (c *Client) MaySend(ctx context.Context, token, phoneNumber string) error {
	answer, err := c.Call(ctx, Request{
		Method: http.MethodGet, Token: token, Object: phoneNumber, Edge: "whatsapp_business_profile", Query: url.Values{"fields": {"messaging_product"}},
	})
	if err != nil {
		return err
	}
	if answer.Status != http.StatusOK {
		return refusal(answer.Status, answer.Body)
	}
	return nil
}

// Unasked says why a question to the platform has no answer, and what to do.
func Unasked(err error) string { return kindOf(err).unasked() }

// KindOf is the kind of an error of a Client.
func KindOf(err error) Kind { return kindOf(err) }

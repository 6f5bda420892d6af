package graph

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
)

// App is an app that is subscribed to a WABA's webhooks.
type App struct {
	ID, Name string
	// Override is where its webhooks go instead of the app's own callback, "" if
	// nowhere else. It can hold a secret: it is not for logs.
	Override string
}

// CallbackOverride is a phone number whose webhooks go to a callback of its own.
type CallbackOverride struct {
	// PhoneNumber is its id.
	PhoneNumber string
	// URL is not for logs.
	URL string
}

// Bounds of a listing: more is a fault of the far side, since no WABA has it.
const (
	pageSize  = "100"
	maxPages  = 50
	maxCursor = 2048
)

// listing is one page of the platform's lists.
type listing[T any] struct {
	Data   []T `json:"data"`
	Paging struct {
		Cursors struct {
			After string `json:"after"`
		} `json:"cursors"`
		Next string `json:"next"`
	} `json:"paging"`
}

// list reads all pages of an edge of a WABA. Every error is an *Error; a list
// that does not end is Unreadable.
func list[T any](ctx context.Context, c *Client, r Request) ([]T, error) {
	if !isObjectID(r.Object) {
		return nil, &Error{Kind: NotFound}
	}
	r.Method = http.MethodGet
	r.Query.Set("limit", pageSize)
	var all []T
	for range maxPages {
		answer, err := c.Call(ctx, r)
		if err != nil {
			return nil, err
		}
		if answer.Status != http.StatusOK {
			return nil, refusal(answer.Status, answer.Body)
		}
		var page listing[T]
		if err := json.Unmarshal(answer.Body, &page); err != nil || page.Data == nil {
			return nil, unreadable(answer)
		}
		all = append(all, page.Data...)
		after := page.Paging.Cursors.After
		if page.Paging.Next == "" || after == "" {
			return all, nil
		}
		if after == r.Query.Get("after") || len(after) > maxCursor {
			return nil, unreadable(answer)
		}
		r.Query.Set("after", after)
	}
	return nil, &Error{Kind: Unreadable, Status: http.StatusOK, sent: true}
}

func unreadable(a *Answer) *Error {
	return &Error{Kind: Unreadable, Status: a.Status, sent: true}
}

// PhoneNumbers are all phone numbers of a WABA. Every error is an *Error.
func (c *Client) PhoneNumbers(ctx context.Context, token, waba string) ([]PhoneNumber, error) {
	type row struct {
		ID      string `json:"id"`
		Display string `json:"display_phone_number"`
	}
	rows, err := list[row](ctx, c, Request{
		Token: token, Object: waba, Edge: "phone_numbers", Query: url.Values{"fields": {"id,display_phone_number"}},
		asks: asksNumbers,
	})
	if err != nil {
		return nil, err
	}
	numbers := make([]PhoneNumber, 0, len(rows))
	for _, one := range rows {
		if !isObjectID(one.ID) {
			return nil, &Error{Kind: Unreadable, Status: http.StatusOK, sent: true}
		}
		numbers = append(numbers, PhoneNumber(one))
	}
	return numbers, nil
}

// TemplateCategory is the category of a template in a language, such as
// AUTHENTICATION. The platform finds names that contain the one asked for; only
// exactly this one counts. NotFound: the WABA has none such. Every error is an
// *Error.
func (c *Client) TemplateCategory(ctx context.Context, token, waba, name, language string) (string, error) {
	if !isWord(name, 512) || !isWord(strings.ToLower(language), 32) {
		return "", &Error{Kind: NotFound}
	}
	type row struct {
		Name     string `json:"name"`
		Language string `json:"language"`
		Category string `json:"category"`
	}
	rows, err := list[row](ctx, c, Request{
		Token: token, Object: waba, Edge: "message_templates",
		Query: url.Values{"name": {name}, "fields": {"name,language,category"}},
	})
	if err != nil {
		return "", err
	}
	for _, one := range rows {
		if one.Name == name && one.Language == language && one.Category != "" {
			return one.Category, nil
		}
	}
	return "", &Error{Kind: NotFound, Status: http.StatusOK, sent: true}
}

// SubscribedApps are the apps that get a WABA's webhooks (webhooks.md 1.5). Every
// error is an *Error.
func (c *Client) SubscribedApps(ctx context.Context, token, waba string) ([]App, error) {
	type row struct {
		Override string `json:"override_callback_uri"`
		App      struct {
			ID   string `json:"id"`
			Name string `json:"name"`
		} `json:"whatsapp_business_api_data"`
	}
	rows, err := list[row](ctx, c, Request{Token: token, Object: waba, Edge: "subscribed_apps", Query: url.Values{}, asks: asksApps})
	if err != nil {
		return nil, err
	}
	apps := make([]App, 0, len(rows))
	for _, one := range rows {
		apps = append(apps, App{ID: one.App.ID, Name: one.App.Name, Override: one.Override})
	}
	return apps, nil
}

// CallbackOverrides are the phone numbers of a WABA that have a callback of their
// own; those that share the WABA's or the app's are left out (webhooks.md 1.5).
// Every error is an *Error.
func (c *Client) CallbackOverrides(ctx context.Context, token, waba string) ([]CallbackOverride, error) {
	type row struct {
		ID            string `json:"id"`
		Configuration struct {
			PhoneNumber string `json:"phone_number"`
		} `json:"webhook_configuration"`
	}
	rows, err := list[row](ctx, c, Request{
		Token: token, Object: waba, Edge: "phone_numbers", Query: url.Values{"fields": {"id,webhook_configuration"}},
		asks: asksCallbacks,
	})
	if err != nil {
		return nil, err
	}
	var overrides []CallbackOverride
	for _, one := range rows {
		if one.Configuration.PhoneNumber != "" {
			overrides = append(overrides, CallbackOverride{PhoneNumber: one.ID, URL: one.Configuration.PhoneNumber})
		}
	}
	return overrides, nil
}

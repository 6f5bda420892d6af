package graph

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
)

// Word is what a Watch found: a closed set.
type Word string

// What a Watch finds. Of an account with NotAsked nothing else may be known.
const (
	OtherApps      Word = "other_apps"
	WABACallback   Word = "waba_callback"
	NumberCallback Word = "number_callback"
	NoApp          Word = "no_app"
	NotAsked       Word = "not_asked"
)

// Warning is one thing that a Watch found. It names no number, URL or token.
type Warning struct {
	Word           Word
	Business, WABA string
	// Kind and what: why what could not be asked, with NotAsked.
	Kind Kind
	what string
	// count is of what the word says, others how many may get the raw webhooks.
	count, others int
}

// String says what, where, and what to do.
func (w Warning) String() string {
	text := fmt.Sprintf("%s: business %s, WABA %s: %s", w.Word, w.Business, w.WABA, w.Problem())
	if remedy := w.Remedy(); remedy != "" {
		text += "; " + remedy
	}
	if w.Word == NotAsked {
		text += "; Bauta asks again by itself"
	}
	return text
}

// Problem says what is the matter, in words.
func (w Warning) Problem() string {
	switch w.Word {
	case OtherApps:
		return fmt.Sprintf("%d apps get the raw webhooks", w.count)
	case WABACallback:
		return fmt.Sprintf("%d apps send the webhooks to a callback of their own (override_callback_uri)", w.count)
	case NumberCallback:
		return fmt.Sprintf("%d phone numbers send the webhooks to a callback of their own (webhook_configuration)", w.count)
	case NoApp:
		return "no app is subscribed, so no webhooks come"
	case NotAsked:
		why, _, _ := strings.Cut(w.Kind.unasked(), "; ")
		return fmt.Sprintf("Meta could not be asked about %s (%s): %s", w.what, w.Kind, why)
	}
	return string(w.Word)
}

// Remedy says what to do, "" where nobody can do anything but wait.
func (w Warning) Remedy() string {
	switch w.Word {
	case OtherApps:
		return "unsubscribe all but Bauta's"
	case WABACallback, NumberCallback:
		return "see that it is Bauta's"
	case NoApp:
		return "subscribe Bauta's (POST subscribed_apps)"
	case NotAsked:
		_, do, _ := strings.Cut(w.Kind.unasked(), "; ")
		return do
	}
	return ""
}

// log writes the warning's line.
func (w *Warning) log(ctx context.Context, to *slog.Logger) {
	to = to.With("warning", string(w.Word), "business", w.Business, "waba", w.WABA)
	switch w.Word {
	case OtherApps:
		to.WarnContext(ctx, "more apps than one get the raw webhooks of a business: unsubscribe all but Bauta's", "count", w.count)
	case WABACallback:
		to.WarnContext(ctx, "apps send the raw webhooks of a business to a callback of their own (override_callback_uri): see that it is Bauta's", "count", w.count)
	case NumberCallback:
		to.WarnContext(ctx, "phone numbers of a business send the raw webhooks to a callback of their own (webhook_configuration): see that it is Bauta's", "count", w.count)
	case NoApp:
		to.WarnContext(ctx, "no app is subscribed to a business's account, so that no webhooks come: subscribe Bauta's (POST subscribed_apps)")
	case NotAsked:
		to.WarnContext(ctx, "Meta could not be asked whether the raw webhooks of a business come to Bauta alone; Bauta asks again by itself",
			"about", w.what, "kind", string(w.Kind), "why", w.Kind.unasked())
	}
}

// unasked says why a question about a business's account has no answer, and what to
// do.
func (k Kind) unasked() string {
	switch k {
	case NotFound:
		return "the access token does not reach the account, or the account's id is wrong; check access_token and wabas"
	case TokenRefused:
		return "Meta refuses the access token; renew access_token"
	case Forbidden:
		return "the access token lacks the permission whatsapp_business_management"
	case RateLimited:
		return "Meta takes no more calls of this business for now"
	case Unavailable:
		return "Meta is out of order for now"
	case Unreadable:
		return "the answer could not be read; check graph_url"
	case TooSlow:
		return "no answer in time; check the network"
	case Unreachable:
		return "no connection; check graph_url, the network and the proxy"
	case BreakerOpen:
		return "calls of late failed"
	case Refused, Canceled, SourceBroken:
	}
	return "Meta refused the question"
}

package graph

import (
	"context"
	"fmt"
	"log/slog"
)

// warningWord is what a Watch found: a closed set.
type warningWord string

const (
	otherApps      warningWord = "other_apps"
	wabaCallback   warningWord = "waba_callback"
	numberCallback warningWord = "number_callback"
	noApp          warningWord = "no_app"
	notAsked       warningWord = "not_asked"
)

// warning is one thing that a Watch found.
type warning struct {
	word           warningWord
	business, waba string
	// count is of what the word says, others how many may get the raw webhooks.
	count, others int
	// kind and what: why what could not be asked.
	kind Kind
	what string
}

// String says what, where, and what to do.
func (w warning) String() string {
	place := fmt.Sprintf("%s: business %s, WABA %s: ", w.word, w.business, w.waba)
	switch w.word {
	case otherApps:
		return place + fmt.Sprintf("%d apps get the raw webhooks; unsubscribe all but Bauta's", w.count)
	case wabaCallback:
		return place + fmt.Sprintf("%d apps send the webhooks to a callback of their own (override_callback_uri); see that it is Bauta's", w.count)
	case numberCallback:
		return place + fmt.Sprintf("%d phone numbers send the webhooks to a callback of their own (webhook_configuration); see that it is Bauta's", w.count)
	case noApp:
		return place + "no app is subscribed, so no webhooks come; subscribe Bauta's (POST subscribed_apps)"
	case notAsked:
		return place + fmt.Sprintf("Meta could not be asked about %s (%s): %s; Bauta asks again by itself", w.what, w.kind, w.kind.unasked())
	}
	return place
}

// log writes the warning's line.
func (w *warning) log(ctx context.Context, to *slog.Logger) {
	to = to.With("warning", string(w.word), "business", w.business, "waba", w.waba)
	switch w.word {
	case otherApps:
		to.WarnContext(ctx, "more apps than one get the raw webhooks of a business: unsubscribe all but Bauta's", "count", w.count)
	case wabaCallback:
		to.WarnContext(ctx, "apps send the raw webhooks of a business to a callback of their own (override_callback_uri): see that it is Bauta's", "count", w.count)
	case numberCallback:
		to.WarnContext(ctx, "phone numbers of a business send the raw webhooks to a callback of their own (webhook_configuration): see that it is Bauta's", "count", w.count)
	case noApp:
		to.WarnContext(ctx, "no app is subscribed to a business's account, so that no webhooks come: subscribe Bauta's (POST subscribed_apps)")
	case notAsked:
		to.WarnContext(ctx, "Meta could not be asked whether the raw webhooks of a business come to Bauta alone; Bauta asks again by itself",
			"about", w.what, "kind", string(w.kind), "why", w.kind.unasked())
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

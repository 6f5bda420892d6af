package graph

import "fmt"

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
		return place + fmt.Sprintf("the platform could not be asked about %s (%s): %s", w.what, w.kind, w.kind.advice())
	}
	return place
}

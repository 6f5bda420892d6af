package reply

import (
	"context"

	"bauta/webhook"
	"bauta/webhook/graph"
	"bauta/webhook/outbound"
)

// Translator turns calls and answers: *outbound.Translator.
type Translator interface {
	// Out returns the call in the platform's words, or why it is not made.
	Out(ctx context.Context, c outbound.Call) (*outbound.Outgoing, error)
	// Back masks the platform's answer to it. It never fails: what cannot be
	// proven clean is replaced by what can be said of it.
	Back(ctx context.Context, o *outbound.Outgoing, status int, body []byte) outbound.Answer
	// Content masks a medium that is JSON, such as the transcript of a call; false if
	// it cannot be proven clean.
	Content(ctx context.Context, business *webhook.Business, body []byte) ([]byte, bool)
}

// Platform makes calls: *graph.Client.
type Platform interface {
	// Call returns every answer of the platform, errors of its own included; the
	// error is a *graph.Error.
	Call(ctx context.Context, r graph.Request) (*graph.Answer, error)
	// Download opens a medium's URL.
	Download(ctx context.Context, token, url string) (*graph.Medium, error)
	// PhoneNumbers are the phone numbers of a WABA.
	PhoneNumbers(ctx context.Context, token, waba string) ([]graph.PhoneNumber, error)
}

// Once keeps the outcome of calls that have an Idempotency-Key, for 24 hours:
// redis/idempotency. Safe for concurrent use.
type Once interface {
	// Begin claims a key for one call. A claim that is not "" makes the call the
	// caller's, who ends it with Finish or Release, or leaves it where nobody knows
	// whether the call was made. Otherwise saved is the call's outcome, nil while
	// nobody knows it (under way, or lost). webhook.ErrOtherCall: the key was used for
	// another fingerprint. Any other error: nothing may be called.
	Begin(ctx context.Context, business, key string, fingerprint [32]byte) (claim string, saved []byte, err error)
	// Finish keeps the outcome. What was kept of a customer who was erased since is an
	// outcome that nobody knows.
	Finish(ctx context.Context, business, key, claim string, kept webhook.Kept) error
	// Release forgets a claim: nothing was sent.
	Release(ctx context.Context, business, key, claim string) error
}

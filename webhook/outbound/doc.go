// Package outbound is the way of a business's call to the platform, and of the
// answer back: handles become the identities that the platform knows, re-issued
// message ids become the platform's, and the answer is masked and proven like an
// event. It makes no calls itself and knows no HTTP.
//
// The adversary here is the caller. What they learn must not depend on who is
// hidden: a plain number of a hidden customer and one that nobody has seen get
// one and the same Refusal.
//
// Facts: webhooks.md 6 (the calls), identity.md 2.4 and 2.5 (number or user id).
package outbound

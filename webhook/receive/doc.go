// Package receive is the platform's side of HTTP: the handshake, signed
// webhooks, health, and the server they run in. It checks size and signature on
// the raw bytes, hands the body to a Pipeline and answers only when that has
// stored it. Facts: platform/webhooks.md 1.1 to 1.4.
package receive

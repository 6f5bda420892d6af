// Package simulator is a stand-in for Meta: it writes the webhooks that the
// platform would send, with ids shaped like the platform's, signs them and
// posts them. It serves the demo, `bauta simulate` and the tests.
package simulator

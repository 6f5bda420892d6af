// Package simulator is a stand-in for Meta, on both sides: it writes the webhooks
// that the platform would send, with ids shaped like the platform's, signs them
// and posts them; and Graph answers the calls of the platform's API, from memory.
// It serves the demo, `bauta simulate` and the tests.
//
// It reads and writes the wire format by its own means, and imports nothing of the
// product: a test must not read what it wrote itself.
package simulator

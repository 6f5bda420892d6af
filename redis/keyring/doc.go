// Package keyring keeps the key set of a process in step with the store while its
// wrapping keys and look-up keys are rotated. Which key writes is said by the store, for
// all nodes at once, and only for so long: a right to write runs out by the store's own
// clock, so that a node which slept writes nothing under a key that was replaced
// meanwhile. Which keys can be read with is said by the key file, which is read anew
// when a key is met that is not known, and regularly.
package keyring

// Package vault keeps customers in Redis: who they are known as, their standing
// and handles, the keys that encrypt what is kept of them, and the envelope
// forms of their messages.
//
// A record is the authority on which identities are its customer's; the index
// only leads to it, and is corrected whenever the two differ. Every step of
// minting and linking can be repeated, so that a redelivered event completes
// what a crash left half done. Identities stand in clear nowhere: keys hold a
// keyed PRF of them, records are encrypted under the customer's own data key.
package vault

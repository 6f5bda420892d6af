// Package sharing is what a customer decides about their number, without any I/O:
// the states of a scope and what leads from one to the next, the tokens on the
// buttons of Bauta's questions, the texts of its messages, the words that act, and
// the lines of the consent ledger with their chain.
package sharing

// Package errand runs errands: Bauta's own messages to customers (questions,
// confirmations, notices), the erasure that a customer asked for, and the deletion
// of the platform's contact-book entry. It is the carrier of the lanes towards the
// platform.
//
// At most once: the platform has no idempotency key for messages, and a customer
// must not be asked twice. So an errand is noted in the customer's record before the
// platform is called, and one that was noted before and whose outcome nobody knows
// is never sent again. It is taken off the record only where it is certain that
// nothing was sent.
//
// Nothing here is logged or counted but a business, a kind, a reason and the id of
// a delivery.
package errand

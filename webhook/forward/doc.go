// Package forward delivers the lanes of endpoints: in order, signed, with
// retries and a breaker, and so that no endpoint waits for another
// (promises 4 and 5 of ARCHITECTURE.md).
//
// A Forwarder keeps one short local queue and at most Concurrency workers for
// each endpoint. What is in a queue is either a head that is leased already (it
// was just appended on this node) or the name of a due lane, taken when a worker
// gets to it. One attempt leads to one Verdict, which Lanes applies under the
// lease. Four things bring work: Offer, this node's own agenda of retries, Wakes
// of other nodes, and a slow sweep that finds what the others lost.
package forward

// Package webhook is the domain: businesses and their endpoints, customers and
// what they may be known by, decisions, and the inbound pipeline from a signed
// body to stored deliveries. It does no I/O; what it needs from the outside it
// declares as small interfaces.
package webhook

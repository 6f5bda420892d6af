// Package manage is the management API, /v1 on the admin listener: what a business's
// software may see and do about what its customers decided (design 5.2). It checks
// tokens, finds the route, bounds what is read, and answers in JSON; what goes wrong
// is a problem as RFC 9457 describes it. A number is in no answer.
package manage

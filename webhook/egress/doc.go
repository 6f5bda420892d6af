// Package egress guards what Bauta connects to on behalf of a configured URL.
// Every address is judged when the socket is about to be connected, after all
// name resolution, so that no notation and no change of a DNS answer passes it.
package egress

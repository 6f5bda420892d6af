// Package access says who may call: it issues and checks the tokens by which a
// business's software calls Bauta (JWTs, RFC 7519, HS256 under a key of the key
// set), and slows down who calls or guesses too often. A signature alone admits
// nobody: the registry of issued tokens is asked at every check, so that a revoked
// token ends at once on every node.
package access

// Package redis is the ground of all that Bauta stores: the connection and its
// start-up checks, the names of all keys, scripts and pipelines, and the errors
// by which callers tell "try again later" from a fault of ours. What is stored
// lives in the packages below it, one noun each. KEYS.md has the table
// of keys.
package redis

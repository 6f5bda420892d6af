// Package tally names what is counted of events, each once. An entry is one event
// towards one endpoint, or one that is held. All are counted in the minute in which the
// event was accepted, by the script that moves the entry, so that over any minute
// In = Out + Dead + Dropped + Expired + Erased + Lost + Held + what waits.
package tally

// The fields of the counters, behind the minute.
const (
	// In: accepted.
	In = "in"
	// Out: delivered. Dead: given up (a replayed one is taken off again). Dropped: by
	// an operator, or because it is outdated. Expired: too late for the endpoint's
	// options, or held for longer than retention.held. Erased: with its customer.
	Out     = "out"
	Dead    = "dead"
	Dropped = "dropped"
	Expired = "expired"
	Erased  = "erased"
	// Lost: not there any more though nothing ended it; only the reconciler counts it.
	Lost = "lost"
	// Held: is held. One that is released is taken off, and counted again as In for
	// each of its endpoints.
	Held = "held"
	// Aside and Dup end nothing: entries that stepped aside, and events that came again.
	Aside = "aside"
	Dup   = "dup"
)

// Endings are the kinds of which an entry has at most one, for good or until it is
// replayed.
func Endings() []string { return []string{Out, Dead, Dropped, Expired, Erased, Lost} }

// Kinds are all.
func Kinds() []string { return append(Endings(), In, Held, Aside, Dup) }

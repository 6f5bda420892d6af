// Package limits tells when no more events can be taken in: the platform is asked to
// send again later, which loses nothing for days, before the store would refuse. It
// looks at the store now and then and never on the way of an event. Design 5.1.
package limits

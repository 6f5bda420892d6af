// Package operate is what an operator can see and do, in one place: the console, the
// management API and the commands are its faces.
//
// Nothing here leads from a handle to a number, and nothing shows content: what is told
// are counts, times, states, reasons of closed sets, and ids of events. Whoever acts is
// known (Actor), and every action is in the audit log.
package operate

// Package masking is the privacy core: numbers that cannot print themselves,
// handles, the rewriting of one JSON event and the scrubbing of text in it.
//
// It does no I/O and knows no platform: which position of an event holds what
// is handed in as data (Schema), and so is everything about the people named
// in it (Person). The zero value of every type here hides.
package masking

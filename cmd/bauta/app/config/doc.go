// Package config reads Bauta's configuration file: strictly, with every fault
// at once, each with its line and what to do about it.
//
// The structs are the documentation: their tags hold defaults, units and bounds,
// from which the decoder, the checks and REFERENCE.md are made.
package config

//go:build !unix

package app

import "math"

// openFiles is very many: the system sets no bound.
func openFiles() int64 { return math.MaxInt64 }

// writeNoCore has nothing to do: the system writes no dump unless it is told to.
func writeNoCore(Std) {}

package app

import (
	"math"
	"runtime/debug"
	"syscall"

	"bauta/webhook/receive"
)

// connections is how many connections strangers may have open: no more than half of the
// files that the process may, so that there are some left for the store and the endpoints.
func connections() int {
	var files syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &files); err != nil {
		return receive.Connections
	}
	return int(min(receive.Connections, files.Cur/2)) //nolint:gosec // as small as the first
}

// memoryPart is one part in so many of what GOMEMLIMIT gives the process, in bytes; 0
// without it.
func memoryPart(of int64) int64 {
	all := debug.SetMemoryLimit(-1)
	if all == math.MaxInt64 {
		return 0
	}
	return all / of
}

package app

import (
	"math"
	"runtime/debug"
	"syscall"

	"bauta/webhook/receive"
)

// idleBytes is what a connection costs that does nothing, measured.
const idleBytes = 20 << 10

// connections is how many connections strangers may have open: no more than half of the
// files that the process may, so that there are some left for the store and the
// endpoints, nor than a quarter of its memory holds.
func connections() int {
	most := int64(receive.Connections)
	var files syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &files); err == nil && files.Cur/2 < receive.Connections {
		most = int64(files.Cur / 2) //nolint:gosec // just compared
	}
	if memory := memoryPart(4); memory > 0 {
		most = min(most, memory/idleBytes)
	}
	return int(max(most, 1))
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

// writeNoCore has the kernel write no dump of this process, which would hold keys and
// secrets in clear. Whoever sets GOTRACEBACK=crash wants one.
func writeNoCore(std Std) {
	if level, _ := std.Env("GOTRACEBACK"); level != "crash" {
		_ = syscall.Setrlimit(syscall.RLIMIT_CORE, &syscall.Rlimit{}) // less is always allowed
	}
}

//go:build unix

package app

import (
	"math"
	"syscall"
)

// openFiles is how many files the process may have open; very many where nobody says.
func openFiles() int64 {
	var files syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &files); err != nil || files.Cur > math.MaxInt64 {
		return math.MaxInt64
	}
	return int64(files.Cur)
}

// writeNoCore has the kernel write no dump of this process, which would hold keys and
// secrets in clear. Whoever sets GOTRACEBACK=crash wants one.
func writeNoCore(std Std) {
	if level, _ := std.Env("GOTRACEBACK"); level != "crash" {
		_ = syscall.Setrlimit(syscall.RLIMIT_CORE, &syscall.Rlimit{}) // less is always allowed
	}
}

package redistest

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// Clock moves the clock of one server.
type Clock struct{ file string }

// Timed starts a server as Standalone does, whose clock is the machine's until Set
// moves it. It needs libfaketime, and lends the server the C library's memory
// allocator: jemalloc asks for the time before libfaketime can answer.
func Timed(t testing.TB, settings ...string) (*Server, *Clock) {
	t.Helper()
	c := &Clock{file: filepath.Join(t.TempDir(), "clock")}
	c.Set(t, 0)
	server := Under(t, []string{
		"env", "LD_PRELOAD=" + library(t, "faketime/libfaketime.so.1") + ":" + library(t, "libc.so.6"),
		"FAKETIME_TIMESTAMP_FILE=" + c.file, "FAKETIME_NO_CACHE=1", "FAKETIME_DONT_FAKE_MONOTONIC=1",
	}, settings...)
	return server, c
}

// Set moves the server's clock to so much after the machine's, or before it.
func (c *Clock) Set(t testing.TB, after time.Duration) {
	t.Helper()
	// A file that is read half written would be another time.
	next := c.file + ".next"
	if err := os.WriteFile(next, fmt.Appendf(nil, "%+d", int64(after.Seconds())), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(next, c.file); err != nil {
		t.Fatal(err)
	}
}

// library finds a shared library where Linux distributions keep them.
func library(t testing.TB, name string) string {
	t.Helper()
	for _, folder := range []string{"/usr/lib/*-linux-gnu*", "/usr/lib64", "/usr/lib"} {
		if found, err := filepath.Glob(filepath.Join(folder, name)); err == nil && len(found) > 0 {
			return found[0]
		}
	}
	t.Fatalf("found no %s: install libfaketime (Debian: apt-get install faketime), or run `make test`, which does", name)
	return ""
}

package config

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Fault is one mistake in a configuration. It never holds a configured value:
// what stands in the wrong place may be a secret.
type Fault struct {
	// File as it was named, Line and Column from 1; 0 where there is none.
	File         string
	Line, Column int
	// Key is the path of the key, such as businesses[0].endpoints[1].url.
	Key string
	// Problem says what is wrong, Advice what to do; Advice may be empty.
	Problem, Advice string
}

// String is the fault as one line: file:line:column: key: problem (advice).
func (f Fault) String() string {
	var b strings.Builder
	b.WriteString(f.File)
	if f.Line > 0 {
		fmt.Fprintf(&b, ":%d:%d", f.Line, f.Column)
	}
	b.WriteString(": ")
	if f.Key != "" {
		b.WriteString(f.Key + ": ")
	}
	b.WriteString(f.Problem)
	if f.Advice != "" {
		b.WriteString(" (" + f.Advice + ")")
	}
	return b.String()
}

// Faults are all mistakes of a configuration, by line and column.
type Faults []Fault //nolint:errname // it is read as a list of faults, which happens to be an error

// Error is one line a fault.
func (f Faults) Error() string {
	lines := make([]string, len(f))
	for i := range f {
		lines[i] = f[i].String()
	}
	return strings.Join(lines, "\n")
}

// Sorted returns the faults by line and column.
func (f Faults) Sorted() Faults {
	sortFaults(f)
	return f
}

func sortFaults(f []Fault) {
	slices.SortStableFunc(f, func(a, b Fault) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column), cmp.Compare(a.Key, b.Key))
	})
}

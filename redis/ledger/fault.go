package ledger

import "fmt"

// FaultKind is what is wrong with a ledger.
type FaultKind string

// The kinds of faults.
const (
	// Changed: what stands in the line's place is not what was written.
	Changed FaultKind = "changed_line"
	// Missing: the line is not there, and later ones are.
	Missing FaultKind = "missing_line"
	// Shortened: the line and all after it are not there, or as many others.
	Shortened FaultKind = "shortened"
	// Surplus: there are lines behind the head.
	Surplus FaultKind = "surplus_line"
	// ForgedHead: Bauta did not sign the head.
	ForgedHead FaultKind = "forged_head"
	// ForgedBase: Bauta did not drop the lines that are not there at the beginning.
	ForgedBase FaultKind = "forged_base"
)

// Fault is the first thing that is wrong with a ledger.
type Fault struct {
	Kind FaultKind
	// Seq is the line at fault; of a forged head or base the line that it names.
	Seq int64
}

// String says what it means.
func (f Fault) String() string {
	switch f.Kind {
	case Changed:
		return fmt.Sprintf("line %d is not the one that was written: its text, or the line that it is chained to, was changed, or another stands in its place", f.Seq)
	case Missing:
		return fmt.Sprintf("line %d is missing, later lines are there: it was taken away", f.Seq)
	case Shortened:
		return fmt.Sprintf("lines are missing, from line %d on: the head vouches for more than there are", f.Seq)
	case Surplus:
		return fmt.Sprintf("line %d and what follows is not vouched for by the head: it was put there, or an older head was", f.Seq)
	case ForgedHead:
		return fmt.Sprintf("the head, at line %d, is not signed by this installation's keys for this business and hash: it was changed or lost", f.Seq)
	case ForgedBase:
		return fmt.Sprintf("the first lines, up to line %d, were not dropped by Bauta at the end of their retention: they were taken away", f.Seq)
	}
	return string(f.Kind)
}

// err is nil for no fault.
func (f *Fault) err() error {
	if f == nil {
		return nil
	}
	return fmt.Errorf("%w: %s", ErrFault, f)
}

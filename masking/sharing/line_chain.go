package sharing

import (
	"errors"
	"fmt"
)

// ErrChain is wrapped by the errors of Chain.Next for a line that does not belong
// where it stands.
var ErrChain = errors.New("the chain is broken")

// Chain verifies a business's ledger line by line. For one goroutine at a time.
type Chain struct{ next Place }

// NewChain begins at the place of the first line to come: Begin(business), or, where
// older lines were deleted after their time, the place that is known of the first.
func NewChain(first Place) *Chain { return &Chain{next: first} }

// Next takes the next line, without its line break. An error says which line it is
// and what is wrong with it, wraps ErrLine or ErrChain, and holds nothing of the line;
// the chain then stays where it was.
func (c *Chain) Next(line []byte) error {
	_, got, err := Decode(line)
	switch {
	case err != nil:
		return fmt.Errorf("line %d: %w", c.next.Seq, err)
	case got.Business != c.next.Business:
		return fmt.Errorf("line %d: %w: it is another business's", c.next.Seq, ErrChain)
	case got.Seq != c.next.Seq:
		return fmt.Errorf("line %d: %w: its seq is %d", c.next.Seq, ErrChain, got.Seq)
	case got.Prev != c.next.Prev:
		return fmt.Errorf("line %d: %w: prev is not the SHA-256 of the line before", c.next.Seq, ErrChain)
	}
	c.next.Seq, c.next.Prev = got.Seq+1, HashOf(line)
	return nil
}

// Place is where the next line belongs: Prev is the hash of the last one, Seq one more
// than its.
func (c *Chain) Place() Place { return c.next }

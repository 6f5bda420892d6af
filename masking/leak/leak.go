// Package leak is the leak check: the last step before an event is queued
// proves that no identity of a hidden person can be read from the output.
//
// It shares no code with the rewriter and works by other means: it knows no
// schema and no positions. It folds the output bytes into a stream of digits,
// whatever they are written in, and looks for the end of each number in it;
// it decodes everything that could be base64 or hexadecimal, at every
// alignment, and looks there again, for packed digits (BCD) too.
//
// What is looked for, of a number with a national part of 9 digits or more:
// its last 9 digits, which every prefix notation ends in (+, 00, 011, a trunk
// 0), in each variant that the platform itself uses for one person (the
// Brazilian 9, the Mexican 1, the Argentine 9 and 15). Of a shorter one: all
// its international digits anywhere, and the national part where nothing but a
// trunk digit touches it. Of a user id: what follows its last dot.
//
// The cost is linear in the body, whatever the body holds: at most 4 layers of
// escapes and 2 of encodings are opened (see Check.Run).
package leak

import (
	"sync"

	"bauta/masking"
)

// Secrets are the identities that must not be readable.
type Secrets struct {
	Numbers []masking.Number
	UserIDs []masking.UserID
	// Opaque are the JSON keys of timestamps, codes and the platform's own ids:
	// a value of theirs that is digits only is not held against a national part
	// of less than 9 digits. Every other notation is searched in them too.
	Opaque map[string]bool
}

// Span is a range of byte offsets, End exclusive.
type Span struct{ Start, End int }

// The notations a Finding can name: a closed set, fit for a metric label.
const (
	Digits   = "digits"
	National = "national"
	Base64   = "base64"
	Hex      = "hex"
	BCD      = "bcd"
	UserID   = "user_id"
)

// Finding says where a secret can be read and how it is written there. It
// holds no part of the body but JSON keys made of letters.
type Finding struct {
	// Position is a JSON path such as messages[0].text.body, in which a key
	// that is not a plain word reads *; "byte 123" where the body is not JSON.
	Position string
	// Notation is one of the constants above.
	Notation string
}

// maxFindings bounds what one run reports: one finding already holds the event.
const maxFindings = 32

// Pool makes checks that share lookup tables and buffers. One a process is
// enough; it is safe for concurrent use.
type Pool struct {
	class   *classes
	scratch sync.Pool
}

// NewPool returns an empty pool.
func NewPool() *Pool {
	return &Pool{class: newClasses(), scratch: sync.Pool{New: func() any { return new(scratch) }}}
}

// Check is what one set of secrets is searched by. It is safe for concurrent use.
type Check struct {
	pool   *Pool
	digits digitSet // 7 digits and more, anywhere
	whole  digitSet // short national parts, alone
	users  userSet
	opaque map[string]bool
	gate   gateOptions
}

// New returns the check of some secrets, with a pool of its own. Whoever checks
// many events keeps a Pool instead.
func New(secrets Secrets) *Check { return NewPool().Check(secrets) }

// Check returns the check of some secrets, to run over several bodies.
func (p *Pool) Check(secrets Secrets) *Check {
	c := new(Check)
	c.set(p, secrets)
	return c
}

// Run checks one body for some secrets (see Check.Run), without keeping the check.
func (p *Pool) Run(secrets Secrets, body []byte, exempt []Span) []Finding {
	s := p.take()
	s.own.set(p, secrets)
	findings := s.search(&s.own, body, exempt)
	s.own = Check{} // secrets do not stay in a pool
	p.give(s)
	return findings
}

func (p *Pool) take() *scratch {
	return p.scratch.Get().(*scratch) //nolint:forcetypeassert // the pool makes nothing else
}

func (p *Pool) give(s *scratch) {
	if s.small() {
		p.scratch.Put(s)
	}
}

func (c *Check) set(p *Pool, secrets Secrets) {
	*c = Check{pool: p, opaque: secrets.Opaque}
	c.digits.keyDigits, c.whole.keyDigits = anywhereDigits, wholeDigits
	for _, n := range secrets.Numbers {
		c.addNumber(n.Reveal())
	}
	for _, u := range secrets.UserIDs {
		c.users.add(u.Reveal())
	}
	c.digits.seal()
	c.whole.seal()
	c.users.seal()
	c.gate = c.gateFor()
}

// empty tells that there is nothing to look for.
func (c *Check) empty() bool {
	return len(c.digits.patterns) == 0 && len(c.whole.patterns) == 0 && c.users.empty()
}

// Run returns where the secrets can be read in the body, none if the body is
// proven clean; at most 32. Exempt spans of the body are not read at all, and
// what stands on their two sides is not joined over them. Body and spans are
// not changed and not kept. Spans must be sorted and apart from each other; one
// that is not, or lies outside the body, is not exempt.
func (c *Check) Run(body []byte, exempt []Span) []Finding {
	s := c.pool.take()
	findings := s.search(c, body, exempt)
	c.pool.give(s)
	return findings
}

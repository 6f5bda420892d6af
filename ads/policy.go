package ads

import (
	"errors"
	"fmt"
	"regexp"
)

// Policy is what one business configured under hiding. The zero policy shows
// who comes without an ad and hides who comes by one.
type Policy struct {
	Business string
	// HideByDefault hides who comes without an ad.
	HideByDefault bool
	Rules         []Rule
}

// Rule is one configured rule.
type Rule struct {
	// Name is unique in its policy: lower-case letters, digits and hyphens.
	Name string
	// When is the CEL condition.
	When string
	// Hide is what the rule decides.
	Hide bool
	// Report: it only records what it would have decided.
	Report bool
}

// RuleError is a fault of one rule.
type RuleError struct {
	Business, Rule string
	// Line and Column count from 1 within the condition; 0 if the fault has no
	// place in it.
	Line, Column int
	Problem      string
}

// Error implements error.
func (e *RuleError) Error() string {
	at := ""
	if e.Line > 0 {
		at = fmt.Sprintf(", line %d column %d of the condition", e.Line, e.Column)
	}
	return fmt.Sprintf("business %q, rule %q%s: %s", e.Business, e.Rule, at, e.Problem)
}

const ruleNamePattern = `^[a-z0-9-]{1,64}$`

// checkNames returns the faults of a policy's rule names.
func (p *Policy) checkNames() error {
	pattern := regexp.MustCompile(ruleNamePattern)
	seen := make(map[string]bool, len(p.Rules))
	var faults []error
	for _, r := range p.Rules {
		switch {
		case !pattern.MatchString(r.Name):
			faults = append(faults, p.fault(r, "the name must be 1 to 64 lower-case letters, digits and hyphens"))
		case seen[r.Name]:
			faults = append(faults, p.fault(r, "another rule of this business has the same name"))
		}
		seen[r.Name] = true
	}
	return errors.Join(faults...)
}

func (p *Policy) fault(r Rule, problem string) *RuleError {
	return &RuleError{Business: p.Business, Rule: r.Name, Problem: problem}
}

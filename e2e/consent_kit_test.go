package e2e

import (
	"context"
	"strings"
)

// told tells whether the endpoint got an own event of this kind that the story has not
// read.
func (s *story) told(kind string) func(context.Context) bool {
	return func(context.Context) bool {
		for _, d := range s.crm.all()[s.read:] {
			if kindOf(d) == kind {
				return true
			}
		}
		return false
	}
}

// has tells whether the endpoint got a body with a text.
func (s *story) has(text string) func(context.Context) bool { return s.hasSince(0, text) }

// hasSince leaves out what the endpoint got first.
func (s *story) hasSince(first int, text string) func(context.Context) bool {
	return func(context.Context) bool {
		for _, d := range s.crm.all()[first:] {
			if strings.Contains(d.body, text) {
				return true
			}
		}
		return false
	}
}

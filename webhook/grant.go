package webhook

import (
	"slices"
	"time"
)

// AllBusinesses stands for a business where a token, or a line of the audit log, is about
// all of them: the operator's.
const AllBusinesses = "_"

// Grant is what a token allows: a business's software to use families of routes.
// The token itself is kept nowhere.
type Grant struct {
	// ID names the token; it is no secret.
	ID       string
	Business string
	// Scopes are families of routes (meta.Family), or "manage" and "console".
	Scopes []string
	// Label is the operator's own note, "" if none.
	Label           string
	Issued, Expires time.Time
}

// Allows tells that the grant has a scope.
func (g *Grant) Allows(scope string) bool { return slices.Contains(g.Scopes, scope) }

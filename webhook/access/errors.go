package access

import "errors"

// ErrInvalid is the answer to every token that is not in force: malformed, forged,
// expired, of another deployment, revoked or unknown. It is never wrapped, so that
// nothing tells these apart.
var ErrInvalid = errors.New("the token is not in force")

// ErrGrant is wrapped by the errors of CheckGrant: no token can be issued for such
// a grant.
var ErrGrant = errors.New("no token is issued for this")

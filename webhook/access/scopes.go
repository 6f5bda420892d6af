package access

// The scopes beside the families of the platform's API.
const (
	// Manage opens the management API.
	Manage = "manage"
	// Console opens the console.
	Console = "console"
)

// Families are the scopes that open the platform's API: the values of meta.Family.
func Families() []string {
	return []string{"messages", "media", "contacts", "calls", "templates", "profile", "groups"}
}

// Scopes are all scopes that a token can have, a closed set, in the order in which
// tokens hold them.
func Scopes() []string { return append(Families(), Manage, Console) }

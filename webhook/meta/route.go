package meta

import "bauta/masking"

// Object is what the id in a path of the platform's API names.
type Object uint8

// The objects. The zero value names none.
const (
	NoObject Object = iota
	// PhoneNumberObject is one of the business's phone numbers, by its id.
	PhoneNumberObject
	// WABAObject is a WhatsApp business account.
	WABAObject
	// MediaObject is an uploaded or received medium.
	MediaObject
	// GroupObject is a group of the Groups API.
	GroupObject
)

// Family is a group of routes that a token opens together: the scopes of
// `bauta token issue --scope`.
type Family string

// The families of the platform's API.
const (
	Messages  Family = "messages"  // sending, read marks, typing, marketing messages
	Media     Family = "media"     // upload, look-up, download, delete
	Contacts  Family = "contacts"  // block_users, contact_book
	Calls     Family = "calls"     // calls, call_permissions
	Templates Family = "templates" // message templates
	Profile   Family = "profile"   // business profile, phone numbers, accounts
	Groups    Family = "groups"    // groups and their participants
)

// Handling is what Bauta does with a call. The zero value refuses.
type Handling uint8

// The handlings.
const (
	// Refuse answers with an error, whatever passthrough says.
	Refuse Handling = iota
	// Forward translates the call, makes it, and masks the answer.
	Forward
	// Local answers with Route.Reply and calls nobody.
	Local
	// Upload streams a multipart body to the platform.
	Upload
	// LookUp is Forward of a medium whose answer has a URL: it comes to point to Bauta.
	LookUp
)

// Route is one call of the platform's API. Routes are read-only and shared.
type Route struct {
	// Name is a short name from a closed set, fit for a metric label.
	Name   string
	Method string
	// Object is what the id in the path names, Edge what follows it ("messages"),
	// "" for the object itself.
	Object   Object
	Edge     string
	Family   Family
	Handling Handling
	// Query are the parameters that the call may have, each with what it is: a role
	// as in a body. Every other one is refused. Fields are the names that the
	// parameter fields may list; nil: it may not be given.
	Query  map[string]*masking.Schema
	Fields []string
	// Body describes the request, nil if it has none: positions with an identity
	// (RoleNumber, RoleUserID, RoleEither) and of message ids are translated,
	// every other byte passes.
	Body *masking.Schema
	// Answer describes the platform's answer as an event's schema does.
	Answer *masking.Schema
	// Reply is the JSON with which Bauta answers a Local route.
	Reply string
	// Why says what Bauta does instead of a Refuse or Local route, for the error's
	// details and the docs.
	Why string
	// Sends: a repetition would reach a customer twice.
	Sends bool
	// Paged: the answer has cursors, which are sealed, and next and previous URLs,
	// which are led to Bauta.
	Paged bool
}

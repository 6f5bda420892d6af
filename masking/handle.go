package masking

// Handle is the name of a hidden customer for one business in one scope. It is
// random, so nothing can be computed from it, and no secret: it may be printed.
type Handle struct {
	// Country is the ISO 3166 alpha-2 code of the customer's country, ZZ if
	// unknown.
	Country string
	// Long is the 22 digits of the user-id shape, the last 4 a keyed check.
	Long string
	// Phone is the 15 digits of the phone shape: 999, 10 digits, a keyed check
	// of 2. Long and Phone share their first 10 random digits (Key).
	Phone string
}

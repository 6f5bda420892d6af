package redis

// Tokens holds the tokens of a business that are in force.
func (k Keys) Tokens(business string) string { return "bauta:tokens:" + business }

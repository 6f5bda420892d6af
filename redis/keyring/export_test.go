package keyring

// Scripts are the sources, for the test of what they touch.
func Scripts() []string { return []string{announceSource, promoteSource, retireSource} }

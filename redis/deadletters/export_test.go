package deadletters

// Source is the text of the script.
func Source() string { return newReplay().Source() }

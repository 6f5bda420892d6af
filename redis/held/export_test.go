package held

// Source is the text of the script.
func Source() string { return newHold().Source() }

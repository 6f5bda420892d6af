package tokens

// Source is the text of the script.
func Source() string { return addSource }

package rolls

// AddSource is the script, for the test of what it touches.
const AddSource = addSource

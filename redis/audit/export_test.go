package audit

// AppendSource is the script, for the test of what it touches.
const AppendSource = appendSource

// Encode and Decode are those of blocks.
var (
	Encode = encode
	Decode = decode
)

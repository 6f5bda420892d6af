package outbound

// Answer is what the business gets of the platform's answer.
type Answer struct {
	// Status is the platform's, or of the error that stands in its place.
	Status int
	// Body is JSON, whatever the platform sent.
	Body []byte
	// Fault names the error (meta.FaultName) that stands in the place of an answer
	// that could not be read, or not be proven clean; "" if the answer is the
	// platform's.
	Fault string
}

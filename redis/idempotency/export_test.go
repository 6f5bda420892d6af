package idempotency

// Sources are the scripts, for the test of what they touch.
func Sources() []string { return []string{beginSource, finishSource, releaseSource} }

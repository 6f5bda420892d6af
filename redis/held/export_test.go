package held

// Sources are the texts of the scripts.
func Sources() []string { s := newScripts(); return []string{s.hold.Source(), s.leave.Source()} }

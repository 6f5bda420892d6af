package jobs

// Sources are the texts of all scripts.
func Sources() []string {
	s := newScripts()
	return []string{s.begin.Source(), s.claim.Source(), s.advance.Source(), s.cancel.Source()}
}

package lanes

// Sources are the texts of all scripts.
func Sources() []string {
	s := newScripts()
	return []string{s.add.Source(), s.take.Source(), s.finish.Source(), s.due.Source(), s.forget.Source(), s.advance.Source(), s.rouse.Source(), s.end.Source(), s.release.Source()}
}

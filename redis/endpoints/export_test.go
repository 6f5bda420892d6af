package endpoints

// Sources are the texts of all scripts.
func Sources() []string {
	s := newScripts()
	return []string{s.pause.Source(), s.probe.Source(), s.lift.Source()}
}

package figures

// Sources are the texts of all scripts.
func Sources() []string { return []string{addSource, addAdsSource} }

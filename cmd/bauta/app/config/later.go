package config

import "regexp"

// later warns of keys whose names are fixed but which this version does not act
// on: whoever sets one must not believe that it works.
func (d *decoder) later() {
	keys := laterKeys()
	for path := range d.positions {
		if keys.MatchString(path) {
			d.warn(path, "this version does not act on it yet", "see CHANGELOG.md")
		}
	}
}

// laterKeys matches the paths of those keys.
func laterKeys() *regexp.Regexp {
	return regexp.MustCompile(`^(limits\.(redis_bytes|oldest|per_business))$`)
}

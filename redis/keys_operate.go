package redis

import "strconv"

// Job holds what is done with many dead letters of an endpoint.
func (k Keys) Job(business, endpoint string) string { return "bauta:job:" + business + ":" + endpoint }

// Figures holds what was counted of a business in one hour (Unix time / 3600) beside its
// events: what was masked, decided and shared.
func (k Keys) Figures(business string, hour int64) string {
	return k.tags[k.hashed("figures:"+business)] + "figures:" + business + ":" + strconv.FormatInt(hour, 10)
}

// AdFigures holds what was counted of a business's ads on one day (Unix time / 86400).
func (k Keys) AdFigures(business string, day int64) string {
	return k.tags[k.hashed("figures:"+business)] + "ads:" + business + ":" + strconv.FormatInt(day, 10)
}

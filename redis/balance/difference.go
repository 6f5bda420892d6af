package balance

import "log/slog"

// Difference is what a look found of a business in a shard: by how many events the
// books and the store differ.
type Difference struct {
	Business string
	Shard    int
	// Missing were accepted, and are nowhere. Surplus are there, and nobody counted
	// them.
	Missing, Surplus int64
	// Miscounted is by how much the number of those that wait or are held was wrong.
	Miscounted int64
	// Stalled lay in lanes that no node would have looked at.
	Stalled int64
	// Ages are lanes whose age was noted wrong.
	Ages int64
}

// None tells that the balance holds.
func (d *Difference) None() bool {
	return d.Missing == 0 && d.Surplus == 0 && d.Miscounted == 0 && d.Stalled == 0 && d.Ages == 0
}

// Unaccounted is by how many events the balance does not hold. One that is missing is
// also miscounted: it is one.
func (d *Difference) Unaccounted() int64 { return max(d.Missing+d.Surplus, d.Miscounted) + d.Stalled }

// what names the parts, for the metric.
func (d *Difference) what() map[string]int64 {
	return map[string]int64{
		"missing": d.Missing, "surplus": d.Surplus, "miscounted": d.Miscounted, "stalled": d.Stalled, "ages": d.Ages,
	}
}

// LogValue implements slog.LogValuer.
func (d *Difference) LogValue() slog.Value {
	return slog.GroupValue(
		slog.String("business", d.Business), slog.Int("shard", d.Shard), slog.Int64("missing", d.Missing),
		slog.Int64("surplus", d.Surplus), slog.Int64("miscounted", d.Miscounted), slog.Int64("stalled", d.Stalled), slog.Int64("ages", d.Ages),
	)
}

package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"runtime"
	"slices"
	"text/tabwriter"
	"time"
)

const defaultSteady = 5 * time.Second

// plan is how much is measured.
type plan struct {
	bauta                            string
	rounds, events, customers, lanes int
	steady                           time.Duration
	// many and businesses: scale is measured instead.
	many, businesses sizes
}

// row is a figure over the rounds.
type row struct {
	name, unit string
	// aim is what the figure should be at most, 0 for none.
	aim    float64
	values []float64
}

// results are rows in the order in which they were first noted.
type results struct{ rows []*row }

func (r *results) note(name, unit string, aim, value float64) {
	for _, have := range r.rows {
		if have.name == name {
			have.values = append(have.values, value)
			return
		}
	}
	r.rows = append(r.rows, &row{name: name, unit: unit, aim: aim, values: []float64{value}})
}

// last is a figure of the round that is being measured.
func (r *results) last(name string) float64 {
	for _, have := range r.rows {
		if have.name == name {
			return have.values[len(have.values)-1]
		}
	}
	return 0
}

const (
	floorReceiving  = "floor: receive, CPU"
	floorStoring    = "floor: receive, CPU of Redis"
	floorDelivering = "floor: deliver, CPU"
	bautaReceiving  = "Bauta: receive, mask, store, CPU"
	bautaAll        = "Bauta: all, CPU"
)

func micros(d time.Duration) float64 { return float64(d.Nanoseconds()) / 1e3 }
func millis(d time.Duration) float64 { return float64(d.Nanoseconds()) / 1e6 }

func (r *results) floor(receive spent, deliver time.Duration, acks []time.Duration) {
	r.note(floorReceiving, "µs/event", 0, micros(receive.server))
	r.note(floorStoring, "µs/event", 0, micros(receive.redis))
	r.note(floorDelivering, "µs/event", 0, micros(deliver))
	r.note("floor: receive at saturation", "events/s", 0, receive.perSecond)
	r.note("floor: acknowledgement p99 at 500/s", "ms", 0, millis(at(acks, 0.99)))
}

func (r *results) stored(one, many spent) {
	r.note(bautaReceiving, "µs/event", 0, micros(one.server))
	r.note("Bauta: receive, mask, store, CPU of Redis", "µs/event", 0, micros(one.redis))
	r.note("Bauta: the same in batches of 1000, CPU", "µs/event", 0, micros(many.server))
	r.note("Bauta: the same in batches of 1000, CPU of Redis", "µs/event", 0, micros(many.redis))
	r.note("Bauta: receive, mask, store, commands of Redis", "per event", 0, one.commands)
	r.note("Bauta: receive, mask, store, allocations", "per event", 0, one.allocations)
	r.note("Bauta: the same in batches of 1000, allocations", "per event", 0, many.allocations)
	r.note("Bauta: receive at saturation", "events/s", 0, one.perSecond)
	r.note("Bauta: receive at saturation, batches of 1000", "events/s", 0, many.perSecond)
	r.note("ratio: receive, Bauta to floor", "×", 1.5, micros(one.server)/r.last(floorReceiving))
}

func (r *results) through(all spent, acks, ends []time.Duration, memory int64) {
	r.note(bautaAll, "µs/event", 0, micros(all.server))
	r.note("Bauta: all, CPU of Redis", "µs/event", 0, micros(all.redis))
	r.note("Bauta: all at saturation", "events/s", 0, all.perSecond)
	r.note("Bauta: all, commands of Redis", "per event", 0, all.commands)
	r.note("Bauta: all, reads of Redis (round trips)", "per event", 0, all.reads)
	r.note("ratio: deliver, Bauta to a bare client", "×", 1.3, (micros(all.server)-r.last(bautaReceiving))/r.last(floorDelivering))
	floor := r.last(floorReceiving) + r.last(floorStoring) + r.last(floorDelivering)
	r.note("ratio: all with Redis, Bauta to floor", "×", 0.21/0.13, (micros(all.server)+micros(all.redis))/floor)
	r.note("Bauta: all with Redis, CPU seconds for 1000 events", "s", 0.21, (micros(all.server)+micros(all.redis))/1e3)
	r.note("Bauta: acknowledgement p50 at 500/s", "ms", 0, millis(at(acks, 0.5)))
	r.note("Bauta: acknowledgement p99 at 500/s", "ms", 10, millis(at(acks, 0.99)))
	r.note("Bauta: end to end p50 at 200/s", "ms", 5, millis(at(ends, 0.5)))
	r.note("Bauta: end to end p99 at 200/s", "ms", 0, millis(at(ends, 0.99)))
	r.note("Bauta: most memory", "MiB", 0, float64(memory)/(1<<20))
}

// at is a quantile of sorted durations.
func at(sorted []time.Duration, q float64) time.Duration {
	if len(sorted) == 0 {
		return 0
	}
	return sorted[min(len(sorted)-1, int(q*float64(len(sorted))))]
}

// measure runs the rounds and prints the table.
func (p plan) measure(ctx context.Context, out, progress io.Writer) error {
	folder, err := os.MkdirTemp("", "bauta-speed")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(folder) }()
	var r results
	for round := range p.rounds {
		for _, part := range []func(context.Context, string, *results) error{p.floor, p.stored, p.through} {
			if err := part(ctx, folder, &r); err != nil {
				return fmt.Errorf("round %d: %w", round+1, err)
			}
		}
		_, _ = fmt.Fprintf(progress, "round %d of %d: %.0f µs CPU an event, %.2f × the floor\n", round+1, p.rounds, r.last(bautaAll), r.last("ratio: all with Redis, Bauta to floor"))
	}
	_, _ = fmt.Fprintf(out, "%d rounds of %d events, %d customers, %d connections; %s, %d cores\n\n", p.rounds, p.events, p.customers, p.lanes, runtime.Version(), runtime.NumCPU())
	return r.print(out)
}

func (r *results) print(out io.Writer) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	_, _ = fmt.Fprintln(w, "| figure\t| median\t| least to most\t| unit\t| aim\t|")
	_, _ = fmt.Fprintln(w, "|---\t|---\t|---\t|---\t|---\t|")
	for _, row := range r.rows {
		slices.Sort(row.values)
		aim := ""
		if row.aim > 0 {
			aim = fmt.Sprintf("≤ %.3g", row.aim)
		}
		_, _ = fmt.Fprintf(w, "| %s\t| %.3g\t| %.3g to %.3g\t| %s\t| %s\t|\n", row.name, row.values[len(row.values)/2], row.values[0], row.values[len(row.values)-1], row.unit, aim)
	}
	return w.Flush()
}

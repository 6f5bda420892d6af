package e2e

import (
	"cmp"
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// verdict is what became of what was acknowledged in one storm.
type verdict struct {
	acked, lost, twice, disorder, leaked, renamed, refused int
	// unkept is what was lost though the store must have kept it.
	unkept int
	// twiceInLane is the most duplicates of one lane, without what came again because the
	// store forgot that it had come; eventsInLane is of how many events. pause is the
	// longest time in which nothing came to an endpoint that was not itself the fault.
	twiceInLane, eventsInLane int
	pause                     time.Duration
	// doubles tell of some duplicates when they came, for whoever looks for the reason.
	doubles []string
	// unbalanced is what the balance of events says that is wrong, "" if it holds.
	unbalanced string
}

// judge compares what was acknowledged with what came to an endpoint.
func (v *verdict) judge(sources []*source, k *sink) {
	lost, kept := k.missing(sources)
	v.lost, v.unkept = v.lost+lost, v.unkept+kept
	k.mu.Lock()
	defer k.mu.Unlock()
	v.leaked += len(k.leaks)
	for _, s := range sources {
		v.acked += s.taken()
		seen, handles, again, twice, last, life := map[int]time.Time{}, map[string]bool{}, map[int]bool{}, 0, -1, 0
		for _, a := range k.got[s.name] {
			handles[a.handle] = true
			if n := s.life(a.at); n > life {
				last, life = -1, n
			}
			before, been := seen[a.number]
			seen[a.number] = a.at
			if been {
				v.twice++
				if !s.forgotten(before) {
					twice++
					again[a.number] = true
					v.double(k, s.name, a, before)
					continue // what comes again because it was forgotten comes in its order
				}
			}
			if a.number < last {
				v.disorder++
			}
			last = a.number
		}
		if len(handles) > 1 {
			v.renamed++
		}
		v.twiceInLane, v.eventsInLane = max(v.twiceInLane, twice), max(v.eventsInLane, len(again))
	}
}

// double notes a duplicate, in seconds from the endpoint's start.
func (v *verdict) double(k *sink, writer int, again arrival, first time.Time) {
	if len(v.doubles) < 30 {
		v.doubles = append(v.doubles, fmt.Sprintf("%s: message %d of writer %d at %.2f s and %.2f s",
			k.server.URL, again.number, writer, first.Sub(k.began).Seconds(), again.at.Sub(k.began).Seconds()))
	}
}

// still finds the longest time in which nothing came.
func (v *verdict) still(k *sink) {
	k.mu.Lock()
	defer k.mu.Unlock()
	var times []time.Time
	for _, lane := range k.got {
		for _, a := range lane {
			times = append(times, a.at)
		}
	}
	slices.SortFunc(times, time.Time.Compare)
	for i := 1; i < len(times); i++ {
		v.pause = max(v.pause, times[i].Sub(times[i-1]))
	}
}

// balance holds what was counted of events against what is there, and against what was
// acknowledged: whatever struck, nothing is unaccounted for.
func (v *verdict) balance(w *storm) {
	file := filepath.Join(w.dir, "bauta.yaml")
	out, errs, code := run(w.t, "events", "reconcile", "--dry-run", "--config", file)
	if code != 0 {
		v.unbalanced = out + errs
	}
	for _, n := range w.nodes {
		if n != nil && strings.Contains(n.log(), "a difference in the balance of events") {
			v.unbalanced += "a node mended a difference\n"
		}
	}
	out, errs, code = run(w.t, "events", "balance", "--since", "1h", "--config", file)
	accepted := 0
	for line := range strings.Lines(out) {
		columns := strings.Fields(line)
		if len(columns) != 11 || columns[0] == "BUSINESS" {
			continue
		}
		n, _ := strconv.Atoi(columns[2])
		accepted += n
		if columns[10] != "0" {
			v.unbalanced += line
		}
	}
	if code != 0 || accepted < v.acked && !w.fault.lossy && !w.fault.loses {
		v.unbalanced += fmt.Sprintf("%d were accepted, %d acknowledged: %s%s", accepted, v.acked, out, errs)
	}
}

// hold fails where a promise is broken: a storm of n strikes may double at most one
// event of a lane with each.
func (v *verdict) hold(t *testing.T, f fault, strikes int) {
	t.Helper()
	if v.acked == 0 {
		t.Error("nothing was acknowledged: the storm proves nothing")
	}
	if v.unkept > 0 && !f.lossy {
		t.Errorf("%d of %d acknowledged messages did not come", v.unkept, v.acked)
	}
	if v.lost == 0 && f.loses {
		t.Error("nothing was lost, though nothing was kept: the suite does not see a loss")
	}
	if v.disorder > 0 {
		t.Errorf("%d messages came before earlier ones of their lane", v.disorder)
	}
	if v.unbalanced != "" {
		t.Errorf("the balance of events does not hold:\n%s", v.unbalanced)
	}
	if v.leaked > 0 {
		t.Errorf("%d deliveries show a hidden identity", v.leaked)
	}
	if v.renamed > 0 && !f.lossy {
		t.Errorf("%d customers came under more than one handle", v.renamed)
	}
	twice := v.twiceInLane
	if f.repeated {
		twice = v.eventsInLane
	}
	if bound := f.doubles * strikes; twice > bound {
		t.Errorf("a lane has %d duplicates after %d strikes, at most %d are documented:\n%s", twice, strikes, bound, strings.Join(v.doubles, "\n"))
	}
	if f.refuses && v.refused == 0 {
		t.Error("no webhook met the fault: the storm proves nothing")
	}
}

// table collects verdicts for the documentation.
type table struct {
	mu   sync.Mutex
	rows []string
}

func (b *table) add(f fault, v verdict) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.rows = append(b.rows, fmt.Sprintf("| %s | %s | %d | %d | %d | %d | %.1f s |", f.name, cmp.Or(f.level, "memory"), v.acked, v.lost, v.twice, v.disorder, v.pause.Seconds()))
}

func (b *table) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	slices.Sort(b.rows)
	return "| fault | acknowledge | acknowledged | lost | delivered twice | out of order | longest pause |\n|---|---|---|---|---|---|---|\n" + strings.Join(b.rows, "\n") + "\n"
}

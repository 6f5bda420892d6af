package console

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"bauta/webhook"
	"bauta/webhook/operate"
	"bauta/webhook/pages"
)

// longWait is how long something may wait before the overview says so: longer than the
// usual retries after a hiccup.
const longWait = 5 * time.Minute

// spans are the times that an overview can be about, in hours.
func spans() []int { return []int{1, 6, 24, 72, 192} }

// usual is the one that it is about where nobody chose.
const usual = 6

// overviewView is the overview.
type overviewView struct {
	operate.Overview

	Hours    []hoursChoice
	Span     int
	Troubles []trouble
	// Live is the URL of what is live of it.
	Live   string
	Charts []pages.Chart
	// Longest is how long something waits; 0: nothing does.
	Longest time.Duration
	Rows    []standingRow
	// Quiet: nothing was accepted, in all of the time.
	Quiet bool
	// Chosen business, "" for all.
	Chosen string
	// Raw: somebody reads the raw chats, by no fault of Bauta.
	Raw  bool
	AsOf asOf
}

// Missing is how many events are not where they should be.
func (o *overviewView) Missing() int64 {
	return o.All.Total.Lost + max(o.All.Unaccounted, -o.All.Unaccounted)
}

// Ended is Standing's for all.
func (o *overviewView) Ended() int64 { return (&standingRow{Standing: o.All}).Ended() }

type hoursChoice struct {
	N      int
	Chosen bool
}

// standingRow is one business of the table.
type standingRow struct {
	operate.Standing

	Longest time.Duration
	// App: it is no business but an app, for what names no business.
	App string
}

// Ended were kept for as long as they had to be, or were dropped or erased on purpose.
func (r *standingRow) Ended() int64 { return r.Total.Expired + r.Total.Dropped + r.Total.Erased }

// trouble is something that somebody should look at: what, how bad, and where to act.
type trouble struct {
	Tone, Key string
	// Who is a business, or what else a message names.
	Who string
	N   int
	For time.Duration
	// Link is relative to Base, "" for none.
	Link string
}

func (c *Console) overview(v *visit) error {
	out, err := c.glance(v, v.r.URL.Query().Get("hours"))
	if err != nil {
		return err
	}
	return c.render(v, "overview", 0, out)
}

// liveOverview is what changes of it.
func (c *Console) liveOverview(v *visit) ([]pages.Patch, error) {
	out, err := c.glance(v, v.r.PathValue("span"))
	if err != nil {
		return nil, err
	}
	return []pages.Patch{
		{Place: "state", How: pages.Replace, Fragment: "state", Data: out},
		{Place: "numbers", How: pages.Replace, Fragment: "numbers", Data: out},
		{Place: "plots", How: pages.Replace, Fragment: "plots", Data: out},
		{Place: "standings", How: pages.Replace, Fragment: "standings", Data: out},
		{Place: "spoken", How: pages.Replace, Fragment: "spoken", Data: out},
	}, nil
}

// glance draws together what the overview shows.
func (c *Console) glance(v *visit, hours string) (*overviewView, error) {
	span, err := strconv.Atoi(hours)
	if err != nil || !slices.Contains(spans(), span) {
		span = usual
	}
	chosen := c.chosen(v)
	now := c.Now()
	whole := operate.LastSpan(now, time.Duration(span)*time.Hour)
	// Steps begin at round times; what is cut off is less than one.
	if round := whole.From.Truncate(stepOf(span)); round.Before(whole.From) {
		whole.From = round.Add(stepOf(span))
	}
	o, err := c.Desk.Overview(v.ctx(), v.actor, operate.Query{Business: chosen, Span: whole, Step: stepOf(span)})
	if err != nil {
		return nil, err
	}
	out := &overviewView{Overview: o, Span: span, Chosen: chosen, Longest: since(now, o.All.Oldest), Quiet: o.All.Total.Accepted == 0, AsOf: asOf{At: now}}
	for _, n := range spans() {
		out.Hours = append(out.Hours, hoursChoice{n, n == span})
	}
	of := chosen
	if of == "" {
		of = webhook.AllBusinesses
	}
	out.Live = Base + "live/overview/" + of + "/" + strconv.Itoa(span)
	for i := range o.Businesses {
		s := standingRow{Standing: o.Businesses[i], Longest: since(now, o.Businesses[i].Oldest), App: holderOf(o.Businesses[i].Business).App}
		s.Series = nil
		out.Rows = append(out.Rows, s)
	}
	out.Troubles = c.troubles(v.ctx(), v, out)
	out.Charts, err = c.overviewCharts(v, &o)
	return out, err
}

// stepOf makes some 60 steps of a time.
func stepOf(hours int) time.Duration {
	return map[int]time.Duration{1: time.Minute, 6: 10 * time.Minute, 24: 30 * time.Minute, 72: 2 * time.Hour, 192: 4 * time.Hour}[hours]
}

func since(now, at time.Time) time.Duration {
	if at.IsZero() {
		return 0
	}
	return max(now.Sub(at).Truncate(time.Second), time.Second)
}

// troubles are what somebody should look at, the worst first.
func (c *Console) troubles(ctx context.Context, v *visit, o *overviewView) []trouble {
	var out []trouble
	if err := c.Health.Ready(ctx); err != nil {
		out = append(out, trouble{Tone: "bad", Key: "not_ready", Who: err.Error()})
	}
	for i := range o.Rows {
		s := &o.Rows[i]
		with := func(tone, key, link string, n int64) {
			if n != 0 {
				out = append(out, trouble{Tone: tone, Key: key, Who: s.Business, N: int(n), For: s.Longest, Link: link + "?business=" + s.Business})
			}
		}
		with("bad", "unaccounted", "", s.Unaccounted)
		with("bad", "lost", "", s.Total.Lost)
		with("bad", "held", "held", s.Held)
		with("warn", "dead", "dead-letters", s.Dead)
		with("warn", "paused", "endpoints", int64(s.Paused))
		if s.Longest >= longWait {
			with("warn", "waiting", "endpoints", s.Waiting)
		}
	}
	for _, w := range c.Health.Warnings() {
		// They name businesses, and are for who runs all of it.
		if v.actor.All() {
			o.Raw = o.Raw || strings.HasPrefix(w, "raw_path_present")
			out = append(out, trouble{Tone: "warn", Key: "warning", Who: w})
		}
	}
	slices.SortStableFunc(out, func(a, b trouble) int { return strings.Compare(a.Tone, b.Tone) }) // bad before warn
	return out
}

// overviewCharts are what came of the events, and whose customers are masked.
func (c *Console) overviewCharts(v *visit, o *operate.Overview) ([]pages.Chart, error) {
	all := o.All.Series
	var at []time.Time
	for i := range all {
		at = append(at, all[i].From)
	}
	minutes := int(o.Step / time.Minute)
	came, err := c.plot(v, pages.Chart{ID: "events", Title: "overview.chart", Unit: "chart.step", Bars: true, At: at}, []row{
		{"outcome.delivered", func(i int) int64 { return all[i].Delivered }},
		{"outcome.waiting", func(i int) int64 { return all[i].Waiting }},
		{"outcome.ended", func(i int) int64 { return all[i].Expired + all[i].Dropped + all[i].Erased }},
		{"outcome.held", func(i int) int64 { return all[i].Held }},
		{"outcome.dead", func(i int) int64 { return all[i].Dead }},
		{"outcome.lost", func(i int) int64 { return all[i].Lost }},
	}, "minutes", minutes)
	if err != nil {
		return nil, err
	}
	masked, err := c.plot(v, pages.Chart{ID: "masked", Title: "overview.masked.chart", Unit: "chart.step", Bars: true, At: at}, []row{
		{"outcome.masked", func(i int) int64 { return all[i].Masked }},
		{"outcome.shown", func(i int) int64 { return all[i].Shown }},
	}, "minutes", minutes)
	return []pages.Chart{came, masked}, err
}

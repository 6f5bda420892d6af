package console

import (
	"slices"
	"strconv"
	"time"

	"bauta/webhook/operate"
	"bauta/webhook/pages"
)

// figuresView is what the pages of decisions and sharing share.
type figuresView struct {
	// Business that the page is about, "" where none is configured.
	Business   string
	Businesses []string
	Hours      []hoursChoice
	Span       int
	Chart      pages.Chart
	// Path of the page, relative to Base.
	Path string
	// None: nothing was counted.
	None bool
}

// decisionsView is the page of decisions.
type decisionsView struct {
	figuresView

	operate.Decisions

	// Most is the longest bar of the rules.
	Most int64
}

// Count is how often a rule decided.
func (*decisionsView) Count(r *operate.RuleCount) int64 { return r.Hidden + r.Visible + r.Undecided }

// sharingView is the page of what customers decided.
type sharingView struct {
	figuresView

	Total operate.SharingCount
}

// answerRow is one thing that became of questions, of as many as there were.
type answerRow struct {
	Key   string
	N, Of int64
}

// Answers is what became of the questions of the time.
func (s *sharingView) Answers() []answerRow {
	t := &s.Total
	of := max(t.Asked, t.Shared, t.Declined, t.Expired, t.Undeliverable)
	return []answerRow{
		{"sharing.shared", t.Shared, of}, {"sharing.declined", t.Declined, of}, {"sharing.expired", t.Expired, of}, {"sharing.undeliverable", t.Undeliverable, of},
	}
}

// daySpans are the times that figures can be about, in hours: they are counted by hours.
func daySpans() []int { return []int{24, 72, 192} }

// figuresOf is what a page of figures is about.
func (c *Console) figuresOf(v *visit, path string) (figuresView, operate.Span) {
	f := figuresView{Path: path, Business: c.chosen(v), Businesses: slices.DeleteFunc(c.Desk.Holders(v.actor), isApp)}
	if f.Business == "" && len(f.Businesses) > 0 {
		f.Business = f.Businesses[0]
	}
	hours, err := strconv.Atoi(v.r.URL.Query().Get("hours"))
	if err != nil || !slices.Contains(daySpans(), hours) {
		hours = daySpans()[0]
	}
	f.Span = hours
	for _, n := range daySpans() {
		f.Hours = append(f.Hours, hoursChoice{n, n == hours})
	}
	return f, operate.LastSpan(c.Now(), time.Duration(hours)*time.Hour)
}

// row is one series of a chart: its name's message, and its values.
type row struct {
	key string
	at  func(i int) int64
}

// plot makes a chart of rows. Its title and unit are the keys of messages; pairs are for
// the unit's.
func (c *Console) plot(v *visit, chart pages.Chart, rows []row, pairs ...any) (pages.Chart, error) {
	language := c.site.ReaderOf(v.r).Language
	var err error
	if chart.Title, err = c.site.Say(language, chart.Title); err != nil {
		return chart, err
	}
	if chart.Unit, err = c.site.Say(language, chart.Unit, pairs...); err != nil {
		return chart, err
	}
	for _, r := range rows {
		s := pages.Series{}
		if s.Name, err = c.site.Say(language, r.key); err != nil {
			return chart, err
		}
		for i := range chart.At {
			s.Values = append(s.Values, float64(r.at(i)))
		}
		chart.Series = append(chart.Series, s)
	}
	return chart, nil
}

func (c *Console) decisions(v *visit) error {
	out := &decisionsView{}
	var span operate.Span
	out.figuresView, span = c.figuresOf(v, "decisions")
	if out.Business == "" {
		return c.render(v, "decisions", 0, out)
	}
	var err error
	if out.Decisions, err = c.Desk.Decisions(v.ctx(), v.actor, out.Business, span); err != nil {
		return err
	}
	out.None = len(out.Rules) == 0 && len(out.Reports) == 0
	for i := range out.Rules {
		out.Most = max(out.Most, out.Count(&out.Rules[i]))
	}
	chart := pages.Chart{ID: "decided", Title: "decisions.chart", Unit: "chart.hourly", Bars: true}
	for i := range out.Series {
		chart.At = append(chart.At, out.Series[i].From)
	}
	out.Chart, err = c.plot(v, chart, []row{
		{"decided.hidden", func(i int) int64 { return out.Series[i].Hidden }},
		{"decided.visible", func(i int) int64 { return out.Series[i].Visible }},
		{"decided.undecided", func(i int) int64 { return out.Series[i].Undecided }},
	})
	if err != nil {
		return err
	}
	return c.render(v, "decisions", 0, out)
}

func (c *Console) sharing(v *visit) error {
	out := &sharingView{}
	var span operate.Span
	out.figuresView, span = c.figuresOf(v, "sharing")
	if out.Business == "" {
		return c.render(v, "sharing", 0, out)
	}
	found, err := c.Desk.Sharing(v.ctx(), v.actor, out.Business, span)
	if err != nil {
		return err
	}
	out.Total = found.Total
	t := found.Total
	out.None = t.Asked+t.Shared+t.Declined+t.Expired+t.Withdrawn+t.Undeliverable+t.Refused+t.HiddenAgain+t.Erased == 0
	chart := pages.Chart{ID: "shared", Title: "sharing.chart", Unit: "chart.hourly", Bars: true}
	for i := range found.Series {
		chart.At = append(chart.At, found.Series[i].From)
	}
	out.Chart, err = c.plot(v, chart, []row{
		{"sharing.asked", func(i int) int64 { return found.Series[i].Asked }},
		{"sharing.declined", func(i int) int64 { return found.Series[i].Declined }},
		{"sharing.shared", func(i int) int64 { return found.Series[i].Shared }},
		{"sharing.withdrawn", func(i int) int64 { return found.Series[i].Withdrawn }},
	})
	if err != nil {
		return err
	}
	return c.render(v, "sharing", 0, out)
}

package pages

import (
	"html/template"
	"math"
	"strconv"
	"time"
)

// Chart is a plot of counts or other values over time. It is drawn as SVG, and all its
// values are in a table below it, for whoever cannot see it.
type Chart struct {
	// ID names it on its page.
	ID string
	// Title and Unit are words in the reader's language.
	Title, Unit string
	// Bars stand on each other; otherwise every series is a line.
	Bars bool
	// At are the times of the values, in order and equally far apart.
	At     []time.Time
	Series []Series
}

// Series is one row of values, as many as the chart has times; NaN is unknown. Its colour
// is that of its place: 1 to 6.
type Series struct {
	Name   string
	Values []float64
}

// The plot's size, in units of its own: it is as wide as there is room.
const (
	plotWidth, plotHeight = 720.0, 200.0
	plotLeft, plotBottom  = 46.0, 26.0
	plotTop, plotRight    = 10.0, 8.0
	ticks                 = 4
	colours               = 6
)

// drawn is what the template of a chart draws.
type drawn struct {
	Chart
	Width, Height float64
	Left, Right   float64
	Summary       string
	Grid          []gridLine
	Labels        []label
	Shapes        []shape
	Legend        []Series
}

type gridLine struct {
	Y     float64
	Label string
}

type label struct {
	X    float64
	Text string
}

// shape is a bar or the path of a line.
type shape struct {
	Colour              int
	X, Y, Width, Height float64
	Path, Title         string
}

// chart draws one in a language.
func (s *Site) chart(language string, c Chart) (template.HTML, error) {
	d := drawn{Chart: c, Width: plotWidth, Height: plotHeight, Left: plotLeft, Right: plotWidth - plotRight, Legend: c.Series}
	top := roundUp(c.highest())
	y := func(v float64) float64 { return plotTop + (plotHeight-plotTop-plotBottom)*(1-v/top) }
	for i := range ticks + 1 {
		v := top * float64(i) / ticks
		d.Grid = append(d.Grid, gridLine{Y: round(y(v)), Label: short(v)})
	}
	step := (plotWidth - plotLeft - plotRight) / float64(max(len(c.At), 1))
	d.Labels = c.labels(language, step)
	if c.Bars {
		d.Shapes = c.bars(language, step, y)
	} else {
		d.Shapes = c.lines(step, y)
	}
	var err error
	if d.Summary, err = s.Say(language, "pages.chart", "title", c.Title, "hours", len(c.At), "highest", short(c.highest())); err != nil {
		return "", err
	}
	text, err := s.Fragment(language, "chart", d)
	return template.HTML(text), err //nolint:gosec // drawn by html/template
}

// fewDays is up to how long a chart's times are told by the hour, and by the day from then on.
const fewDays = 36 * time.Hour

// labels are some times below the plot: of hours at most 8, of days each one's beginning.
func (c Chart) labels(language string, step float64) []label {
	var out []label
	say := func(i int, text string) {
		out = append(out, label{X: round(plotLeft + step*(float64(i)+0.5)), Text: text})
	}
	n := len(c.At)
	if n == 0 || c.At[n-1].Sub(c.At[0]) <= fewDays {
		for i := 0; i < n; i += max(1, (n+7)/8) {
			say(i, c.At[i].Format("15:04"))
		}
		return out
	}
	for i := 1; i < n; i++ {
		if c.At[i].Day() != c.At[i-1].Day() {
			say(i, Day(language, c.At[i]))
		}
	}
	return out
}

// highest is the highest value, or of bars the highest pile.
func (c Chart) highest() float64 {
	highest := 0.0
	for i := range c.At {
		pile := 0.0
		for _, s := range c.Series {
			v := s.at(i)
			if math.IsNaN(v) {
				continue
			}
			if c.Bars {
				pile += v
			} else {
				pile = max(pile, v)
			}
		}
		highest = max(highest, pile)
	}
	return highest
}

func (s Series) at(i int) float64 {
	if i >= len(s.Values) || math.IsInf(s.Values[i], 0) || s.Values[i] < 0 {
		return math.NaN()
	}
	return s.Values[i]
}

func (c Chart) bars(language string, step float64, y func(float64) float64) []shape {
	const gap = 0.25
	var out []shape
	for i := range c.At {
		below := 0.0
		for j, s := range c.Series {
			v := s.at(i)
			if math.IsNaN(v) || v == 0 {
				continue
			}
			top := y(below + v)
			out = append(out, shape{
				Colour: j%colours + 1, X: round(plotLeft + step*(float64(i)+gap/2)), Y: round(top),
				Width: round(step * (1 - gap)), Height: round(y(below) - top),
				Title: s.Name + ", " + Moment(language, c.At[i]) + ": " + short(v),
			})
			below += v
		}
	}
	return out
}

func (c Chart) lines(step float64, y func(float64) float64) []shape {
	var out []shape
	for j, s := range c.Series {
		path, pen := "", "M"
		for i := range c.At {
			v := s.at(i)
			if math.IsNaN(v) {
				pen = "M"
				continue
			}
			path += pen + number(plotLeft+step*(float64(i)+0.5)) + " " + number(y(v))
			pen = "L"
		}
		out = append(out, shape{Colour: j%colours + 1, Path: path, Title: s.Name})
	}
	return out
}

// roundUp is the next value whose quarters are round: whole, for counts.
func roundUp(v float64) float64 {
	for power := 1.0; power < math.MaxFloat64/100; power *= 10 {
		for _, quarter := range []float64{1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8} {
			if q := quarter * power; v <= ticks*q && q == math.Trunc(q) {
				return ticks * q
			}
		}
	}
	return v
}

func round(v float64) float64 { return math.Round(v*10) / 10 }

func number(v float64) string { return strconv.FormatFloat(round(v), 'f', -1, 64) }

// short writes a value in few signs.
func short(v float64) string {
	switch {
	case math.IsNaN(v):
		return "–"
	case v >= 1e6:
		return number(v/1e6) + "M"
	case v >= 1e4:
		return number(v/1e3) + "k"
	}
	return strconv.FormatFloat(math.Round(v*100)/100, 'f', -1, 64)
}

// Cell is a value of the table below a chart.
func (d drawn) Cell(s Series, i int) string { return short(s.at(i)) }

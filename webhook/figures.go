package webhook

import (
	"strings"

	"bauta/webhook/meta"
)

// Figure is something that is counted for operators beside the balance of events. A node
// that crashes may lose what it counted in the last seconds.
type Figure struct {
	Business string
	Kind     FigureKind
	// What, By and Why depend on Kind. None of them is anybody's name.
	What, By, Why string
}

// FigureKind is a kind of figures.
type FigureKind string

// The kinds.
const (
	// FigureEvent: an event that was stored, by whether its customer is masked or shown
	// (What). Events without a customer do not count.
	FigureEvent FigureKind = "event"
	// FigureDecision: what was decided (What, a visibility), by which rule (By, "" for a
	// built-in one), and the reason (Why).
	FigureDecision FigureKind = "decision"
	// FigureReport: what a rule in report mode (By) would have decided (What), and what was
	// decided (Why): visibilities.
	FigureReport FigureKind = "report"
	// FigureAd: what was decided (What) for who came by an ad (By, its id).
	FigureAd FigureKind = "ad"
	// FigureSharing: a line of the consent ledger by its type (What).
	FigureSharing FigureKind = "sharing"
)

// Values of Figure.What of FigureEvent.
const (
	Masked = "masked"
	Shown  = "shown"
)

// Figures counts. It neither waits nor fails. Safe for concurrent use.
type Figures interface {
	Count(f Figure)
}

// FiguresTo has what operators look at counted too. Call it before anything is counted.
func (m *Metrics) FiguresTo(f Figures) { m.figures = f }

func (m *Metrics) figure(f Figure) {
	if m.figures != nil {
		m.figures.Count(f)
	}
}

// figuresOf counts a stored event.
func (m *Metrics) figuresOf(i *Item) {
	switch i.Delivery.Visibility {
	case "":
	case Visible.String(), Shared.String():
		m.figure(Figure{Business: i.Business, Kind: FigureEvent, What: Shown})
	default:
		m.figure(Figure{Business: i.Business, Kind: FigureEvent, What: Masked})
	}
}

// longestNumber is how many digits a number has at most (E.164).
const longestNumber = 15

// adOf is the id of the ad that an event came by, as it may be shown: "" if it came by
// none. What is no longer than a number could be one, and reads *.
func adOf(e *meta.Event, c *Customer) string {
	ad := e.Referral.ID
	number := c.Number().Reveal()
	switch {
	case !e.Referral.Present || e.Referral.Type != "ad" || ad == "":
		return ""
	case len(ad) <= longestNumber || len(ad) > 24 || strings.Trim(ad, "0123456789") != "" || number != "" && strings.Contains(ad, number):
		return "*"
	}
	return ad
}

// figuresOfDecision counts a decision; ad is the id of the ad that the customer came by,
// "" if there was none.
func (m *Metrics) figuresOfDecision(business string, a answer, ad string) {
	if a.lateAd {
		return // what was decided before stands
	}
	made := a.standing.Visibility.String()
	m.figure(Figure{Business: business, Kind: FigureDecision, What: made, By: a.standing.Rule, Why: a.standing.Reason})
	for _, r := range a.reports {
		would := Visible
		if r.Hide {
			would = Hidden
		}
		m.figure(Figure{Business: business, Kind: FigureReport, What: would.String(), By: r.Rule, Why: made})
	}
	if ad != "" && a.standing.Visibility != Undecided {
		m.figure(Figure{Business: business, Kind: FigureAd, What: made, By: ad})
	}
}

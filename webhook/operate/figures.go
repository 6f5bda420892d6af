package operate

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"bauta/masking/sharing"
	"bauta/webhook"
)

// Counted is a figure with when and how often it was counted.
type Counted struct {
	Figure webhook.Figure
	// At is when the minute, hour or day began.
	At time.Time
	N  int64
}

// Figures reads what was counted beside the events: redis/figures. Safe for concurrent
// use.
type Figures interface {
	Read(ctx context.Context, business string, span Span) ([]Counted, error)
	Ads(ctx context.Context, business string, span Span) ([]Counted, error)
}

// Decisions is which rule decided how often.
type Decisions struct {
	From, To time.Time
	// Rules by how often they decided, the most first; built-in ones have no Rule.
	Rules []RuleCount
	// Reports of rules in report mode, by name.
	Reports []ReportCount
	// Ads by how many came by them, the most first: at most 100, and on each day the first
	// 500. OtherAds are all others together.
	Ads      []AdCount
	OtherAds AdCount
	// Series by hours, without gaps.
	Series []DecisionCount
}

// DecisionCount is how often what was decided in a span.
type DecisionCount struct {
	From, To                   time.Time
	Hidden, Visible, Undecided int64
}

// RuleCount is how often a rule, or a built-in reason, decided.
type RuleCount struct {
	// Rule is "" for a built-in one; Reason from a closed set.
	Rule, Reason               string
	Hidden, Visible, Undecided int64
}

// ReportCount is what a rule in report mode would have done, beside what was done.
type ReportCount struct {
	Rule string
	// WouldHide and WouldShow are how often it would have decided so; Differs, how often
	// something else was decided.
	WouldHide, WouldShow, Differs int64
}

// AdCount is what was decided for who came by an ad.
type AdCount struct {
	Ad              string
	Hidden, Visible int64
}

const (
	mostAds  = 100
	otherAds = "other"
)

// Decisions tells which rule decided how often in a business, hour by hour (whole hours of
// UTC; per ad whole days).
func (d *Desk) Decisions(ctx context.Context, a Actor, business string, span Span) (Decisions, error) {
	counted, err := d.figures(ctx, a, business, &span)
	if err != nil {
		return Decisions{}, err
	}
	ads, err := d.Figures.Ads(ctx, business, span)
	if err != nil {
		return Decisions{}, fmt.Errorf("decisions: %w", err)
	}
	out := Decisions{From: span.From, To: span.To, Series: make([]DecisionCount, 0, span.hours())}
	for at := span.From; at.Before(span.To); at = at.Add(time.Hour) {
		out.Series = append(out.Series, DecisionCount{From: at, To: at.Add(time.Hour)})
	}
	rules, reports := map[[2]string]*RuleCount{}, map[string]*ReportCount{}
	for _, c := range counted {
		f := c.Figure
		switch f.Kind {
		case webhook.FigureDecision:
			at := &out.Series[c.At.Sub(span.From)/time.Hour]
			add(&at.Hidden, &at.Visible, &at.Undecided, c)
			r := of(rules, [2]string{f.By, f.Why}, RuleCount{Rule: f.By, Reason: f.Why})
			add(&r.Hidden, &r.Visible, &r.Undecided, c)
		case webhook.FigureReport:
			r := of(reports, f.By, ReportCount{Rule: f.By})
			add(&r.WouldHide, &r.WouldShow, new(int64), c)
			if f.What != f.Why {
				r.Differs += c.N
			}
		case webhook.FigureEvent, webhook.FigureAd, webhook.FigureSharing:
		}
	}
	out.Rules = sorted(rules, func(r, other RuleCount) int {
		return cmp.Or(cmp.Compare(other.Hidden+other.Visible+other.Undecided, r.Hidden+r.Visible+r.Undecided), cmp.Compare(r.Rule, other.Rule), cmp.Compare(r.Reason, other.Reason))
	})
	out.Reports = sorted(reports, func(r, other ReportCount) int { return cmp.Compare(r.Rule, other.Rule) })
	out.ads(ads)
	return out, nil
}

// ads sums ads over days.
func (out *Decisions) ads(counted []Counted) {
	found := map[string]*AdCount{}
	out.OtherAds.Ad = otherAds
	for _, c := range counted {
		to := &out.OtherAds
		if c.Figure.By != otherAds {
			to = of(found, c.Figure.By, AdCount{Ad: c.Figure.By})
		}
		add(&to.Hidden, &to.Visible, new(int64), c)
	}
	all := sorted(found, func(a, other AdCount) int {
		return cmp.Or(cmp.Compare(other.Hidden+other.Visible, a.Hidden+a.Visible), cmp.Compare(a.Ad, other.Ad))
	})
	for i := mostAds; i < len(all); i++ {
		out.OtherAds.Hidden += all[i].Hidden
		out.OtherAds.Visible += all[i].Visible
	}
	out.Ads = all[:min(mostAds, len(all))]
}

// SharingCount is what became of questions in a span: lines of the consent ledger.
type SharingCount struct {
	From, To time.Time
	// Asked, and what followed: Undeliverable questions did not reach the customer, Refused
	// acts had no effect, HiddenAgain are shares that ended by a change of number or with a
	// group.
	Asked, Shared, Declined, Expired, Withdrawn, Undeliverable, Refused, HiddenAgain, Erased int64
}

// SharingOverTime is what customers decided.
type SharingOverTime struct {
	Total SharingCount
	// Series by hours, without gaps.
	Series []SharingCount
}

// Sharing tells what the customers of a business were asked and decided, hour by hour.
func (d *Desk) Sharing(ctx context.Context, a Actor, business string, span Span) (SharingOverTime, error) {
	counted, err := d.figures(ctx, a, business, &span)
	if err != nil {
		return SharingOverTime{}, err
	}
	out := SharingOverTime{Total: SharingCount{From: span.From, To: span.To}}
	for at := span.From; at.Before(span.To); at = at.Add(time.Hour) {
		out.Series = append(out.Series, SharingCount{From: at, To: at.Add(time.Hour)})
	}
	for _, c := range counted {
		if c.Figure.Kind != webhook.FigureSharing {
			continue
		}
		for _, to := range []*SharingCount{&out.Total, &out.Series[c.At.Sub(span.From)/time.Hour]} {
			if n := to.of(sharing.LineType(c.Figure.What)); n != nil {
				*n += c.N
			}
		}
	}
	return out, nil
}

// of is where a line is counted; nil for one that is not about an answer.
func (s *SharingCount) of(t sharing.LineType) *int64 {
	switch t {
	case sharing.LineAsked:
		return &s.Asked
	case sharing.LineShared:
		return &s.Shared
	case sharing.LineDeclined:
		return &s.Declined
	case sharing.LineExpired:
		return &s.Expired
	case sharing.LineWithdrawn:
		return &s.Withdrawn
	case sharing.LineUnasked:
		return &s.Undeliverable
	case sharing.LineRefused:
		return &s.Refused
	case sharing.LineHidden:
		return &s.HiddenAgain
	case sharing.LineErased:
		return &s.Erased
	case sharing.LineText, sharing.LineRenewed, sharing.LineImported:
	}
	return nil
}

// figures reads those of one business, for a span that it makes whole hours.
func (d *Desk) figures(ctx context.Context, a Actor, business string, span *Span) ([]Counted, error) {
	if err := span.check(); err != nil {
		return nil, err
	}
	if _, err := d.businesses(a, business); err != nil || business == "" {
		return nil, ErrUnknown
	}
	*span = Span{From: span.From.UTC().Truncate(time.Hour), To: span.To.UTC().Add(time.Hour - 1).Truncate(time.Hour)}
	counted, err := d.Figures.Read(ctx, business, *span)
	if err != nil {
		return nil, fmt.Errorf("figures: %w", err)
	}
	return counted, nil
}

func (s Span) hours() int { return int(s.To.Sub(s.From) / time.Hour) }

// add counts under a visibility.
func add(hidden, visible, undecided *int64, c Counted) {
	switch c.Figure.What {
	case webhook.Visible.String(), webhook.Shared.String():
		*visible += c.N
	case webhook.Undecided.String():
		*undecided += c.N
	default:
		*hidden += c.N
	}
}

// of is the entry of a key, a fresh one if there was none.
func of[K comparable, V any](all map[K]*V, key K, fresh V) *V {
	if all[key] == nil {
		all[key] = &fresh
	}
	return all[key]
}

func sorted[K comparable, V any](all map[K]*V, order func(a, b V) int) []V {
	out := make([]V, 0, len(all))
	for _, v := range all {
		out = append(out, *v)
	}
	slices.SortFunc(out, order)
	return out
}

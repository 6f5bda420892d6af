package manage

import (
	"context"
	"net/http"
	"time"

	"bauta/webhook/operate"
)

// usualDays is of which time figures are told if nobody says.
const usualDays = 24 * time.Hour

type visibilities struct {
	Hidden    int64 `json:"hidden"`
	Visible   int64 `json:"visible"`
	Undecided int64 `json:"undecided"`
}

type ruleCount struct {
	Rule   *string `json:"rule"`
	Reason string  `json:"reason"`
	visibilities
}

type reportCount struct {
	Rule      string `json:"rule"`
	WouldHide int64  `json:"would_hide"`
	WouldShow int64  `json:"would_show"`
	Differs   int64  `json:"differs"`
}

type adCount struct {
	Ad      string `json:"ad"`
	Hidden  int64  `json:"hidden"`
	Visible int64  `json:"visible"`
}

type decisionCount struct {
	From time.Time `json:"from"`
	To   time.Time `json:"to"`
	visibilities
}

type decisions struct {
	From     time.Time       `json:"from"`
	To       time.Time       `json:"to"`
	Rules    []ruleCount     `json:"rules"`
	Reports  []reportCount   `json:"reports"`
	Ads      []adCount       `json:"ads"`
	OtherAds adCount         `json:"other_ads"`
	Series   []decisionCount `json:"series"`
}

// decisions answers GET /v1/decisions.
func (h *Handler) decisions(ctx context.Context, r *request) (*outcome, error) {
	span, err := r.span(usualDays)
	if err != nil {
		return nil, err
	}
	found, err := h.Desk.Decisions(ctx, r.actor, r.of, span)
	if err != nil {
		return nil, h.refused(ctx, r, err)
	}
	return answered(http.StatusOK, decisionsOf(&found))
}

func decisionsOf(d *operate.Decisions) decisions {
	out := decisions{
		From: d.From.UTC(), To: d.To.UTC(), Rules: make([]ruleCount, len(d.Rules)), Reports: make([]reportCount, len(d.Reports)),
		Ads: make([]adCount, len(d.Ads)), OtherAds: adCount(d.OtherAds), Series: make([]decisionCount, len(d.Series)),
	}
	for i, c := range d.Rules {
		out.Rules[i] = ruleCount{textOf(c.Rule), c.Reason, visibilities{c.Hidden, c.Visible, c.Undecided}}
	}
	for i, c := range d.Reports {
		out.Reports[i] = reportCount(c)
	}
	for i, c := range d.Ads {
		out.Ads[i] = adCount(c)
	}
	for i, c := range d.Series {
		out.Series[i] = decisionCount{c.From.UTC(), c.To.UTC(), visibilities{c.Hidden, c.Visible, c.Undecided}}
	}
	return out
}

type sharingCount struct {
	From          time.Time `json:"from"`
	To            time.Time `json:"to"`
	Asked         int64     `json:"asked"`
	Shared        int64     `json:"shared"`
	Declined      int64     `json:"declined"`
	Expired       int64     `json:"expired"`
	Withdrawn     int64     `json:"withdrawn"`
	Undeliverable int64     `json:"undeliverable"`
	Refused       int64     `json:"refused"`
	HiddenAgain   int64     `json:"hidden_again"`
	Erased        int64     `json:"erased"`
}

// sharing answers GET /v1/sharing.
func (h *Handler) sharing(ctx context.Context, r *request) (*outcome, error) {
	span, err := r.span(usualDays)
	if err != nil {
		return nil, err
	}
	found, err := h.Desk.Sharing(ctx, r.actor, r.of, span)
	if err != nil {
		return nil, h.refused(ctx, r, err)
	}
	series := make([]sharingCount, len(found.Series))
	for i, c := range found.Series {
		series[i] = sharingCount(c)
	}
	return answered(http.StatusOK, struct {
		Total  sharingCount   `json:"total"`
		Series []sharingCount `json:"series"`
	}{sharingCount(found.Total), series})
}

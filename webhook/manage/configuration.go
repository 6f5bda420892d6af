package manage

import (
	"context"
	"net/http"
	"time"
)

type setting struct {
	Key     string `json:"key"`
	Value   string `json:"value"`
	Line    *int   `json:"line"`
	Meaning string `json:"meaning"`
}

// configuration answers GET /v1/configuration.
func (h *Handler) configuration(ctx context.Context, r *request) (*outcome, error) {
	loaded, err := h.Desk.Configuration(r.actor)
	if err != nil {
		return nil, h.refused(ctx, r, err)
	}
	settings := make([]setting, len(loaded.Settings))
	for i, s := range loaded.Settings {
		settings[i] = setting{s.Key, s.Value, numberOf(s.Line), s.Meaning}
	}
	warnings := loaded.Warnings
	if warnings == nil {
		warnings = []string{}
	}
	return answered(http.StatusOK, struct {
		File     string    `json:"file"`
		ReadAt   time.Time `json:"read_at"`
		Settings []setting `json:"settings"`
		Warnings []string  `json:"warnings"`
	}{loaded.File, loaded.At.UTC(), settings, warnings})
}

// reload answers POST /v1/configuration/reload: a configuration that is wrong is a
// problem that lists its faults.
func (h *Handler) reload(ctx context.Context, r *request) (*outcome, error) {
	return h.act(ctx, r, func(ctx context.Context) (*outcome, error) {
		became, err := h.Desk.Reload(ctx, r.actor)
		if err != nil {
			return nil, err
		}
		if len(became.Faults) > 0 {
			f := fail(problemConfiguration)
			f.faults = became.Faults
			return nil, f
		}
		return answered(http.StatusOK, struct {
			At      time.Time `json:"at"`
			Changed bool      `json:"changed"`
		}{became.At.UTC(), became.Changed})
	})
}

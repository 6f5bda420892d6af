package graph

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"bauta/webhook"
)

// How often a business is asked about: daily, and what could not be asked after a
// minute, then after twice as long each time, up to an hour.
const (
	watchEvery     = 24 * time.Hour
	watchRetry     = time.Minute
	watchRetryMost = time.Hour
	watchAsk       = 2 * time.Minute
)

// WatchOptions are what a Watch needs. All but Registerer are required.
type WatchOptions struct {
	Client *Client
	// Businesses returns those of now.
	Businesses func() []*webhook.Business
	// Token returns a business's access token, "" if none is configured: it is not
	// asked about then.
	Token  func(business string) string
	Logger *slog.Logger
	// Registerer takes the gauge bauta_other_apps, nil: none does.
	Registerer prometheus.Registerer
}

// Watch sees to it that the raw webhooks go to Bauta alone: another app that is
// subscribed to a business's WABA, or another callback, gets every number
// (webhooks.md 1.5). It changes nothing; it warns.
type Watch struct {
	o     WatchOptions
	gauge *prometheus.GaugeVec
	// changed is signalled when the businesses are others.
	changed chan struct{}

	mu       sync.Mutex
	warnings map[string][]Warning // by business
}

// NewWatch checks the options and registers the gauge.
func NewWatch(o WatchOptions) (*Watch, error) {
	if o.Client == nil || o.Businesses == nil || o.Token == nil || o.Logger == nil {
		return nil, errors.New("graph: a watch needs a client, businesses, tokens and a logger")
	}
	w := &Watch{o: o, changed: make(chan struct{}, 1), warnings: make(map[string][]Warning), gauge: prometheus.NewGaugeVec(prometheus.GaugeOpts{
		Name: "bauta_other_apps", Help: "Apps beside the first, and callbacks of their own, that may get the raw webhooks of a business.",
	}, []string{"business"})}
	if o.Registerer != nil {
		if err := o.Registerer.Register(w.gauge); err != nil {
			return nil, err
		}
	}
	return w, nil
}

// turn is when a business is asked about next.
type turn struct {
	business *webhook.Business
	token    string
	at       time.Time
	failures int
}

// Run asks at once, and again daily, until ctx ends. It is called once.
func (w *Watch) Run(ctx context.Context) {
	turns := map[string]*turn{}
	for {
		w.turns(turns)
		wait := watchEvery
		next := soonest(turns)
		if next != nil {
			wait = time.Until(next.at)
		}
		timer := time.NewTimer(wait)
		select {
		case <-ctx.Done():
			timer.Stop()
			return
		case <-w.changed:
			timer.Stop()
			continue
		case <-timer.C:
		}
		if next == nil {
			continue
		}
		again := watchEvery
		if w.Check(ctx, next.business) {
			next.failures = 0
		} else {
			again = min(watchRetry<<min(next.failures, 6), watchRetryMost)
			next.failures++
		}
		next.at = time.Now().Add(again)
	}
}

// turns gives businesses that are new, or have other accounts or another token than
// they had, a turn now, and forgets those that are gone.
func (w *Watch) turns(turns map[string]*turn) {
	of := map[string]*webhook.Business{}
	for _, b := range w.o.Businesses() {
		token := w.o.Token(b.ID)
		if token == "" {
			continue
		}
		of[b.ID] = b
		t := turns[b.ID]
		if t == nil || t.token != token || !slices.Equal(t.business.WABAs, b.WABAs) {
			t = &turn{token: token, at: time.Now()}
			turns[b.ID] = t
		}
		t.business = b
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	for id := range turns {
		if of[id] == nil {
			delete(turns, id)
			delete(w.warnings, id)
			w.gauge.DeleteLabelValues(id)
		}
	}
}

func soonest(turns map[string]*turn) *turn {
	var next *turn
	for _, t := range turns {
		if next == nil || t.at.Before(next.at) {
			next = t
		}
	}
	return next
}

// Changed tells that the businesses are others, or have other accounts or tokens. It
// never waits.
func (w *Watch) Changed() {
	select {
	case w.changed <- struct{}{}:
	default:
	}
}

// Check asks about one business now, and tells whether all could be found out.
func (w *Watch) Check(ctx context.Context, b *webhook.Business) bool {
	within, cancel := context.WithTimeout(ctx, watchAsk)
	defer cancel()
	token := w.o.Token(b.ID)
	var found []Warning
	for _, waba := range b.WABAs {
		found = append(found, w.askApps(within, token, b.ID, waba)...)
		found = append(found, w.askNumbers(within, token, b.ID, waba)...)
	}
	if ctx.Err() != nil {
		return false // the program ends: this says nothing
	}
	others, complete := 0, true
	for _, one := range found {
		others += one.others
		complete = complete && one.Word != NotAsked
	}
	if complete {
		w.gauge.WithLabelValues(b.ID).Set(float64(others))
	}
	w.mu.Lock()
	told := slices.Equal(w.warnings[b.ID], found)
	w.warnings[b.ID] = found
	w.mu.Unlock()
	if complete || !told { // what cannot be asked is asked often, and told once
		for _, one := range found {
			one.log(ctx, w.o.Logger)
		}
	}
	return complete
}

// Warnings are what was found last, in words, by business and WABA; nil if all is
// well or nothing was asked yet. They name no number.
func (w *Watch) Warnings() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	var all []string
	for _, b := range w.o.Businesses() {
		for _, one := range w.warnings[b.ID] {
			all = append(all, one.String())
		}
	}
	return all
}

// Found is what was found last of one business.
func (w *Watch) Found(business string) []Warning {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.warnings[business])
}

func (w *Watch) askApps(ctx context.Context, token, business, waba string) []Warning {
	apps, err := w.o.Client.SubscribedApps(ctx, token, waba)
	if err != nil {
		return []Warning{{Word: NotAsked, Business: business, WABA: waba, Kind: kindOf(err), what: "its subscribed apps"}}
	}
	var found []Warning
	switch {
	case len(apps) == 0:
		found = append(found, Warning{Word: NoApp, Business: business, WABA: waba})
	case len(apps) > 1:
		found = append(found, Warning{Word: OtherApps, Business: business, WABA: waba, count: len(apps), others: len(apps) - 1})
	}
	n := 0
	for _, app := range apps {
		if app.Override != "" {
			n++
		}
	}
	if n > 0 {
		found = append(found, Warning{Word: WABACallback, Business: business, WABA: waba, count: n, others: n})
	}
	return found
}

func (w *Watch) askNumbers(ctx context.Context, token, business, waba string) []Warning {
	overrides, err := w.o.Client.CallbackOverrides(ctx, token, waba)
	if err != nil {
		return []Warning{{Word: NotAsked, Business: business, WABA: waba, Kind: kindOf(err), what: "the callbacks of its phone numbers"}}
	}
	if len(overrides) == 0 {
		return nil
	}
	return []Warning{{Word: NumberCallback, Business: business, WABA: waba, count: len(overrides), others: len(overrides)}}
}

package webhook

import (
	"github.com/prometheus/client_golang/prometheus"

	"bauta/masking/sharing"
	"bauta/webhook/meta"
)

// Metrics counts what the pipeline does. Labels are businesses, catalogued
// fields and closed sets: never an identity, never a sender's word.
type Metrics struct {
	events, decisions, holds, drops, rules *prometheus.CounterVec
	identities, ads, waba, tests           *prometheus.CounterVec
	consents, statuses, ledgers, quotes    *prometheus.CounterVec
	raw                                    *prometheus.GaugeVec
	// figures are counted for operators too; nil: they are not.
	figures Figures
}

// NewMetrics registers the pipeline's metrics. It panics on a registry that has
// them already, as prometheus does.
func NewMetrics(r prometheus.Registerer) *Metrics {
	counter := func(name, help string, labels ...string) *prometheus.CounterVec {
		c := prometheus.NewCounterVec(prometheus.CounterOpts{Name: name, Help: help}, labels)
		r.MustRegister(c)
		return c
	}
	m := &Metrics{
		events:     counter("bauta_events_total", "Events by what became of them: received, stored, duplicate.", "business", "field", "outcome"),
		decisions:  counter("bauta_decisions_total", "Decisions by visibility and whether a rule or a built-in decided.", "business", "visibility", "by"),
		holds:      counter("bauta_held_total", "Events held because they could not be proven clean.", "business", "reason"),
		drops:      counter("bauta_dropped_total", "Events dropped by policy.", "business", "reason"),
		rules:      counter("bauta_rule_reports_total", "What rules in report mode would have decided.", "business", "rule", "hide"),
		identities: counter("bauta_identities_total", "Links between identities: merged, conflict, reassigned, late_ad.", "business", "what"),
		ads:        counter("bauta_ad_unknown_total", "First contacts hidden because what a rule asks of the ad could not be had.", "business"),
		waba:       counter("bauta_unknown_waba_total", "Events of WABAs that no business claims.", "app"),
		tests:      counter("bauta_test_events_total", "Events of the WABA 0, which is nobody's: they try the way in.", "app"),
		consents:   counter("bauta_consents_total", "What customers and businesses decided about numbers, by what it led to.", "business", "action", "outcome"),
		statuses:   counter("bauta_own_message_statuses_total", "Statuses of Bauta's own messages to customers, which no business gets.", "business", "status"),
		ledgers:    counter("bauta_consent_ledger_refused_total", "Times a consent ledger took no lines because it does not hold: nobody can share.", "business"),
		quotes:     counter("bauta_own_message_quotes_total", "Messages that quote one of Bauta's own, delivered without the reference.", "business"),
		raw: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "bauta_raw_path_present", Help: "1 when a person reads the raw chats in the Business app.",
		}, []string{"business"}),
	}
	r.MustRegister(m.raw)
	return m
}

// outcomeRefused is what an act without effect led to; all others are states.
const outcomeRefused = "refused"

// consentOutcomes are what acts can lead to, by action (sharing.Next).
func consentOutcomes() map[string][]string {
	const asked, shared, declined, withdrawn = sharing.Asked, sharing.Shared, sharing.Declined, sharing.Withdrawn
	return map[string][]string{
		actionButton:     {shared.String(), declined.String(), withdrawn.String(), outcomeRefused},
		actionAnswer:     {shared.String(), outcomeRefused},
		actionCard:       {shared.String(), outcomeRefused},
		actionKeyword:    {shared.String(), asked.String(), withdrawn.String(), outcomeRefused},
		actionManagement: {asked.String(), withdrawn.String()},
		actionReply:      {asked.String()},
	}
}

// Begin counts from 0 what businesses can come to, so that the first one is an increase.
// What depends on a field or a rule, and what a body cannot be read for, appears when it
// is counted.
func (m *Metrics) Begin(businesses []*Business) {
	for _, b := range businesses {
		for _, v := range []Visibility{Undecided, Hidden, Visible} {
			for _, by := range []string{"built_in", "rule"} {
				m.decisions.WithLabelValues(b.ID, v.String(), by)
			}
		}
		for _, what := range []string{"merged", "conflict", "reassigned", "late_ad"} {
			m.identities.WithLabelValues(b.ID, what)
		}
		for _, reason := range []string{HeldLeak, HeldUnknownField, HeldUnmasked, HeldToken, HeldUnreadable} {
			m.holds.WithLabelValues(b.ID, reason)
		}
		for action, outcomes := range consentOutcomes() {
			for _, outcome := range outcomes {
				m.consents.WithLabelValues(b.ID, action, outcome)
			}
		}
		for _, status := range []string{"sent", "delivered", "read", "failed"} {
			m.statuses.WithLabelValues(b.ID, status)
		}
		for _, reason := range []string{consumedStatus, consumedTap, consumedLate, consumedFormer, droppedAddressBook, droppedField, HeldLeak} {
			m.drops.WithLabelValues(b.ID, reason)
		}
		m.ads.WithLabelValues(b.ID)
		m.raw.WithLabelValues(b.ID)
		m.ledgers.WithLabelValues(b.ID)
		m.quotes.WithLabelValues(b.ID)
		m.waba.WithLabelValues(b.App)
		m.tests.WithLabelValues(b.App)
	}
}

func (m *Metrics) received(business string, e *meta.Event) {
	m.events.WithLabelValues(business, fieldLabel(e), "received").Inc()
}

func (m *Metrics) stored(i *Item, duplicate bool) {
	outcome := "stored"
	if duplicate {
		outcome = "duplicate"
	}
	field := i.Delivery.Field
	if i.Delivery.Kind == string(meta.Unknown) {
		field = "unknown"
	}
	m.events.WithLabelValues(i.Business, field, outcome).Inc()
	if !duplicate {
		m.figuresOf(i)
	}
}

func fieldLabel(e *meta.Event) string {
	if e.Kind == meta.Unknown {
		return "unknown" // the field's name is the sender's word
	}
	return e.Field
}

func (m *Metrics) held(h *HeldEvent, stored bool) {
	if stored {
		m.holds.WithLabelValues(h.Business, h.Reason).Inc()
	}
}

func (m *Metrics) dropped(business, reason string) { m.drops.WithLabelValues(business, reason).Inc() }
func (m *Metrics) unknownWABA(app string)          { m.waba.WithLabelValues(app).Inc() }
func (m *Metrics) tested(app string)               { m.tests.WithLabelValues(app).Inc() }
func (m *Metrics) rawPath(business string)         { m.raw.WithLabelValues(business).Set(1) }
func (m *Metrics) unledgered(business string)      { m.ledgers.WithLabelValues(business).Inc() }
func (m *Metrics) unreferred(business string)      { m.quotes.WithLabelValues(business).Inc() }
func (m *Metrics) conflict(business string)        { m.identities.WithLabelValues(business, "conflict").Inc() }

// act counts what an act led to; one that comes again, or means nothing, is none.
func (m *Metrics) act(business string, t turning, step sharing.Step, same bool) {
	if same || step.Effect == sharing.Nothing {
		return
	}
	outcome := step.Next.String()
	if step.Effect == sharing.Refuse {
		outcome = outcomeRefused
	}
	m.consents.WithLabelValues(business, t.action, outcome).Inc()
}

// ownStatus counts what became of Bauta's own messages.
func (m *Metrics) ownStatus(business string, e *meta.Event) {
	m.statuses.WithLabelValues(business, word(e.Type)).Inc()
}

func (m *Metrics) identity(business string, c claim) {
	if c.conflict {
		m.conflict(business)
	}
	if c.reassigned {
		m.identities.WithLabelValues(business, "reassigned").Inc()
	}
	if c.merged != nil {
		m.identities.WithLabelValues(business, "merged").Inc()
	}
}

func (m *Metrics) decided(business string, a answer) {
	if a.lateAd {
		m.identities.WithLabelValues(business, "late_ad").Inc()
		return
	}
	by := "built_in"
	if a.standing.Rule != "" {
		by = "rule"
	}
	m.decisions.WithLabelValues(business, a.standing.Visibility.String(), by).Inc()
	if a.adUnknown {
		m.ads.WithLabelValues(business).Inc()
	}
	for _, r := range a.reports {
		hide := "false"
		if r.Hide {
			hide = "true"
		}
		m.rules.WithLabelValues(business, r.Rule, hide).Inc()
	}
}

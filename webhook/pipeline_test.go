package webhook

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"bauta/masking"
	"bauta/masking/keys"
	"bauta/masking/sharing"
	"bauta/webhook/meta"
	"bauta/webhook/simulator"
)

const acmeWABA = "102290129340398"

// memory is a store that keeps customers, held events and items. Its other
// fields break it.
type memory struct {
	customers []*Customer
	held      map[uint64]bool
	stored    map[string]bool
	items     []Item
	offered   []Leased
	// So many mintings are refused as stale, or because the handle is taken;
	// winner was minted first. failed: appending fails, after it stored.
	stale, taken int
	winner       *Customer
	failed       error
	// rolls are the ids on each roll.
	rolls map[Roll][]string
}

// Remember forgets: what it is given is tested where it is made.
func (m *memory) Remember(context.Context, *Customer, []Form) error { return nil }

func (m *memory) Enter(_ context.Context, _ string, roll Roll, ids []string) error {
	if m.rolls == nil {
		m.rolls = map[Roll][]string{}
	}
	m.rolls[roll] = append(m.rolls[roll], ids...)
	return nil
}

func (m *memory) On(_ context.Context, _ string, roll Roll, ids []string) ([]bool, error) {
	on := make([]bool, len(ids))
	for i, id := range ids {
		on[i] = slices.Contains(m.rolls[roll], id)
	}
	return on, nil
}

func (m *memory) Recall(_ context.Context, lookups []Lookup) ([]Found, error) {
	found, copies := make([]Found, len(lookups)), map[*Customer]*Customer{}
	for i, l := range lookups {
		for _, c := range m.customers {
			if !c.claims(l.Identity) {
				continue
			}
			if copies[c] == nil {
				copied := *c
				copies[c] = &copied
			}
			found[i].Customer = copies[c]
		}
	}
	return found, nil
}

func (m *memory) Mint(_ context.Context, c *Customer) (*Customer, bool, error) {
	if m.stale > 0 {
		m.stale--
		return nil, false, ErrStale
	}
	if m.taken > 0 {
		m.taken--
		return nil, false, ErrHandleTaken
	}
	if m.winner != nil {
		return m.winner, false, nil
	}
	c.Version, c.DataKey = 1, benchKey{}
	m.customers = append(m.customers, c)
	return c, true, nil
}

func (m *memory) Touch(context.Context, []*Customer) error               { return nil }
func (m *memory) FirstHidden(context.Context, string) (time.Time, error) { return time.Time{}, nil }
func (m *memory) MarkHidden(context.Context, string, time.Time) error    { return nil }
func (m *memory) BusinessKey(context.Context, string) (DataKey, error)   { return benchKey{}, nil }
func (m *memory) Decide(context.Context, FirstContact) Decision {
	return Decision{Rule: "pilot", Reason: "rule", Reports: []Report{{Rule: "next", Hide: true}}}
}
func (m *memory) Offer(leased Leased) { m.offered = append(m.offered, leased) }

func (m *memory) Update(_ context.Context, c *Customer) error {
	for i, kept := range m.customers {
		if kept.ID == c.ID {
			m.customers[i] = c
		}
	}
	return nil
}

func (m *memory) Hold(_ context.Context, h HeldEvent) (bool, error) {
	known := m.held[h.Dedupe]
	m.held[h.Dedupe] = true
	return !known, nil
}

func (m *memory) Append(_ context.Context, items []Item) ([]Appended, error) {
	out := make([]Appended, len(items))
	for i := range items {
		for _, c := range append([]Conversation{items[i].Conversation}, items[i].Earlier...) {
			out[i].Duplicate = out[i].Duplicate || m.stored[fmt.Sprint(c, " ", items[i].Dedupe)]
		}
		m.stored[fmt.Sprint(items[i].Conversation, " ", items[i].Dedupe)] = true
		if !out[i].Duplicate {
			m.items = append(m.items, items[i])
			out[i].Leases = []Lease{{Token: items[i].Delivery.ID}}
		}
	}
	return out, m.failed
}

// plant is a pipeline on a memory.
type plant struct {
	*Pipeline
	memory   *memory
	registry *prometheus.Registry
}

func newPlant(t *testing.T, b Business) plant {
	t.Helper()
	set, err := keys.Generate()
	if err != nil {
		t.Fatal(err)
	}
	handles, registry := masking.NewHandles(set), prometheus.NewRegistry()
	m := &memory{held: map[uint64]bool{}, stored: map[string]bool{}}
	b.ID, b.App, b.WABAs = "acme", "main", []string{acmeWABA}
	p, err := NewPipeline(Options{
		Directory: NewDirectory([]Business{b}), Catalogue: meta.NewCatalogue(), Rewriter: masking.NewRewriter(), Tokens: sharing.NewTokens(set),
		IDs: meta.NewIDMasker(set, handles), Minter: handles, PRF: set,
		Vault: m, Forms: m, Rolls: m, Presence: m, Watershed: m, Keys: m, Decider: m, Queue: m, Holder: m, Courier: m,
		Metrics: NewMetrics(registry), Logger: slog.New(slog.DiscardHandler), Now: func() time.Time { return time.Unix(1789000000, 0) },
	})
	if err != nil {
		t.Fatal(err)
	}
	return plant{p, m, registry}
}

// counted are the pipeline's counters that are not zero, as name{labels} value.
func (p plant) counted(t *testing.T) map[string]float64 {
	t.Helper()
	families, err := p.registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]float64{}
	for _, f := range families {
		for _, m := range f.GetMetric() {
			var labels []string
			for _, l := range m.GetLabel() {
				labels = append(labels, l.GetName()+"="+l.GetValue())
			}
			if n := m.GetCounter().GetValue() + m.GetGauge().GetValue(); n != 0 {
				out[f.GetName()+"{"+strings.Join(labels, ",")+"}"] = n
			}
		}
	}
	return out
}

func (p plant) wantCounted(t *testing.T, want map[string]float64) {
	t.Helper()
	got := p.counted(t)
	for name, n := range want {
		if got[name] != n {
			t.Errorf("%s is %v, want %v", name, got[name], n)
		}
		delete(got, name)
	}
	for name, n := range got {
		t.Errorf("nobody expected %s %v", name, n)
	}
}

func adaWrites() []byte {
	ada := simulator.Person{Number: adaNumber, UserID: adaUser, Name: "Ada Rossi"}
	b := simulator.Business{WABA: acmeWABA, PhoneNumberID: "106540352242922", Number: "15550783881"}
	return b.Inbound(simulator.Message{
		From: ada, ID: simulator.MessageID(ada, false, "3A01"), At: time.Unix(1789000000, 0), Type: "text",
		Content: simulator.Part{{Name: "body", Value: "Hello"}}, Ad: &simulator.Ad{Type: "ad", ID: "1"},
	})
}

func change(waba, field, value string) []byte {
	return fmt.Appendf(nil, `{"object":"whatsapp_business_account","entry":[{"id":"%s","changes":[{"field":"%s","value":%s}]}]}`, waba, field, value)
}

func TestEverythingMissingIsNamed(t *testing.T) {
	t.Parallel()
	_, err := NewPipeline(Options{})
	if err == nil || !strings.Contains(err.Error(), "Options.Directory") {
		t.Errorf("error %v", err)
	}
}

// An event is counted once, however often another node comes between.
func TestAStaleRecordIsReadAgain(t *testing.T) {
	t.Parallel()
	p := newPlant(t, Business{Endpoints: []Endpoint{{ID: "crm"}}})
	p.memory.stale = staleTries - 1
	if err := p.Accept(t.Context(), "main", adaWrites()); err != nil {
		t.Fatal(err)
	}
	p.wantCounted(t, map[string]float64{
		"bauta_events_total{business=acme,field=messages,outcome=received}": 1,
		"bauta_events_total{business=acme,field=messages,outcome=stored}":   1,
		"bauta_decisions_total{business=acme,by=rule,visibility=hidden}":    1,
		"bauta_rule_reports_total{business=acme,hide=true,rule=next}":       1,
	})
	p = newPlant(t, Business{})
	p.memory.stale = staleTries
	if err := p.Accept(t.Context(), "main", adaWrites()); !errors.Is(err, ErrStale) {
		t.Errorf("after %d tries: %v, want ErrStale", staleTries, err)
	}
	if len(p.memory.items) != 0 {
		t.Error("something was queued all the same")
	}
}

// A counter that appears with its first count is no increase to whoever watches it.
func TestCountersBeginAtZero(t *testing.T) {
	t.Parallel()
	p := newPlant(t, Business{})
	want := `
# HELP bauta_ad_unknown_total First contacts hidden because what a rule asks of the ad could not be had.
# TYPE bauta_ad_unknown_total counter
bauta_ad_unknown_total{business="acme"} 0
# HELP bauta_decisions_total Decisions by visibility and whether a rule or a built-in decided.
# TYPE bauta_decisions_total counter
bauta_decisions_total{business="acme",by="built_in",visibility="hidden"} 0
bauta_decisions_total{business="acme",by="built_in",visibility="undecided"} 0
bauta_decisions_total{business="acme",by="built_in",visibility="visible"} 0
bauta_decisions_total{business="acme",by="rule",visibility="hidden"} 0
bauta_decisions_total{business="acme",by="rule",visibility="undecided"} 0
bauta_decisions_total{business="acme",by="rule",visibility="visible"} 0
# HELP bauta_unknown_waba_total Events of WABAs that no business claims.
# TYPE bauta_unknown_waba_total counter
bauta_unknown_waba_total{app="main"} 0
`
	if err := testutil.GatherAndCompare(p.registry, strings.NewReader(want), "bauta_ad_unknown_total", "bauta_decisions_total", "bauta_unknown_waba_total"); err != nil {
		t.Error(err)
	}
}

func TestARedeliveryDecidesNothingAnew(t *testing.T) {
	t.Parallel()
	p := newPlant(t, Business{Endpoints: []Endpoint{{ID: "crm"}}})
	for range 2 {
		if err := p.Accept(t.Context(), "main", adaWrites()); err != nil {
			t.Fatal(err)
		}
	}
	p.wantCounted(t, map[string]float64{
		"bauta_events_total{business=acme,field=messages,outcome=received}":  2,
		"bauta_events_total{business=acme,field=messages,outcome=stored}":    1,
		"bauta_events_total{business=acme,field=messages,outcome=duplicate}": 1,
		"bauta_decisions_total{business=acme,by=rule,visibility=hidden}":     1,
		"bauta_rule_reports_total{business=acme,hide=true,rule=next}":        1,
	})
	if len(p.memory.offered) != 1 {
		t.Errorf("%d idle lanes were offered, want 1", len(p.memory.offered))
	}
}

// What is stored beside a failure goes on its way; the platform sends all again.
func TestAnAppendThatFailedInPart(t *testing.T) {
	t.Parallel()
	p := newPlant(t, Business{Endpoints: []Endpoint{{ID: "crm"}}})
	p.memory.failed = errors.New("the store is away")
	if err := p.Accept(t.Context(), "main", adaWrites()); !errors.Is(err, p.memory.failed) {
		t.Errorf("error %v, want the store's", err)
	}
	if len(p.memory.offered) != 1 {
		t.Errorf("%d lanes were offered, want the one that is stored", len(p.memory.offered))
	}
	if n := p.counted(t)["bauta_events_total{business=acme,field=messages,outcome=stored}"]; n != 0 {
		t.Errorf("%v events count as stored", n)
	}
}

func TestWhatPolicyLetsGoNoFurther(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		body    []byte
		unknown UnknownFields
		want    map[string]float64
		warns   string
	}{
		"a WABA that nobody claims": {
			body: change("999", "messages", `{}`), want: map[string]float64{"bauta_unknown_waba_total{app=main}": 1},
		},
		"a test event, which is nobody's": {
			body: change("0", "messages", `{}`), want: map[string]float64{"bauta_test_events_total{app=main}": 1},
		},
		"an address book": {
			body: change(acmeWABA, "smb_app_state_sync", `{"messaging_product":"whatsapp","metadata":{"display_phone_number":"15550783881"},"state_sync":[{"type":"contact","contact":{"phone_number":"16505550142"},"action":"add"}]}`),
			want: map[string]float64{
				"bauta_events_total{business=acme,field=smb_app_state_sync,outcome=received}": 1,
				"bauta_dropped_total{business=acme,reason=address_book}":                      1,
				"bauta_raw_path_present{business=acme}":                                       1,
			},
			warns: "raw_path_present: acme",
		},
		"an unknown field, to be dropped": {
			body: change(acmeWABA, "a_field_of_16505550142", `{"wa_id":"16505550142"}`), unknown: DropUnknown,
			want: map[string]float64{
				"bauta_events_total{business=acme,field=unknown,outcome=received}": 1,
				"bauta_dropped_total{business=acme,reason=unknown_field}":          1,
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPlant(t, Business{Unknown: row.unknown, Endpoints: []Endpoint{{ID: "crm"}}})
			if err := p.Accept(t.Context(), "main", row.body); err != nil {
				t.Fatal(err)
			}
			if len(p.memory.items)+len(p.memory.held) != 0 {
				t.Error("it was stored")
			}
			p.wantCounted(t, row.want)
			if got := strings.Join(p.Warnings(), " "); got != row.warns {
				t.Errorf("warnings %q, want %q", got, row.warns)
			}
		})
	}
}

// Who changes the number, and back, is at the first one again; an announcement
// that comes once more changes nothing.
func TestANumberChangesBack(t *testing.T) {
	t.Parallel()
	p := newPlant(t, Business{})
	announce := func(from, to string, at int) []byte {
		return change(acmeWABA, "messages", fmt.Sprintf(`{"messaging_product":"whatsapp","metadata":{"display_phone_number":"15550783881","phone_number_id":"106540352242922"},"messages":[{"from":"%s","id":"wamid.change","timestamp":"%d","type":"system","system":{"body":"changed","wa_id":"%s","type":"user_changed_number"}}]}`, from, at, to))
	}
	there, back := announce(adaNumber, beaNumber, 1788990000), announce(beaNumber, adaNumber, 1788990060)
	for i, row := range []struct {
		body []byte
		want string
	}{{adaWrites(), adaNumber}, {there, beaNumber}, {back, adaNumber}, {there, adaNumber}, {back, adaNumber}} {
		if err := p.Accept(t.Context(), "main", row.body); err != nil {
			t.Fatal(err)
		}
		if len(p.memory.customers) != 1 {
			t.Fatalf("body %d: %d customers, want 1", i, len(p.memory.customers))
		}
		c := p.memory.customers[0]
		if c.Number() != number(t, row.want) || len(c.Links) > 3 {
			t.Errorf("body %d: the number is not the one that was announced last, or %d links are too many", i, len(c.Links))
		}
	}
}

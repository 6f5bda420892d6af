package webhook

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// A business learns that something of it is held: which field, when, and nothing
// else; once, however often the event comes.
func TestABusinessIsToldOfWhatIsHeld(t *testing.T) {
	t.Parallel()
	p := newPlant(t, Business{Endpoints: []Endpoint{
		{ID: "crm", OwnEvents: true}, {ID: "quiet"}, {ID: "accounts", OwnEvents: true, Fields: []string{"account_update"}},
	}})
	for range 2 {
		if err := p.Accept(t.Context(), "main", change(acmeWABA, "field_of_16505550142", `{"greeting":"hello"}`)); err != nil {
			t.Fatal(err)
		}
	}
	if len(p.memory.held) != 1 || len(p.memory.items) != 1 {
		t.Fatalf("%d held, %d items, want one of each", len(p.memory.held), len(p.memory.items))
	}
	item := p.memory.items[0]
	if diff := cmp.Diff([]string{"crm", "accounts"}, item.Endpoints); diff != "" {
		t.Errorf("endpoints: %s", diff)
	}
	if d := item.Delivery; d.Field != "bauta" || d.Kind != "event_held" || !strings.HasPrefix(d.ID, "evt_") || d.Visibility != "" || d.Handle != "" {
		t.Errorf("delivery: %+v", d)
	}
	var got map[string]any
	if err := json.Unmarshal(item.Delivery.Body, &got); err != nil {
		t.Fatal(err)
	}
	at := time.Unix(1789000000, 0).UTC().Format(time.RFC3339)
	want := map[string]any{"type": "event_held", "timestamp": at, "data": map[string]any{"field": "unknown", "held_at": at}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("own event: %s", diff)
	}
	p.wantCounted(t, map[string]float64{
		"bauta_events_total{business=acme,field=unknown,outcome=received}": 2,
		"bauta_held_total{business=acme,reason=unknown_field}":             1,
		"bauta_events_total{business=acme,field=bauta,outcome=stored}":     1,
		"bauta_events_total{business=acme,field=bauta,outcome=duplicate}":  1,
	})
}

func TestWhoAsksForNoOwnEventsGetsNone(t *testing.T) {
	t.Parallel()
	p := newPlant(t, Business{Endpoints: []Endpoint{{ID: "crm"}}})
	if err := p.Accept(t.Context(), "main", change(acmeWABA, "a_new_field", `{}`)); err != nil {
		t.Fatal(err)
	}
	if len(p.memory.held) != 1 || len(p.memory.items) != 0 {
		t.Errorf("%d held, %d items, want one and none", len(p.memory.held), len(p.memory.items))
	}
}

package webhook

import (
	"testing"
	"time"

	"bauta/webhook/meta"
)

// A status is dated and staged only where an endpoint's options ask for it: elements of
// all others are as they were, and nothing is computed for them.
func TestWhatOptionsForLateEventsAskForIsNoted(t *testing.T) {
	t.Parallel()
	const read = `{"messaging_product":"whatsapp","metadata":{"display_phone_number":"15550005678","phone_number_id":"106540352242922"},` +
		`"statuses":[{"id":"wamid.HBgLMTU1NTAwMDEyMzQVAgARGBIwMDExMjIzMzQ0NTU2NkFBQkIA","status":"read","timestamp":"1788990000","recipient_id":"15550001234"}]}`
	for name, row := range map[string]struct {
		endpoints     []Endpoint
		staged, dated bool
	}{
		"no option":                           {[]Endpoint{{ID: "crm"}}, false, false},
		"statuses forward only at one of two": {[]Endpoint{{ID: "crm"}, {ID: "bot", ForwardOnly: true}}, true, false},
		"statuses with a greatest age":        {[]Endpoint{{ID: "crm", MaxAge: map[string]time.Duration{"status": time.Hour}}}, false, true},
		"something else with a greatest age":  {[]Endpoint{{ID: "crm", MaxAge: map[string]time.Duration{"call": time.Hour}}}, false, false},
		"both options":                        {[]Endpoint{{ID: "crm", ForwardOnly: true, MaxAge: map[string]time.Duration{"status": time.Hour}}}, true, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPlant(t, Business{Endpoints: row.endpoints})
			prepared, err := p.Prepare(t.Context(), "main", change(acmeWABA, "messages", read))
			if err != nil || len(prepared.Items) != 1 {
				t.Fatalf("%d items, %v", len(prepared.Items), err)
			}
			d := prepared.Items[0].Delivery
			if staged := d.Stage == meta.Read && d.Message != 0; staged != row.staged || !staged && (d.Stage != meta.NoStage || d.Message != 0) {
				t.Errorf("stage %d of message %d, want it noted: %v", d.Stage, d.Message, row.staged)
			}
			if dated := d.At.Unix() == 1788990000; dated != row.dated || !dated && !d.At.IsZero() {
				t.Errorf("happened at %v, want it noted: %v", d.At, row.dated)
			}
		})
	}
}

package webhook

import (
	"fmt"
	"testing"

	"github.com/prometheus/client_golang/prometheus/testutil"

	"bauta/masking/sharing"
	"bauta/webhook/simulator"
)

// However often a body has to be worked through, and wherever it broke, an act and a
// status of Bauta's own messages are counted once.
func TestWhatIsDecidedIsCountedOnce(t *testing.T) {
	t.Parallel()
	for broken := range 12 {
		t.Run(fmt.Sprintf("broken before step %d", broken), func(t *testing.T) {
			t.Parallel()
			p := newParlour(t, nil)
			p.accept(t, p.message(ada(), text("Hi"), ""))
			id := p.ask(t, Direct, "3EB0AA")
			tap := p.tap(ada(), p.token(t, Direct, sharing.ActShare), "3EB0AA")
			again := func(body []byte) {
				t.Helper()
				p.shelf.steps = broken
				if err := p.Accept(t.Context(), "main", body); err != nil {
					p.shelf.steps = -2
					p.accept(t, body)
				}
				p.shelf.steps = -2
			}
			again(tap)
			if got := testutil.ToFloat64(p.Metrics.consents.WithLabelValues("acme", actionButton, "shared")); got != 1 {
				t.Errorf("a share is counted %v times", got)
			}
			again(change(acmeWABA, "messages", fmt.Sprintf(
				`{"messaging_product":"whatsapp","metadata":{"display_phone_number":"15550783881","phone_number_id":"106540352242922"},"statuses":[{"id":"%s","status":"read","timestamp":"%d","recipient_id":"%s","recipient_user_id":"%s","biz_opaque_callback_data":"bauta:question:%s"}]}`,
				simulator.MessageID(ada(), true, "3EB0AA"), p.now.Unix(), adaNumber, adaUser, id)))
			if got := testutil.ToFloat64(p.Metrics.statuses.WithLabelValues("acme", "read")); got != 1 {
				t.Errorf("a status is counted %v times", got)
			}
			if got := testutil.ToFloat64(p.Metrics.drops.WithLabelValues("acme", consumedStatus)); got != 1 {
				t.Errorf("what nobody gets is counted %v times", got)
			}
		})
	}
}

// countedFromStart: what was counted of consents was there from the start, at 0, so that
// the first one is an increase.
func countedFromStart(t testing.TB, m *Metrics) {
	t.Helper()
	began := 0
	for _, outcomes := range consentOutcomes() {
		began += len(outcomes)
	}
	if got := testutil.CollectAndCount(m.consents); got != began {
		t.Errorf("bauta_consents_total has %d series, and began with %d: see consentOutcomes", got, began)
	}
}

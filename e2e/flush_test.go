package e2e

import (
	"net/http"
	"strings"
	"testing"

	"bauta/webhook/simulator"
)

// In a store that lost its data nobody is known to hide: while it is so, nothing
// is decided, nothing is acknowledged, and no number gets out.
func TestAnEmptiedStoreDecidesNothing(t *testing.T) {
	t.Parallel()
	s := start(t, setup{})
	s.send(t, says(ada(), "3A0501", "from the ad", ctwa()))
	s.crm.wait(t, 1)
	if err := s.redis.Client.FlushAll(t.Context()).Err(); err != nil {
		t.Fatal(err)
	}
	sender := simulator.Sender{Client: &http.Client{}, URL: s.public + "/webhooks/main", Secret: appSecret}
	status, err := sender.Send(t.Context(), says(ada(), "3A0502", "without an ad", nil))
	if err != nil || status != http.StatusServiceUnavailable {
		t.Errorf("a webhook was answered %d (%v), want 503", status, err)
	}
	if _, body := s.get(t, s.admin+"/readyz"); !strings.Contains(body, "restart") {
		t.Errorf("/readyz does not say what to do: %s", body)
	}
	for _, d := range s.crm.all() {
		sweep(t, "a delivery after the data was lost", d.body, ada().Number, ada().UserID)
	}
}

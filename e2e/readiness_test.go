package e2e

import (
	"fmt"
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

// An address book shows that a person reads the raw chats: it is dropped, and the
// operator is told, nobody else.
func TestARawPathIsSaidToTheOperator(t *testing.T) {
	t.Parallel()
	s := start(t, setup{})
	s.send(t, fmt.Appendf(nil, `{"object":"whatsapp_business_account","entry":[{"id":"%s","changes":[{"field":"smb_app_state_sync","value":{"messaging_product":"whatsapp","metadata":{"display_phone_number":"15550783881","phone_number_id":"106540352242922"},"state_sync":[{"type":"contact","contact":{"full_name":"Ada Rossi","phone_number":"16505550142"},"action":"add"}]}}]}]}`, waba))
	if status, body := s.get(t, s.admin+"/readyz"); status != http.StatusOK || !strings.Contains(body, "raw_path_present: acme") {
		t.Errorf("the operator's /readyz: %d %s", status, body)
	}
	if status, body := s.get(t, s.public+"/readyz"); status != http.StatusOK || strings.Contains(body, "acme") {
		t.Errorf("the public /readyz: %d %s", status, body)
	}
	if _, body := s.get(t, s.admin+"/metrics"); !strings.Contains(body, `bauta_raw_path_present{business="acme"} 1`) {
		t.Error("the metric does not say it")
	}
	s.sweepAll(t, ada().Number)
}

// Whoever else gets the raw webhooks of an account is said to the operator, and
// nobody else.
func TestAnotherAppIsSaidToTheOperator(t *testing.T) {
	t.Parallel()
	const secret = "https://elsewhere.example/hooks?key=secret"
	c := converse(t, setup{})
	c.graph.Subscribe(waba, simulator.SubscribedApp{ID: "1", Name: "Another", Override: secret})
	c.stop(t)
	c.bauta = serve(t, c.dir)
	for _, want := range []string{"other_apps: business acme, WABA " + waba, "waba_callback: business acme, WABA " + waba} {
		c.ready(t, http.StatusOK, want)
	}
	// The app itself, and its callback.
	if _, body := c.get(t, c.admin+"/metrics"); !strings.Contains(body, `bauta_other_apps{business="acme"} 2`) {
		t.Error("the metric does not say it")
	}
	if status, body := c.get(t, c.public+"/readyz"); status != http.StatusOK || strings.Contains(body, "acme") {
		t.Errorf("the public /readyz: %d %s", status, body)
	}
	if _, body := c.get(t, c.admin+"/readyz"); strings.Contains(c.log()+body, "elsewhere.example") {
		t.Error("the callback, which can hold a secret, is logged or told")
	}
}

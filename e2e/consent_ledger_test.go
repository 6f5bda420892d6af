package e2e

import (
	"context"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
)

// A ledger that somebody tampered with: the node says so, serves customers, and
// nobody's number is shown, whatever they tap.
func TestATamperedLedgerStopsSharingAlone(t *testing.T) {
	t.Parallel()
	s := decides(t, setup{}, ada())
	s.writes(t, ada(), "Hello", ctwa())
	s.gets(t, "hidden")
	question := s.on(t, ada(), 1)
	s.settle(t)
	s.asked(t, 1)
	s.kill()

	// The line that says that she was asked is cut off.
	keys := s.redis.Client.Keys(t.Context(), "*ledger*").Val()
	cut := false
	for _, key := range keys {
		if s.redis.Client.Type(t.Context(), key).Val() == "list" {
			cut = s.redis.Client.RPop(t.Context(), key).Err() == nil || cut
		}
	}
	if !cut {
		t.Fatalf("no ledger among %v", keys)
	}
	s.again(t)
	eventually(t, "the warning", func(context.Context) bool {
		_, page := s.get(t, s.admin+"/readyz") //nolint:contextcheck // the page is read within the test
		return strings.Contains(page, "consent_ledger_not_verified: acme")
	})
	eventually(t, "the log", func(context.Context) bool { return strings.Contains(s.log(), "the consent ledger does not hold") })
	if _, stderr, code := run(t, "consents", "verify", "--config", filepath.Join(s.dir, "bauta.yaml"), "--business", "acme"); code == 0 {
		t.Errorf("consents verify is content: %s", stderr)
	}

	s.taps(t, ada(), question, button(t, question, 0).Title) // wants 200
	tapped := s.gets(t, "hidden")
	s.hides(t, ada(), tapped...)
	if got := tapped[0].header.Get("Bauta-Decision"); got != "consent_not_recorded" {
		t.Errorf("the tap comes with %q", got)
	}
	s.writes(t, ada(), "Did you get it?", nil)
	s.hides(t, ada(), s.gets(t, "hidden")...)
	_, page := s.get(t, s.admin+"/metrics")
	if !strings.Contains(page, `bauta_consent_ledger_refused_total{business="acme"}`) || strings.Contains(page, `bauta_consent_ledger_refused_total{business="acme"} 0`) {
		t.Error("it is not counted")
	}
	handle := tapped[0].header.Get("Bauta-Handle")
	if got := s.call(t, http.MethodPost, messages(), text(handle, "We did")); got.status != http.StatusOK {
		t.Errorf("an answer to her: %d %s", got.status, got.body)
	}
	// Her right to be forgotten does not wait for the operator.
	if got := s.asks(t, http.MethodDelete, "/v1/customers/"+handle); got.status != http.StatusOK {
		t.Errorf("an erasure: %d %s", got.status, got.body)
	}
	s.sweepAll(t, ada().Number, ada().UserID)
}

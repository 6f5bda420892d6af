package e2e

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"bauta/cmd/bauta/app/config"
	"bauta/webhook/meta"
	"bauta/webhook/simulator"
)

// progressed is a status of a message to Ada that was sent an hour ago.
func progressed(stanza, status string, at time.Time) []byte {
	return business().Outcome(simulator.Status{To: ada(), ID: simulator.MessageID(ada(), true, stanza), Status: status, At: at})
}

// statesOf are the states of the statuses that an endpoint got, in their order.
func statesOf(t *testing.T, got []delivery) (out []string) {
	t.Helper()
	for _, d := range got {
		var body struct {
			Entry []struct {
				Changes []struct {
					Value struct{ Statuses []struct{ Status string } }
				}
			}
		}
		if err := json.Unmarshal([]byte(d.body), &body); err != nil || len(body.Entry) != 1 || len(body.Entry[0].Changes[0].Value.Statuses) != 1 {
			t.Fatalf("no status: %v", err)
		}
		out = append(out, body.Entry[0].Changes[0].Value.Statuses[0].Status)
	}
	return out
}

// One node delivers a read and ends; what comes late is met by another one. An endpoint
// without the options gets everything.
func TestLateStatusesComeOnlyToWhoWantsThem(t *testing.T) {
	t.Parallel()
	everything := newCRM(t)
	s := start(t, setup{
		Endpoint: `statuses: forward_only
        max_age: {status: 1h}`,
		Endpoints: another("everything", everything.server.URL, "fields: [messages]"),
	})
	now := time.Now()
	s.send(t, progressed("3A0601", "sent", now.Add(-2*time.Minute)))
	s.send(t, progressed("3A0601", "read", now.Add(-time.Minute)))
	s.crm.wait(t, 2)
	s.stop(t)
	s.bauta = serve(t, s.dir)
	s.send(t, progressed("3A0601", "delivered", now.Add(-90*time.Second)))
	s.send(t, progressed("3A0602", "delivered", now.Add(-25*time.Hour)))
	s.send(t, progressed("3A0601", "failed", now))
	s.send(t, progressed("3A0603", "delivered", now))
	if got := fmt.Sprint(statesOf(t, s.crm.wait(t, 4))); got != "[sent read failed delivered]" {
		t.Errorf("it got %s, want no delivered after the read and none of yesterday", got)
	}
	if got := fmt.Sprint(statesOf(t, everything.wait(t, 6))); got != "[sent read delivered delivered failed delivered]" {
		t.Errorf("the endpoint without options got %s", got)
	}
	_, metrics := s.get(t, s.admin+"/metrics")
	for _, reason := range []string{"overtaken", "too_old"} {
		if want := fmt.Sprintf(`bauta_forward_events_total{business="acme",endpoint="crm",outcome="expired",reason=%q} 1`, reason); !strings.Contains(metrics, want) {
			t.Errorf("not counted: %s", want)
		}
	}
}

// The kinds are those of webhook/meta, and the configuration has a key for each.
func TestEveryKindCanHaveAGreatestAge(t *testing.T) {
	t.Parallel()
	for _, kind := range []meta.Kind{
		meta.Message, meta.Status, meta.Call, meta.CallStatus, meta.Echo, meta.Thread, meta.Participant, meta.GroupEvent, meta.Preference,
		meta.UserAction, meta.IDUpdate, meta.Handover, meta.AutoEvent, meta.Problem, meta.Account, meta.Unknown,
	} {
		text := fmt.Sprintf(`apps: [{id: main, verify_token: v, app_secrets: [s]}]
businesses:
  - id: acme
    app: main
    wabas: ["1"]
    sharing: {ask: never}
    endpoints: [{id: crm, url: "https://crm.example", secrets: [%q], max_age: {%s: 5m}}]
`, crmSecret, kind)
		c, err := config.Parse("x.yaml", []byte(text), func(string) (string, bool) { return "", false })
		if err != nil {
			t.Fatal(err)
		}
		if limits := c.Businesses()[0].Endpoints[0].MaxAge; len(limits) != 1 || limits[string(kind)] != 5*time.Minute {
			t.Errorf("%s: %v", kind, limits)
		}
	}
}

package e2e

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"testing"
	"time"

	"bauta/redis/redistest"
	"bauta/webhook/simulator"
)

// refuses sends until a webhook is answered 503, and wants to be told when to come again.
func (s scenario) refuses(t *testing.T, p string, body func(n int) []byte) {
	t.Helper()
	n := 0
	eventually(t, "a webhook of "+p+" is answered 503", func(context.Context) bool {
		n++
		got := s.signed(t, body(n)) //nolint:contextcheck // the test's own context is used
		if got.status == http.StatusOK {
			return false
		}
		if wait, err := strconv.Atoi(got.header.Get("Retry-After")); got.status != http.StatusServiceUnavailable || err != nil || wait < 10 {
			t.Fatalf("answered %d with Retry-After %q", got.status, got.header.Get("Retry-After"))
		}
		return true
	})
}

// quietGlobex is another business, which asks nobody.
const quietGlobex = `  - id: globex
    app: main
    wabas: ["202290129340399"]
    sharing: {ask: never}
    endpoints: [{id: crm, url: "%s", secrets: [whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSx], allow_private: true, allow_http: true}]
`

// A business of which too much waits is asked to come later, another one is not; when
// its endpoint is back, both are let in, and all that was acknowledged arrives.
func TestABusinessThatFillsItsQueueWaits(t *testing.T) {
	t.Parallel()
	other := newCRM(t)
	s := start(t, setup{Limits: "per_business: 5", Endpoints: fmt.Sprintf(quietGlobex, other.server.URL)})
	s.crm.answer(http.StatusServiceUnavailable)
	stored := 0
	s.refuses(t, "acme", func(n int) []byte {
		stored = n - 1
		return says(ada(), fmt.Sprintf("3A07%02X", n), fmt.Sprintf("message %d", n), nil)
	})
	s.wantMetric(t, `bauta_backpressure{business="acme",reason="events"}`, "1")
	s.send(t, globex().Inbound(simulator.Message{
		From: bea(), ID: simulator.MessageID(bea(), false, "3A07FE"), At: time.Unix(1789000000, 0), Type: "text",
		Content: simulator.Part{{Name: "body", Value: "to another business"}},
	}))
	other.wait(t, 1)
	s.crm.answer(http.StatusOK)
	s.crm.wait(t, stored)
	eventually(t, "acme is let in again", func(context.Context) bool {
		return s.signed(t, says(ada(), "3A07FF", "afterwards", nil)).status == http.StatusOK //nolint:contextcheck // the test's own context is used
	})
	s.crm.wait(t, stored+1)
	s.wantMetric(t, `bauta_backpressure{business="acme",reason="events"}`, "0")
}

// Before Redis is full by its own bound, and when it would lose what it took, the
// platform is asked to keep it.
func TestAStoreThatIsNearlyFullOrUnfitGetsNothing(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		set    func(t *testing.T, server *redistest.Server) map[string]string
		reason string
	}{
		"its memory is nearly full": {func(t *testing.T, server *redistest.Server) map[string]string {
			t.Helper()
			// So much that what connections take is little beside it.
			if err := server.Client.SetRange(t.Context(), "ballast", 64<<20, "x").Err(); err != nil {
				t.Fatal(err)
			}
			info, err := server.Client.InfoMap(t.Context(), "memory").Result()
			if err != nil {
				t.Fatal(err)
			}
			used, err := strconv.ParseInt(info["Memory"]["used_memory"], 10, 64)
			if err != nil {
				t.Fatal(err)
			}
			return map[string]string{"maxmemory": strconv.FormatInt(used/96*100, 10)}
		}, "memory"},
		"it may evict": {func(*testing.T, *redistest.Server) map[string]string {
			return map[string]string{"maxmemory-policy": "allkeys-lru"}
		}, "store"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := start(t, setup{})
			s.send(t, says(ada(), "3A0801", "before", nil))
			for key, value := range row.set(t, s.redis) {
				if err := s.redis.Client.ConfigSet(t.Context(), key, value).Err(); err != nil {
					t.Fatal(err)
				}
			}
			eventually(t, "it is seen", func(context.Context) bool {
				return s.metric(t, `bauta_backpressure{business="_all",reason="`+row.reason+`"}`) == "1" //nolint:contextcheck // the test's own context is used
			})
			s.refuses(t, "anybody", func(int) []byte { return says(ada(), "3A0802", "during", nil) })
			for key, value := range map[string]string{"maxmemory": "0", "maxmemory-policy": "noeviction"} {
				if err := s.redis.Client.ConfigSet(t.Context(), key, value).Err(); err != nil {
					t.Fatal(err)
				}
			}
			eventually(t, "webhooks are taken again", func(context.Context) bool {
				return s.signed(t, says(ada(), "3A0803", "after", nil)).status == http.StatusOK //nolint:contextcheck // the test's own context is used
			})
			s.crm.wait(t, 2)
		})
	}
}

package outbound_test

import (
	"slices"
	"testing"

	"bauta/masking"
	"bauta/webhook"
	"bauta/webhook/meta"
	"bauta/webhook/outbound"
)

func passthrough(tb testing.TB) *meta.Route {
	tb.Helper()
	r, err := meta.ParsePassthrough("GET /{phone_number_id}/username")
	if err != nil {
		tb.Fatal(err)
	}
	return r
}

func (b *back) usual(tb testing.TB) *outbound.Outgoing {
	tb.Helper()
	return b.sendTo(tb, b.customer(tb, 1, webhook.Hidden, adaNumber, adaUser), adaNumber)
}

// BenchmarkBack is the answer to a send.
func BenchmarkBack(b *testing.B) {
	way := newBack(b)
	o, body := way.usual(b), usualAnswer()
	b.SetBytes(int64(len(body)))
	b.ReportAllocs()
	for b.Loop() {
		if got := way.Back(b.Context(), o, 200, body); got.Fault != "" {
			b.Fatal(got.Fault)
		}
	}
}

// FuzzBack has a hostile platform answer: whatever it sends, the outcome is JSON and
// names nobody.
func FuzzBack(f *testing.F) {
	for _, seed := range []string{
		string(usualAnswer()), "", "<html>" + adaNumber, `{"error":{"message":"+15550001234","code":1}}`,
		`{"data":[{"block_users":[{"input":"15550001234","wa_id":1.5550001234e10}]}],"paging":{"next":"https://x/?after=15550001234","cursors":{"after":"MTU1NTAwMDEyMzQ="}}}`,
		`{"block_users":{"failed_users":[{"input":{"a":"15550001234"},"user_id":["US.1000200030004000"]}]},"error":[]}`,
		`{"messages":{"id":"` + wamid(adaNumber) + `"},"contacts":{"input":["15550001234"]},"calls":[{"id":"` + wamid(adaUser) + `"}]}`,
		`{"contacts":[{"\u0069nput":"\u00315550001234","in\u0070ut":15550001234}],"success":true}`,
		`[{"input":"gBGGFVUAASNPAgkAESIzRFVmqrs"}]`, `"15550001234"`, `15550001234`,
		`{"paging":[{"cursors":"15550001234"}],"invite_link":"15550001234","permission":{"15550001234":"x"}}`,
	} {
		for route := range 5 {
			f.Add(seed, route, 200, false)
			f.Add(seed, route, 400, true)
		}
	}
	b := newBack(f)
	ada := b.customer(f, 1, webhook.Hidden, adaNumber, adaUser)
	routes := append(b.api.Routes(), passthrough(f))
	f.Fuzz(func(t *testing.T, body string, route, status int, addressed bool) {
		r := routes[uint(route)%uint(len(routes))]
		for _, shape := range []masking.Shape{masking.ShapeUserID, masking.ShapePhone} {
			call := outbound.Call{Business: business(shape), Route: r, Object: phoneID, Base: "https://bauta.example/v25.0"}
			var to []outbound.Addressee
			addressed := addressed && slices.Contains([]meta.Family{meta.Messages, meta.Contacts, meta.Calls}, r.Family)
			if addressed {
				to = []outbound.Addressee{{Sent: handleOf(ada, call.Business), Told: identityOf(t, adaUser), Customer: ada}}
			}
			got := b.Back(t.Context(), outbound.NewOutgoing(call, to...), status, []byte(body))
			mustBeJSON(t, got.Body)
			if addressed {
				mustHide(t, got.Body, adaNumber, adaUser)
			}
			if got.Status < 200 || got.Status > 599 {
				t.Errorf("status %d", got.Status)
			}
		}
	})
}

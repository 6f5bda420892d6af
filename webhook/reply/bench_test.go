package reply_test

import (
	"context"
	"log/slog"
	"net/http"
	"testing"

	"bauta/masking"
	"bauta/masking/keys"
	"bauta/webhook"
	"bauta/webhook/graph"
	"bauta/webhook/meta"
	"bauta/webhook/reply"
)

// instant is a platform that has answered already.
type instant struct {
	reply.Platform
	answer *graph.Answer
}

func (i instant) Call(context.Context, graph.Request) (*graph.Answer, error) { return i.answer, nil }

// A whole send through the handler, but for sockets, store and platform.
func BenchmarkSend(b *testing.B) {
	set, err := keys.Generate()
	if err != nil {
		b.Fatal(err)
	}
	handles := masking.NewHandles(set)
	r := &rig{set: set, store: newStore(b, handles)}
	translator := r.translator(b, meta.NewAPI(), handles, slog.New(slog.DiscardHandler))
	h := quiet(b, translator, instant{answer: &graph.Answer{Status: 200, Header: http.Header{}, Body: []byte(
		`{"messaging_product":"whatsapp","contacts":[{"input":"` + hiddenPerson().UserID + `","user_id":"` + hiddenPerson().UserID +
			`"}],"messages":[{"id":"wamid.HBgMMzkzMzMxMTEyMjMzFQIAERgSN0Q0RjA5QkE4M0M4QjQ3QTk5AA=="}]}`)}})
	body := `{"messaging_product":"whatsapp","to":"` + r.store.handle(hiddenPerson(), webhook.Direct) + `","type":"text","text":{"body":"ciao"}}`
	b.ReportAllocs()
	for b.Loop() {
		if got := post(b.Context(), h, messages(), token, body); got.Code != 200 {
			b.Fatal(got.Code, got.Body)
		}
	}
}

package simulator_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"bauta/webhook/simulator"
)

// Whatever it is asked, it answers JSON, and goes on.
func FuzzGraph(f *testing.F) {
	for _, seed := range [][3]string{
		{"POST", "/v25.0/106540352242922/messages", `{"messaging_product":"whatsapp","to":"+16505550142","type":"text","text":{"body":"Hi"}}`},
		{"POST", "/106540352242922/messages", `{"messaging_product":"whatsapp","recipient":"US.1","type":"template","template":{"name":"error_4","language":{"code":"en"}}}`},
		{"POST", "/v25.0/106540352242922/block_users", `{"messaging_product":"whatsapp","block_users":[{"user":"+1"},{"user_id":"US.1"}]}`},
		{"GET", "/v25.0/106540352242922/block_users?limit=-1&after=eA==&before=%00", ""},
		{"GET", "/v25.0/102290129340398/message_templates?limit=9223372036854775807&after=MTAxNTExOTQ1MjAwNzI5NDE=&fields=}{,(", ""},
		{"POST", "/v25.0/106540352242922/calls", `{"messaging_product":"whatsapp","to":"+","action":"connect"}`},
		{"POST", "/v25.0/106540352242922/messages", `{"messaging_product":"whatsapp","recipient":"US.7430000000000001","type":"interactive","interactive":{"type":"button","body":{"text":"?"},"action":{"buttons":[{"type":"reply","reply":{"id":"1","title":"Yes"}},1]}}}`},
		{"POST", "/v25.0/106540352242922/messages", `{"messaging_product":"whatsapp","recipient":"US.7430000000000001","type":"interactive","interactive":{"type":"list","body":{"text":"?"},"action":{"sections":[{"rows":[{"id":{},"title":[]}]}]}}}`},
		{"DELETE", "/v25.0/106540352242922/contact_book?messaging_product=whatsapp&bsuid=US.7430000000000001", ""},
		{"DELETE", "/v25.0/Z3JvdXA=/participants", `{"participants":[{"user":"1","user_id":""},{}]}`},
		{"GET", "/whatsapp_business/attachments?mid=1&ext=x", ""},
		{"PATCH", "//v1.0//", "[1"},
	} {
		f.Add(seed[0], seed[1], seed[2])
	}
	graph := simulator.NewGraph(simulator.GraphOptions{
		Accounts: []simulator.Account{{Business: simulator.Business{WABA: waba, PhoneNumberID: numberID, Number: "15550783881"}}}, AccessToken: token,
		Groups: []simulator.Group{{ID: "Z3JvdXA=", PhoneNumberID: numberID, People: []simulator.Person{ada(), bea()}}},
	})
	f.Fuzz(func(t *testing.T, method, target, body string) {
		request, err := http.NewRequestWithContext(t.Context(), method, "http://platform.example/"+strings.TrimPrefix(target, "/"), strings.NewReader(body))
		if err != nil || strings.Contains(body, "answer") {
			return // no request, or one that asks for something else than an answer
		}
		request.Header.Set("Authorization", "Bearer "+token)
		answer := httptest.NewRecorder()
		graph.ServeHTTP(answer, request)
		if plain := strings.HasPrefix(answer.Header().Get("Content-Type"), "text/plain"); !plain && !json.Valid(answer.Body.Bytes()) {
			t.Errorf("answered %d %q", answer.Code, answer.Body)
		}
	})
}

func BenchmarkSend(b *testing.B) {
	graph := simulator.NewGraph(simulator.GraphOptions{
		Accounts: []simulator.Account{{Business: simulator.Business{WABA: waba, PhoneNumberID: numberID, Number: "15550783881"}}}, AccessToken: token,
	})
	if _, err := graph.Arrive(numberID, simulator.Text(ada(), "Hi")); err != nil {
		b.Fatal(err)
	}
	const body = `{"messaging_product":"whatsapp","to":"+16505550142","type":"text","text":{"body":"Hi"}}`
	for b.Loop() {
		request := httptest.NewRequestWithContext(b.Context(), http.MethodPost, "/v25.0/"+numberID+"/messages", strings.NewReader(body))
		request.Header.Set("Authorization", "Bearer "+token)
		answer := httptest.NewRecorder()
		if graph.ServeHTTP(answer, request); answer.Code != http.StatusOK {
			b.Fatal(answer.Body)
		}
	}
}

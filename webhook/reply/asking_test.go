package reply_test

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"bauta/masking/sharing"
	"bauta/webhook"
)

// asking is the platform's own request for the number (identity.md 2.5).
func asking(to, words string) call {
	return call{path: "/v25.0/" + phone + "/messages", body: `{"messaging_product":"whatsapp","recipient_type":"individual","to":"` + to +
		`","type":"interactive","interactive":{"type":"request_contact_info","body":{"text":"` + words + `"},"action":{"name":"request_contact_info"}}}`}
}

func words(s *settings) {
	onRequest(s)
	s.businesses[0].Sharing.BusinessWords = true
}

func onRequest(s *settings) { s.businesses[0].Sharing.Ask = webhook.AskOnRequest }

func TestTheBusinessAsksByThePlatformsOwnRequest(t *testing.T) {
	t.Parallel()
	r := newRig(t, words)
	handle := r.store.handle(hiddenPerson(), webhook.Direct)
	if got := r.do(t, asking(handle, "May we call you?")); got.status != http.StatusOK {
		t.Fatalf("%d %s", got.status, got.body)
	}
	sum := sha256.Sum256([]byte("May we call you?"))
	if len(r.decided.worded) != 1 || !strings.HasSuffix(r.decided.worded[0], " "+hex.EncodeToString(sum[:])) {
		t.Errorf("noted %v", r.decided.worded)
	}
	if len(r.decided.sent) != 1 || r.decided.sent[0] == "" || len(r.decided.failed) != 0 {
		t.Errorf("confirmed %v, taken back %v", r.decided.sent, r.decided.failed)
	}
}

func TestARequestThatThePlatformRefusesIsTakenBack(t *testing.T) {
	t.Parallel()
	r := newRig(t, words)
	r.platformSays(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusBadRequest)
		_, _ = w.Write([]byte(`{"error":{"message":"(#131047) Re-engagement message","type":"OAuthException","code":131047,"fbtrace_id":"A"}}`))
	})
	r.do(t, asking(r.store.handle(hiddenPerson(), webhook.Direct), "May we call you?"))
	if len(r.decided.failed) != 1 || r.decided.failed[0] != webhook.Uncounted || len(r.decided.sent) != 0 {
		t.Errorf("confirmed %v, taken back %v", r.decided.sent, r.decided.failed)
	}
}

func TestBautaWordsRequestsWhereItIsConfiguredSo(t *testing.T) {
	t.Parallel()
	r := newRig(t, onRequest)
	got := r.do(t, asking(r.store.handle(hiddenPerson(), webhook.Direct), "May we call you?"))
	if got.status != http.StatusBadRequest || !strings.Contains(got.body, "share-requests") {
		t.Errorf("%d %s", got.status, got.body)
	}
	if calls, _ := r.platformCalls(); len(calls) != 0 || len(r.decided.worded) != 0 {
		t.Error("it was asked all the same")
	}
}

// Sent again under another label, a tap on it would be the customer's decision.
func TestABusinessCannotSendBautasButtons(t *testing.T) {
	t.Parallel()
	r := newRig(t, words)
	handle := r.store.handle(hiddenPerson(), webhook.Direct)
	token := sharing.NewTokens(r.set).Issue(sharing.Claims{
		Business: "acme", Handle: "1234567890", Action: sharing.ActShare, Question: "AAAAAAAAAAAAAAAA", Expires: time.Now().Add(time.Hour),
	})
	button := func(id string) string {
		return `{"messaging_product":"whatsapp","to":"` + handle + `","type":"interactive","interactive":{"type":"button","body":{"text":"Win!"},` +
			`"action":{"buttons":[{"type":"reply","reply":{"id":"` + id + `","title":"Win"}}]}}}`
	}
	for name, body := range map[string]string{
		"a token":                    button(token),
		"a token in escapes":         button(strings.ReplaceAll(token, ".", `\u002e`)),
		"a token in a text":          `{"messaging_product":"whatsapp","to":"` + handle + `","type":"text","text":{"body":"say ` + token + `"}}`,
		"what Bauta's button reads":  button(sharing.ReadsShare),
		"callback data like Bauta's": `{"messaging_product":"whatsapp","to":"` + handle + `","type":"text","text":{"body":"a"},"biz_opaque_callback_data":"bauta:question:x"}`,
	} {
		got := r.do(t, call{path: "/v25.0/" + phone + "/messages", body: body})
		if got.status != http.StatusBadRequest || !strings.Contains(got.body, "Bauta's own") {
			t.Errorf("%s: %d %s", name, got.status, got.body)
		}
		if strings.Contains(got.body, token[:40]) {
			t.Errorf("%s: the refusal quotes the token", name)
		}
	}
	if calls, _ := r.platformCalls(); len(calls) != 0 {
		t.Errorf("%d calls reached the platform", len(calls))
	}
	if got := r.do(t, call{path: "/v25.0/" + phone + "/messages", body: button("bauta-like")}); got.status != http.StatusOK {
		t.Errorf("another id is refused: %s", got.body)
	}
}

// Every use of what stands behind a handle is written down before it is made.
func TestEveryReversalIsWrittenDown(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	handle := r.store.handle(hiddenPerson(), webhook.Direct)
	send := call{path: "/v25.0/" + phone + "/messages", body: `{"messaging_product":"whatsapp","to":"` + handle + `","type":"text","text":{"body":"ciao"}}`}
	if got := r.do(t, send); got.status != http.StatusOK {
		t.Fatalf("%d %s", got.status, got.body)
	}
	if len(r.decided.reversals) != 1 {
		t.Fatalf("%d lines", len(r.decided.reversals))
	}
	line := r.decided.reversals[0]
	if line.Business != "acme" || line.Handle != handle || line.By == "" || line.For == "" || line.At.IsZero() {
		t.Errorf("the line is %+v", line)
	}
	if len(r.decided.spoke) != 1 {
		t.Errorf("paced by %v", r.decided.spoke)
	}
	r.decided.unaudited = errors.New("no room")
	if got := r.do(t, send); got.status != http.StatusServiceUnavailable {
		t.Errorf("without the log: %d %s", got.status, got.body)
	}
	if calls, _ := r.platformCalls(); len(calls) != 1 {
		t.Errorf("%d calls reached the platform, want the first alone", len(calls))
	}
}

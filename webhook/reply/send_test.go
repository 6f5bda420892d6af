package reply_test

import (
	"strings"
	"testing"

	"bauta/webhook"
)

func TestAMessageGoesToTheCustomerAndItsAnswerIsMasked(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	handle := r.store.handle(hiddenPerson(), webhook.Direct)
	got := r.do(t, call{path: "/v25.0/" + phone + "/messages", body: `{"messaging_product":"whatsapp","to":"` + handle + `","type":"text","text":{"body":"ciao"}}`})
	t.Log(got.status, got.header, got.body)
	_, sent := r.platformCalls()
	t.Log(sent)
	t.Log(r.log.String())
	if got.status != 200 || !strings.Contains(got.body, handle) {
		t.Error("no")
	}
}

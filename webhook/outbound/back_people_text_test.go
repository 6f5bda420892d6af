package outbound_test

import (
	"strings"
	"testing"

	"bauta/masking"
	"bauta/webhook"
	"bauta/webhook/outbound"
)

// Where an answer about people has text that nobody described, a number in it is
// somebody's, whoever that is.
func TestNoNumberStandsWhereNoneIsDescribed(t *testing.T) {
	t.Parallel()
	for route, body := range map[string]string{
		"messages_send":    `{"messaging_product":"whatsapp","contacts":[{"input":"x","wa_id":"` + adaNumber + `","alias":"+15550009999"}],"messages":[{"id":"` + wamid(adaNumber) + `"}],"note":"15550009999"}`,
		"block_users_list": `{"data":[{"block_users":[{"wa_id":"` + adaNumber + `","nickname":"+15550009999"}]}],"contacts":[{"wa_id":"15550009999"}]}`,
	} {
		b := newBack(t)
		ada := b.customer(t, 1, webhook.Hidden, adaNumber, adaUser)
		o := outbound.NewOutgoing(b.call(t, route, masking.ShapeUserID), outbound.Addressee{Sent: "x", Told: identityOf(t, adaNumber), Customer: ada})
		got := string(b.Back(t.Context(), o, 200, []byte(body)).Body)
		if strings.Contains(got, "5550009999") || strings.Contains(got, adaNumber) {
			t.Errorf("%s: %s", route, got)
		}
	}
}

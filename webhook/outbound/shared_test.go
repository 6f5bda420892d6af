package outbound_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"bauta/masking"
	"bauta/masking/sharing"
	"bauta/webhook"
	"bauta/webhook/outbound"
)

const (
	adaOld    = "15550005678"
	adaParent = "US.ENT.999888777666"
)

// sharer is Ada, who shared her number in the direct chat and had another before.
func (b *back) sharer(tb testing.TB) *webhook.Customer {
	tb.Helper()
	c := b.customer(tb, 1, webhook.Shared, adaNumber, adaUser, adaOld)
	c.Links[2].Ended = c.Links[2].Ended.AddDate(1, 0, 0)
	return c
}

// What a send answers (webhooks.md 6.2, identity.md 2.4) carries number and handle of
// who shared the number, as events do (design 4.2).
func TestTheAnswerToASendNamesWhoSharesTwice(t *testing.T) {
	t.Parallel()
	b := newBack(t)
	ada := b.sharer(t)
	handle := ada.Scopes[webhook.Direct].Handle
	long, phone := "IT."+handle.Long, handle.Phone
	const byNumber = `{"contacts":[{"input":"+15550001234","wa_id":"15550001234"}],"messages":[{"id":"%s"}]}`
	const byUser = `{"contacts":[{"input":"US.1000200030004000","user_id":"US.1000200030004000"}],"messages":[{"id":"%s"}]}`
	const all = `{"contacts":[{"input":"+15550001234","wa_id":"15550001234","user_id":"US.1000200030004000","parent_user_id":"US.ENT.999888777666"}],"messages":[{"id":"%s"}]}`
	const old = `{"contacts":[{"input":"+15550001234","wa_id":"15550005678","user_id":"US.1000200030004000"}],"messages":[{"id":"%s"}]}`
	for name, row := range map[string]struct {
		shape        masking.Shape
		sent, told   string
		raw          bool
		answer, want string
	}{
		"by handle, told the number":   {masking.ShapeUserID, long, adaNumber, false, byNumber, `"wa_id":"15550001234","user_id":"` + long + `"`},
		"by handle, told the user id":  {masking.ShapeUserID, long, adaUser, false, byUser, `"user_id":"` + long + `","wa_id":"15550001234"`},
		"by handle, all is said":       {masking.ShapeUserID, long, adaUser, false, all, `"wa_id":"15550001234","user_id":"` + long + `"`},
		"by handle, an old number":     {masking.ShapeUserID, long, adaUser, false, old, `"user_id":"` + long + `"`},
		"by number":                    {masking.ShapeUserID, "+1 555 000 1234", adaNumber, true, byNumber, `"wa_id":"15550001234","user_id":"` + long + `"`},
		"by number, all is said":       {masking.ShapeUserID, adaNumber, adaNumber, true, all, `"wa_id":"15550001234","user_id":"` + long + `"`},
		"by handle, a phone":           {masking.ShapePhone, phone, adaNumber, false, byNumber, `"wa_id":"` + phone + `"`},
		"by handle, a phone, a userID": {masking.ShapePhone, phone, adaUser, false, byUser, `"wa_id":"` + phone + `"`},
		"by number, a phone":           {masking.ShapePhone, adaNumber, adaNumber, true, all, `"wa_id":"` + phone + `"`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			id := wamid(row.told)
			person, _ := ada.PersonIn(webhook.Direct)
			issued := b.masks.For("acme").Mask(id, []masking.Person{person})
			o := outbound.NewOutgoing(b.call(t, "messages_send", row.shape), outbound.Addressee{
				Sent: row.sent, Told: identityOf(t, row.told), Customer: ada, Raw: row.raw,
			})
			got := b.Back(t.Context(), o, 200, fmt.Appendf(nil, row.answer, id))
			want := `{"contacts":[{"input":"` + row.sent + `",` + row.want + `}],"messages":[{"id":"` + issued + `"}]}`
			if diff := cmp.Diff(want, string(got.Body)); diff != "" || got.Fault != "" {
				t.Errorf("%s (-want +got):\n%s", got.Fault, diff)
			}
			mustHide(t, got.Body, adaUser, adaOld, adaParent)
		})
	}
}

// An answer that cannot be proven clean is rebuilt with the same two names.
func TestARebuiltAnswerNamesWhoSharesTwice(t *testing.T) {
	t.Parallel()
	b := newBack(t)
	ada := b.sharer(t)
	b.store.away = errAway
	long := "IT." + ada.Scopes[webhook.Direct].Handle.Long
	for sent, raw := range map[string]bool{long: false, adaNumber: true} {
		o := outbound.NewOutgoing(b.call(t, "messages_send", masking.ShapeUserID), outbound.Addressee{
			Sent: sent, Told: identityOf(t, adaNumber), Customer: ada, Raw: raw,
		})
		got := b.Back(t.Context(), o, 200, fmt.Appendf(nil, `{"contacts":[{"input":"x","wa_id":"49151123456789"}],"messages":[{"id":"%s"}]}`, wamid(adaNumber)))
		if want := `"contacts":[{"input":"` + sent + `","wa_id":"15550001234","user_id":"` + long + `"}]`; !strings.Contains(string(got.Body), want) {
			t.Errorf("got %s\nwant %s in it", got.Body, want)
		}
	}
}

// Of who shares, the business knows the number that was shared, and no other plain
// name: by any other one they are answered of as a stranger is.
func TestAnotherPlainNameIsNotJoinedWithWhoShares(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct{ told, answer string }{
		"the user id":   {adaUser, `{"contacts":[{"input":"US.1000200030004000","user_id":"US.1000200030004000","wa_id":"15550001234"}],"messages":[{"id":"%s"}]}`},
		"an old number": {adaOld, `{"contacts":[{"input":"15550005678","wa_id":"15550001234","user_id":"US.1000200030004000"}],"messages":[{"id":"%s"}]}`},
	} {
		b := newBack(t)
		ada := b.sharer(t)
		o := outbound.NewOutgoing(b.call(t, "messages_send", masking.ShapeUserID), outbound.Addressee{
			Sent: row.told, Told: identityOf(t, row.told), Customer: ada, Raw: true,
		})
		got := b.Back(t.Context(), o, 200, fmt.Appendf(nil, row.answer, wamid(row.told)))
		if strings.Contains(string(got.Body), ada.Scopes[webhook.Direct].Handle.Long[:10]) || strings.Contains(string(got.Body), adaNumber) {
			t.Errorf("%s: %s", name, got.Body)
		}
	}
}

func TestWhoSharesIsAddressedByThatNumberOnly(t *testing.T) {
	t.Parallel()
	room := newSendRoom(t)
	erin := room.customer("erin")
	o, err := room.Out(t.Context(), room.call(t, "messages_send", `{"to":"551187654321","recipient":"{erin}"}`))
	if err != nil || string(o.Body) != `{"to":"+5511987654321"}` {
		t.Errorf("number and handle: %v", err)
	}
	for _, body := range []string{
		`{"recipient":"BR.1212343456567878"}`, `{"to":"BR.1212343456567878"}`, `{"to":"5511987654321","recipient":"BR.1212343456567878"}`,
	} {
		if _, err := room.Out(t.Context(), room.call(t, "messages_send", body)); !errors.Is(err, outbound.ErrRawRecipient) {
			t.Errorf("%s: %v", body, err)
		}
	}
	room.business.RawRecipients = webhook.AllowRaw
	if _, err := room.Out(t.Context(), room.call(t, "messages_send", `{"to":"{erin}","recipient":"BR.1212343456567878"}`)); !errors.Is(err, outbound.ErrTwoRecipients) {
		t.Errorf("a user id beside the handle: %v", err)
	}
	for id, want := range map[string]error{wamid("5511987654321"): nil, wamid("BR.1212343456567878"): outbound.ErrUnknownMessage} {
		_, err := room.Out(t.Context(), room.call(t, "messages_send", `{"to":"{erin}","context":{"message_id":"`+id+`"}}`))
		if !errors.Is(err, want) {
			t.Errorf("a message id beside the handle: %v, want %v", err, want)
		}
	}
	room.business.RawRecipients = webhook.KnownRaw
	erin.Lines = append(erin.Lines, sharing.Line{Scope: webhook.LineScope(webhook.Direct)})
	if _, err := room.Out(t.Context(), room.call(t, "messages_send", `{"to":"5511987654321"}`)); !errors.Is(err, outbound.ErrRawRecipient) {
		t.Errorf("before the ledger has it: %v", err)
	}
}

// The ids of who shares are masked ones: the platform's own would lead to the user id.
func TestRawMessageIDsOfWhoSharesAreNotTaken(t *testing.T) {
	t.Parallel()
	room := newSendRoom(t)
	for _, person := range []string{"5511987654321", "BR.1212343456567878"} {
		_, err := room.Out(t.Context(), room.call(t, "messages_send", `{"to":"5511987654321","context":{"message_id":"`+wamid(person)+`"}}`))
		if !errors.Is(err, outbound.ErrUnknownMessage) {
			t.Errorf("%v", err)
		}
	}
}

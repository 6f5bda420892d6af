package webhook

import (
	"fmt"
	"testing"

	"bauta/webhook/simulator"
)

// A conversation of the platform's, and when it ends: the same in all statuses of three
// days (webhooks.md 2.2).
const (
	chat     = "d7cf3d1f2c8a4b6e9f0a1b2c3d4e5f60"
	chatEnds = 1789259200
)

// statusOf is one of a message of the business's, which comes with what the business
// wrote into it.
func (p *parlour) statusOf(stanza, group string) []byte {
	p.now = p.now.Add(1e9)
	to := fmt.Sprintf(`"recipient_id":"%s","recipient_user_id":"%s"`, adaNumber, adaUser)
	if group != "" {
		to = fmt.Sprintf(`"recipient_type":"group","recipient_id":"%s","recipient_participant_id":"%s","recipient_participant_user_id":"%s"`, group, adaNumber, adaUser)
	}
	return change(acmeWABA, "messages", fmt.Sprintf(
		`{"messaging_product":"whatsapp","metadata":{"display_phone_number":"15550783881","phone_number_id":"106540352242922"},"statuses":[{"id":"%s","status":"read","timestamp":"%d",%s,"biz_opaque_callback_data":"order 4711","conversation":{"id":"%s","expiration_timestamp":"%d","origin":{"type":"referral_conversion"}}}]}`,
		simulator.MessageID(ada(), true, stanza), p.now.Unix(), to, chat, chatEnds))
}

// What the business wrote into a message comes back in its statuses: under a later
// handle of the same person it would join the two. So only statuses of messages come
// that are known to have been sent under the present one.
func TestStatusesOfMessagesFromBeforeAHandle(t *testing.T) {
	t.Parallel()
	const before, after = "3EB0BEFORE0000000001", "3EB0AFTER00000000001"
	for name, row := range map[string]struct {
		renewed bool
		// renew gives the customer another handle, with a message of theirs.
		renew func(t *testing.T, p *parlour)
	}{
		"withdrawn under the same handle": {false, func(t *testing.T, p *parlour) {
			p.business.Sharing.NewHandleOnWithdraw = false
			p.withdraws(t)
		}},
		"withdrawn under a new handle": {true, func(t *testing.T, p *parlour) { p.withdraws(t) }},
		"erased in this scope": {true, func(t *testing.T, p *parlour) {
			p.accept(t, p.message(ada(), text("Hi all"), `"group_id":"`+lisbon+`",`))
			p.erases(t, ByBusiness)
		}},
		"erased": {true, func(t *testing.T, p *parlour) { p.erases(t, ByOperator) }},
	} {
		p := newParlour(t, func(b *Business) { b.Sharing.NewHandleOnWithdraw = true })
		p.buries()
		p.shares(t)
		if got := p.accept(t, p.statusOf(before, "")); kinds(got) != "status" || !holds2(got[0], chat) || !holds2(got[0], fmt.Sprint(chatEnds)) {
			t.Errorf("%s: of a first handle comes %q", name, kinds(got))
		}
		row.renew(t, p)
		p.accept(t, p.message(ada(), text("Hello again"), ""))
		if got := kinds(p.accept(t, p.statusOf("3EB0BEFORE0000000002", ""))); (got == "") != row.renewed {
			t.Errorf("%s: of a message from before comes %q", name, got)
		}
		key := p.only(t).Scopes[Direct].Handle.Key()
		if err := p.shelf.Enter(t.Context(), "acme", SentRenewed, []string{SentUnder(key, after), SentUnder("0000000000", "3EB0OTHER00000000001")}); err != nil {
			t.Fatal(err)
		}
		got := p.accept(t, p.statusOf(after, ""))
		if kinds(got) != "status" || !holds2(got[0], "order 4711") {
			t.Fatalf("%s: of a message under the new handle comes %q", name, kinds(got))
		}
		if holds2(got[0], chat) == row.renewed || holds2(got[0], fmt.Sprint(chatEnds)) == row.renewed {
			t.Errorf("%s: a status tells which conversation it was: %s", name, got[0].Delivery.Body)
		}
		if got := kinds(p.accept(t, p.statusOf("3EB0OTHER00000000001", ""))); (got == "") != row.renewed {
			t.Errorf("%s: of a message under another handle comes %q", name, got)
		}
	}
}

// A message to a group is addressed to no handle: of a member who left and came back
// no status tells.
func TestStatusesInAGroupAfterComingBack(t *testing.T) {
	t.Parallel()
	p := newParlour(t, nil)
	p.buries()
	p.accept(t, p.message(ada(), text("Hello"), ""))
	p.accept(t, p.message(ada(), text("Hi all"), `"group_id":"`+lisbon+`",`))
	if got := kinds(p.accept(t, p.statusOf("3EB0GROUP00000000001", lisbon))); got != "status" {
		t.Fatalf("of a member comes %q", got)
	}
	if _, err := p.consents.EraseHandle(t.Context(), p.business, p.only(t).Scopes[lisbon].Handle.Key(), ByBusiness, "test"); err != nil {
		t.Fatal(err)
	}
	if got := kinds(p.accept(t, p.statusOf("3EB0GROUP00000000001", lisbon))); got != "" || p.only(t).Scopes[lisbon] != nil {
		t.Errorf("a late status brings the member back, with %q", got)
	}
	p.accept(t, p.message(ada(), text("Hi again"), `"group_id":"`+lisbon+`",`))
	if got := kinds(p.accept(t, p.statusOf("3EB0GROUP00000000001", lisbon))); got != "" {
		t.Errorf("of a member who is back comes %q", got)
	}
	if got := kinds(p.accept(t, p.statusOf("3EB0DIRECT0000000001", ""))); got != "status" {
		t.Errorf("in the direct chat comes %q", got)
	}
}

func (p *parlour) withdraws(t *testing.T) {
	t.Helper()
	if _, err := p.consents.Withdraw(t.Context(), p.business, p.only(t).Scopes[Direct].Handle.Key(), ByBusiness, "call 1"); err != nil {
		t.Fatal(err)
	}
}

func (p *parlour) erases(t *testing.T, by string) {
	t.Helper()
	if _, err := p.consents.EraseHandle(t.Context(), p.business, p.only(t).Scopes[Direct].Handle.Key(), by, "test"); err != nil {
		t.Fatal(err)
	}
}

// What the business wrote on a button, in a call's button, or long ago, does not come back
// under a later handle, unless it was written under that one.
func TestWhatComesBackUnderALaterHandle(t *testing.T) {
	t.Parallel()
	const before, after = "3EB0BEFORE0000000001", "3EB0AFTER00000000001"
	interactive := func(kind string) string {
		return fmt.Sprintf(`"type":"interactive","interactive":{"type":"%s","%s":{"id":"order 4711","title":"Yes 4711"}}`, kind, kind)
	}
	metadata := `"messaging_product":"whatsapp","metadata":{"display_phone_number":"15550783881","phone_number_id":"106540352242922"}`
	for name, row := range map[string]struct {
		body func(p *parlour, quoting string) []byte
		// under the present handle it can come back.
		back bool
	}{
		"a reply button": {func(p *parlour, quoting string) []byte { return p.message(ada(), interactive("button_reply"), quoting) }, true},
		"a list":         {func(p *parlour, quoting string) []byte { return p.message(ada(), interactive("list_reply"), quoting) }, true},
		"a template's button": {func(p *parlour, quoting string) []byte {
			return p.message(ada(), `"type":"button","button":{"payload":"order 4711","text":"Yes 4711"}`, quoting)
		}, true},
		"a form": {func(p *parlour, quoting string) []byte {
			return p.message(ada(), `"type":"interactive","interactive":{"type":"nfm_reply","nfm_reply":{"name":"flow","body":"Sent","response_json":"{\"flow_token\":\"order 4711\"}"}}`, quoting)
		}, true},
		"a call": {func(p *parlour, _ string) []byte {
			p.now = p.now.Add(1e9)
			return change(acmeWABA, "calls", fmt.Sprintf(`{%s,"contacts":[{"wa_id":"%s","user_id":"%s"}],"calls":[{"id":"wacid.HBgLMTY1MDU1NTAxNDIVAgASGCAzODg1NTE5NEU1NTBEMTc1RTFFQUY5NjNCQ0FCRkEzRgA=","from":"%s","to":"15550783881","event":"connect","timestamp":"%d","direction":"USER_INITIATED","cta_payload":"order 4711","deeplink_payload":"Yes 4711"}]}`,
				metadata, adaNumber, adaUser, adaNumber, p.now.Unix()))
		}, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, renewed := range []bool{false, true} {
				p := newParlour(t, func(b *Business) { b.Sharing.NewHandleOnWithdraw = renewed })
				p.shares(t)
				p.withdraws(t)
				key := p.only(t).Scopes[Direct].Handle.Key()
				if err := p.shelf.Enter(t.Context(), "acme", SentRenewed, []string{SentUnder(key, after)}); err != nil {
					t.Fatal(err)
				}
				for _, stanza := range []string{after, before} {
					got := p.accept(t, row.body(p, quoting(stanza)))
					if len(got) != 1 {
						t.Fatalf("there comes %q", kinds(got))
					}
					if comes := !renewed || row.back && stanza == after; holds2(got[0], "4711") != comes {
						t.Errorf("renewed %v, of %s comes %s, want it with what the business wrote: %v", renewed, stanza, got[0].Delivery.Body, comes)
					}
				}
			}
		})
	}
}

// A history has what was said under the handle from before, with its times.
func TestAHistoryDoesNotComeUnderALaterHandle(t *testing.T) {
	t.Parallel()
	for _, renewed := range []bool{false, true} {
		p := newParlour(t, func(b *Business) { b.Sharing.NewHandleOnWithdraw = renewed })
		p.shares(t)
		p.withdraws(t)
		got := kinds(p.accept(t, change(acmeWABA, "history", fmt.Sprintf(
			`{"messaging_product":"whatsapp","metadata":{"display_phone_number":"15550783881","phone_number_id":"106540352242922"},"history":[{"metadata":{"phase":0,"chunk_order":1,"progress":55},"threads":[{"id":"%s","context":{"wa_id":"%s","user_id":"%s"},"messages":[{"from":"15550783881","to":"%s","id":"%s","timestamp":"1788000000","type":"text","text":{"body":"Your order 4711"},"history_context":{"status":"READ"}}]}]}]}`,
			adaNumber, adaNumber, adaUser, adaNumber, simulator.MessageID(ada(), true, "3EB0BEFORE0000000001")))))
		if (got == "") != renewed {
			t.Errorf("renewed %v: there comes %q", renewed, got)
		}
	}
}

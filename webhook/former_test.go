package webhook

import (
	"fmt"
	"testing"

	"bauta/webhook/simulator"
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
		`{"messaging_product":"whatsapp","metadata":{"display_phone_number":"15550783881","phone_number_id":"106540352242922"},"statuses":[{"id":"%s","status":"read","timestamp":"%d",%s,"biz_opaque_callback_data":"order 4711"}]}`,
		simulator.MessageID(ada(), true, stanza), p.now.Unix(), to))
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
		if got := kinds(p.accept(t, p.statusOf(before, ""))); got != "status" {
			t.Errorf("%s: of a first handle comes %q", name, got)
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
		if got := kinds(p.accept(t, p.statusOf(after, ""))); got != "status" {
			t.Errorf("%s: of a message under the new handle comes %q", name, got)
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

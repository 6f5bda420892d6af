package webhook

import (
	"fmt"
	"strings"
	"testing"

	"bauta/masking/sharing"
	"bauta/webhook/simulator"
)

// quoting is the context of a message that answers another (webhooks.md 3.2).
func quoting(stanza string) string {
	return fmt.Sprintf(`"context":{"from":"15550783881","id":"%s"},`, simulator.MessageID(ada(), true, stanza))
}

// That Bauta asked about a group is not told in the direct chat: who quotes the question
// only answers, and a reaction to it says nothing.
func TestWhatRefersToBautasOwnMessagesLosesTheReference(t *testing.T) {
	t.Parallel()
	const noticed = "3EB0NOTICEINAGROUP01"
	for _, shared := range []bool{false, true} {
		p := newParlour(t, func(b *Business) { words(b); b.Sharing.Ask = AskOnRequest })
		p.accept(t, p.message(ada(), text("Hi"), inLisbon))
		p.accept(t, p.message(ada(), text("Hello"), ""))
		if shared {
			p.accept(t, p.message(ada(), text("share"), ""))
		}
		if _, err := p.request(t, lisbon); err != nil {
			t.Fatal(err)
		}
		p.ask(t, lisbon, questionStanza)
		// Of a notice only its statuses tell the id.
		p.accept(t, change(acmeWABA, "messages", fmt.Sprintf(
			`{"messaging_product":"whatsapp","metadata":{"display_phone_number":"15550783881","phone_number_id":"106540352242922"},"statuses":[{"id":"%s","status":"sent","timestamp":"%d","recipient_id":"%s","biz_opaque_callback_data":"bauta:notice:"}]}`,
			simulator.MessageID(ada(), true, noticed), p.now.Unix(), adaNumber)))
		for _, stanza := range []string{questionStanza, noticed} {
			got := p.accept(t, p.message(ada(), text("What is that?"), quoting(stanza)))
			if kinds(got) != "message" || strings.Contains(string(got[0].Delivery.Body), "context") || !holds2(got[0], "What is that?") {
				t.Errorf("a quote: %s %s", kinds(got), got[0].Delivery.Body)
			}
			reaction := fmt.Sprintf(`"type":"reaction","reaction":{"message_id":"%s","emoji":"👍"}`, simulator.MessageID(ada(), true, stanza))
			if got := kinds(p.accept(t, p.message(ada(), reaction, ""))); got != "" {
				t.Errorf("a reaction brings %s", got)
			}
		}
		other := p.accept(t, p.message(ada(), text("And that?"), quoting("3EB0OFTHEBUSINESS001")))
		if kinds(other) != "message" || !strings.Contains(string(other[0].Delivery.Body), `"context":{`) {
			t.Errorf("a quote of the business's own: %s", other[0].Delivery.Body)
		}
		if got := p.only(t).Scopes[lisbon].Sharing.State; got != sharing.Asked {
			t.Errorf("the question is %v", got)
		}
	}
}

// A message of the business's own that asks is one that the business knows.
func TestARequestOfTheBusinesssOwnCanBeQuoted(t *testing.T) {
	t.Parallel()
	p := newParlour(t, func(b *Business) { b.Sharing.Ask = AskOnRequest })
	p.accept(t, p.message(ada(), text("Hello"), ""))
	e, c, err := p.consents.Worded(t.Context(), p.business, p.only(t).Scopes[Direct].Handle.Key(), "b1")
	if err != nil {
		t.Fatal(err)
	}
	if err := p.consents.Sent(t.Context(), p.business, c, Told{Errand: e, Stanza: questionStanza}); err != nil {
		t.Fatal(err)
	}
	got := p.accept(t, p.message(ada(), text("Why?"), quoting(questionStanza)))
	if !strings.Contains(string(got[0].Delivery.Body), `"context":{`) {
		t.Errorf("the quote is %s", got[0].Delivery.Body)
	}
}

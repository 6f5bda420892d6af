package webhook

import (
	"testing"

	"bauta/masking/sharing"
)

// What a tap, a word or a card would decide is said, and nothing of it is done.
func TestWhatWouldBeDecidedIsExplained(t *testing.T) {
	t.Parallel()
	p := newParlour(t, func(b *Business) { words(b); b.Sharing.Ask = AskOnRequest })
	p.accept(t, p.message(ada(), text("Hi"), inLisbon))
	p.accept(t, p.message(ada(), text("Hello"), ""))
	if _, err := p.request(t, Direct); err != nil {
		t.Fatal(err)
	}
	p.ask(t, Direct, questionStanza)
	token := p.token(t, Direct, sharing.ActShare)
	options := p.Options
	options.Consents, options.Windows, options.Trace = nil, nil, true
	dry := Pipeline{Options: options, proofs: p.proofs, opaque: p.opaque, warned: newOnceEach(), rawPaths: newOnceEach()}
	before := p.only(t)
	for name, row := range map[string]struct {
		body []byte
		want string
	}{
		"a tap on the question":   {p.tap(ada(), token, questionStanza), "bauta_button: leads to shared"},
		"a tap without its words": {p.tap(ada(), token, "3EB0OTHER0000000001"), "bauta_button: has no effect: other_message"},
		"a tap on a forged one":   {p.tap(ada(), token[:len(token)-6]+"AAAAAA", questionStanza), "bauta_button: has no effect: forged"},
		"a decline":               {p.tap(ada(), p.token(t, Direct, sharing.ActDecline), questionStanza), "bauta_button: leads to declined"},
		"a word":                  {p.message(ada(), text("share"), ""), "keyword: leads to shared"},
		"a word of a group":       {p.message(ada(), text("share"), inLisbon), "keyword: leads to shared"},
		"a word for nothing":      {p.message(ada(), text("hide"), ""), "keyword: changes nothing"},
		"a message":               {p.message(ada(), text("Hello"), ""), ""},
	} {
		prepared, err := dry.Prepare(t.Context(), "main", row.body)
		if err != nil {
			t.Fatal(err)
		}
		if got := prepared.Decisions[0]; got.Act != row.want || got.Visibility != "hidden" {
			t.Errorf("%s: %q, the customer is %s, want %q", name, got.Act, got.Visibility, row.want)
		}
	}
	if after := p.only(t); after.Scopes[Direct].Sharing != before.Scopes[Direct].Sharing || len(after.Lines)+len(after.Due) > 0 {
		t.Errorf("it changed to %+v", after.Scopes[Direct].Sharing)
	}
}

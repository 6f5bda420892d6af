package webhook

import (
	"testing"
	"time"
)

// A share in a group can come while the direct chat's window is closed: the message with
// the button that takes it back waits until that opens, and is not lost.
func TestAConfirmationWaitsForTheWindow(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		withdraws bool
		want      string
	}{
		"as long as the share lasts": {false, ">confirmation message"},
		"not after it ended":         {true, "message"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newParlour(t, func(b *Business) { words(b); b.Sharing.Ask = AskOnRequest })
			p.accept(t, p.message(ada(), text("Hello"), ""))
			p.now = p.now.Add(25 * time.Hour)
			if got := kinds(p.accept(t, p.message(ada(), text("share"), inLisbon))); got != "number_shared message" {
				t.Errorf("the share brings %s", got)
			}
			p.now = p.now.Add(72 * time.Hour)
			if row.withdraws {
				p.accept(t, p.message(ada(), text("hide"), inLisbon))
			}
			if got := kinds(p.accept(t, p.message(ada(), text("Hello again"), ""))); got != row.want {
				t.Errorf("once the window is open there is %s", got)
			}
			if got := kinds(p.accept(t, p.message(ada(), text("And again"), ""))); got != "message" {
				t.Errorf("it comes twice: %s", got)
			}
		})
	}
}

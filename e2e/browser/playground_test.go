package browser_test

import (
	"context"
	"fmt"
	"os/exec"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/browser"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/chromedp"
)

// Numbers of the story: who comes from an ad, and what she changes to; who is in a group.
const (
	ada      = "16505550142"
	adaLater = "16505550143"
	elif     = "16505550158"
)

func TestThePlaygroundsStory(t *testing.T) {
	t.Parallel()
	program, axe := built(t), axeCore(t)
	for _, l := range looks() { //nolint:paralleltest // one Chromium at a time is enough for two cores
		t.Run(l.name, func(t *testing.T) {
			url := demo(t, program)
			business := overhear(t, url+"live/business")
			p := open(t, l, url, axe)
			p.watch = []string{ada, adaLater, elif}
			p.check("start")
			p.hiddenStory()
			p.unheard(business)
			p.lifted()
			p.otherWaysIn()
			p.check("everybody")
			p.again()
		})
	}
}

// unheard fails where the stream of the business's side brought a hidden number.
func (p *tab) unheard(o *overheard) {
	p.t.Helper()
	text := o.take()
	if !strings.Contains(text, "verdict") {
		p.t.Errorf("%s: the stream brought nothing: %.200s", p.look.name, text)
	}
	for _, number := range p.watch {
		if readable(text, number) {
			p.t.Errorf("%s: the stream of the business's side holds the hidden number ending in %s", p.look.name, number[len(number)-4:])
		}
	}
}

// hiddenStory is everything that happens while Ada is hidden.
func (p *tab) hiddenStory() {
	p.pane("phone")
	p.typed("#say", "Hi! My number is +1 650-555-0142, please call.")
	p.says("#r-chat .bubble.mine", "please call")
	p.pane("business")
	p.says("#r-thread .bubble", "please call")
	p.says("#r-business .json", "US.")
	p.check("written")
	p.pane("platform")
	p.says("#r-platform .json", "16505550142")
	p.press("#inspect-platform")
	p.says("#inspected-who", ada)
	p.press("#inspect-business")
	p.until(`document.querySelector("#inspected-who").className.includes("handle")`)
	p.check("inspected")
	p.curl("platform")
	p.pane("business")
	p.typed("#answer", "Of course! It is 12 euros.")
	p.says("#r-thread .bubble.mine", "12 euros")
	p.check("answered")
	p.curl("business")
	p.pane("phone")
	p.says("#r-chat .bubble:not(.mine)", "12 euros")
	p.press("#send-card")
	p.pane("business")
	p.says("#r-business .json", "contacts")
	p.check("card")
	p.shapes()
	p.pane("phone")
	p.press("#change-number")
	p.says("#r-chat .number", "0143")
	p.pane("business")
	p.says("#r-events .event", "")
	p.press("#ask")
	p.pane("phone")
	p.until(`document.querySelectorAll("#r-chat .tap").length === 2`)
	p.check("asked")
	if p.look.phone {
		return
	}
	// Under the question is the call by which it was asked for: again, it is known.
	p.says("#curl-business", "share-requests")
	p.curl("business")
}

// shapes switches the shape of handles, and back.
func (p *tab) shapes() {
	p.pane("business")
	p.press("#shape-phone")
	p.until(`document.querySelector("#shape-phone").ariaPressed === "true"`)
	p.pane("phone")
	p.typed("#say", "Are you still there?")
	p.pane("business")
	p.says("#r-business .json", "999")
	p.check("numbers")
	p.press("#shape-bsuid")
	p.until(`document.querySelector("#shape-bsuid").ariaPressed === "true"`)
	p.pane("phone")
	p.typed("#say", "I am.")
	p.pane("business")
	p.says("#r-thread .bubble", "I am.")
}

// lifted is Ada sharing her number, and taking that back.
func (p *tab) lifted() {
	p.watch = []string{elif}
	p.pane("phone")
	p.press("#r-chat .taps:last-of-type .tap")
	p.pane("business")
	p.says("#r-business .json", adaLater)
	p.says(".crm-head .number", "555 0143")
	p.check("shared")
	p.pane("phone")
	p.until(`document.querySelectorAll("#r-chat .taps").length === 2`)
	p.press("#r-chat .taps:last-of-type .tap")
	p.pane("business")
	p.until(`!document.querySelector(".crm-head .number")`)
	p.check("withdrawn")
	p.pane("phone")
	p.press("#adopt-username")
	p.until(`document.querySelector("#adopt-username").disabled`)
}

// otherWaysIn is everybody else.
func (p *tab) otherWaysIn() {
	for _, entry := range []string{"jobs", "post", "chat", "group"} {
		p.pane("phone")
		p.press("#who-" + entry)
		p.until(fmt.Sprintf(`document.querySelector("#who-%s").getAttribute("aria-current") === "true" && document.querySelector("#say").value !== ""`, entry))
		p.press("#say-send")
		p.pane("business")
		want := "info"
		if entry == "group" {
			want = "ok"
		}
		p.until(fmt.Sprintf(`!!document.querySelector("#r-verdict .badge.%s") && document.querySelectorAll("#r-business .json").length === 1`, want))
		p.check(entry)
	}
}

// again starts over, and follows the guide by its button.
func (p *tab) again() {
	p.press("#again")
	p.until(`document.querySelectorAll("#r-events .event").length === 0`)
	for range 5 {
		done := read[int](p, `document.querySelectorAll(".guide .done").length`)
		p.press("#guide-do")
		p.until(fmt.Sprintf(`document.querySelectorAll(".guide .done").length > %d`, done))
	}
	p.watch = nil
	p.check("guided")
}

// curl copies the command that a pane offers, and runs it as it would be pasted.
func (p *tab) curl(side string) {
	p.t.Helper()
	p.do(chromedp.ActionFunc(func(ctx context.Context) error {
		rights := []browser.PermissionType{browser.PermissionTypeClipboardReadWrite, browser.PermissionTypeClipboardSanitizedWrite}
		return browser.GrantPermissions(rights).WithOrigin(strings.TrimSuffix(p.url, "/")).Do(cdp.WithExecutor(ctx, chromedp.FromContext(ctx).Browser))
	}))
	p.do(chromedp.Evaluate(`document.querySelectorAll(".toast").forEach((e) => e.remove())`, nil))
	p.press("#copy-curl-" + side)
	p.until(`["Copied.", "Copiato."].includes(document.querySelector(".toast")?.textContent)`)
	command := read[string](p, `navigator.clipboard.readText()`)
	out, err := exec.CommandContext(p.t.Context(), "sh", "-c", command).CombinedOutput()
	if err != nil || !strings.HasSuffix(strings.TrimSpace(string(out)), "200") {
		p.t.Errorf("%s: the %s's curl command answered %q, %v:\n%s", p.look.name, side, out, err, command)
	}
}

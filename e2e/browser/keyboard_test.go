package browser_test

import (
	"fmt"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// stops is how often Tab may be pressed before everything was come by.
const stops = 150

// focus tells what has the focus, and whether somebody sees that: it is in view, and has a
// line around it.
const focus = `(() => {
	const e = document.activeElement, box = e.getBoundingClientRect(), style = getComputedStyle(e);
	const seen = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
	const within = box.width > 0 && box.height > 0 && box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth;
	return {name: e.id || e.className || e.tagName, body: e === document.body, seen, within};
})()`

// tabTo presses Tab until an element has the focus, and fails where somebody who does so
// would be lost on the way.
func (p *tab) tabTo(selector string) {
	p.t.Helper()
	for range stops {
		p.do(chromedp.KeyEvent(kb.Tab))
		if read[bool](p, fmt.Sprintf(`document.activeElement.matches(%q)`, selector)) {
			p.focused()
			return
		}
		p.focused()
	}
	p.picture("failed")
	p.t.Fatalf("%s: Tab does not lead to %s", p.look.name, selector)
}

// focused fails where nobody sees what has the focus.
func (p *tab) focused() {
	p.t.Helper()
	got := read[struct {
		Name               string
		Body, Seen, Within bool
	}](p, focus)
	if !got.Body && (!got.Seen || !got.Within) {
		p.picture("unseen")
		p.t.Errorf("%s: %s has the focus and that is not seen: %+v", p.look.name, got.Name, got)
	}
}

// The whole story without a mouse: Tab, Enter, the arrows, and letters.
func TestThePlaygroundByKeyboard(t *testing.T) {
	t.Parallel()
	program := built(t)
	for _, l := range []look{looks()[0], looks()[3]} { //nolint:paralleltest // one Chromium at a time is enough for two cores
		t.Run(l.name, func(t *testing.T) {
			p := open(t, l, demo(t, program), "")
			p.until(`document.documentElement.dataset.live === "on"`)
			p.do(chromedp.KeyEvent(kb.Tab))
			if !read[bool](p, `document.activeElement.matches(".skip")`) {
				t.Error("the first stop does not skip to the content")
			}
			p.do(chromedp.KeyEvent(kb.Enter))
			p.tabTo("#who-ad")
			p.tabTo("#say")
			p.do(chromedp.KeyEvent("a", chromedp.KeyModifiers(2)), chromedp.KeyEvent("Hello\r"))
			p.says("#r-chat .bubble.mine", "Hello")
			p.paneByKey("business", kb.ArrowLeft)
			p.says("#r-thread .bubble", "Hello")
			p.tabTo("#answer")
			p.do(chromedp.KeyEvent("Good day\r"))
			p.says("#r-thread .bubble.mine", "Good day")
			p.tabTo("#ask")
			p.do(chromedp.KeyEvent(kb.Enter))
			p.paneByKey("phone", kb.ArrowRight)
			p.until(`document.querySelectorAll("#r-chat .tap").length === 2`)
			p.tabTo(".tap")
			p.do(chromedp.KeyEvent(kb.Enter))
			p.until(`document.querySelectorAll("#r-chat .taps").length === 2`)
			if !read[bool](p, `document.activeElement.matches("#r-chat .tap")`) {
				t.Errorf("after the tap the focus is at %s", read[string](p, `document.activeElement.outerHTML.slice(0, 200)`))
			}
			p.paneByKey("business", kb.ArrowLeft)
			p.until(`!!document.querySelector(".crm-head .number")`)
			p.tabTo("#copy-curl-platform, #copy-curl-business, #shape-bsuid")
			p.paneByKey("phone", kb.ArrowRight)
			p.tabTo(".taps:last-of-type .tap")
			p.do(chromedp.KeyEvent(kb.Enter))
			p.until(`document.querySelectorAll(".guide .done").length === 5`)
			p.tabTo("#who-group")
			p.do(chromedp.KeyEvent(kb.Enter))
			p.until(`document.querySelector("#who-group").ariaCurrent === "true"`)
			if !read[bool](p, `document.activeElement.matches("#who-group")`) {
				t.Error("the way in that was chosen lost the focus")
			}
			p.tabTo("#again")
			p.do(chromedp.KeyEvent(kb.Enter))
			p.until(`document.querySelectorAll("#r-events .event").length === 0`)
			for done := range 5 {
				p.tabTo("#guide-do")
				p.do(chromedp.KeyEvent(kb.Enter))
				p.until(fmt.Sprintf(`document.querySelectorAll(".guide .done").length > %d`, done))
			}
			if !read[bool](p, `document.querySelector("#r-guide").contains(document.activeElement)`) {
				t.Error("after the last step of the guide the focus is lost")
			}
		})
	}
}

// paneByKey brings a pane to the front by an arrow, where there is room for one alone.
func (p *tab) paneByKey(name, arrow string) {
	p.t.Helper()
	if !p.look.phone {
		return
	}
	for range stops {
		p.tabTo(`[role="tab"]`)
		p.do(chromedp.KeyEvent(arrow))
		if read[bool](p, fmt.Sprintf(`document.activeElement.id === %q && document.activeElement.ariaSelected === "true"`, "tab-"+name)) {
			return
		}
	}
	p.t.Fatalf("%s: the arrows do not lead to the pane %s", p.look.name, name)
}

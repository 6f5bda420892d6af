package browser_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

func TestTheConsoleAsAnOperatorUsesIt(t *testing.T) {
	t.Parallel()
	program, axe := built(t), axeCore(t)
	for _, l := range looks() { //nolint:paralleltest // one Chromium at a time is enough for two cores
		t.Run(l.name, func(t *testing.T) {
			s := newStation(t, program)
			p := open(t, l, s.admin+"/console/", axe)
			p.watch = []string{customer}
			p.tells("h1", map[string]string{"en": "Log in", "it": "Accesso"}[l.language])
			p.check("console-login")
			enter(p, s)
			tellStory(p, s)
		})
	}
}

// to leads to a page of the console.
func (p *tab) to(path string) {
	p.t.Helper()
	p.do(chromedp.Navigate(p.url+path), chromedp.WaitReady("main h1", chromedp.ByQuery))
}

// arrives waits until an expression is true, also where the page is left meanwhile.
func (p *tab) arrives(expression string) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	ticker := time.NewTicker(50 * time.Millisecond)
	defer ticker.Stop()
	for {
		var there bool
		if err := chromedp.Run(ctx, chromedp.Evaluate(expression, &there)); err == nil && there {
			return
		}
		select {
		case <-ticker.C:
		case <-ctx.Done():
			p.picture("failed")
			p.t.Fatalf("%s: %s did not come true", p.look.name, expression)
		}
	}
}

// tells is arrives for an element that holds a text.
func (p *tab) tells(selector, text string) {
	p.t.Helper()
	p.arrives(fmt.Sprintf(`[...document.querySelectorAll(%q)].some((e) => e.textContent.includes(%q))`, selector, text))
}

// tap clicks an element that can be seen, of the page that is there after a while.
func (p *tab) tap(selector string) {
	p.t.Helper()
	p.arrives(fmt.Sprintf(`(() => { const e = document.querySelector(%q); return document.readyState === "complete" && !!e && e.checkVisibility() })()`, selector))
	p.do(chromedp.ScrollIntoView(selector, chromedp.ByQuery), chromedp.Click(selector, chromedp.ByQuery))
}

// enter logs in by the link, and sees that the token is not where it could be read.
func enter(p *tab, s *station) {
	p.t.Helper()
	link := s.link()
	_, token, _ := strings.Cut(link, "#")
	p.do(chromedp.Navigate(link))
	p.arrives(`location.pathname === "/console/" && !!document.querySelector("#numbers")`)
	for place, text := range map[string]string{
		"the address": read[string](p, `location.href`), "the page": read[string](p, `document.documentElement.outerHTML`),
		"what is kept": read[string](p, `JSON.stringify([document.cookie, {...localStorage}, {...sessionStorage}, document.referrer])`),
	} {
		if strings.Contains(text, token) {
			p.t.Errorf("%s holds the token after the login", place)
		}
	}
	// Where the history leads the token may not be, either.
	for _, at := range history(p) {
		if strings.Contains(at, token) {
			p.t.Errorf("the history has the token: %s", at)
		}
	}
}

// history are the addresses to which the reader can go back.
func history(p *tab) (addresses []string) {
	p.t.Helper()
	p.do(chromedp.ActionFunc(func(ctx context.Context) error {
		_, entries, err := page.GetNavigationHistory().Do(ctx)
		for _, e := range entries {
			addresses = append(addresses, e.URL, e.UserTypedURL)
		}
		return err
	}))
	return addresses
}

// tellStory goes through all pages, and does everything that can be done there.
func tellStory(p *tab, s *station) {
	p.t.Helper()
	handle := <-s.handle
	p.to("")
	p.arrives(`document.documentElement.dataset.live === "on"`)
	p.tells("#standings", "rossi")
	p.tells("#state", "rossi")
	// What nodes counted comes up to 10 seconds late, and without a reload.
	p.arrives(`document.querySelector("#numbers .stat:nth-child(3) dd").textContent !== "0"`)
	p.tells("#as-of", "UTC")
	p.check("console-overview")
	p.to("?business=verdi&hours=1")
	p.check("console-overview-verdi")

	p.to("endpoints")
	p.check("console-endpoints")
	crm := `section[aria-labelledby="name-rossi.crm"] `
	p.tap(crm + `.menu > summary`)
	p.check("console-pause")
	p.typed(crm+`input[name="for"]`, "30m")
	p.tells(".notice", "crm")
	p.tells(crm, map[string]string{"en": "paused by an operator", "it": "messo in pausa"}[p.look.language])
	p.tap(crm + `form[action$="test"] button`)
	p.tells("#trial", "200")
	p.check("console-test-event")
	p.tap(crm + `details.menu > summary`)
	p.tap(crm + `form[action$="handshake"] button`)
	p.tells("#trial", "handshake")
	p.tap(`section[aria-labelledby="name-rossi.bot"] form[action$="test"] button`)
	p.tells("#trial", "403")
	p.check("console-test-refused")
	p.tap(crm + `form[action$="resume"] button`)
	p.tells(".notice", "crm")

	p.to("deliveries")
	p.check("console-deliveries-asks")
	p.to("deliveries?business=rossi&handle=" + handle)
	p.tells("main", "evt_")
	p.check("console-deliveries-of-a-handle")
	p.to("deliveries?endpoint=rossi%2Fcrm")
	p.check("console-deliveries-of-an-endpoint")

	p.to("held")
	p.check("console-held")
	p.tap(`input[name="id"]`)
	p.tap(`form[action$="release"] button`)
	p.arrives(`!!document.querySelector(".notice")`)
	p.check("console-held-still")
	p.tap(`input[name="id"]`)
	p.tap(`button[formaction$="held/drop"]`)
	p.arrives(`!!document.querySelector(".sure")`)
	p.check("console-sure")
	p.tap(`.sure button`)
	p.arrives(`!!document.querySelector(".notice.ok")`)
	dead(p, s)
	p.to("decisions")
	p.tells("#decided, main", "every-ad")
	p.check("console-decisions")
	p.to("sharing")
	p.tells("main dl", "1")
	p.check("console-sharing")
	p.to("configuration")
	p.check("console-configuration")
	p.tap(`form[action$="reload"] button`)
	p.arrives(`!!document.querySelector("#trial")`)
	p.check("console-reloaded")
	p.to("journal")
	p.check("console-journal")
	p.tap(`.who button`)
	p.arrives(`location.pathname === "/console/login"`)
	p.check("console-left")
}

// dead has dead letters replayed, one and then all.
func dead(p *tab, s *station) {
	p.t.Helper()
	p.to("dead-letters")
	p.check("console-letters-where")
	p.to("dead-letters?endpoint=rossi%2Fbot")
	p.arrives(`document.querySelectorAll('input[name="id"]').length > 3`)
	p.check("console-letters")
	s.mended.Store(true)
	p.tap(`input[name="id"]`)
	p.tap(`form[action$="replay"] button`)
	p.arrives(`!!document.querySelector(".notice.ok")`)
	p.tap(`button[name="work"][value="replay"]`)
	p.arrives(`!!document.querySelector(".sure")`)
	p.check("console-letters-sure")
	p.tap(`.sure button`)
	p.arrives(`!!document.querySelector("#jobs .job")`)
	p.arrives(`!!document.querySelector("#jobs .job .badge.ok")`)
	p.check("console-letters-replayed")
}

func TestTheConsoleWithoutScripts(t *testing.T) {
	t.Parallel()
	s := newStation(t, built(t))
	p := open(t, looks()[0], s.admin+"/console/", "")
	p.do(emulation.SetScriptExecutionDisabled(true))
	token, _ := s.run("token", "issue", "--scope", "console", "--expires", "1h")
	p.do(chromedp.Navigate(p.url+"held"), chromedp.SendKeys("#token", strings.TrimSpace(token), chromedp.ByQuery), chromedp.Submit("#login", chromedp.ByQuery))
	p.do(chromedp.WaitVisible(`input[name="id"]`, chromedp.ByQuery), chromedp.Click(`input[name="id"]`, chromedp.ByQuery))
	p.do(chromedp.Click(`button[formaction$="held/drop"]`, chromedp.ByQuery), chromedp.WaitVisible(`.sure button`, chromedp.ByQuery))
	p.do(chromedp.Click(`.sure button`, chromedp.ByQuery), chromedp.WaitVisible(`.notice.ok`, chromedp.ByQuery))
	p.to("endpoints")
	p.do(chromedp.Click(`section[aria-labelledby="name-rossi.crm"] .menu > summary`, chromedp.ByQuery))
	p.do(chromedp.Click(`section[aria-labelledby="name-rossi.crm"] form[action$="pause"] button`, chromedp.ByQuery), chromedp.WaitVisible(`.notice.ok`, chromedp.ByQuery))
	p.picture("console-without-scripts")
}

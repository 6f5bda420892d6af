package browser_test

import (
	"context"
	"encoding/json"
	"fmt"
	neturl "net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// patience is how long the page may take for one step on a loaded machine.
const patience = 2 * time.Minute

// look is how somebody looks at a page.
type look struct {
	name          string
	width, height int64
	phone, dark   bool
	language      string
}

// looks are both sizes with both themes and both languages.
func looks() []look {
	return []look{
		{name: "desk-light-en", width: 1440, height: 900, language: "en"},
		{name: "desk-dark-it", width: 1440, height: 900, dark: true, language: "it"},
		{name: "phone-dark-en", width: 390, height: 844, phone: true, dark: true, language: "en"},
		{name: "phone-light-it", width: 390, height: 844, phone: true, language: "it"},
	}
}

// tab is a page in Chromium, and what was wrong with it.
type tab struct {
	t    *testing.T
	ctx  context.Context
	look look
	url  string
	host string
	axe  string
	shot int
	// watch are numbers that are hidden now.
	watch []string

	mu     sync.Mutex
	faults []string
	bodies []network.RequestID
	paths  map[network.RequestID]string
}

// open starts Chromium with a page.
func open(t *testing.T, l look, url, axe string) *tab {
	t.Helper()
	program, err := exec.LookPath("chromium")
	if err != nil {
		t.Fatal("chromium is not there: make tools installs it (Debian: apt-get install chromium)")
	}
	ctx, cancel := chromedp.NewExecAllocator(context.WithoutCancel(t.Context()), append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(program), chromedp.NoSandbox, chromedp.DisableGPU, chromedp.Flag("disable-quic", true),
		chromedp.Flag("disable-background-networking", true), chromedp.Flag("disable-component-update", true),
		chromedp.Flag("disable-sync", true), chromedp.Flag("accept-lang", l.language), chromedp.UserDataDir(t.TempDir()),
		chromedp.WindowSize(int(l.width), int(l.height)), chromedp.WSURLReadTimeout(patience),
	)...)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	// The first run starts Chromium, which ends with that run's context.
	if err := chromedp.Run(ctx); err != nil {
		t.Fatalf("start Chromium: %v", err)
	}
	t.Cleanup(func() { _ = chromedp.Cancel(ctx) })
	at, err := neturl.Parse(url)
	if err != nil {
		t.Fatal(err)
	}
	p := &tab{t: t, ctx: ctx, look: l, url: url, host: at.Host, axe: axe, paths: map[network.RequestID]string{}}
	chromedp.ListenTarget(ctx, p.hear)
	theme := "light"
	if l.dark {
		theme = "dark"
	}
	p.do(network.Enable(), log.Enable(), runtime.Enable(),
		emulation.SetDeviceMetricsOverride(l.width, l.height, 1, l.phone),
		emulation.SetEmulatedMedia().WithFeatures([]*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: theme}}),
		network.SetExtraHTTPHeaders(network.Headers{"Accept-Language": l.language}),
		chromedp.Navigate(url))
	return p
}

// hear notes what goes wrong, and what was answered.
func (p *tab) hear(event any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch e := event.(type) {
	case *runtime.EventExceptionThrown:
		p.faults = append(p.faults, "exception: "+e.ExceptionDetails.Error())
	case *runtime.EventConsoleAPICalled:
		if e.Type == runtime.APITypeError || e.Type == runtime.APITypeWarning || e.Type == runtime.APITypeAssert {
			p.faults = append(p.faults, fmt.Sprintf("console: %s", e.Args[0].Value))
		}
	case *log.EventEntryAdded:
		// Violations of the content security policy come here too.
		if e.Entry.Level == log.LevelError || e.Entry.Level == log.LevelWarning {
			p.faults = append(p.faults, fmt.Sprintf("log: %s %s", e.Entry.Text, e.Entry.URL))
		}
	case *network.EventRequestWillBeSent:
		// Pages work without any network: nothing is asked of anybody else.
		if to, err := neturl.Parse(e.Request.URL); err != nil || !slices.Contains([]string{"data", "blob", "about"}, to.Scheme) && to.Host != p.host {
			p.faults = append(p.faults, "the page asks elsewhere: "+e.Request.URL)
		}
	case *network.EventResponseReceived:
		p.paths[e.RequestID] = strings.TrimPrefix(e.Response.URL, strings.TrimSuffix(p.url, "/"))
	case *network.EventLoadingFinished:
		p.bodies = append(p.bodies, e.RequestID)
	}
}

// do runs actions, and fails with where it was.
func (p *tab) do(actions ...chromedp.Action) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	if err := chromedp.Run(ctx, actions...); err != nil {
		p.picture("failed")
		p.t.Fatalf("%s: %v", p.look.name, err)
	}
}

// press clicks an element that can be seen.
func (p *tab) press(selector string) {
	p.t.Helper()
	p.until(fmt.Sprintf(`(() => { const e = document.querySelector(%q); return !!e && e.checkVisibility() && !e.disabled })()`, selector))
	p.do(chromedp.ScrollIntoView(selector, chromedp.ByQuery), chromedp.Click(selector, chromedp.ByQuery))
}

// typed writes into a field by the keyboard, and sends it with the Enter key.
func (p *tab) typed(selector, text string) {
	p.t.Helper()
	p.until(fmt.Sprintf(`(() => { const e = document.querySelector(%q); if (!e || !e.checkVisibility()) return false; e.focus(); e.select(); return true })()`, selector))
	p.do(chromedp.KeyEvent(text + "\r"))
}

// until waits until an expression is true in the page.
func (p *tab) until(expression string) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	if err := chromedp.Run(ctx, chromedp.Poll(expression, nil, chromedp.WithPollingInterval(50*time.Millisecond), chromedp.WithPollingTimeout(patience))); err != nil {
		p.picture("failed")
		p.t.Fatalf("%s: %s did not come true: %v", p.look.name, expression, err)
	}
}

// says waits until an element holds a text.
func (p *tab) says(selector, text string) {
	p.t.Helper()
	p.until(fmt.Sprintf(`[...document.querySelectorAll(%q)].some((e) => e.textContent.includes(%q))`, selector, text))
}

// read evaluates an expression.
func read[T any](p *tab, expression string) (out T) {
	p.t.Helper()
	p.do(chromedp.Evaluate(expression, &out, func(e *runtime.EvaluateParams) *runtime.EvaluateParams { return e.WithAwaitPromise(true) }))
	return out
}

// pane brings a pane to the front where there is room for one alone.
func (p *tab) pane(name string) {
	p.t.Helper()
	if p.look.phone {
		p.press("#tab-" + name)
	}
}

// picture keeps a screenshot of the whole page.
func (p *tab) picture(name string) {
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	var png []byte
	if err := chromedp.Run(ctx, chromedp.Evaluate(`scrollTo(0, 0)`, nil), chromedp.FullScreenshot(&png, 100)); err != nil {
		p.t.Logf("no picture of %s: %v", name, err)
		return
	}
	folder := filepath.Join("screenshots", p.look.name)
	if err := os.MkdirAll(folder, 0o750); err != nil {
		p.t.Fatal(err)
	}
	p.shot++
	if err := os.WriteFile(filepath.Join(folder, fmt.Sprintf("%02d-%s.png", p.shot, name)), png, 0o600); err != nil {
		p.t.Fatal(err)
	}
}

// cut finds what reaches out of its card and cannot be scrolled to.
const cut = `[...document.querySelectorAll(".card, .phone, .guide-box")].flatMap((card) => {
	const edge = card.getBoundingClientRect().right + 1;
	const scrolls = (e) => e !== card && (["auto", "scroll"].includes(getComputedStyle(e).overflowX) || scrolls(e.parentElement));
	return [...card.querySelectorAll("*")]
		.filter((e) => !(e instanceof SVGElement) && !e.closest(".hidden-text") && e.checkVisibility() && e.getBoundingClientRect().right > edge && !scrolls(e.parentElement))
		.map((e) => (e.id || e.className || e.tagName) + " " + e.textContent.slice(0, 40));
})`

// check looks at the page as it is: a picture, what shuts people out, what went wrong, and
// whether a hidden number can be read.
func (p *tab) check(name string) {
	p.t.Helper()
	// A transition that is under way has colours of its own.
	read[bool](p, `Promise.all(document.getAnimations().map((a) => a.finished.catch(() => 0))).then(() => true)`)
	p.picture(name)
	p.accessible(name)
	p.clean(name)
	for _, part := range read[[]string](p, cut) {
		p.t.Errorf("%s, %s: %s is cut", p.look.name, name, part)
	}
	if wide := read[int](p, `document.documentElement.scrollWidth - document.documentElement.clientWidth`); wide > 0 {
		p.t.Errorf("%s, %s: the page is %d pixels too wide", p.look.name, name, wide)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, fault := range p.faults {
		p.t.Errorf("%s, %s: %s", p.look.name, name, fault)
	}
	p.faults = nil
}

// accessible fails on what axe-core finds serious or worse.
func (p *tab) accessible(name string) {
	p.t.Helper()
	type finding struct {
		ID, Impact, Help string
		Nodes            []struct {
			HTML           string
			FailureSummary string
		}
	}
	if !read[bool](p, `typeof axe === "object"`) {
		p.do(chromedp.Evaluate(p.axe, nil))
	}
	text := read[string](p, `axe.run(document, {resultTypes: ["violations"]}).then((r) => JSON.stringify(r.violations))`)
	var findings []finding
	if err := json.Unmarshal([]byte(text), &findings); err != nil {
		p.t.Fatal(err)
	}
	for _, f := range findings {
		if f.Impact != "serious" && f.Impact != "critical" {
			continue
		}
		for _, n := range f.Nodes {
			p.t.Errorf("%s, %s: %s (%s): %s\n%s\n%s", p.look.name, name, f.ID, f.Impact, f.Help, n.HTML, n.FailureSummary)
		}
	}
}

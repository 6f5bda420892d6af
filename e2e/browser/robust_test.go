package browser_test

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/chromedp/chromedp"

	"bauta/webhook/simulator"
)

// line is the connection between a browser and the program, which can be cut.
type line struct {
	t        *testing.T
	to       string
	listener net.Listener

	mu   sync.Mutex
	down bool
	open map[net.Conn]bool
}

// lay lays a line to a program's address, and returns the address at its other end.
func lay(t *testing.T, address string) (*line, string) {
	t.Helper()
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l := &line{t: t, to: strings.TrimSuffix(strings.TrimPrefix(address, "http://"), "/"), listener: listener, open: map[net.Conn]bool{}}
	t.Cleanup(func() { _ = listener.Close(); l.cut(true) })
	go func() {
		for {
			near, err := listener.Accept()
			if err != nil {
				return
			}
			go l.carry(near)
		}
	}()
	return l, "http://" + listener.Addr().String() + "/"
}

func (l *line) carry(near net.Conn) {
	far, err := (&net.Dialer{}).DialContext(l.t.Context(), "tcp", l.to)
	if err != nil {
		_ = near.Close()
		return
	}
	l.mu.Lock()
	down := l.down
	l.open[near], l.open[far] = true, true
	l.mu.Unlock()
	if down {
		l.cut(true)
		return
	}
	go func() { _, _ = io.Copy(far, near); _ = far.Close() }()
	_, _ = io.Copy(near, far)
	_ = near.Close()
}

// cut ends what is connected, and refuses what comes until it is mended.
func (l *line) cut(down bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.down = down
	for c := range l.open {
		_ = c.Close()
		delete(l.open, c)
	}
}

// post does what a form of the page does, from elsewhere.
func post(t *testing.T, address, path string, pairs ...string) {
	t.Helper()
	form := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		form.Set(pairs[i], pairs[i+1])
	}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, address+path, strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Accept", "text/plain")
	answer, err := new(http.Client).Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	if answer.StatusCode >= http.StatusBadRequest {
		t.Fatalf("%s is answered %d", path, answer.StatusCode)
	}
}

// A page whose connection is cut says so, and goes on by itself where it was; so does one
// whose program ended.
func TestAPageThatLosesBauta(t *testing.T) {
	t.Parallel()
	address, end := demoThatEnds(t, built(t))
	l, near := lay(t, address)
	p := open(t, looks()[2], near, "")
	const shown, hidden = `document.querySelector("#lost").checkVisibility()`, `!document.querySelector("#lost").checkVisibility()`
	p.until(`document.documentElement.dataset.live === "on"`)
	p.do(chromedp.Evaluate(`window.unloaded = false`, nil))
	p.until(hidden)
	l.cut(true)
	p.until(shown)
	p.picture("lost")
	post(t, address, "say", "text", "while you were away")
	l.cut(false)
	p.says("#r-chat .bubble", "while you were away")
	p.says("#r-thread .bubble", "while you were away")
	p.until(hidden)
	if !read[bool](p, `window.unloaded === false`) {
		t.Error("the page was loaded anew")
	}
	end()
	p.until(shown)
	p.typed("#say", "Still there?")
	p.says(".toast.bad", "Bauta does not answer")
	p.until(`document.querySelector("#say").value === "Still there?"`)
}

// Everything that is open shows the same story, also what is loaded in the middle of it.
func TestTwoWindowsShowOneStory(t *testing.T) {
	t.Parallel()
	address := demo(t, built(t))
	one := open(t, looks()[0], address, "")
	two := open(t, looks()[3], address, "")
	one.press("#guide-do")
	two.says("#r-chat .bubble.mine", "agave")
	two.pane("business")
	two.says("#r-thread .bubble", "agave")
	two.typed("#answer", "Buongiorno")
	one.says("#r-chat .bubble:not(.mine)", "Buongiorno")
	one.do(chromedp.Evaluate(`document.querySelector("#answer").value = "half a"`, nil))
	two.pane("phone")
	two.typed("#say", "Ci siete?")
	one.says("#r-thread .bubble", "Ci siete?")
	if got := read[string](one, `document.querySelector("#answer").value`); got != "half a" {
		t.Errorf("what was typed became %q", got)
	}
	for _, p := range []*tab{one, two} {
		p.do(chromedp.Reload())
		p.says("#r-chat .bubble.mine", "Ci siete?")
		p.says("#r-chat .bubble:not(.mine)", "Buongiorno")
		p.says("#r-verdict", map[string]string{"en": "came from an ad", "it": "da un annuncio"}[p.look.language])
		if selected := read[string](p, `document.querySelector("[role=tab][aria-selected=true]").id`); selected != "tab-phone" {
			t.Errorf("in front is %s", selected)
		}
	}
}

// Who clicks and writes faster than the page answers loses nothing and doubles nothing.
func TestManyClicksQuickly(t *testing.T) {
	t.Parallel()
	p := open(t, looks()[0], demo(t, built(t)), "")
	p.until(`document.documentElement.dataset.live === "on"`)
	p.do(chromedp.Evaluate(`(() => { const b = document.querySelector("#guide-do"); for (let i = 0; i < 20; i++) b.click(); })()`, nil))
	p.says("#r-thread .bubble", "agave")
	p.until(`document.querySelectorAll("#r-chat .bubble.mine").length === 1`)
	p.do(chromedp.Evaluate(`Promise.all([...Array(60).keys()].map((i) =>
		fetch("/say", {method: "POST", body: new URLSearchParams({text: "line " + i + "."}), headers: {Accept: "text/plain"}})))`, nil))
	for i := range 60 {
		p.says("#r-thread .bubble", fmt.Sprintf("line %d.", i))
	}
	p.until(`document.querySelectorAll("#r-chat .bubble.mine").length === 61 && document.querySelectorAll("#r-thread .bubble").length === 61`)
	for range 3 {
		p.do(chromedp.Evaluate(`for (const id of ["ad", "jobs", "post", "chat", "group", "chat"]) document.querySelector("#who-" + id).click()`, nil))
	}
	p.do(chromedp.Evaluate(`for (let i = 0; i < 10; i++) document.querySelector("#again").click()`, nil))
	p.until(`document.querySelectorAll("#r-events .event").length === 0`)
	p.press("#guide-do")
	p.says("#r-thread .bubble", "agave")
	p.picture("quick")
}

// Whatever people write and whatever they are called is text, fits, and reads in its own
// direction.
func TestWhateverPeopleWriteIsText(t *testing.T) {
	t.Parallel()
	program, axe := built(t), axeCore(t)
	for _, l := range []look{looks()[0], looks()[2]} { //nolint:paralleltest // one Chromium at a time is enough for two cores
		t.Run(l.name, func(t *testing.T) {
			p := open(t, l, demo(t, program), axe)
			p.watch = []string{ada}
			texts := []string{
				`<script>document.title = "script"</script><img src=x onerror="document.title='image'">`,
				"👩‍👩‍👧‍👦🏳️‍🌈 è già l’ora! 日本語 \u202egnp.exe",
				"שלום, המספר שלי הוא +1 650-555-0142. תודה!",
				strings.Repeat("Donaudampfschifffahrt", 90),
			}
			for _, text := range texts {
				post(t, p.url, "say", "text", text)
			}
			p.pane("business")
			p.until(`document.querySelectorAll("#r-thread .bubble").length === 4`)
			p.says("#r-thread .bubble", "onerror")
			p.says("#r-thread .bubble", "👩‍👩‍👧‍👦")
			p.check("texts")
			name := `<b>Zoë</b> "><script>document.title='name'</script> عمر ` + strings.Repeat("o", 100)
			p.stranger(name)
			p.until(fmt.Sprintf(`document.querySelector(".crm-head strong").textContent === %q`, name))
			p.check("name")
			p.pane("phone")
			p.check("texts-phone")
			if direction := read[string](p, `getComputedStyle([...document.querySelectorAll("#r-chat .bubble .text")][2]).direction`); direction != "rtl" {
				t.Errorf("Hebrew reads %s", direction)
			}
			if title := read[string](p, `document.title`); !strings.Contains(title, "Bauta") {
				t.Errorf("a script ran: the title is %q", title)
			}
		})
	}
}

// stranger has somebody of a name write whom the page does not know, as the copied command
// could be changed to.
func (p *tab) stranger(name string) {
	p.t.Helper()
	command := read[string](p, `document.querySelector("#curl-platform").textContent`)
	to := regexp.MustCompile(`http://127\.0\.0\.1:\d+/webhooks/\w+`).FindString(command)
	who := simulator.Person{Number: "16505550199", UserID: "US.7430000000000099", Name: name}
	shop := simulator.Business{WABA: "102290129340398", PhoneNumberID: "106540352242922", Number: "15550783881"}
	m := simulator.Text(who, "Hello")
	m.ID = simulator.MessageID(who, false, "3EB0AAAAAAAAAAAAAAAAAA")
	if status, err := (&simulator.Sender{Client: new(http.Client), URL: to, Secret: "demo"}).Send(context.WithoutCancel(p.t.Context()), shop.Inbound(m)); err != nil || status != http.StatusOK {
		p.t.Fatalf("the webhook to %s is answered %d, %v", to, status, err)
	}
}

// Language and colours are chosen on the page, hold when it is loaded anew, and win over
// what the system has.
func TestLanguageAndColoursAreChosen(t *testing.T) {
	t.Parallel()
	p := open(t, looks()[0], demo(t, built(t)), "")
	const background = `getComputedStyle(document.body.parentElement).backgroundColor`
	light := read[string](p, background)
	p.tap(`.choices a[hreflang="it"]`)
	p.arrives(`document.documentElement.lang === "it"`)
	p.tells("h1", "Parla con i clienti")
	p.tap(`.choices a[href*="theme=dark"]`)
	p.arrives(`document.documentElement.dataset.theme === "dark"`)
	dark := read[string](p, background)
	if dark == light {
		t.Errorf("dark and light are both %s", dark)
	}
	p.press("#guide-do")
	p.tells("#r-chat .bubble.mine", "agave blu")
	p.tells("#r-verdict", "Il cliente è arrivato da un annuncio")
	for range 2 {
		done := read[int](p, `document.querySelectorAll(".guide .done").length`)
		p.press("#guide-do")
		p.arrives(fmt.Sprintf(`document.querySelectorAll(".guide .done").length > %d`, done))
	}
	// Bauta asks in the reader's language, and the guide names the buttons as they are.
	p.tells("#r-chat .bubble", "può vedere il tuo numero di telefono?")
	p.arrives(`document.querySelectorAll("#r-chat .tap").length === 2`)
	named := read[string](p, `document.querySelector(".guide").textContent`)
	if button := read[string](p, `document.querySelector("#r-chat .tap").textContent`); !strings.Contains(named, "“"+button+"”") {
		t.Errorf("the guide does not name the button %q: %s", button, named)
	}
	p.press("#guide-do")
	p.arrives(`document.querySelectorAll("#r-chat .tap").length === 3`)
	if button := read[string](p, `[...document.querySelectorAll("#r-chat .tap")].pop().textContent`); !strings.Contains(named, "“"+button+"”") {
		t.Errorf("the guide does not name the button %q: %s", button, named)
	}
	p.picture("chosen")
	p.do(chromedp.Reload())
	p.arrives(`document.documentElement.lang === "it" && document.documentElement.dataset.theme === "dark"`)
	if got := read[string](p, background); got != dark {
		t.Errorf("after loading anew it is %s", got)
	}
	p.tap(`.choices a[href*="theme=light"]`)
	p.arrives(`document.documentElement.dataset.theme === "light"`)
	p.tap(`.choices a[href*="theme=auto"]`)
	p.arrives(`!document.documentElement.dataset.theme`)
	p.tap(`.choices a[hreflang="en"]`)
	p.arrives(`document.documentElement.lang === "en"`)
	if got := read[string](p, background); got != light {
		t.Errorf("as the system has it, it is %s, and was %s", got, light)
	}
}

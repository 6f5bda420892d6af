package browser_test

import (
	"context"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/chromedp/cdproto/accessibility"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/dom"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// readable tells whether a number of digits can be read from a text, in any notation:
// with separators, in other scripts, percent-encoded, in base64 at any alignment, in
// hexadecimal and as packed digits.
func readable(text, number string) bool {
	national := number[1:]
	if strings.Contains(folded(text), national) {
		return true
	}
	if decoded, err := url.QueryUnescape(text); err == nil && decoded != text && strings.Contains(folded(decoded), national) {
		return true
	}
	for _, token := range regexp.MustCompile(`[A-Za-z0-9+/_-]{12,}`).FindAllString(text, -1) {
		plain := strings.NewReplacer("-", "+", "_", "/").Replace(token)
		for cut := range 4 {
			if cut >= len(plain) {
				break
			}
			part := plain[cut:]
			raw, err := base64.RawStdEncoding.DecodeString(part[:len(part)-len(part)%4])
			if err == nil && (strings.Contains(string(raw), national) || packed(raw, national)) {
				return true
			}
		}
		if raw, err := hex.DecodeString(token[:len(token)-len(token)%2]); err == nil && (strings.Contains(string(raw), national) || packed(raw, national)) {
			return true
		}
	}
	return false
}

// packed tells that bytes hold the digits two to a byte, in either order.
func packed(raw []byte, digits string) bool {
	plain := hex.EncodeToString(raw)
	swapped := []byte(plain)
	for i := 0; i+1 < len(swapped); i += 2 {
		swapped[i], swapped[i+1] = swapped[i+1], swapped[i]
	}
	return strings.Contains(plain, digits) || strings.Contains(string(swapped), digits)
}

// folded is a text without what may stand between digits, its digits in ASCII.
func folded(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case strings.ContainsRune(" \u00a0\u2009\u202f\t\n-./()+", r):
			return -1
		case '٠' <= r && r <= '٩':
			return '0' + r - '٠'
		case '０' <= r && r <= '９':
			return '0' + r - '０'
		}
		return r
	}, text)
}

func TestWhatTheScanFinds(t *testing.T) {
	t.Parallel()
	const number = "16505550142"
	for _, text := range []string{
		"16505550142", "+1 (650) 555-0142", "call 650.555.0142 now", "?n=650%20555%200142", "wamid.HBgLMTY1MDU1NTAxNDIVAgASGBQzQTRBNjU5OUFFRTAzODEwMTQ0RgA=",
		"xHBgLMTY1MDU1NTAxNDIVAgASGBQzQTRBNjU5", "3136353035353530313432", "AQIBZQVVAUL/AAAA", "٦٥٠٥٥٥٠١٤٢",
	} {
		if !readable(text, number) {
			t.Errorf("the number is not found in %s", text)
		}
	}
	for _, text := range []string{"", "US.9041174520836617350284", "16505550143", "wamid.HBgZVVMuOTA0MTE3NDUyMDgzNjYxNzM1MDI4NBUCABI="} {
		if readable(text, number) {
			t.Errorf("the number is found in %s", text)
		}
	}
}

// unmarked is everything of a document that is not inside an element that may show a
// hidden number: texts, attributes, comments, scripts, and what is in fields. Where a
// number may be that was shared is no such element: a hidden one may not be there.
const unmarked = `((d) => {
	const fields = [...d.querySelectorAll("input, textarea")].filter((f) => !f.closest("[data-number=may-show]")).map((f) => f.value);
	const copy = d.documentElement.cloneNode(true);
	for (const e of copy.querySelectorAll("[data-number=may-show]")) e.remove();
	return copy.outerHTML + JSON.stringify(fields);
})`

// may are the elements that may show a hidden number.
const may = `document.querySelectorAll("[data-number=may-show]")`

// spoken is what a screen reader says of the page outside of what is marked: names,
// descriptions and values of the accessibility tree.
func (p *tab) spoken() string {
	p.t.Helper()
	var out strings.Builder
	count := read[int](p, may+".length")
	p.do(chromedp.ActionFunc(func(ctx context.Context) error {
		marked := map[cdp.BackendNodeID]bool{}
		for i := range count {
			element, _, err := runtime.Evaluate(fmt.Sprintf("%s[%d]", may, i)).Do(ctx)
			if err != nil {
				return err
			}
			node, err := dom.DescribeNode().WithObjectID(element.ObjectID).WithDepth(-1).Do(ctx)
			if err != nil {
				return err
			}
			mark(node, marked)
		}
		// cdproto's own type refuses what newer Chromiums say of ignored nodes.
		type said struct {
			Value any `json:"value"`
		}
		var tree struct {
			Nodes []struct {
				NodeID           string            `json:"nodeId"`
				ParentID         string            `json:"parentId"`
				BackendDOMNodeID cdp.BackendNodeID `json:"backendDOMNodeId"`
				Name             said              `json:"name"`
				Description      said              `json:"description"`
				Value            said              `json:"value"`
			} `json:"nodes"`
		}
		if err := cdp.Execute(ctx, accessibility.CommandGetFullAXTree, nil, &tree); err != nil {
			return err
		}
		silent := map[string]bool{}
		for _, n := range tree.Nodes { // parents come before their children
			if marked[n.BackendDOMNodeID] || silent[n.ParentID] {
				silent[n.NodeID] = true
				continue
			}
			_, _ = fmt.Fprintln(&out, n.Name.Value, n.Description.Value, n.Value.Value)
		}
		return nil
	}))
	return out.String()
}

// mark notes a node and all that is in it.
func mark(n *cdp.Node, marked map[cdp.BackendNodeID]bool) {
	marked[n.BackendNodeID] = true
	for _, child := range n.Children {
		mark(child, marked)
	}
}

// clean fails where a number that is hidden can be read outside of what is marked.
func (p *tab) clean(name string) {
	p.t.Helper()
	for _, leak := range p.leaks() {
		p.t.Errorf("%s, %s: %s", p.look.name, name, leak)
	}
}

// leaks are the places outside of what is marked where a hidden number can be read.
func (p *tab) leaks() []string {
	p.t.Helper()
	places := map[string]string{
		"the page":           read[string](p, unmarked+`(document)`),
		"a screen reader":    p.spoken(),
		"the title":          read[string](p, `document.title`),
		"the address":        read[string](p, `location.href`),
		"what is kept":       read[string](p, `JSON.stringify([{...localStorage}, {...sessionStorage}, document.cookie])`),
		"the page when read": read[string](p, `fetch("/").then((r) => r.text()).then((t) => `+unmarked+`(new DOMParser().parseFromString(t, "text/html")))`),
	}
	for path, body := range p.answers() {
		places["the answer of "+path] = body
	}
	var found []string
	for place, text := range places {
		for _, number := range p.watch {
			if readable(text, number) {
				found = append(found, place+" holds the hidden number ending in "+number[len(number)-4:])
			}
		}
	}
	return found
}

// The number is planted wherever it could slip to, and the scan sees it there.
func TestTheScanSeesEveryPlace(t *testing.T) {
	t.Parallel()
	p := open(t, looks()[0], demo(t, built(t)), "")
	p.watch = []string{ada}
	if leaks := p.leaks(); len(leaks) > 0 {
		t.Fatalf("before anything is planted: %v", leaks)
	}
	const pane = `document.querySelector("#pane-business")`
	for name, c := range map[string]struct{ plant, clear string }{
		"a text":                    {pane + `.append("call +1 650 555 0142")`, pane + `.lastChild.remove()`},
		"a text that nobody sees":   {pane + `.insertAdjacentHTML("beforeend", "<p hidden>16505550142</p>")`, pane + `.lastElementChild.remove()`},
		"a comment":                 {pane + `.append(document.createComment("16505550142"))`, pane + `.lastChild.remove()`},
		"an attribute":              {pane + `.title = "wamid.HBgLMTY1MDU1NTAxNDIVAgA"`, pane + `.removeAttribute("title")`},
		"a script":                  {`document.head.insertAdjacentHTML("beforeend", "<template><script>16505550142</script></template>")`, `document.head.lastElementChild.remove()`},
		"what was typed":            {`document.querySelector("#answer").value = "16505550142"`, `document.querySelector("#answer").value = ""`},
		"where a shared one may be": {pane + `.insertAdjacentHTML("beforeend", "<p data-number=shared>16505550142</p>")`, pane + `.lastElementChild.remove()`},
		"what is said of a marked element": {
			`document.querySelector("#r-chat .number").id = "planted"; ` + pane + `.setAttribute("aria-labelledby", "planted")`, pane + `.setAttribute("aria-labelledby", "business-h")`,
		},
		"what is kept": {`localStorage.setItem("planted", "16505550142")`, `localStorage.clear()`},
		"the title":    {`document.title = "+1 (650) 555-0142"`, `document.title = ""`},
		"the address":  {`history.replaceState(null, "", "/?n=1%20650%20555%200142")`, `history.replaceState(null, "", "/")`},
	} {
		p.do(chromedp.Evaluate(c.plant+"; 0", nil))
		if leaks := p.leaks(); len(leaks) == 0 {
			t.Errorf("%s: the number is not found", name)
		}
		p.do(chromedp.Evaluate(c.clear+"; 0", nil))
		if leaks := p.leaks(); len(leaks) > 0 {
			t.Fatalf("%s: what was planted is still there: %v", name, leaks)
		}
	}
}

// answers are the bodies of what was answered since, but for the page itself, and for the
// stream of what may show a number.
func (p *tab) answers() map[string]string {
	p.mu.Lock()
	bodies := p.bodies
	p.bodies = nil
	p.mu.Unlock()
	out := map[string]string{}
	for _, id := range bodies {
		p.mu.Lock()
		path := p.paths[id]
		p.mu.Unlock()
		if path == "/" || strings.HasPrefix(path, "/live/customer") {
			continue
		}
		var body []byte
		_ = chromedp.Run(p.ctx, chromedp.ActionFunc(func(ctx context.Context) (err error) {
			body, err = network.GetResponseBody(id).Do(ctx)
			return err
		}))
		out[path] += string(body)
	}
	return out
}

// overheard is what a stream brought, read by a client of its own.
type overheard struct {
	mu   sync.Mutex
	text strings.Builder
}

// overhear listens to a stream until the test ends.
func overhear(t *testing.T, address string) *overheard {
	t.Helper()
	out := &overheard{}
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	response, err := (&http.Client{}).Do(request)
	if err != nil {
		t.Fatal(err)
	}
	go func() {
		defer func() { _ = response.Body.Close() }()
		chunk := make([]byte, 32<<10)
		for {
			n, err := response.Body.Read(chunk)
			out.mu.Lock()
			out.text.Write(chunk[:n])
			out.mu.Unlock()
			if err != nil {
				return
			}
		}
	}()
	return out
}

// take returns what came since the last time.
func (o *overheard) take() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	defer o.text.Reset()
	return o.text.String()
}

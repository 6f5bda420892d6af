package browser_test

import (
	"context"
	"encoding/base64"
	"encoding/hex"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/chromedp/cdproto/network"
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
// number: texts, attributes, the title, the address and what is kept.
const unmarked = `((d) => {
	const copy = d.documentElement.cloneNode(true);
	for (const e of copy.querySelectorAll("[data-number]")) e.remove();
	for (const i of copy.querySelectorAll("input")) i.setAttribute("value", "");
	return copy.outerHTML;
})`

// clean fails where a number that is hidden can be read outside of what is marked.
func (p *tab) clean(name string) {
	p.t.Helper()
	places := map[string]string{
		"the page":           read[string](p, unmarked+`(document)`),
		"the title":          read[string](p, `document.title`),
		"the address":        read[string](p, `location.href`),
		"what is kept":       read[string](p, `JSON.stringify([{...localStorage}, {...sessionStorage}, document.cookie])`),
		"the page when read": read[string](p, `fetch("/").then((r) => r.text()).then((t) => `+unmarked+`(new DOMParser().parseFromString(t, "text/html")))`),
	}
	for path, body := range p.answers() {
		places["the answer of "+path] = body
	}
	for place, text := range places {
		for _, number := range p.watch {
			if readable(text, number) {
				p.t.Errorf("%s, %s: %s holds the hidden number ending in %s", p.look.name, name, place, number[len(number)-4:])
			}
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
		if path == "/" || strings.HasPrefix(path, "/live/customer") || strings.HasPrefix(path, "/assets/") {
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

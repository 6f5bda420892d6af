package e2e

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"strconv"
	"strings"
	"testing"

	"bauta/webhook/simulator"
)

// neighbour is another business on the same node. It has the same access token, as
// where one operator's system user serves both: the platform would let it in.
func neighbour() simulator.Business {
	return simulator.Business{WABA: "102290129340777", PhoneNumberID: "106540352242777", Number: "15550783777"}
}

const neighbourConfig = `  - id: neighbour
    app: main
    wabas: ["102290129340777"]
    access_token: the-business-s-own-token
    endpoints: [{id: crm, url: "https://neighbour.example/hook", secrets: ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"]}]
`

// receive has Ada send a picture, and returns its id and the URL that a look-up gives.
func (c conversation) receive(t *testing.T, content []byte) (id, link string) {
	t.Helper()
	picture, err := c.graph.Medium(business().PhoneNumberID, ada(), "image/png", content)
	if err != nil {
		t.Fatal(err)
	}
	picture.Ad = ctwa()
	id = in(t, c.hears(t, picture).body, "entry", 0, "changes", 0, "value", "messages", 0, "image", "id")
	found := c.call(t, http.MethodGet, "/v25.0/"+id, "")
	if link = in(t, found.body, "url"); !strings.HasPrefix(link, c.public+"/media/") {
		t.Fatalf("the URL of a medium is %q: %s", link, found.body)
	}
	return id, strings.TrimPrefix(link, c.public)
}

// A business's medium is to another business as if it did not exist, by its id, by
// its URL, and in a message; and so is one whose id was made up.
func TestMediaAreTheirBusinesss(t *testing.T) {
	t.Parallel()
	asked := &heard{}
	a := converseWith(t, setup{Endpoints: neighbourConfig}, simulator.GraphOptions{
		People: []simulator.Person{ada(), bea()}, Accounts: []simulator.Account{{Business: neighbour(), Name: "Neighbour"}}, Observe: asked.observe,
	})
	b := a
	b.token = issueFor(t, a.dir, "neighbour")
	id, link := a.receive(t, []byte("a picture of Ada"))
	guessed := "987654321012345"
	for _, c := range []conversation{a, b} { // their first calls ask for phone numbers
		c.call(t, http.MethodGet, "/v25.0/"+guessed, "")
	}
	asked.take()
	for _, method := range []string{http.MethodGet, http.MethodDelete} {
		for _, query := range []string{"", "?phone_number_id=" + neighbour().PhoneNumberID, "?phone_number_id=" + business().PhoneNumberID} {
			others, unknown := b.call(t, method, "/v25.0/"+id+query, ""), b.call(t, method, "/v25.0/"+guessed+query, "")
			if others.header.Get("Bauta-Error") != "not_found" || others.seen() != unknown.seen() {
				t.Errorf("%s%s: another's medium: %s\none that never was: %s", method, query, others.seen(), unknown.seen())
			}
			others.documented(t, method)
		}
	}
	for _, sent := range []string{id, guessed} {
		body := `{"messaging_product":"whatsapp","to":"+` + bea().Number + `","type":"image","image":{"id":"` + sent + `"}}`
		if got := b.call(t, http.MethodPost, "/v25.0/"+neighbour().PhoneNumberID+"/messages", body); got.header.Get("Bauta-Error") != "unknown_medium" {
			t.Errorf("a message with another's medium: %s", got.seen())
		}
	}
	links := map[string]string{"another's": link, "cut": link[:len(link)-4], "made up": "/media/" + strings.Repeat("A", 80), "none": "/media/x", "of an id": "/media/" + id}
	for name, way := range links {
		got := b.call(t, http.MethodGet, way, "")
		if got.status != http.StatusNotFound || strings.Contains(got.body, "picture") || got.header.Get("Bauta-Error") != "not_found" {
			t.Errorf("%s URL: %s", name, got.seen())
		}
	}
	for at := len("/media/"); at < len(link); at += 7 {
		changed := []byte(link)
		changed[at] = "AB"[btoi(changed[at] == 'A')]
		if got := a.call(t, http.MethodGet, string(changed), ""); got.status != http.StatusNotFound {
			t.Fatalf("a URL that was changed at %d is answered %d", at, got.status)
		}
	}
	nobody := a
	nobody.token = "x"
	if got := nobody.call(t, http.MethodGet, link, ""); got.status != http.StatusUnauthorized {
		t.Errorf("a URL without a token is answered %d", got.status)
	}
	if calls := asked.take(); len(calls) > 0 {
		t.Errorf("the platform was asked: %v", calls)
	}
	if got := a.call(t, http.MethodGet, link, ""); got.status != http.StatusOK || got.body != "a picture of Ada" {
		t.Errorf("its own medium is answered %d: %s", got.status, got.body)
	}
	sweep(t, "the URL of a medium", link, id, accessToken, "lookaside", strings.TrimPrefix(a.platform, "http://"))
	a.sweepAll(t, ada().Number, ada().UserID, accessToken)
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

// peak is the most memory that the node ever had, in bytes.
func (b *bauta) peak(t *testing.T) int64 {
	t.Helper()
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", b.cmd.Process.Pid))
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(status), "VmHWM:")
	number, _, ok := strings.Cut(strings.TrimSpace(rest), " kB")
	kilobytes, err := strconv.ParseInt(number, 10, 64)
	if !ok || err != nil {
		t.Fatalf("VmHWM is not in %s", status)
	}
	return kilobytes << 10
}

// A big medium goes through in both directions without being kept in memory.
func TestBigMediaAreStreamed(t *testing.T) {
	t.Parallel()
	const size, bound = 64 << 20, 24 << 20
	c := converse(t, setup{}, ada())
	c.call(t, http.MethodGet, "/v25.0/"+business().PhoneNumberID, "")
	before := c.peak(t)
	sum := sha256.New()
	head := "--next\r\nContent-Disposition: form-data; name=\"messaging_product\"\r\n\r\nwhatsapp\r\n--next\r\nContent-Disposition: form-data; name=\"type\"\r\n\r\nvideo/mp4\r\n" +
		"--next\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.mp4\"\r\nContent-Type: video/mp4\r\n\r\n"
	content := io.TeeReader(io.LimitReader(rand.NewChaCha8([32]byte{}), size), sum)
	body := io.MultiReader(strings.NewReader(head), content, strings.NewReader("\r\n--next--\r\n"))
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, c.public+"/v25.0/"+business().PhoneNumberID+"/media", body)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+c.token)
	request.Header.Set("Content-Type", "multipart/form-data; boundary=next")
	uploaded := do(t, request)
	id := in(t, uploaded.body, "id")
	if uploaded.status != http.StatusOK || id == "" {
		t.Fatalf("the upload is answered %d: %s", uploaded.status, uploaded.body)
	}
	found := c.call(t, http.MethodGet, "/v25.0/"+id, "")
	want := hex.EncodeToString(sum.Sum(nil))
	if in(t, found.body, "sha256") != want || in(t, found.body, "file_size") != strconv.Itoa(size) {
		t.Fatalf("the platform has another file: %s", found.body)
	}
	link, err := http.NewRequestWithContext(t.Context(), http.MethodGet, in(t, found.body, "url"), http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	link.Header.Set("Authorization", "Bearer "+c.token)
	response, err := client().Do(link)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	got := sha256.New()
	if n, err := io.Copy(got, response.Body); err != nil || n != size || hex.EncodeToString(got.Sum(nil)) != want {
		t.Errorf("%d bytes came down (%v), of %d", n, err, size)
	}
	if grown := c.peak(t) - before; grown > bound {
		t.Errorf("the node's memory grew by %d MiB, want at most %d", grown>>20, bound>>20)
	} else {
		t.Logf("the node's memory grew by %d KiB", grown>>10)
	}
}

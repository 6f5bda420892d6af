package e2e

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha1" // what must not be accepted
	"encoding/hex"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"bauta/webhook/simulator"
)

// marker stands in every bad body: it must come back in no answer and no log.
const marker = "xq7marker"

// answer is what the node said.
type answer struct {
	status int
	header http.Header
	body   string
}

// knock makes any request of the platform's side. A body that is refused by its
// headers is not sent.
func knock(t *testing.T, method, url string, body []byte, header map[string]string) answer {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, url, bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Expect", "100-continue")
	for name, value := range header {
		request.Header.Set(name, value)
	}
	client := http.Client{Transport: &http.Transport{ExpectContinueTimeout: patience}, Timeout: patience}
	defer client.CloseIdleConnections()
	response, err := client.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	said, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer{status: response.StatusCode, header: response.Header, body: string(said)}
}

// signed knocks with a good signature.
func (b *bauta) signed(t *testing.T, body []byte) answer {
	t.Helper()
	return knock(t, http.MethodPost, b.public+"/webhooks/main", body,
		map[string]string{"X-Hub-Signature-256": simulator.Sign(appSecret, body)})
}

// metric is one line of /metrics, by its name and labels; 0 if it is not there.
func (b *bauta) metric(t *testing.T, name string) string {
	t.Helper()
	_, page := b.get(t, b.admin+"/metrics")
	for line := range strings.Lines(page) {
		if value, ok := strings.CutPrefix(strings.TrimSpace(line), name+" "); ok {
			return value
		}
	}
	return "0"
}

func (b *bauta) wantMetric(t *testing.T, name, want string) {
	t.Helper()
	if got := b.metric(t, name); got != want {
		t.Errorf("%s is %s, want %s", name, got, want)
	}
}

// Whoever is not the platform gets a refusal: nothing is stored, it is counted,
// and nothing of the body comes back.
func TestWhoIsNotThePlatformIsRefused(t *testing.T) {
	t.Parallel()
	s := start(t, setup{})
	body := says(ada(), "3A0301", marker, ctwa())
	mac := hmac.New(sha1.New, []byte(appSecret))
	mac.Write(body)
	old := "sha1=" + hex.EncodeToString(mac.Sum(nil))
	large := append(bytes.Repeat([]byte(" "), 3<<20+65<<10), body...)
	good := simulator.Sign(appSecret, body)
	before := s.redis.Dump(t)
	for name, row := range map[string]struct {
		path, counted string
		body          []byte
		header        map[string]string
		want          int
	}{
		"no signature":                    {"/webhooks/main", "bad_signature", body, nil, http.StatusUnauthorized},
		"an empty signature":              {"/webhooks/main", "bad_signature", body, map[string]string{"X-Hub-Signature-256": ""}, http.StatusUnauthorized},
		"a malformed signature":           {"/webhooks/main", "bad_signature", body, map[string]string{"X-Hub-Signature-256": "sha256=" + strings.Repeat("z", 64)}, http.StatusUnauthorized},
		"a signature without its prefix":  {"/webhooks/main", "bad_signature", body, map[string]string{"X-Hub-Signature-256": strings.TrimPrefix(good, "sha256=")}, http.StatusUnauthorized},
		"another secret's signature":      {"/webhooks/main", "bad_signature", body, map[string]string{"X-Hub-Signature-256": simulator.Sign("another", body)}, http.StatusUnauthorized},
		"another body's signature":        {"/webhooks/main", "bad_signature", append([]byte(" "), body...), map[string]string{"X-Hub-Signature-256": good}, http.StatusUnauthorized},
		"only the old SHA-1 signature":    {"/webhooks/main", "bad_signature", body, map[string]string{"X-Hub-Signature": old}, http.StatusUnauthorized},
		"SHA-1 under the new header":      {"/webhooks/main", "bad_signature", body, map[string]string{"X-Hub-Signature-256": old}, http.StatusUnauthorized},
		"an app that is not configured":   {"/webhooks/" + marker, "unknown_app", body, map[string]string{"X-Hub-Signature-256": good}, http.StatusNotFound},
		"a signed body that is too large": {"/webhooks/main", "too_large", large, map[string]string{"X-Hub-Signature-256": simulator.Sign(appSecret, large)}, http.StatusRequestEntityTooLarge},
	} {
		got := knock(t, http.MethodPost, s.public+row.path, row.body, row.header)
		if got.status != row.want {
			t.Errorf("%s: answered %d, want %d", name, got.status, row.want)
		}
		if strings.Contains(got.body, marker) {
			t.Errorf("%s: the answer repeats what was sent: %s", name, got.body)
		}
	}
	s.wantMetric(t, `bauta_receive_requests_total{answer="bad_signature",app="main"}`, "8")
	s.wantMetric(t, `bauta_receive_requests_total{answer="unknown_app",app="unknown"}`, "1")
	s.wantMetric(t, `bauta_receive_requests_total{answer="too_large",app="main"}`, "1")
	if after := s.redis.Dump(t); !slices.Equal(slices.Sorted(maps.Keys(after)), slices.Sorted(maps.Keys(before))) {
		t.Errorf("refused requests were stored: %v", slices.Sorted(maps.Keys(after)))
	}
	if strings.Contains(s.log(), marker) {
		t.Errorf("the log repeats what was sent: %s", s.log())
	}
}

// The handshake is what the platform's documents describe.
func TestHandshake(t *testing.T) {
	t.Parallel()
	s := start(t, setup{})
	const good = "?hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token=a-verify-token"
	for name, row := range map[string]struct {
		path, body string
		want       int
	}{
		"the right token gives the challenge back": {"/webhooks/main" + good, "1158201444", http.StatusOK},
		"a wrong token":  {"/webhooks/main?hub.mode=subscribe&hub.challenge=" + marker + "&hub.verify_token=wrong", "", http.StatusForbidden},
		"no token":       {"/webhooks/main?hub.mode=subscribe&hub.challenge=" + marker, "", http.StatusForbidden},
		"another mode":   {"/webhooks/main?hub.mode=" + marker + "&hub.challenge=1&hub.verify_token=a-verify-token", "", http.StatusForbidden},
		"an unknown app": {"/webhooks/other" + good, "", http.StatusNotFound},
	} {
		got := knock(t, http.MethodGet, s.public+row.path, nil, nil)
		if got.status != row.want || (row.body != "" && got.body != row.body) || strings.Contains(got.body, marker) {
			t.Errorf("%s: %d %q, want %d %q", name, got.status, got.body, row.want, row.body)
		}
	}
	s.wantMetric(t, `bauta_receive_requests_total{answer="wrong_token",app="main"}`, "3")
}

// garbage is what a signed body can be that cannot be read, with the business
// that holds it and its reason.
func garbage() map[string]struct{ body, business, reason string } {
	message := func(text string) string {
		return fmt.Sprintf(`{"object":"whatsapp_business_account","entry":[{"id":"%s","changes":[{"field":"messages","value":{"messaging_product":"whatsapp","metadata":{"display_phone_number":"15550783881","phone_number_id":"106540352242922"},"messages":[%s]}}]}]}`, waba, text)
	}
	text := func(body string) string {
		return message(`{"from":"16505550142","id":"wamid.HBgLMTY1MDU1NTAxNDIVAgASGBQzQTRBNjU5OUFFRTAzODEwMTQ0RgA=","timestamp":"1789000000","type":"text","text":{"body":"` + marker + body + `"}}`)
	}
	deep := strings.Repeat(`{"a":`, 100) + `"` + marker + `"` + strings.Repeat(`}`, 100)
	return map[string]struct{ body, business, reason string }{
		"no JSON":                      {marker + " 16505550142", "_main", "not_json"},
		"cut off":                      {`{"object":"whatsapp_business_account","entry":["` + marker, "_main", "not_json"},
		"nothing":                      {"", "_main", "not_json"},
		"an array":                     {`["` + marker + `"]`, "_main", "wrong_object"},
		"a string":                     {`"` + marker + `"`, "_main", "wrong_object"},
		"another object":               {`{"object":"page","entry":["` + marker + `"]}`, "_main", "wrong_object"},
		"an entry that is a word":      {`{"object":"whatsapp_business_account","entry":["` + marker + `"]}`, "_main", "wrong_type"},
		"a message that is a word":     {message(`"` + marker + `"`), "acme", "wrong_type"},
		"messages that are a word":     {strings.Replace(message(""), `[]}}]}]}`, `"`+marker+`"}}]}]}`, 1), "acme", "wrong_type"},
		"bytes that are not UTF-8":     {text("\xff\xfe"), "acme", "bad_text"},
		"half of a surrogate pair":     {text(`\ud83d`), "acme", "bad_text"},
		"a hundred levels":             {message(deep), "acme", "too_deep"},
		"a million values":             {message(`{"a":[` + strings.Repeat("0,", 1<<20) + `0],"b":"` + marker + `"}`), "_main", "too_large"},
		"a million levels":             {strings.Repeat("[", 1<<20) + marker, "_main", "too_deep"},
		"a field that nobody knows":    {fmt.Sprintf(`{"object":"whatsapp_business_account","entry":[{"id":"%s","changes":[{"field":"%s","value":{"a":1}}]}]}`, waba, marker), "acme", "unknown_field"},
		"a change without its content": {fmt.Sprintf(`{"object":"whatsapp_business_account","entry":[{"id":"%s","changes":[{"field":"messages","note":"%s"}]}]}`, waba, marker), "acme", "wrong_type"},
	}
}

// What is signed is never answered 4xx: what cannot be read is held with its
// reason, and listed without a value of it.
func TestSignedGarbageIsHeld(t *testing.T) {
	t.Parallel()
	s := start(t, setup{Endpoint: "own_events: false"})
	want := map[string]int{}
	for name, row := range garbage() {
		got := s.signed(t, []byte(row.body))
		if got.status != http.StatusOK || got.body != "" {
			t.Errorf("%s: answered %d %q, want an empty 200", name, got.status, got.body)
		}
		want[row.business+" "+row.reason]++
	}
	s.send(t, says(ada(), "3A0311", "what is good goes on", ctwa()))
	s.crm.wait(t, 1)
	for _, row := range heldList(t, s.dir) {
		want[row.business+" "+row.reason]--
		if strings.Contains(row.line, marker) && row.reason != "unknown_field" {
			t.Errorf("the list repeats what was sent: %s", row.line)
		}
	}
	for what, n := range want {
		if n != 0 {
			t.Errorf("%s: %d more events than listed (below 0: fewer)", what, n)
		}
	}
	s.wantMetric(t, `bauta_held_total{business="_main",reason="wrong_object"}`, "3")
	s.wantMetric(t, `bauta_held_total{business="acme",reason="bad_text"}`, "2")
	s.wantMetric(t, `bauta_held_total{business="acme",reason="too_deep"}`, "1")
	if strings.Contains(s.log(), marker) {
		t.Errorf("the log repeats what was sent: %s", s.log())
	}
	s.sweepAll(t, ada().Number)
}

// heldRow is a line of `held list`.
type heldRow struct{ line, business, id, reason string }

func heldList(t *testing.T, dir string) []heldRow {
	t.Helper()
	stdout, stderr, code := run(t, "held", "list", "--config", dir+"/bauta.yaml")
	if code != 0 {
		t.Fatalf("held list: exit %d: %s", code, stderr)
	}
	var rows []heldRow
	for line := range strings.Lines(stdout) {
		words := strings.Fields(line)
		if len(words) >= 4 && words[0] != "BUSINESS" {
			// An empty column leaves no word: the reason is the first of a closed set.
			at := slices.IndexFunc(words[3:], func(w string) bool { return strings.Contains(reasons, " "+w+" ") })
			if at < 0 {
				t.Fatalf("a line of held list without a reason: %s", line)
			}
			rows = append(rows, heldRow{line: line, business: words[0], id: words[1], reason: words[3+at]})
		}
	}
	return rows
}

const reasons = " not_json wrong_object wrong_type bad_text too_deep unknown_field too_large no_event shared_part leak record_unreadable "

// One element that cannot be read takes nothing else with it, and a batch of the
// platform's largest size arrives complete, each conversation in its order.
func TestALargeBatchWithOneBadElement(t *testing.T) {
	t.Parallel()
	s := start(t, setup{Endpoint: "own_events: false"})
	s.send(t, batch(1000, 500))
	got := s.crm.wait(t, 999)
	inOrder(t, got, 1000, 500)
	if rows := heldList(t, s.dir); len(rows) != 1 || rows[0].reason != "bad_text" {
		t.Errorf("held: %v, want the one with bad text", rows)
	}
}

// A WABA that nobody claims is counted, and said once.
func TestAnUnknownWABAIsSaidOnce(t *testing.T) {
	t.Parallel()
	s := start(t, setup{})
	other := simulator.Business{WABA: "999000999000999", PhoneNumberID: "1", Number: "15550783882"}
	for i := range 3 {
		body := other.Inbound(simulator.Message{
			From: ada(), ID: simulator.MessageID(ada(), false, fmt.Sprint("3A032", i)), At: time.Unix(1789000000, 0), Type: "text",
			Content: simulator.Part{{Name: "body", Value: marker}},
		})
		s.send(t, body)
	}
	s.wantMetric(t, `bauta_unknown_waba_total{app="main"}`, "3")
	if n := strings.Count(s.log(), "WABA that no business claims"); n != 1 {
		t.Errorf("it was said %d times, want once:\n%s", n, s.log())
	}
	if strings.Contains(s.log(), marker) || len(s.crm.all()) > 0 {
		t.Error("something of it came out")
	}
}

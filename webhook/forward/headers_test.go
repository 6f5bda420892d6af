package forward_test

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"io"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"bauta/webhook"
	"bauta/webhook/forward"
)

// standard is the published algorithm (Standard Webhooks 1.0): HMAC-SHA256 over
// id.timestamp.body, the key being what stands decoded behind whsec_.
func standard(t *testing.T, secret, id, stamp string, body []byte) string {
	t.Helper()
	key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(secret, "whsec_"))
	if err != nil {
		t.Fatal(err)
	}
	m := hmac.New(sha256.New, key)
	m.Write([]byte(id + "." + stamp + "." + string(body)))
	return "v1," + base64.StdEncoding.EncodeToString(m.Sum(nil))
}

// sent returns the header and body of the one request that delivers d.
func sent(t *testing.T, secrets []string, d webhook.Delivery) (http.Header, []byte, time.Time) {
	t.Helper()
	var (
		head http.Header
		body []byte
		at   time.Time
	)
	synctest.Test(t, func(t *testing.T) {
		e := crm()
		e.Secrets = secrets
		at = time.Now()
		n := run(t, newStore(), wire(func(r *http.Request) (*http.Response, error) {
			head = r.Header.Clone()
			body, _ = io.ReadAll(r.Body)
			return says(200), nil
		}), func(o *forward.Options) { o.Businesses, o.Version = acme(e), "1.2.3" })
		lease, _ := n.store.append(toCRM("ada"), 20*time.Second, d)
		n.Offer(lease)
		synctest.Wait()
	})
	return head, body, at
}

func TestHeadersOfADelivery(t *testing.T) {
	t.Parallel()
	const old, other = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"
	body := []byte(`{"object":"whatsapp_business_account","entry":[]}`)
	head, got, at := sent(t, []string{old, "plain", other}, webhook.Delivery{
		ID: "evt_1", Body: body, Visibility: "hidden", Handle: "IT.9041174520836617350284", Decision: "pilot: ad\nfrom Köln", Held: true,
	})
	if !bytes.Equal(got, body) {
		t.Fatalf("body %q, want %q", got, body)
	}
	m := hmac.New(sha256.New, []byte(old)) // its bytes as written, prefix and all
	m.Write(body)
	stamp := strconv.FormatInt(at.Unix(), 10)
	want := map[string]string{
		"Content-Type":        "application/json",
		"User-Agent":          "Bauta/1.2.3",
		"X-Hub-Signature-256": "sha256=" + hex.EncodeToString(m.Sum(nil)),
		"Webhook-Id":          "evt_1",
		"Webhook-Timestamp":   stamp,
		"Webhook-Signature":   standard(t, old, "evt_1", stamp, body) + " " + standard(t, other, "evt_1", stamp, body),
		"Bauta-Visibility":    "hidden",
		"Bauta-Handle":        "IT.9041174520836617350284",
		"Bauta-Decision":      "pilot: ad?from K?ln",
		"Bauta-Held":          "true",
	}
	flat := map[string]string{}
	for k, v := range head {
		if len(v) > 0 { // a key without a value is not sent
			flat[k] = strings.Join(v, "|")
		}
	}
	if d := cmp.Diff(want, flat); d != "" {
		t.Fatalf("headers (-want +got):\n%s", d)
	}
}

func TestHeadersThatSayNothingAreNotSent(t *testing.T) {
	t.Parallel()
	head, _, _ := sent(t, []string{"an old secret"}, webhook.Delivery{ID: "evt_1", Body: []byte("{}")})
	for _, k := range []string{"Webhook-Signature", "Bauta-Visibility", "Bauta-Handle", "Bauta-Decision", "Bauta-Held", "Idempotency-Key"} {
		if v := head.Values(k); len(v) > 0 {
			t.Errorf("%s is sent: %q", k, v)
		}
	}
	if head.Get("X-Hub-Signature-256") == "" || head.Get("Webhook-Id") != "evt_1" {
		t.Error("the signature for software written for Meta, or the id, is missing")
	}
}

// A known answer, made with: openssl dgst -sha256 -hmac key. Test and code cannot
// share a fault here.
func TestHubSignatureKnownAnswer(t *testing.T) {
	t.Parallel()
	head, _, _ := sent(t, []string{"key"}, webhook.Delivery{ID: "a", Body: []byte("The quick brown fox jumps over the lazy dog")})
	const want = "sha256=f7bc83f430538424b13298e6aa6fb143ef4d59a14946175997479dbc2d1a3cd8"
	if got := head.Get("X-Hub-Signature-256"); got != want {
		t.Fatalf("%s, want %s", got, want)
	}
}

func TestEveryAttemptHasTheSameIDAndItsOwnTime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var got [][3]string
		n := run(t, newStore(), wire(func(r *http.Request) (*http.Response, error) {
			got = append(got, [3]string{r.Header.Get("webhook-id"), r.Header.Get("webhook-timestamp"), r.Header.Get("webhook-signature")})
			if len(got) < 2 {
				return says(500), nil
			}
			return says(200), nil
		}), nil)
		start := time.Now()
		n.accept(toCRM("ada"), "a")
		pass(time.Minute)
		var want [][3]string
		for _, at := range []time.Duration{0, time.Second} {
			stamp := strconv.FormatInt(start.Add(at).Unix(), 10)
			want = append(want, [3]string{"a", stamp, standard(t, crm().Secrets[0], "a", stamp, event("a").Body)})
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Fatalf("attempts (-want +got):\n%s", d)
		}
	})
}

func TestNothingOfAnEventOrASecretIsLogged(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var out bytes.Buffer
		answers := 0
		n := run(t, newStore(), wire(func(*http.Request) (*http.Response, error) {
			if answers++; answers%2 == 0 {
				return nil, io.ErrUnexpectedEOF
			}
			return says(500, "X-Echo", "secret-body"), nil
		}), func(o *forward.Options) {
			o.Log = slog.New(slog.NewJSONHandler(&out, &slog.HandlerOptions{Level: slog.LevelDebug}))
		})
		for _, id := range names("e", 10) {
			lease, _ := n.store.append(toCRM(id), 20*time.Second, webhook.Delivery{
				ID: id, Body: []byte("secret-body"), Handle: "IT.9041174520836617350284", Decision: "secret-rule",
			})
			n.Offer(lease)
		}
		pass(2 * time.Hour)
		n.stop()
		log := out.String()
		for _, bad := range []string{"secret-body", "secret-rule", "IT.9041", "t0p", "crm.example", "MfKQ9r8", "answer"} {
			if strings.Contains(log, bad) {
				t.Errorf("the log holds %q", bad)
			}
		}
		for _, good := range []string{`"delivery_id":"e00"`, `"business":"acme"`, `"endpoint":"crm"`, `"reason":"server_error"`, `"status":500`, `"msg":"endpoint paused"`, `"lasts":"`, `"pauses_in_a_row":1`} {
			if !strings.Contains(log, good) {
				t.Errorf("the log does not hold %s", good)
			}
		}
	})
}

package e2e

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"bauta/redis"
	"bauta/redis/redistest"
	"bauta/webhook/simulator"
)

// ada is a customer whose number the platform gives.
func ada() simulator.Person {
	return simulator.Person{Number: "16505550142", UserID: "US.7430000000000001", Name: "Ada Rossi"}
}

func ctwa() *simulator.Ad {
	return &simulator.Ad{Type: "ad", ID: "120226305854810726", Headline: "Chat with us", Body: "Succulents", ClickID: "Aff-abc123"}
}

// says is a text message of a person.
func says(p simulator.Person, stanza, text string, ad *simulator.Ad) []byte {
	return business().Inbound(simulator.Message{
		From: p, ID: simulator.MessageID(p, false, stanza), At: time.Unix(1789000000, 0), Type: "text",
		Content: simulator.Part{{Name: "body", Value: text}}, Ad: ad,
	})
}

// scenario is a node with its own Redis and endpoint.
type scenario struct {
	*bauta
	crm   *crm
	redis *redistest.Server
}

func start(t testing.TB, s setup) scenario {
	t.Helper()
	endpoint, server := newCRM(t), s.Server
	if server == nil {
		server = redistest.Standalone(t)
	}
	if s.Redis == "" {
		// The least rights, so that every flow shows that they suffice.
		s.Redis = server.As(t, strings.Fields(redis.Rights())...)
	}
	s.CRM = endpoint.server.URL
	return scenario{bauta: serve(t, configure(t, s), s.Env...), crm: endpoint, redis: server}
}

// sweepAll looks for the identities in everything that came out.
func (s scenario) sweepAll(t *testing.T, secrets ...string) {
	t.Helper()
	for _, d := range s.crm.all() {
		sweep(t, "a delivered body", d.body, secrets...)
		for name, values := range d.header {
			sweep(t, "a delivered header "+name, strings.Join(values, " "), secrets...)
		}
	}
	sweep(t, "the log at debug level", s.log(), secrets...)
	for _, page := range []string{"/metrics", "/readyz", "/healthz"} {
		_, body := s.get(t, s.admin+page)
		sweep(t, page, body, secrets...)
	}
	sweep(t, "Redis", dump(t, s.redis.Address), secrets...)
}

func TestAnAdCustomerIsHidden(t *testing.T) {
	t.Parallel()
	for _, shape := range []string{"bsuid", "phone"} {
		t.Run(shape, func(t *testing.T) {
			t.Parallel()
			s := start(t, setup{Shape: shape})
			s.send(t, says(ada(), "3A0011", "Hi, my number is +1 650-555-0142", ctwa()))
			s.send(t, says(ada(), "3A0012", "https://wa.me/16505550142", nil))
			s.send(t, business().Outcome(simulator.Status{
				To: ada(), ID: simulator.MessageID(ada(), true, "3EB001"), At: time.Unix(1789000001, 0), Status: "delivered",
			}))
			got := s.crm.wait(t, 3)
			handle := got[0].header.Get("Bauta-Handle")
			if handle == "" || got[0].header.Get("Bauta-Visibility") != "hidden" {
				t.Errorf("headers of the first delivery: %v", got[0].header)
			}
			for i, d := range got {
				if d.header.Get("Bauta-Handle") != handle {
					t.Errorf("delivery %d has another handle", i)
				}
				if !json.Valid([]byte(d.body)) {
					t.Errorf("delivery %d is not JSON: %s", i, d.body)
				}
				if !strings.Contains(d.body, handle) {
					t.Errorf("delivery %d does not name the handle: %s", i, d.body)
				}
			}
			s.sweepAll(t, ada().Number, ada().UserID)
			verifySignatures(t, got[0])
		})
	}
}

// verifySignatures checks both signatures as the documents describe them.
func verifySignatures(t *testing.T, d delivery) {
	t.Helper()
	mac := hmac.New(sha256.New, []byte(crmSecret))
	mac.Write([]byte(d.body))
	if want := "sha256=" + hex.EncodeToString(mac.Sum(nil)); d.header.Get("X-Hub-Signature-256") != want {
		t.Errorf("X-Hub-Signature-256 is %q", d.header.Get("X-Hub-Signature-256"))
	}
	key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(crmSecret, "whsec_"))
	if err != nil {
		t.Fatal(err)
	}
	mac = hmac.New(sha256.New, key)
	mac.Write([]byte(d.header.Get("webhook-id") + "." + d.header.Get("webhook-timestamp") + "." + d.body))
	if want := "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil)); d.header.Get("webhook-signature") != want {
		t.Errorf("webhook-signature is %q", d.header.Get("webhook-signature"))
	}
}

func TestWhoIsNotHiddenPassesUnchanged(t *testing.T) {
	t.Parallel()
	s := start(t, setup{})
	body := says(ada(), "3A0021", "call me at 16505550142", nil)
	s.send(t, body)
	got := s.crm.wait(t, 1)
	if got[0].body != string(body) {
		t.Errorf("a visible customer's event was changed\n got %s\nwant %s", got[0].body, body)
	}
	if v := got[0].header.Get("Bauta-Visibility"); v != "visible" {
		t.Errorf("Bauta-Visibility is %q", v)
	}
}

func TestRulesOnAds(t *testing.T) {
	t.Parallel()
	const rule = `{name: not-this-ad, when: 'ad.id == "120226305854810726"', hide: false}`
	for name, c := range map[string]struct {
		ad                *simulator.Ad
		rules, visibility string
		decision          string
	}{
		"an ad that a rule excludes":      {ctwa(), rule, "visible", "rule=not-this-ad"},
		"an ad that no rule names":        {&simulator.Ad{Type: "ad", ID: "999"}, rule, "hidden", ""},
		"a post is not an ad":             {&simulator.Ad{Type: "post", ID: "999"}, "", "visible", ""},
		"a source type nobody knows":      {&simulator.Ad{Type: "hologram", ID: "999"}, "", "hidden", ""},
		"an ad whose campaign is unknown": {ctwa(), `{name: by-campaign, when: 'ad.campaign == "7"', hide: false}`, "hidden", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := start(t, setup{Rules: c.rules})
			s.send(t, says(ada(), "3A0031", "hi", c.ad))
			got := s.crm.wait(t, 1)
			if v := got[0].header.Get("Bauta-Visibility"); v != c.visibility {
				t.Errorf("visibility %q, want %q (%s)", v, c.visibility, got[0].header.Get("Bauta-Decision"))
			}
			if !strings.Contains(got[0].header.Get("Bauta-Decision"), c.decision) {
				t.Errorf("decision %q does not name %q", got[0].header.Get("Bauta-Decision"), c.decision)
			}
			if c.visibility == "hidden" {
				s.sweepAll(t, ada().Number, ada().UserID)
			}
		})
	}
}

func TestRedeliveryIsRecognised(t *testing.T) {
	t.Parallel()
	s := start(t, setup{})
	first, last := says(ada(), "3A0041", "one", ctwa()), says(ada(), "3A0042", "two", nil)
	for range 3 {
		s.send(t, first)
	}
	// The same message under the user id's envelope is the same message.
	hidden := ada()
	hidden.Hides = true
	s.send(t, says(hidden, "3A0041", "one", ctwa()))
	s.send(t, last)
	got := s.crm.wait(t, 2)
	if len(got) != 2 || !strings.Contains(got[0].body, `"one"`) || !strings.Contains(got[1].body, `"two"`) {
		t.Fatalf("%d deliveries, want one and two", len(got))
	}
}

func TestAnEndpointThatIsDownLosesNothing(t *testing.T) {
	t.Parallel()
	s := start(t, setup{})
	s.crm.answer(http.StatusServiceUnavailable)
	for _, text := range []string{"1", "2", "3"} {
		s.send(t, says(ada(), "3A005"+text, "message "+text, ctwa()))
	}
	select {
	case <-s.crm.change:
	case <-time.After(patience):
		t.Fatal("the endpoint was never tried")
	}
	s.crm.answer(http.StatusOK)
	got := s.crm.wait(t, 3)
	for i, text := range []string{"message 1", "message 2", "message 3"} {
		if !strings.Contains(got[i].body, text) {
			t.Errorf("delivery %d is not %q: %s", i, text, got[i].body)
		}
	}
}

func TestARestartLosesNothing(t *testing.T) {
	t.Parallel()
	s := start(t, setup{})
	s.crm.answer(http.StatusServiceUnavailable)
	s.send(t, says(ada(), "3A0061", "before the crash", ctwa()))
	s.kill()
	s.crm.answer(http.StatusOK)
	again := serve(t, s.dir)
	again.send(t, says(ada(), "3A0062", "after the crash", nil))
	got := s.crm.wait(t, 2)
	if !strings.Contains(got[0].body, "before the crash") || !strings.Contains(got[1].body, "after the crash") {
		t.Errorf("order after a crash: %s, %s", got[0].body, got[1].body)
	}
	if a, b := got[0].header.Get("Bauta-Handle"), got[1].header.Get("Bauta-Handle"); a != b {
		t.Errorf("handle %s became %s over a restart", a, b)
	}
}

package e2e

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"bauta/webhook/simulator"
)

// The secrets of before and after. Those of endpoints are whsec_ and the base64 of the
// key, as Standard Webhooks has them.
const (
	nextAppSecret = "next_app_secret"
	oldSecret     = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
	newSecret     = "whsec_bmV3IHNlY3JldCBvZiB0aGUgZW5kcG9pbnQ="
)

// fleet is nodes that are restarted one after the other, and a platform that sends to
// one that answers.
type fleet struct {
	nodes           []*bauta
	urls            [2]atomic.Value
	secret          atomic.Value
	sent, refused   atomic.Int64
	stop            chan struct{}
	platformSending sync.WaitGroup
}

// send has people write until the end, each message until it is acknowledged.
func (f *fleet) send(t *testing.T) {
	t.Helper()
	for n := range 4 {
		f.platformSending.Go(func() {
			for i := 0; ; i++ {
				select {
				case <-f.stop:
					return
				default:
				}
				body := says(someone(10*n+i%10), fmt.Sprintf("3EB0E%d%06X", n, i), fmt.Sprintf("message %d of %d.", i, n), ctwa())
				for try := n; !f.accepted(t, body, try); try++ {
					if t.Context().Err() != nil {
						return
					}
				}
				f.sent.Add(1)
			}
		})
	}
}

func (f *fleet) accepted(t *testing.T, body []byte, try int) bool {
	url, _ := f.urls[try%2].Load().(string)
	secret, _ := f.secret.Load().(string)
	sender := simulator.Sender{Client: client(), URL: url + "/webhooks/main", Secret: secret}
	status, err := sender.Send(t.Context(), body)
	if err == nil && status != http.StatusOK && status != http.StatusServiceUnavailable {
		f.refused.Add(1)
	}
	return err == nil && status == http.StatusOK
}

// restart has the nodes run with what the configuration is now, one after the other.
func (f *fleet) restart(t *testing.T, dir string) {
	t.Helper()
	for n, node := range f.nodes {
		node.stop(t)
		f.nodes[n] = serve(t, dir)
		f.urls[n].Store(f.nodes[n].public)
	}
}

// reload has them read it again.
func (f *fleet) reload(t *testing.T, _ string) {
	t.Helper()
	for _, node := range f.nodes {
		node.reload(t, "applied")
	}
}

// edit changes the configuration.
func edit(t *testing.T, dir, from, to string) {
	t.Helper()
	path := filepath.Join(dir, "bauta.yaml")
	text := content(t, path)
	if strings.Count(text, from) != 1 {
		t.Fatalf("%s stands %d times in the configuration", from, strings.Count(text, from))
	}
	if err := os.WriteFile(path, []byte(strings.Replace(text, from, to, 1)), 0o600); err != nil {
		t.Fatal(err)
	}
}

// signed tells which of the two signatures of a delivery a secret makes: the platform's
// (X-Hub-Signature-256) and that of Standard Webhooks.
func (d delivery) signed(t *testing.T, secret string) (hub, standard bool) {
	t.Helper()
	key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(secret, "whsec_"))
	if err != nil {
		t.Fatal(err)
	}
	mac := hmac.New(sha256.New, key)
	_, _ = mac.Write([]byte(d.header.Get("Webhook-Id") + "." + d.header.Get("Webhook-Timestamp") + "." + d.body))
	want := "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil))
	for s := range strings.FieldsSeq(d.header.Get("Webhook-Signature")) {
		standard = standard || s == want
	}
	return d.header.Get("X-Hub-Signature-256") == simulator.Sign(secret, []byte(d.body)), standard
}

// The app secret and an endpoint's secret are replaced under load, as deploy/reference/operating.md says: no
// webhook is refused, nothing is lost, nothing comes twice or out of order, and software
// that knows the one or the other verifies every delivery at the time when it has to.
func TestSecretsAreReplacedUnderLoad(t *testing.T) {
	t.Parallel()
	for name, take := range map[string]func(*fleet, *testing.T, string){
		"by nodes that are restarted": (*fleet).restart,
		"by nodes that read it again": (*fleet).reload,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			replaceSecrets(t, take)
		})
	}
}

func replaceSecrets(t *testing.T, take func(*fleet, *testing.T, string)) {
	t.Helper()
	s := start(t, setup{Endpoint: "own_events: false"})
	f := &fleet{nodes: []*bauta{s.bauta, serve(t, s.dir)}, stop: make(chan struct{})}
	for n, node := range f.nodes {
		f.urls[n].Store(node.public)
	}
	f.secret.Store(appSecret)
	f.send(t)
	more := func() int {
		t.Helper()
		n := len(s.crm.all())
		return len(s.crm.wait(t, n+40))
	}
	more()
	roll := func(from, to string) {
		t.Helper()
		edit(t, s.dir, from, to)
		take(f, t, s.dir)
	}

	roll(`app_secrets: ["`+appSecret+`"]`, `app_secrets: ["`+nextAppSecret+`", "`+appSecret+`"]`)
	f.secret.Store(nextAppSecret)
	more()
	roll(`app_secrets: ["`+nextAppSecret+`", "`+appSecret+`"]`, `app_secrets: ["`+nextAppSecret+`"]`)
	more()

	roll(`secrets: [`+oldSecret+`]`, `secrets: [`+oldSecret+`, `+newSecret+`]`)
	both := len(s.crm.all())
	more()
	roll(`secrets: [`+oldSecret+`, `+newSecret+`]`, `secrets: [`+newSecret+`, `+oldSecret+`]`)
	last := more()
	roll(`secrets: [`+newSecret+`, `+oldSecret+`]`, `secrets: [`+newSecret+`]`)
	alone := len(s.crm.all())
	more()
	close(f.stop)
	f.platformSending.Wait()
	s.complete(t, f)
	if t.Failed() {
		return
	}
	for n, d := range s.crm.all() {
		hubOld, old := d.signed(t, oldSecret)
		hubNew, next := d.signed(t, newSecret)
		switch {
		case !hubOld && !hubNew:
			t.Fatalf("delivery %d: neither secret verifies X-Hub-Signature-256", n)
		case n < last && !old:
			t.Fatalf("delivery %d: software that knows the old secret cannot verify it", n)
		case n >= both && !next:
			t.Fatalf("delivery %d: software that knows the new secret cannot verify it", n)
		case n >= alone && (old || hubOld):
			t.Fatalf("delivery %d: it is signed with a secret that was taken out", n)
		}
	}
}

// complete wants every message that was acknowledged, once.
func (s scenario) complete(t *testing.T, f *fleet) {
	t.Helper()
	if f.refused.Load() > 0 || f.sent.Load() < 200 {
		t.Errorf("%d webhooks refused, %d sent", f.refused.Load(), f.sent.Load())
	}
	var got map[string]int
	eventually(t, "everything is delivered", func(context.Context) bool {
		got = inTurn(t, s.crm)
		return int64(len(got)) >= f.sent.Load()
	})
	for text, n := range got {
		if n > 1 {
			t.Errorf("message %s was delivered %d times", text, n)
		}
	}
}

// inTurn counts the messages that an endpoint got, and wants those of each customer in
// order.
func inTurn(t *testing.T, c *crm) map[string]int {
	t.Helper()
	got, last := map[string]int{}, map[string]int{}
	for _, d := range c.all() {
		_, text, _ := strings.Cut(d.body, `"message `)
		text, _, _ = strings.Cut(text, `"`)
		if got[text]++; got[text] > 1 {
			continue
		}
		i, n, _ := strings.Cut(text, " of ")
		number, err := strconv.Atoi(i)
		if err != nil {
			t.Fatalf("a delivery without its number: %s", d.body)
		}
		lane := fmt.Sprint(n, number%10)
		if before, any := last[lane]; any && number < before {
			t.Errorf("message %d of %s came after %d", number, lane, before)
		}
		last[lane] = number
	}
	return got
}

package e2e

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"text/template"

	"bauta/webhook/simulator"
)

func TestTheGuideToABotIsFollowed(t *testing.T) {
	t.Parallel()
	prepare(t, "deploy/guides/node-bot.md").follow(t)
}

// meta is a stand-in for Meta at the place of its own API, which sends to the guide's
// node.
func (g *guide) meta(t *testing.T, secret, token string, people ...simulator.Person) *simulator.Graph {
	t.Helper()
	graph := simulator.NewGraph(simulator.GraphOptions{
		Accounts: []simulator.Account{{Business: business(), Name: "Acme"}}, AccessToken: token, People: people,
		Sender: &simulator.Sender{Client: client(), Secret: secret, URL: "http://" + g.public + "/webhooks/main"},
	})
	platform := httptest.NewServer(graph)
	t.Cleanup(platform.Close)
	g.place("https://graph.facebook.com", platform.URL, "keys: keys.json\n", "keys: keys.json\nplatform: {graph_url: \""+platform.URL+"\"}\n")
	return graph
}

// write has a customer write, as from a phone.
func (g *guide) write(t *testing.T, graph *simulator.Graph, m simulator.Message) {
	t.Helper()
	if _, err := graph.Say(business().PhoneNumberID, m); err != nil {
		t.Fatal(err)
	}
	if err := graph.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// onPhone waits for a message on somebody's phone.
func onPhone(t *testing.T, graph *simulator.Graph, who simulator.Person, is func(simulator.Delivered) bool) simulator.Delivered {
	t.Helper()
	var found simulator.Delivered
	eventually(t, "the message is on the phone", func(context.Context) bool {
		all := graph.Phone(who)
		i := slices.IndexFunc(all, is)
		if i >= 0 {
			found = all[i]
		}
		return i >= 0
	})
	return found
}

// Meta's side is played: the files that are copied from its pages, its handshake, and
// the phone. What the doctor looks at has its row in the guide.
func TestTheGuideToTheFirstMessageIsFollowed(t *testing.T) {
	t.Parallel()
	g := prepare(t, "deploy/guides/first-message.md")
	graph := g.meta(t, appSecret, accessToken, ada())
	g.act("Write it into a file `app-secret`", func() { write(t, filepath.Join(g.dir, "app-secret"), appSecret) })
	g.act("Write it into a file `access-token`", func() { write(t, filepath.Join(g.dir, "access-token"), accessToken) })
	g.act("press *Verify and save*", func() {
		query := url.Values{"hub.mode": {"subscribe"}, "hub.challenge": {"1158201444"}, "hub.verify_token": {content(t, filepath.Join(g.dir, "verify-token"))}}
		if status, answer := (&bauta{}).get(t, "http://"+g.public+"/webhooks/main?"+query.Encode()); status != 200 || answer != "1158201444" {
			t.Errorf("Meta's handshake is answered %d %s", status, answer)
		}
	})
	g.act("Now write from your phone", func() { g.write(t, graph, simulator.Text(ada(), "Hello")) })
	g.act("Tap *Share my number*", func() {
		sweep(t, "what the node and the bot print", g.said(t), ada().Number, ada().UserID)
		question := onPhone(t, graph, ada(), func(m simulator.Delivered) bool { return len(m.Buttons) > 0 })
		onPhone(t, graph, ada(), func(m simulator.Delivered) bool { return m.Text == "You wrote: Hello" })
		if _, err := graph.Tap(ada(), question.ID, "Share my number"); err != nil {
			t.Fatal(err)
		}
		if err := graph.Flush(t.Context()); err != nil {
			t.Fatal(err)
		}
	})
	g.follow(t)

	out, err := shell(t, g.dir, "./bauta doctor --json")
	var findings []struct{ Check string }
	if err := json.Unmarshal([]byte(out), &findings); err != nil || len(findings) < 10 {
		t.Fatalf("%v: %s", err, out)
	}
	if err != nil {
		t.Errorf("the doctor finds something bad: %s", out)
	}
	rows := content(t, "../"+g.document)
	for _, f := range findings {
		if name := strings.Replace(f.Check, ", WABA "+waba, ", WABA …", 1); !strings.Contains(rows, "`"+name+"`") {
			t.Errorf("the guide does not say what %q of the doctor means", f.Check)
		}
	}
}

// configured writes a configuration with the business acme, and a key file, into the
// guide's folder.
func (g *guide) configured(t *testing.T, s setup) {
	t.Helper()
	s.Redis = g.server.URL
	if s.CRM == "" {
		s.CRM = "http://" + g.bot
	}
	var text bytes.Buffer
	if err := template.Must(template.New("").Parse(configuration)).Execute(&text, s); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(g.dir, "bauta.yaml"), text.String())
	if out, err := shell(t, g.dir, "./bauta keys init"); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
}

// The officer's page, with a ledger that has a line: what a stranger verifies is what the
// commands above exported.
func TestTheOfficersPageIsFollowed(t *testing.T) {
	t.Parallel()
	g := prepare(t, "PRIVACY.md")
	g.configured(t, setup{})
	if out, err := shell(t, g.dir, "seq 390612340000 390612340011 | ./bauta customers import-known --business acme"); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	g.follow(t)
}

func TestThePageOnInstallingIsFollowed(t *testing.T) {
	t.Parallel()
	prepare(t, "deploy/README.md").follow(t)
}

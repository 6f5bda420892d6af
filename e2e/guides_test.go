package e2e

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"text/template"

	"bauta/redis/redistest"
	"bauta/webhook/simulator"
)

func TestTheGuideToABotIsFollowed(t *testing.T) {
	t.Parallel()
	prepare(t, "deploy/guides/node-bot.md").follow(t)
}

// The README, from a copy of the sources: what it builds, its trial without Meta and its
// start for real, each with a Redis of its own. The demo is clicked through by another test.
func TestTheReadmeIsFollowed(t *testing.T) {
	t.Parallel()
	document := "README.md" // each of its commands has a row of its own, too: see documented
	g, endpoint, second := prepare(t, document), newCRM(t), redistest.Standalone(t)
	g.elsewhere = map[string]proof{"make test": {stage: "make test"}, "go run ./cmd/bauta demo": {test: "TestThePlaygroundsStory"}}
	g.sources(t)
	g.place("--rate 1 --write-back", "--rate 1 --write-back --url http://"+g.public+"/webhooks/main")
	trial := filepath.Join(g.dir, "e2e/testdata/local.yaml")
	g.place("http://127.0.0.1:7099", endpoint.server.URL)
	write(t, trial, `admin_listen: "`+free(t)+`"`+"\n"+strings.NewReplacer(g.places...).Replace(content(t, trial)))
	_, platform := g.meta(t, "made-up", "made-up")
	g.act("A small `bauta.yaml`", func() {
		text := strings.NewReplacer("redis://127.0.0.1:6379/0", second.URL,
			"url: https://crm.example/hooks/whatsapp", "url: "+endpoint.server.URL+"\n        allow_private: true\n        allow_http: true").Replace(small(t))
		write(t, filepath.Join(g.dir, "bauta.yaml"), fmt.Sprintf("listen: %q\nadmin_listen: %q\nplatform: {graph_url: %q}\n%s", free(t), free(t), platform, text))
	})
	g.act("Set the environment variables that it names", func() {
		for _, name := range []string{"META_VERIFY_TOKEN", "META_APP_SECRET", "ACME_META_TOKEN"} {
			g.export(name, "made-up")
		}
		g.export("CRM_SECRET", crmSecret)
	})
	g.follow(t)
	for n := 1; endpoint.wait(t, n)[n-1].header.Get("Bauta-Handle") == ""; n++ {
	}
}

// sources copies what the program is built of into the guide's folder, and has Go build it
// as make build does, from the same caches.
func (g *guide) sources(t *testing.T) {
	t.Helper()
	if err := os.Remove(filepath.Join(g.dir, "bauta")); err != nil {
		t.Fatal(err)
	}
	for _, folder := range []string{"cmd", "webhook", "masking", "ads", "redis"} {
		if err := os.CopyFS(filepath.Join(g.dir, folder), os.DirFS("../"+folder)); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"go.mod", "go.sum"} {
		write(t, filepath.Join(g.dir, name), content(t, "../"+name))
	}
	for _, cache := range []string{"GOCACHE", "GOMODCACHE"} {
		out, err := exec.CommandContext(t.Context(), "go", "env", cache).Output()
		if err != nil {
			t.Fatal(err)
		}
		g.export(cache, strings.TrimSpace(string(out)))
	}
	g.export("GOFLAGS", "-trimpath")
	g.export("CGO_ENABLED", "0")
}

// meta is a stand-in for Meta at the place of its own API, and its URL; it sends to the
// guide's node.
func (g *guide) meta(t *testing.T, secret, token string, people ...simulator.Person) (graph *simulator.Graph, platform string) {
	t.Helper()
	g.sender = &simulator.Sender{Client: client(), Secret: secret, URL: "http://" + g.public + "/webhooks/main"}
	graph = simulator.NewGraph(simulator.GraphOptions{
		Accounts: []simulator.Account{{Business: business(), Name: "Acme"}}, AccessToken: token, People: people, Sender: g.sender,
	})
	server := httptest.NewServer(graph)
	t.Cleanup(server.Close)
	g.place("https://graph.facebook.com", server.URL, "keys: keys.json\n", "keys: keys.json\nplatform: {graph_url: \""+server.URL+"\"}\n")
	return graph, server.URL
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
	graph, _ := g.meta(t, appSecret, accessToken, ada())
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

// configured writes a configuration with the business acme into the guide's folder.
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
}

// does runs a command of the program's in the guide's folder, before its own.
func (g *guide) does(t *testing.T, command string) {
	t.Helper()
	if out, err := shell(t, g.dir, command); err != nil {
		t.Fatalf("%s: %v: %s", command, err, out)
	}
}

// The officer's page, with a ledger that has a line: what a stranger verifies is what the
// commands above exported.
func TestTheOfficersPageIsFollowed(t *testing.T) {
	t.Parallel()
	g := prepare(t, "PRIVACY.md")
	g.configured(t, setup{})
	g.does(t, "./bauta keys init && seq 390612340000 390612340011 | ./bauta customers import-known --business acme")
	g.follow(t)
}

func TestThePageOnInstallingIsFollowed(t *testing.T) {
	t.Parallel()
	prepare(t, "deploy/README.md").follow(t)
}

// The keys of a node that runs, and of a customer whom it knows.
func TestTheGuideToKeysIsFollowed(t *testing.T) {
	t.Parallel()
	g, endpoint := prepare(t, "deploy/guides/keys.md"), newCRM(t)
	g.configured(t, setup{CRM: endpoint.server.URL})
	write(t, filepath.Join(g.dir, "passphrase"), "a passphrase that lies elsewhere\n")
	var node *bauta
	g.act("Beside running nodes, as often as", func() {
		node = serve(t, g.dir)
		node.send(t, says(ada(), "3EB0A1", "Hello", ctwa()))
	})
	g.follow(t)
	node.send(t, says(ada(), "3EB0A2", "Hello again", nil))
	got := endpoint.wait(t, 2)
	if handle := got[0].header.Get("Bauta-Handle"); handle == "" || got[1].header.Get("Bauta-Handle") != handle {
		t.Errorf("after all keys were replaced the handle is %q, before %q", got[1].header.Get("Bauta-Handle"), handle)
	}
}

// Whoever was imported keeps number and message ids; whose old webhooks were masked goes
// on live under the handle that these have.
func TestTheGuideToMigrationIsFollowed(t *testing.T) {
	t.Parallel()
	g, endpoint := prepare(t, "deploy/guides/migration.md"), newCRM(t)
	g.configured(t, setup{CRM: endpoint.server.URL, Default: "hidden"})
	known := simulator.Person{Number: "390612345678", UserID: "IT.7430000000000002", Name: "Livia"}
	write(t, filepath.Join(g.dir, "numbers.csv"), "+39 06 1234 5678,Livia\n+1 650 555 0199,Bob\n493012345678,Eva\n")
	write(t, filepath.Join(g.dir, "number.txt"), "+"+ada().Number+"\n")
	write(t, filepath.Join(g.dir, "webhooks.jsonl"), string(says(ada(), "3EB0A1", "From before", ctwa()))+"\n")
	g.does(t, "./bauta keys init")
	g.follow(t)

	masked := content(t, filepath.Join(g.dir, "masked.jsonl"))
	sweep(t, "the masked history", masked, ada().Number, ada().UserID)
	message := []any{"entry", 0, "changes", 0, "value", "messages", 0}
	node := serve(t, g.dir)
	node.send(t, says(ada(), "3EB0A2", "Live", nil))
	live := endpoint.wait(t, 1)[0]
	if got, want := live.header.Get("Bauta-Handle"), in(t, masked, append(message, "from_user_id")...); got != want {
		t.Errorf("live the handle is %s, in the history %s", got, want)
	}
	node.send(t, says(ada(), "3EB0A1", "From before", ctwa())) // the same message, live: its id shows whether ids are those of the history
	if got, want := in(t, endpoint.wait(t, 2)[1].body, append(message, "id")...), in(t, masked, append(message, "id")...); got != want {
		t.Errorf("live the message has the id %s, in the history %s", got, want)
	}
	raw := says(known, "3EB0A3", "I am a regular", ctwa())
	node.send(t, raw)
	if got := endpoint.wait(t, 3)[2]; got.header.Get("Bauta-Visibility") != "visible" || in(t, got.body, append(message, "id")...) != in(t, string(raw), append(message, "id")...) ||
		in(t, got.body, append(message, "from")...) != known.Number {
		t.Errorf("somebody who was imported comes as %s: %s", got.header.Get("Bauta-Visibility"), got.body)
	}
}

func TestTheGuideToShapesIsFollowed(t *testing.T) {
	t.Parallel()
	prepare(t, "deploy/guides/shapes.md").follow(t)
}

// The calls are those that Chatwoot makes.
func TestTheGuideToChatwootIsFollowed(t *testing.T) {
	t.Parallel()
	g, endpoint := prepare(t, "deploy/guides/chatwoot.md"), newCRM(t)
	graph, platform := g.meta(t, appSecret, accessToken, ada())
	g.configured(t, setup{CRM: endpoint.server.URL, Graph: platform, Shape: "phone", Endpoint: "own_events: false\n        fields: [messages]"})
	g.does(t, "./bauta keys init")
	node := serve(t, g.dir)
	g.place("https://bauta.example", node.public)
	g.sender.URL = node.public + "/webhooks/main"
	g.act("Now somebody writes, from an ad", func() {
		hello := simulator.Text(ada(), "Hello")
		hello.Ad = ctwa()
		g.write(t, graph, hello)
		g.export("HANDLE", endpoint.wait(t, 1)[0].header.Get("Bauta-Handle"))
	})
	g.follow(t)
	onPhone(t, graph, ada(), func(m simulator.Delivered) bool { return m.Text == "Hello" })
}

// runs starts a node for the guide, whose customer wrote once.
func (g *guide) runs(t *testing.T, s setup) {
	t.Helper()
	endpoint := newCRM(t)
	s.CRM = endpoint.server.URL
	g.configured(t, s)
	g.does(t, "./bauta keys init")
	node := serve(t, g.dir)
	g.place("http://127.0.0.1:9090", node.admin)
	node.send(t, says(ada(), "3EB0A1", "Hello", ctwa()))
	endpoint.wait(t, 1)
}

func TestTheGuideToScalingIsFollowed(t *testing.T) {
	t.Parallel()
	g := prepare(t, "deploy/guides/scaling.md")
	g.runs(t, setup{})
	g.follow(t)
}

// The doctor finds nothing bad, or it would end the shell.
func TestTheGuideToUpgradingIsFollowed(t *testing.T) {
	t.Parallel()
	g := prepare(t, "deploy/guides/upgrading.md")
	_, platform := g.meta(t, appSecret, accessToken, ada())
	g.runs(t, setup{Graph: platform})
	g.follow(t)
}

func TestTheGuideToDataProtectionIsFollowed(t *testing.T) {
	t.Parallel()
	g := prepare(t, "deploy/guides/data-protection.md")
	write(t, filepath.Join(g.dir, "number.txt"), "+"+ada().Number+"\n")
	g.runs(t, setup{})
	g.follow(t)
	sweep(t, "the receipt", content(t, filepath.Join(g.dir, "receipt.json")), ada().Number, ada().UserID)
}

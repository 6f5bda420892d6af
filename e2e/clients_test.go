package e2e

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"bauta/webhook/simulator"
)

// published is a client library of the platform's API, as it is published.
type published struct {
	// module adapts it, library is the package's name.
	module, library string
	// numbersOnly: it was written before customers had user ids, and looks for from.
	numbersOnly bool
}

func libraries() map[string]published {
	return map[string]published{
		"kapso 0.3":           {"kapso", "@kapso/whatsapp-cloud-api", false},
		"great-detail 9.2":    {"great-detail", "@great-detail/whatsapp", false},
		"whatsapp-api-js 6.3": {"whatsapp-api-js", "whatsapp-api-js", false},
		"whatsapp-api-js 5.3": {"whatsapp-api-js", "whatsapp-api-js-5", true},
	}
}

// dialogue is a conversation whose business is a program with a client library.
type dialogue struct {
	conversation
	client              *program
	deliveries, answers *tap
}

// engage puts a client program at an endpoint of its own, and at the API.
func engage(t *testing.T, folder, shape string, library published) dialogue {
	t.Helper()
	d := dialogue{deliveries: newTap(t, true), answers: newTap(t, false)}
	d.conversation = converse(t, setup{Shape: shape, Endpoints: another("client", d.deliveries.server.URL, "timeout: 5s")}, ada(), bea())
	d.answers.lead(t, d.public)
	d.client = startClient(t, folder,
		"CLIENT="+library.module, "LIBRARY="+library.library,
		"BAUTA_URL="+d.answers.server.URL, "BAUTA_TOKEN="+d.token,
		"ENDPOINT_SECRET="+crmSecret, "PHONE_NUMBER_ID="+business().PhoneNumberID,
		"STRANGER="+map[string]string{"bsuid": "US.7430000000009999", "phone": "16505550999"}[shape])
	d.deliveries.lead(t, d.client.url)
	return d
}

// writes has somebody write, and returns the platform's id of the message and how the
// client's steps went.
func (d dialogue) writes(t *testing.T, m simulator.Message) (id string, steps []line) {
	t.Helper()
	id, err := d.graph.Say(business().PhoneNumberID, m)
	if err != nil {
		t.Fatal(err)
	}
	if err := d.graph.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	return id, d.client.until(t, func(l line) bool { return l.Step == "end" })
}

// nobody is whom a library sees that finds no name where it looks for one.
const nobody = "undefined"

// started are the steps before a conversation: on is the text or type, sender whom
// the library sees.
func started(on, sender string) []line {
	return []line{
		{On: "delivery", Step: "refuse forged", OK: true},
		{On: "delivery", Step: "verify", OK: true},
		{On: on, Step: "sender", OK: sender != nobody, Detail: sender},
	}
}

// conversed are the steps of a conversation. To nobody, Bauta answers 131008 (no
// recipient) to whatever needs one.
func conversed(on, sender string) []line {
	to := func(step, code string) line {
		if sender == nobody {
			code = "131008"
		}
		return line{On: on, Step: step, OK: code == "", Detail: code}
	}
	return append(started(on, sender),
		to("answer", ""), to("quote", ""), to("react", ""),
		line{On: on, Step: "upload", OK: true}, to("send medium", ""),
		to("closed window", "131047"), line{On: on, Step: "stranger", Detail: "131030"},
		line{On: on, Step: "read", OK: true}, line{On: on, Step: "typing", OK: true},
		line{On: on, Step: "end", OK: true})
}

// plain is the lines without what differs from run to run.
func plain(all []line) []line {
	out := slices.Clone(all)
	for i := range out {
		out[i].ID = ""
	}
	return out
}

// ids are those of the messages that were sent.
func ids(steps []line) []string {
	var out []string
	for _, l := range steps {
		if slices.Contains([]string{"answer", "quote", "react", "send medium"}, l.Step) && l.OK {
			out = append(out, l.ID)
		}
	}
	return out
}

// Whole conversations by client libraries as the registry has them, of which only
// base URL and token are set: with a hidden customer, and with a visible one. A
// library that was written before user ids sees nobody in the shape bsuid, and holds
// the conversation in the shape phone.
func TestPublishedClientsHoldAConversation(t *testing.T) {
	t.Parallel()
	folder := install(t)
	for name, library := range libraries() {
		for _, shape := range []string{"bsuid", "phone"} {
			t.Run(name+" in the shape "+shape, func(t *testing.T) {
				t.Parallel()
				d := engage(t, folder, shape, library)
				d.withHidden(t, library.numbersOnly && shape == "bsuid")
				d.withVisible(t)
				d.sweepClient(t, ada().Number, ada().UserID, accessToken)
			})
		}
	}
}

// withHidden holds a conversation with a customer who came from an ad; blind: the
// library does not see who it is.
func (d dialogue) withHidden(t *testing.T, blind bool) {
	t.Helper()
	const said = "Are you open?"
	m := simulator.Text(ada(), said)
	m.Ad = ctwa()
	id, steps := d.writes(t, m)
	handle := d.crm.wait(t, 1)[0].header.Get("Bauta-Handle")
	sender := handle
	if blind {
		sender = nobody
	}
	if diff := cmp.Diff(conversed(said, sender), plain(steps)); diff != "" {
		t.Errorf("with a hidden customer (-want +got):\n%s", diff)
	}
	if !d.graph.Seen(id) || !d.graph.Typing(ada(), business().PhoneNumberID) {
		t.Error("the customer sees no read mark, or nobody typing")
	}
	if blind {
		if arrived := d.graph.Phone(ada()); len(arrived) != 0 {
			t.Errorf("what was sent to nobody arrived: %+v", arrived)
		}
	} else {
		d.reached(t, ada(), said)
		d.reported(t, handle, ids(steps))
	}
	d.fetches(t, sender)
}

// withVisible holds it with a customer who came without an ad, by their number.
func (d dialogue) withVisible(t *testing.T) {
	t.Helper()
	const said = "Good day"
	_, steps := d.writes(t, simulator.Text(bea(), said))
	if diff := cmp.Diff(conversed(said, bea().Number), plain(steps)); diff != "" {
		t.Errorf("with a visible customer (-want +got):\n%s", diff)
	}
	d.reached(t, bea(), said)
}

// reached checks what arrived on a phone.
func (d dialogue) reached(t *testing.T, who simulator.Person, said string) {
	t.Helper()
	type seen struct{ Type, Text, Quoted, ReactsTo string }
	var got []seen
	for _, m := range d.graph.Phone(who) {
		s := seen{Type: m.Type, Text: m.Text}
		if m.Quoted != nil {
			s.Quoted = m.Quoted.Text
		}
		if m.ReactsTo != nil {
			s.ReactsTo, s.Text = m.ReactsTo.Text, in(t, string(m.Content), "emoji")
		}
		if m.Type == "image" {
			s.Text = d.stored(t, in(t, string(m.Content), "id"))
		}
		got = append(got, s)
	}
	want := []seen{
		{"text", "At nine", "", ""}, {"text", "At ten", said, ""}, {"reaction", "👍", "", said}, {"image", "a picture", "", ""},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("on the phone (-want +got):\n%s", diff)
	}
}

// stored is a medium as the platform has it.
func (d dialogue) stored(t *testing.T, id string) string {
	t.Helper()
	ask := func(url string) string {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("Authorization", "Bearer "+accessToken)
		return do(t, request).body
	}
	return ask(in(t, ask(d.platform+"/v25.0/"+id), "url"))
}

// reported checks that every message is reported as sent, delivered and read, to
// the handle.
func (d dialogue) reported(t *testing.T, handle string, sent []string) {
	t.Helper()
	if len(sent) != 4 {
		t.Fatalf("%d messages were sent: %v", len(sent), sent)
	}
	if err := d.graph.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for len(got) < len(sent) || strings.Count(got[sent[3]], " ") < 3 {
		l := d.client.next(t)
		if l.On != "status" {
			continue
		}
		if l.Detail != handle {
			t.Errorf("a status names %q, want the handle %q", l.Detail, handle)
		}
		got[l.ID] += l.Step + " "
	}
	for _, id := range sent {
		if got[id] != "sent delivered read " {
			t.Errorf("a message is reported as %q", got[id])
		}
	}
}

// fetches has the hidden customer send a picture, and the client fetch it.
func (d dialogue) fetches(t *testing.T, sender string) {
	t.Helper()
	const content = "the customer's own picture"
	m, err := d.graph.Medium(business().PhoneNumberID, ada(), "image/png", []byte(content))
	if err != nil {
		t.Fatal(err)
	}
	_, steps := d.writes(t, m)
	sum := sha256.Sum256([]byte(content))
	want := append(started("image", sender),
		line{On: "image", Step: "look up", OK: true, Detail: "image/png"},
		line{On: "image", Step: "download", OK: true, Detail: hex.EncodeToString(sum[:])},
		line{On: "image", Step: "end", OK: true})
	if diff := cmp.Diff(want, plain(steps)); diff != "" {
		t.Errorf("a medium (-want +got):\n%s", diff)
	}
}

// sweepClient looks for the identities in everything that the client was told.
func (d dialogue) sweepClient(t *testing.T, secrets ...string) {
	t.Helper()
	deliveries, answers := d.deliveries.all(), d.answers.all()
	if len(deliveries) < 3 || len(answers) < 15 {
		t.Fatalf("%d deliveries and %d answers: the sweep would see nothing", len(deliveries), len(answers))
	}
	for _, text := range deliveries {
		sweep(t, "a delivery to the client", text, secrets...)
	}
	for _, text := range answers {
		sweep(t, "an answer to the client", text, secrets...)
	}
	d.sweepAll(t, secrets...)
}

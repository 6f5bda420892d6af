package meta_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"bauta/masking"
	"bauta/webhook/meta"
)

// fixture is one file of testdata: the skeletons of one field, with what is
// expected of each, written by hand from the platform documents it names.
type fixture struct {
	Source string
	Field  string
	Cases  []struct {
		Name  string
		Want  []string
		Value json.RawMessage
	}
}

const testWABA = "102290129340398"

func envelope(field, value string) string {
	return fmt.Sprintf(`{"object":"whatsapp_business_account","entry":[{"id":%q,"time":1789000999,"changes":[{"field":%q,"value":%s}]}]}`,
		testWABA, field, value)
}

func fixtures(tb testing.TB) map[string]fixture {
	tb.Helper()
	paths, err := filepath.Glob("testdata/*.json")
	if err != nil {
		tb.Fatal(err)
	}
	out := map[string]fixture{}
	for _, path := range paths {
		if strings.Contains(path, "appendix") {
			continue
		}
		text, err := os.ReadFile(path)
		if err != nil {
			tb.Fatal(err)
		}
		var f fixture
		if err := json.Unmarshal(text, &f); err != nil {
			tb.Fatalf("%s: %v", path, err)
		}
		if len(f.Cases) == 0 || f.Source == "" {
			tb.Fatalf("%s has no cases or does not name its source", path)
		}
		out[filepath.Base(path)] = f
	}
	if len(out) < 30 {
		tb.Fatalf("only %d fixtures were found", len(out))
	}
	return out
}

func split(tb testing.TB, body string) meta.Batch {
	tb.Helper()
	batch, err := meta.NewCatalogue().Split([]byte(body))
	if err != nil {
		tb.Fatal(err)
	}
	return batch
}

// summary writes an event as the fixtures do.
func summary(e meta.Event) string {
	var b strings.Builder
	b.WriteString(string(e.Kind))
	if e.Type != "" {
		b.WriteString(" " + e.Type)
	}
	b.WriteString(" subject=" + partyText(e.Subject))
	if e.Group != "" {
		b.WriteString(" group=" + e.Group)
	}
	fmt.Fprintf(&b, " named=%d", len(e.Named))
	if e.Inbound {
		b.WriteString(" inbound")
	}
	if e.CanRefer {
		b.WriteString(" refers")
	}
	if e.Referral.Present {
		b.WriteString(" ad=" + e.Referral.ID)
	}
	if !e.Attested.IsZero() {
		b.WriteString(" attested=" + e.Attested.Reveal())
	}
	if e.Change != nil {
		b.WriteString(" change=" + partyText(e.Change.From) + ">" + partyText(e.Change.To))
	}
	if e.Callback != "" {
		b.WriteString(" callback=" + e.Callback)
	}
	b.WriteString(map[meta.Move]string{meta.Joined: " joined", meta.Left: " left"}[e.Move])
	return b.String() + actText(e.Act)
}

// actText is empty for a message that decides nothing. Texts are left out.
func actText(a meta.Act) string {
	var b strings.Builder
	for _, part := range []struct{ name, text string }{{"reply", a.Reply}, {"quoted", a.Quoted}} {
		if part.text != "" {
			b.WriteString(" " + part.name + "=" + part.text)
		}
	}
	if a.Forwarded {
		b.WriteString(" forwarded")
	}
	for _, number := range a.Cards {
		b.WriteString(" card=" + number.Reveal())
	}
	return b.String()
}

func partyText(p meta.Party) string {
	return p.Number.Reveal() + "/" + p.UserID.Reveal() + "/" + p.Parent.Reveal()
}

func summaries(events []meta.Event) []string {
	var out []string
	for _, e := range events {
		out = append(out, summary(e))
	}
	return out
}

func TestEveryFieldAndTypeIsSplitAsDocumented(t *testing.T) {
	t.Parallel()
	for file, f := range fixtures(t) {
		for _, c := range f.Cases {
			t.Run(file+"/"+c.Name, func(t *testing.T) {
				t.Parallel()
				batch := split(t, envelope(f.Field, string(c.Value)))
				if diff := cmp.Diff(c.Want, summaries(batch.Events)); diff != "" {
					t.Errorf("events (-want +got):\n%s", diff)
				}
				if len(batch.Rejects) > 0 {
					t.Errorf("rejected: %s at %s", batch.Rejects[0].Reason, batch.Rejects[0].Position)
				}
				for _, e := range batch.Events {
					checkEvent(t, e, f.Field)
				}
			})
		}
	}
}

// checkEvent asserts what holds for every event: its envelope is a valid
// platform envelope of one change, and splitting it again gives the same event.
func checkEvent(t *testing.T, e meta.Event, field string) {
	t.Helper()
	canonical, _ := meta.NewCatalogue().Canonical(field)
	if e.WABA != testWABA || e.Field != canonical {
		t.Errorf("WABA %q and field %q, want %q and %q", e.WABA, e.Field, testWABA, canonical)
	}
	own := meta.Render(e)
	var parsed struct {
		Object string
		Entry  []struct {
			ID      string
			Changes []struct{ Field string }
		}
	}
	if err := json.Unmarshal(own, &parsed); err != nil {
		t.Fatalf("the event's envelope is no JSON: %v\n%s", err, own)
	}
	if parsed.Object != meta.ObjectName || len(parsed.Entry) != 1 || len(parsed.Entry[0].Changes) != 1 ||
		parsed.Entry[0].Changes[0].Field != field || parsed.Entry[0].ID != testWABA {
		t.Errorf("not an envelope with one entry and one change: %s", own)
	}
	again := split(t, string(own))
	if len(again.Events) != 1 || len(again.Rejects) != 0 {
		t.Fatalf("its envelope splits into %d events and %d rejects", len(again.Events), len(again.Rejects))
	}
	if diff := cmp.Diff(summary(e), summary(again.Events[0])); diff != "" {
		t.Errorf("split again (-first +second):\n%s", diff)
	}
	if diff := cmp.Diff(e.Dedupe, again.Events[0].Dedupe); diff != "" {
		t.Errorf("dedupe id of its own envelope (-first +second):\n%s", diff)
	}
}

func TestAppendixOfIdentityFacts(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("testdata/identity_appendix_a.json")
	if err != nil {
		t.Fatal(err)
	}
	var items []struct {
		Name string
		Body json.RawMessage
	}
	if err := json.Unmarshal(text, &items); err != nil {
		t.Fatal(err)
	}
	const (
		phone  = "16505550142"
		user   = "US.7430000000000001"
		parent = "US.ENT.7430000000000009"
		newer  = "16505550177"
		next   = "US.7430000000000002"
		group  = " group=Y2FwaV9ncm91cDox"
		ad     = "120226305854810726"
	)
	want := map[string]string{
		"A1": "message text subject=" + phone + "// named=1 inbound refers",
		"A2": "message text subject=" + phone + "/" + user + "/" + parent + " named=3 inbound refers",
		"A3": "message text subject=/" + user + "/ named=1 inbound refers",
		"B1": "message text subject=" + phone + "// named=1 inbound refers ad=" + ad,
		"B2": "message text subject=/" + user + "/ named=1 inbound refers ad=" + ad,
		"C1": "status delivered subject=" + phone + "// named=1",
		"C2": "status delivered subject=/" + user + "/ named=1",
		"C3": "status failed subject=" + phone + "// named=1",
		"D1": "message contacts subject=" + phone + "// named=1 inbound refers card=16505550199",
		"D2": "message contacts subject=/" + user + "/ named=2 inbound refers attested=" + phone,
		"D3": "message contacts subject=/" + user + "/ named=1 inbound refers card=16505550199",
		"E1": "call connect subject=" + phone + "// named=1",
		"E2": "call connect subject=/" + user + "/ named=1",
		"F1": "message text subject=" + phone + "//" + group + " named=1 inbound refers",
		"F2": "message text subject=/" + user + "/" + group + " named=1 inbound refers",
		"F3": "participant group_participants_add subject=/" + user + "/" + group + " named=1 joined",
		"G1": "message system subject=" + phone + "// named=2 change=" + phone + "//>" + newer + "//",
		"G2": "message system subject=" + phone + "/" + user + "/ named=4 change=" + phone + "/" + user + "/>" + newer + "/" + next + "/",
		"G3": "message system subject=/" + user + "/ named=2 change=/" + user + "/>/" + next + "/",
		"G4": "user_id_update subject=/" + user + "/ named=2 change=/" + user + "/>/" + next + "/",
		"H1": "message text subject=/" + user + "/ named=2 inbound refers quoted=3A4A6599AEE03810144F",
	}
	if len(items) != len(want) {
		t.Fatalf("%d skeletons, want %d", len(items), len(want))
	}
	for _, item := range items {
		t.Run(item.Name, func(t *testing.T) {
			t.Parallel()
			batch := split(t, string(item.Body))
			if diff := cmp.Diff([]string{want[item.Name[:2]]}, summaries(batch.Events)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// TestEveryDocumentedKeyHasARow walks all skeletons: a string or number of the
// documents without a row in the catalogue is one that somebody forgot.
func TestEveryDocumentedKeyHasARow(t *testing.T) {
	t.Parallel()
	c := meta.NewCatalogue()
	walked := 0
	for file, f := range fixtures(t) {
		for _, kase := range f.Cases {
			var body any
			if err := json.Unmarshal([]byte(envelope(f.Field, string(kase.Value))), &body); err != nil {
				t.Fatal(err)
			}
			walked += undescribed(t, file+" $", body, c.Schema(f.Field))
		}
	}
	if walked < 1000 {
		t.Errorf("only %d values were walked", walked)
	}
}

// free are the positions whose members the business or customer names: there is
// nothing to describe.
func free(path string) bool {
	return strings.Contains(path, ".message.template.") || strings.Contains(path, ".message.text.") ||
		strings.Contains(path, ".message.interactive.")
}

func undescribed(t *testing.T, path string, value any, s *masking.Schema) int {
	t.Helper()
	count := 0
	switch v := value.(type) {
	case map[string]any:
		for name, member := range v {
			count += undescribed(t, path+"."+name, member, s.Member(name))
		}
	case []any:
		for _, element := range v {
			count += undescribed(t, path+"[]", element, s.Elem())
		}
	case string, float64, bool:
		count++
		if s == nil && !free(path) {
			t.Errorf("%s has no row in the catalogue", path)
		}
	}
	return count
}

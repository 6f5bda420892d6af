package meta_test

import (
	"bytes"
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/google/go-cmp/cmp"

	"bauta/masking"
	"bauta/masking/jsontree"
	"bauta/masking/leak"
	"bauta/webhook/meta"
)

// TestAppendixAOfWhoShares: what a business gets of the skeletons of identity.md
// Appendix A once their customer shared the number (design 4.2): number and handle
// where the platform puts number and user id, and nothing else of theirs.
func TestAppendixAOfWhoShares(t *testing.T) {
	t.Parallel()
	const handle, at = "IT.9041174520836617350284", `"from":"16505550142","from_user_id":"IT.9041174520836617350284"`
	const contact = `"wa_id":"16505550142","user_id":"` + handle + `"`
	const onlyUser = `"user_id":"` + handle + `","wa_id":"16505550142"`
	const fromUser = `"from_user_id":"` + handle + `","from":"16505550142"`
	for name, row := range map[string]struct {
		shown string
		want  []string
	}{
		"A1": {"16505550142", []string{contact, at}},
		"A2": {"16505550142", []string{contact, at, `"profile":{"name":"Ada Rossi"}`}},
		"A3": {"16505550142", []string{onlyUser, fromUser, `"profile":{"name":"Ada Rossi"}`}},
		"C1": {"16505550142", []string{`"recipient_id":"16505550142","recipient_user_id":"` + handle + `"`}},
		"C2": {"16505550142", []string{onlyUser, `"recipient_user_id":"` + handle + `","recipient_id":"16505550142"`}},
		"D1": {"16505550142", []string{contact, at, `"phone":"+1 (650) 555-0199","wa_id":"16505550199"`}},
		"D2": {"16505550142", []string{onlyUser, fromUser, `"phone":"+16505550142","wa_id":"16505550142"`}},
		"D3": {"16505550142", []string{onlyUser, fromUser, `waid=16505550199:+1 650 555 0199`}},
		"F1": {"16505550142", []string{contact, at + `,"group_id":"Y2FwaV9ncm91cDox"`}},
		"G1": {"16505550177", []string{
			`"messages":[{"from_user_id":"` + handle + `","id"`, `changed from ` + handle + ` to 16505550177`, `"wa_id":"16505550177","user_id":"` + handle + `"`,
		}},
		"G2": {"16505550177", []string{
			`"messages":[{"from_user_id":"` + handle + `","id"`, `changed from ` + handle + ` to 16505550177`,
			`"wa_id":"16505550177","user_id":"` + handle + `","previous_user_id":"` + handle + `"`,
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := split(t, appendixA(t, name)).Events[0]
			p := whoShares(t, e, row.shown)
			body := string(rewrite(t, e, p, nil).Body)
			for _, want := range row.want {
				if !strings.Contains(body, want) {
					t.Errorf("without %s: %s", want, body)
				}
			}
			mustHoldNothingElse(t, p, []byte(body))
		})
	}
}

// TestWhoSharesInEveryField: in no field anything but the shared number is left of
// anybody, no key is written twice, and what was rewritten stays as it is.
func TestWhoSharesInEveryField(t *testing.T) {
	t.Parallel()
	shared := 0
	for file, f := range fixtures(t) {
		for _, c := range f.Cases {
			for _, e := range split(t, envelope(f.Field, string(c.Value))).Events {
				for _, id := range e.Named {
					if id.Number.IsZero() {
						continue
					}
					p := whoShares(t, e, id.Number.Reveal())
					body := rewrite(t, e, p, nil).Body
					if bytes.Contains(body, []byte(id.Number.Reveal())) {
						shared++
					}
					mustHoldNothingElse(t, p, body)
					again := split(t, string(body)).Events
					if len(again) != 1 {
						continue // what is hidden can be all that an event has
					}
					if diff := cmp.Diff(string(body), string(rewrite(t, again[0], p, keptIDs{}).Body)); diff != "" {
						t.Errorf("%s/%s: masked twice (-once +twice):\n%s", file, c.Name, diff)
					}
				}
			}
		}
	}
	if shared < 40 {
		t.Errorf("only %d events show what was shared", shared)
	}
}

// TestEveryPairIsDescribed: what the rewriter puts under a pair's key is described
// there as what it is.
func TestEveryPairIsDescribed(t *testing.T) {
	t.Parallel()
	pairs := 0
	seen := map[*masking.Schema]bool{}
	var look func(s *masking.Schema)
	look = func(s *masking.Schema) {
		if s == nil || seen[s] {
			return
		}
		seen[s] = true
		for name, m := range s.Members {
			if m.RoleOf() == masking.RoleNumber && m.Pair != "" {
				pairs++
				if s.Member(m.Pair).RoleOf() != masking.RoleUserID {
					t.Errorf("%s has the pair %s, which is no user id", name, m.Pair)
				}
			}
			if m.RoleOf() == masking.RoleUserID && m.Pair != "" && s.Member(m.Pair).RoleOf() != masking.RoleNumber {
				t.Errorf("%s has the pair %s, which is no number", name, m.Pair)
			}
			look(m)
		}
		look(s.Any)
		look(s.Each)
	}
	for _, f := range fixtures(t) {
		for _, c := range f.Cases {
			for _, e := range split(t, envelope(f.Field, string(c.Value))).Events {
				look(e.Schema)
			}
		}
	}
	for _, r := range meta.NewAPI().Routes() {
		look(r.Answer)
	}
	if pairs < 20 {
		t.Errorf("only %d pairs were found", pairs)
	}
}

// keptIDs leaves the rewriter's marker alone.
type keptIDs struct{}

func (keptIDs) Mask(string, []masking.Person) string { return "[hidden]" }

func whoShares(tb testing.TB, e meta.Event, shown string) masking.Person {
	tb.Helper()
	p := everybody(e, false)
	for _, n := range p.Numbers {
		if n.Reveal() == shown {
			p.Shown = n
		}
	}
	if p.Shown.IsZero() {
		// The skeleton has no number: Bauta knows it from elsewhere.
		p.Shown, _ = masking.ParseNumber(shown)
		p.Numbers = append(p.Numbers, p.Shown)
	}
	return p
}

func mustHoldNothingElse(tb testing.TB, p masking.Person, body []byte) {
	tb.Helper()
	numbers, ids := p.Secret()
	opaque := meta.NewCatalogue().Opaque()
	if found := leak.New(leak.Secrets{Numbers: numbers, UserIDs: ids, Opaque: opaque}).Run(body, nil); found != nil {
		tb.Errorf("can be read at %v in %s", found, body)
	}
	if _, err := jsontree.Parse(body); err != nil {
		tb.Errorf("no JSON: %v", err)
	}
	value := jsontext.Value(bytes.Clone(body))
	if err := value.Canonicalize(); err != nil {
		tb.Errorf("a key stands twice: %v", err)
	}
}

func appendixA(tb testing.TB, name string) string {
	tb.Helper()
	text, err := os.ReadFile("testdata/identity_appendix_a.json")
	if err != nil {
		tb.Fatal(err)
	}
	var all []struct {
		Name string
		Body json.RawMessage
	}
	if err := json.Unmarshal(text, &all); err != nil {
		tb.Fatal(err)
	}
	for _, one := range all {
		if strings.HasPrefix(one.Name, name+" ") {
			return string(one.Body)
		}
	}
	tb.Fatalf("no skeleton %s", name)
	return ""
}

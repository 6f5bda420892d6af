package meta_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"bauta/masking"
	"bauta/webhook/meta"
)

// sameIDs shows message ids as they are.
type sameIDs struct{}

func (sameIDs) Mask(raw string, _ []masking.Person) string { return raw }

func everybody(e meta.Event, visible bool) masking.Person {
	p := masking.Person{
		Visible: visible, RawIDs: visible,
		Handle: masking.Handle{Country: "IT", Long: "9041174520836617350284", Phone: "999904117452083"},
	}
	for _, id := range e.Named {
		if !id.Number.IsZero() {
			p.Numbers = append(p.Numbers, id.Number)
		} else {
			p.UserIDs = append(p.UserIDs, id.UserID)
		}
	}
	return p
}

func rewrite(t *testing.T, e meta.Event, p masking.Person, ids masking.IDs) masking.Result {
	t.Helper()
	job := masking.Job{
		Doc: e.Doc, Only: e.Only, Drop: e.Drop, Schema: e.Schema, Subject: -1, IDs: ids,
		View: masking.View{ShowCountry: true, ForeignPass: true, KeepInviteLink: true},
	}
	if len(e.Named) > 0 {
		job.People, job.Subject = []masking.Person{p}, 0
	}
	job.View.Own = e.OwnNumbers()
	result, err := masking.NewRewriter().Rewrite(job)
	if err != nil {
		t.Fatal(err)
	}
	return result
}

// TestRenderIsWhatTheRewriterWritesForVisiblePeople: what is held and released
// has the bytes that it would have had at once.
func TestRenderIsWhatTheRewriterWritesForVisiblePeople(t *testing.T) {
	t.Parallel()
	for file, f := range fixtures(t) {
		for _, c := range f.Cases {
			for _, e := range split(t, " "+envelope(f.Field, string(c.Value))+"\n").Events {
				if len(e.Named) == 0 {
					continue // what belongs to nobody known is scrubbed
				}
				got := rewrite(t, e, everybody(e, true), sameIDs{})
				if diff := cmp.Diff(string(meta.Render(e)), string(got.Body)); diff != "" {
					t.Errorf("%s/%s (-Render +Rewrite):\n%s", file, c.Name, diff)
				}
			}
		}
	}
}

// TestNoFixtureNamesAnybodyOnceItIsRewritten: with the catalogue's description
// nothing of a named person stays, in any field.
func TestNoFixtureNamesAnybodyOnceItIsRewritten(t *testing.T) {
	t.Parallel()
	names := 0
	for file, f := range fixtures(t) {
		for _, c := range f.Cases {
			for _, e := range split(t, envelope(f.Field, string(c.Value))).Events {
				body := rewrite(t, e, everybody(e, false), nil).Body
				for _, id := range e.Named {
					names++
					if name := id.Number.Reveal() + id.UserID.Reveal(); bytes.Contains(body, []byte(name)) {
						t.Errorf("%s/%s: an identity is left in %s", file, c.Name, strings.ReplaceAll(string(body), name, "[here]"))
					}
				}
			}
		}
	}
	if names < 150 {
		t.Errorf("only %d names were looked for", names)
	}
}

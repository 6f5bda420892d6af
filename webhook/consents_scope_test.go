package webhook

import (
	"errors"
	"testing"
	"time"

	"bauta/masking"
	"bauta/webhook/simulator"
)

// A scope that ends takes its names along in every record that it had them from, wherever
// the erasure broke off: what was issued under them leads nowhere.
func TestAScopeEndsInTheRecordsThatWereTakenOverToo(t *testing.T) {
	t.Parallel()
	for broken := range 14 {
		p := newParlour(t, words)
		p.buries()
		var names []masking.Handle
		for _, who := range []simulator.Person{{Number: adaNumber}, {UserID: adaUser}} {
			p.accept(t, p.message(who, text("Hello"), inLisbon))
		}
		for id := range p.shelf.records {
			names = append(names, p.shelf.records[id].Scopes[lisbon].Handle)
		}
		p.accept(t, p.message(ada(), text("Hello"), ""))
		for id := range p.shelf.records {
			if c := p.shelf.records[id]; c.MergedInto != "" && (c.Scopes[lisbon] == nil || c.Scopes[lisbon].Reason != "") {
				t.Fatalf("of the record that was taken over is left %+v, want its names", c.Scopes)
			}
		}
		p.shelf.steps = broken
		_, err := p.consents.EraseHandle(t.Context(), p.business, names[0].Key(), ByBusiness, "test")
		p.shelf.steps = -2
		if err != nil {
			_, err = p.consents.EraseHandle(t.Context(), p.business, names[0].Key(), ByBusiness, "test")
		}
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range names {
			if _, err := p.shelf.Bearer(t.Context(), "acme", name.Key()); !errors.Is(err, ErrUnknownHandle) {
				t.Errorf("broken at step %d: a name of the erased scope leads to a record: %v", broken, err)
			}
		}
		if got := p.accept(t, p.message(ada(), text("Hello"), "")); kinds(got) != "message" {
			t.Errorf("of the direct chat comes %q", kinds(got))
		}
	}
}

// That a number was somebody else's before is not forgotten with a scope: what that one
// wrote, and comes late, is not taken for theirs.
func TestAnErasedScopeLeavesWhatIsKnownOfTheNumber(t *testing.T) {
	t.Parallel()
	c := newIdentityCase(t)
	for name, evidence := range map[string][2]string{
		"met with somebody's number":     {evidenceReassigned, evidenceReassigned},
		"took a number over":             {evidenceReassigned, evidenceMessage},
		"took a number over, in doubt":   {evidenceReassigned, evidenceDoubted},
		"met by the user id, then took":  {evidenceMessage, evidenceReassigned},
		"has the number as another's":    {evidenceLinked, evidenceReassigned},
		"was forgotten before":           {evidenceReturning, evidenceReassigned},
		"forgotten by the user id alone": {evidenceReassigned, evidenceReturning},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := c.customer("a", time.Hour, Hidden, adaNumber, adaUser)
			a.Links[0].Evidence, a.Links[1].Evidence = evidence[0], evidence[1]
			a.returns()
			if !a.came(evidenceReturning) {
				t.Error("they do not come back as who was forgotten")
			}
			if linked := evidence[0] == evidenceLinked; !a.came(evidenceReassigned) != linked || linked && a.Links[0].Evidence != evidenceLinked {
				t.Errorf("the links are known by %q and %q", a.Links[0].Evidence, a.Links[1].Evidence)
			}
		})
	}
}

package webhook

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"bauta/masking"
	"bauta/masking/sharing"
	"bauta/webhook/simulator"
)

// shares brings a customer to the point where the number is shared in the direct chat.
func (p *parlour) shares(t *testing.T) {
	t.Helper()
	p.accept(t, p.message(ada(), text("Hello"), ""))
	p.ask(t, Direct, "3EB0QUESTION00000001")
	p.accept(t, p.tap(ada(), p.token(t, Direct, sharing.ActShare), "3EB0QUESTION00000001"))
	if got := p.only(t).Scopes[Direct].Visibility; got != Shared {
		t.Fatalf("the customer is %v", got)
	}
}

const newNumber = "16505550177"

// renumbered is user_changed_number in its newer form (identity.md 2.7 g, A1).
func (p *parlour) renumbered() []byte {
	content := fmt.Sprintf(`"type":"system","system":{"type":"user_changed_number","wa_id":"%s","user_id":"US.7430000000000077","previous_user_id":"%s","body":"User Ada Rossi changed from %s to %s"}`,
		newNumber, adaUser, adaNumber, newNumber)
	return p.message(simulator.Person{Number: adaNumber}, content, "")
}

func TestANewNumberIsSharedOnlyIfItIsConfiguredSo(t *testing.T) {
	t.Parallel()
	renamed := simulator.Person{Number: newNumber, UserID: "US.7430000000000077"}
	for name, row := range map[string]struct {
		share bool
		want  string
		ends  Visibility
		lines string
	}{
		"hidden again, and asked": {false, "identity_changed number_withdrawn >question message", Hidden, "asked shared hidden_again"},
		"shared too":              {true, "identity_changed number_shared message", Shared, "asked shared number_renewed"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newParlour(t, func(b *Business) { b.Sharing.ShareNewNumber = row.share })
			p.shares(t)
			items := p.accept(t, p.renumbered())
			if got := kinds(items); got != row.want {
				t.Fatalf("the change brings %q, want %q", got, row.want)
			}
			for _, item := range items {
				if shows := holds2(item, newNumber); shows && !row.share || holds2(item, adaNumber) {
					t.Errorf("%s shows a number: %s", item.Delivery.Kind, item.Delivery.Body)
				}
			}
			next := p.accept(t, p.message(renamed, text("New phone"), ""))
			if last := next[len(next)-1]; holds2(last, newNumber) != row.share || last.Delivery.Visibility != row.ends.String() {
				t.Errorf("the next message: %s %s", last.Delivery.Visibility, last.Delivery.Body)
			}
			if got := p.lines(); got != row.lines {
				t.Errorf("the ledger has %q", got)
			}
		})
	}
}

// Leaving ends the scope; who joins again is hidden under a handle that nobody knows.
func TestLeavingAGroupEndsItsScope(t *testing.T) {
	t.Parallel()
	p := newParlour(t, func(b *Business) {
		b.Sharing.Ask = AskNever
		b.Sharing.Words = sharing.Words{Share: []string{"share"}}
	})
	inLisbon := `"group_id":"` + lisbon + `",`
	p.accept(t, p.message(ada(), text("share"), inLisbon))
	before := p.only(t).Scopes[lisbon]
	if before.Visibility != Shared {
		t.Fatalf("in the group the customer is %v", before.Visibility)
	}
	move := func(kind, list string) []byte {
		p.message(ada(), "", "") // time goes on
		return change(acmeWABA, "group_participants_update", fmt.Sprintf(
			`{"messaging_product":"whatsapp","metadata":{"display_phone_number":"15550783881","phone_number_id":"106540352242922"},"groups":[{"timestamp":%d,"group_id":"%s","type":"%s","initiated_by":"participant","%s":[{"wa_id":"%s","user_id":"%s"}]}]}`,
			p.now.Unix(), lisbon, kind, list, adaNumber, adaUser))
	}
	stale := move("group_participants_add", "added_participants")
	left := p.accept(t, move("group_participants_remove", "removed_participants"))
	if got := kinds(left); got != "number_withdrawn participant" || holds2(left[1], adaNumber) {
		t.Fatalf("leaving brings %q: %s", got, left[len(left)-1].Delivery.Body)
	}
	p.accept(t, stale)
	if got := p.only(t).Scopes[lisbon].Handle; got != before.Handle {
		t.Error("a joining from before counts as a new one")
	}
	p.accept(t, move("group_participants_add", "added_participants"))
	after := p.only(t).Scopes[lisbon]
	if after.Handle == before.Handle || after.Visibility != Hidden || after.Sharing.State != sharing.Unasked {
		t.Errorf("who joins again is %v, under the same handle: %v", after.Visibility, after.Handle == before.Handle)
	}
	if back := p.accept(t, p.message(ada(), text("Back"), inLisbon)); holds2(back[0], adaNumber) {
		t.Errorf("the message after: %s", back[0].Delivery.Body)
	}
}

// What an unreachable customer leads to, and that a closed window only delays.
func TestAQuestionThatDoesNotArrive(t *testing.T) {
	t.Parallel()
	p := newParlour(t, nil)
	p.accept(t, p.message(ada(), text("Hello"), ""))
	c := p.only(t)
	e := Errand{Kind: ErrandQuestion, Question: c.Scopes[Direct].Sharing.Question.ID}
	if err := p.consents.Failed(t.Context(), p.business, c, e, WindowClosed); err != nil {
		t.Fatal(err)
	}
	if got := p.only(t).Scopes[Direct].Sharing.State; got != sharing.Waiting {
		t.Fatalf("the state is %v", got)
	}
	if got := kinds(p.accept(t, p.message(ada(), text("Hi again"), ""))); got != ">question message" {
		t.Fatalf("the next message brings %q", got)
	}
	c = p.only(t)
	if got := c.Scopes[Direct].Sharing.Question.ID; got != e.Question {
		t.Error("it is another question")
	}
	if err := p.consents.Failed(t.Context(), p.business, c, e, Unreachable); err != nil {
		t.Fatal(err)
	}
	if got := kinds(p.accept(t, p.message(ada(), text("Hello?"), ""))); got != "message" || p.lines() != "undeliverable" {
		t.Errorf("the next message brings %q, the ledger has %q", got, p.lines())
	}
}

// Statuses of Bauta's own messages are nobody's business, and tell what a lost answer
// would have told.
func TestStatusesOfOwnMessagesAreConsumed(t *testing.T) {
	t.Parallel()
	p := newParlour(t, nil)
	p.accept(t, p.message(ada(), text("Hello"), ""))
	question := p.only(t).Scopes[Direct].Sharing.Question.ID
	status := change(acmeWABA, "messages", fmt.Sprintf(
		`{"messaging_product":"whatsapp","metadata":{"display_phone_number":"15550783881","phone_number_id":"106540352242922"},"statuses":[{"id":"%s","status":"sent","timestamp":"%d","recipient_id":"%s","recipient_user_id":"%s","biz_opaque_callback_data":"bauta:question:%s"}]}`,
		simulator.MessageID(ada(), true, "3EB0QUESTION00000001"), p.now.Unix(), adaNumber, adaUser, question))
	if got := kinds(p.accept(t, status)); got != "" {
		t.Fatalf("the CRM gets %q", got)
	}
	if got := p.only(t).Scopes[Direct].Sharing.Question.Stanza; got != "3EB0QUESTION00000001" {
		t.Errorf("the question is known as %q", got)
	}
	if got := p.lines(); got != "asked" {
		t.Errorf("the ledger has %q", got)
	}
}

// graveyard is what an erasure reaches.
type graveyard struct {
	*shelf
	// mutex guards erased.
	mutex     sync.Mutex
	erased    []string
	forgotten []*Trace
	noted     []Reversal
	erasures  map[string]Erasure
	freed     []masking.Handle
	// slow keeps the contact book waiting.
	slow chan struct{}
}

// buries has a parlour's erasures reach a graveyard.
func (p *parlour) buries() *graveyard {
	g := &graveyard{shelf: p.shelf, erasures: map[string]Erasure{}}
	p.consents.Erasing = Erasing{Vault: g, Erasures: g, Keys: p.shelf, Traces: []Traces{g}, ContactBook: g, Audit: g, Dumps: func(time.Time) Dumps { return Dumps{Note: "later"} }}
	return g
}

func (g *graveyard) Keep(_ context.Context, e *Erasure) error {
	if err := g.step(); err != nil {
		return err
	}
	g.erasures[e.ID] = *e
	return nil
}

func (g *graveyard) Drop(_ context.Context, e *Erasure) error {
	if err := g.step(); err != nil {
		return err
	}
	delete(g.erasures, e.ID)
	return nil
}

func (g *graveyard) Find(_ context.Context, _, name string) ([]*Erasure, error) {
	var out []*Erasure
	for _, id := range slices.Sorted(maps.Keys(g.erasures)) {
		if e := g.erasures[id]; name == "" || slices.Contains(e.Names, name) {
			out = append(out, &e)
		}
	}
	return out, g.step()
}

func (g *graveyard) Erase(_ context.Context, c *Customer) error {
	if err := g.step(); err != nil {
		return err
	}
	g.mutex.Lock()
	g.erased = append(g.erased, c.ID)
	g.mutex.Unlock()
	for _, l := range c.Links {
		if g.marked == nil {
			g.marked = map[masking.Identity]bool{}
		}
		g.marked[l.Identity.Canonical()] = g.marked[l.Identity.Canonical()] || !l.Lost
	}
	delete(g.records, c.ID)
	return nil
}

func (g *graveyard) Free(_ context.Context, _ string, _ []string, handles []masking.Handle) error {
	if err := g.step(); err != nil {
		return err
	}
	g.freed = append(g.freed, handles...)
	return nil
}

func (g *graveyard) Forget(_ context.Context, t *Trace) (int, error) {
	if err := g.step(); err != nil {
		return 0, err
	}
	g.forgotten = append(g.forgotten, t)
	return 2, nil
}

func (g *graveyard) Note(_ context.Context, r []Reversal) error {
	if err := g.step(); err != nil {
		return err
	}
	g.noted = append(g.noted, r...)
	return nil
}

func (g *graveyard) Delete(_ context.Context, _ *Business, c *Customer) string {
	if g.slow != nil {
		<-g.slow
		g.slow <- struct{}{}
		return "deleted"
	}
	g.mutex.Lock()
	defer g.mutex.Unlock()
	if slices.Contains(g.erased, c.ID) {
		return "nobody is there"
	}
	return "deleted"
}

// A business that erases a handle learns nothing of the customer's other scopes; the
// operator erases all.
func TestWhatAnErasureEnds(t *testing.T) {
	t.Parallel()
	for by, whole := range map[string]bool{ByBusiness: false, ByOperator: true, ByCustomer: true} {
		p := newParlour(t, func(b *Business) { b.Portfolio = []string{"beta"} })
		g := p.buries()
		p.shares(t)
		p.accept(t, p.message(ada(), text("Hi all"), `"group_id":"`+lisbon+`",`))
		c, before := p.only(t), len(p.shelf.items)
		handle := c.Scopes[Direct].Handle
		receipt, err := p.consents.EraseHandle(t.Context(), p.business, handle.Key(), by, "test")
		if err != nil {
			t.Fatal(err)
		}
		told := p.shelf.items[before:]
		if wholly := len(g.erased) == 1; wholly != whole || len(g.noted) != len(receipt.Handles) {
			t.Errorf("by %s: wholly %v, want %v; %d handles", by, wholly, whole, len(receipt.Handles))
		}
		for _, noted := range g.noted {
			if noted.For != "erasure; contact book also of beta" {
				t.Errorf("by %s: the audit log says %q", by, noted.For)
			}
		}
		if !slices.Contains(receipt.Handles, longHandle(handle)) || receipt.Forgotten != 2 || receipt.Ledger == "" || receipt.ContactBook != map[bool]string{true: "deleted", false: "kept"}[whole] {
			t.Errorf("by %s: the receipt is %+v", by, receipt)
		}
		want := "customer_erased"
		if whole {
			want += " customer_erased"
		}
		if got := kinds(told); got != want {
			t.Errorf("by %s: the endpoints get %q", by, got)
		}
		for _, item := range told {
			if item.Customer != "" || strings.Contains(string(item.Delivery.Body), adaNumber) {
				t.Errorf("by %s: %s under the key of %q", by, item.Delivery.Body, item.Customer)
			}
		}
		if whole {
			continue
		}
		if _, err := p.consents.View(t.Context(), p.business, handle.Key()); err == nil {
			t.Error("the handle leads on")
		}
		back := p.accept(t, p.message(ada(), text("Hello again"), ""))
		if last := back[len(back)-1]; last.Delivery.Visibility != "hidden" || holds2(last, handle.Long) || holds2(last, adaNumber) {
			t.Errorf("the customer returns as %s: %s", last.Delivery.Visibility, last.Delivery.Body)
		}
	}
}

// What happens in a group says nothing in the direct chat, not even by coming at the
// same time: news of the direct chat waits for an event of its own.
func TestNewsOfTheDirectChatDoesNotComeWithAGroupsEvent(t *testing.T) {
	t.Parallel()
	p := newParlour(t, nil)
	p.accept(t, p.message(ada(), text("Hi all"), `"group_id":"`+lisbon+`",`))
	p.shares(t)
	renumbered := simulator.Person{Number: newNumber, UserID: adaUser}
	if got := kinds(p.accept(t, p.message(renumbered, text("New number"), `"group_id":"`+lisbon+`",`))); got != "identity_changed >question message" {
		t.Errorf("the group's message brings %q", got)
	}
	if got := kinds(p.accept(t, p.message(renumbered, text("Hello"), ""))); got != "number_withdrawn message" {
		t.Errorf("the direct chat's next message brings %q", got)
	}
}

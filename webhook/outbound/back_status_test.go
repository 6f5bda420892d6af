package outbound_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"bauta/masking"
	"bauta/masking/sharing"
	"bauta/webhook"
	"bauta/webhook/meta"
	"bauta/webhook/outbound"
	"bauta/webhook/simulator"
)

// eventStore is a store of events in which everybody is known and decided.
type eventStore struct{ *backStore }

func (eventStore) Mint(context.Context, *webhook.Customer) (*webhook.Customer, bool, error) {
	return nil, false, errAway
}
func (eventStore) Update(context.Context, *webhook.Customer) error              { return nil }
func (eventStore) Touch(context.Context, []*webhook.Customer) error             { return nil }
func (eventStore) FirstHidden(context.Context, string) (time.Time, error)       { return time.Time{}, nil }
func (eventStore) MarkHidden(context.Context, string, time.Time) error          { return nil }
func (eventStore) BusinessKey(context.Context, string) (webhook.DataKey, error) { return nil, nil }
func (eventStore) Decide(context.Context, webhook.FirstContact) webhook.Decision {
	return webhook.Decision{}
}

func (eventStore) Hold(context.Context, webhook.HeldEvent) (bool, error) { return false, errAway }

func (eventStore) Append(context.Context, []webhook.Item) ([]webhook.Appended, error) {
	return nil, errAway
}

// statusOf is the id of a status as the business's endpoint gets it.
func (b *back) statusOf(t *testing.T, id string, to simulator.Person) string {
	t.Helper()
	store := eventStore{b.store}
	of := business(masking.ShapeUserID)
	of.Endpoints = []webhook.Endpoint{{ID: "crm"}}
	p, err := webhook.NewPipeline(webhook.Options{
		Directory: webhook.NewDirectory([]webhook.Business{*of}), Catalogue: meta.NewCatalogue(), Rewriter: masking.NewRewriter(), Tokens: sharing.NewTokens(b.set),
		IDs: b.masks, Minter: b.handles, PRF: b.set, Vault: store, Forms: store, Rolls: store, Presence: store, Watershed: store,
		Keys: store, Decider: store, Queue: store, Holder: store, Metrics: webhook.NewMetrics(prometheus.NewRegistry()),
		Logger: slog.New(slog.DiscardHandler), Now: func() time.Time { return time.Unix(1789000000, 0) },
	})
	if err != nil {
		t.Fatal(err)
	}
	from := simulator.Business{WABA: of.WABAs[0], PhoneNumberID: phoneID, Number: "15550783881"}
	prepared, err := p.Prepare(t.Context(), "main", from.Outcome(simulator.Status{ID: id, Status: "sent", To: to, At: time.Unix(1789000000, 0)}))
	if err != nil || len(prepared.Items) != 1 {
		t.Fatalf("no status comes of it: %v", err)
	}
	var event struct {
		Entry []struct {
			Changes []struct {
				Value struct{ Statuses []struct{ ID string } }
			}
		}
	}
	if err := json.Unmarshal(prepared.Items[0].Delivery.Body, &event); err != nil {
		t.Fatal(err)
	}
	return event.Entry[0].Changes[0].Value.Statuses[0].ID
}

// The id in the answer is the id in the statuses that follow, under every envelope
// that the platform has for the message, and for people who are seen too.
func TestTheAnswersIDIsTheStatusesID(t *testing.T) {
	t.Parallel()
	for _, visibility := range []webhook.Visibility{webhook.Undecided, webhook.Hidden, webhook.Visible, webhook.Shared, webhook.Withdrawn} {
		b := newBack(t)
		ada := b.customer(t, 1, visibility, adaNumber, adaUser)
		for _, told := range []string{adaNumber, adaUser} {
			for _, later := range []string{adaNumber, adaUser} {
				got := b.Back(t.Context(), b.sendTo(t, ada, told), 200, fmt.Appendf(nil, `{"contacts":[{"input":"x"}],"messages":[{"id":"%s"}]}`, wamid(told)))
				var answer struct{ Messages []struct{ ID string } }
				if err := json.Unmarshal(got.Body, &answer); err != nil || len(answer.Messages) != 1 {
					t.Fatalf("%s, %v", got.Body, err)
				}
				want := b.statusOf(t, wamid(later), simulator.Person{Number: adaNumber, UserID: adaUser})
				same := answer.Messages[0].ID == want
				if raw := visibility == webhook.Visible; raw && same != (told == later) || !raw && !same {
					t.Errorf("%v, told %s: the answer has %s, the status %s", visibility, told[:3], answer.Messages[0].ID, want)
				}
			}
		}
	}
}

// What an answer says of the addressee and the record does not have is masked as
// theirs; an id under it is the id that events give it: whole.
func TestWhatTheRecordDoesNotHave(t *testing.T) {
	t.Parallel()
	b := newBack(t)
	ada := b.customer(t, 1, webhook.Hidden, adaUser)
	body := fmt.Appendf(nil, `{"contacts":[{"input":"%s","wa_id":"%s","user_id":"%s"}],"messages":[{"id":"%s"}]}`, adaUser, adaNumber, adaUser, wamid(adaNumber))
	got := b.Back(t.Context(), b.sendTo(t, ada, adaUser), 200, body)
	handle := handleOf(ada, business(0))
	want := fmt.Sprintf(`{"contacts":[{"input":"%s","user_id":"%s"}],"messages":[{"id":"%s"}]}`, handle, handle, b.masks.For("acme").Mask(wamid(adaNumber), nil))
	if string(got.Body) != want {
		t.Errorf("got  %s\nwant %s", got.Body, want)
	}
	mustHide(t, got.Body, adaNumber, adaUser)
	// It is somebody else's: theirs stays apart.
	bea := b.customer(t, 2, webhook.Hidden, adaNumber)
	got = b.Back(t.Context(), b.sendTo(t, ada, adaUser), 200, body)
	person, _ := bea.PersonIn(webhook.Direct)
	if id := b.masks.For("acme").Mask(wamid(adaNumber), []masking.Person{person}); got.Fault != "" || !contains(got.Body, id) {
		t.Errorf("the id is not under its owner's handle: %s", got.Body)
	}
	mustHide(t, got.Body, adaNumber, adaUser)
	// It was forgotten: nothing may bring it back.
	b.store.customers, b.store.marked = nil, []masking.Identity{identityOf(t, adaNumber)}
	got = b.Back(t.Context(), b.sendTo(t, ada, adaUser), 200, body)
	mustHide(t, got.Body, adaNumber, adaUser)
	ada.Scopes[webhook.Direct].Visibility = webhook.Visible
	got = b.Back(t.Context(), b.sendTo(t, ada, adaUser), 200, body)
	mustHide(t, got.Body, adaNumber)
}

// A lost number is somebody else's, who may hide: it does not pass as that of the
// visible customer who had it.
func TestALostNumberIsNotTheirs(t *testing.T) {
	t.Parallel()
	b := newBack(t)
	ada := b.customer(t, 1, webhook.Visible, adaUser, adaNumber)
	ada.Links[1].Lost = true
	b.customer(t, 2, webhook.Hidden, adaNumber)
	got := b.Back(t.Context(), b.sendTo(t, ada, adaUser), 200,
		fmt.Appendf(nil, `{"contacts":[{"input":"%s","user_id":"%s"}],"messages":[{"id":"%s"}]}`, adaUser, adaUser, wamid(adaNumber)))
	mustHide(t, got.Body, adaNumber)
	if !contains(got.Body, `"user_id":"`+adaUser+`"`) {
		t.Errorf("the visible customer's own id is gone: %s", got.Body)
	}
}

var _ outbound.Directory = (*backStore)(nil)

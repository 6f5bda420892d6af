package e2e

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"bauta/ads"
	"bauta/redis"
	"bauta/redis/lanes"
	"bauta/redis/redistest"
	"bauta/webhook"
	"bauta/webhook/simulator"
)

// courier takes what the pipeline offers.
type courier struct{ offered []webhook.Leased }

func (c *courier) Offer(leased webhook.Leased) { c.offered = append(c.offered, leased) }

// An idle lane is delivered by the node that appended to it, at once: nobody has
// to come by and look.
func TestAnIdleLaneIsOfferedAtOnce(t *testing.T) {
	t.Parallel()
	store := redistest.Embedded(t, redis.Options{})
	w := newWorld(t, store, newKeys(t), acme(), ads.Policy{})
	taken := &courier{}
	w.Courier = taken
	w.Queue = lanes.New(lanes.Options{
		Store: store, Keys: w.vault, Lease: func(webhook.EndpointKey) time.Duration { return time.Minute },
	})
	for _, stanza := range []string{"3A0401", "3A0402"} {
		if err := w.Accept(t.Context(), "main", says(ada(), stanza, "hi", ctwa())); err != nil {
			t.Fatal(err)
		}
	}
	if len(taken.offered) != 1 || taken.offered[0].Lease.Token == "" || len(taken.offered[0].Delivery.Body) == 0 {
		t.Fatalf("%d offers, want one: the second event waits behind the first", len(taken.offered))
	}
}

// An id that went out masked stays masked, although its customer is visible by now.
func TestIDsKeepTheFormTheyBeganWith(t *testing.T) {
	t.Parallel()
	w := newWorld(t, redistest.Embedded(t, redis.Options{}), newKeys(t), acme(), ads.Policy{})
	raw := simulator.MessageID(ada(), true, "3EB0401")
	if issued := w.issue(t, delivered(ada(), "3EB0401")); issued == raw {
		t.Fatal("the id of somebody undecided went out raw")
	}
	body := w.bodiesOf(t, says(ada(), "3A0403", "hello", nil))[0]
	if !strings.Contains(body, ada().Number) {
		t.Fatalf("the customer is not visible: %s", body)
	}
	if id := issuedID(t, body); id == simulator.MessageID(ada(), false, "3A0403") {
		t.Error("ids changed their form when the customer became visible")
	}
	if w.issue(t, delivered(ada(), "3EB0401")) == raw {
		t.Error("the id of one message was masked first and raw later")
	}
}

// A number that comes with another user id is another person, who starts hidden
// whatever the default says.
func TestAReassignedNumberStartsHidden(t *testing.T) {
	t.Parallel()
	w := newWorld(t, redistest.Embedded(t, redis.Options{}), newKeys(t), acme(), ads.Policy{})
	newer := simulator.Person{Number: ada().Number, UserID: "US.7430000000000009", Name: "Somebody else"}
	got := w.decisions(t, says(ada(), "3A0411", "visible", nil), says(newer, "3A0412", "the number is mine now", nil))
	if got[0] != "visible no_ad_default_visible" || !strings.HasPrefix(got[1], "hidden ") {
		t.Errorf("decisions %q", got)
	}
}

func TestAParentUserIDIsNobodysToRead(t *testing.T) {
	t.Parallel()
	w := newWorld(t, redistest.Embedded(t, redis.Options{}), newKeys(t), acme(), ads.Policy{})
	const parent = "US.ENT.7430000000000009"
	body := strings.Replace(string(says(ada(), "3A0421", "I am "+parent, ctwa())),
		`"from_user_id":`, `"from_parent_user_id":"`+parent+`","from_user_id":`, 1)
	for _, masked := range w.bodiesOf(t, []byte(body)) {
		sweep(t, "a text with the parent id", masked, parent, ada().UserID)
	}
}

func TestTwoBusinessesCannotJoinDeliveryIDs(t *testing.T) {
	t.Parallel()
	store, set := redistest.Embedded(t, redis.Options{}), newKeys(t)
	other := acme()
	other.ID = "other"
	var ids []string
	for _, b := range []webhook.Business{acme(), other} {
		prepared, err := newWorld(t, store, set, b, ads.Policy{}).Prepare(t.Context(), "main", says(ada(), "3A0431", "hi", ctwa()))
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, prepared.Items[0].Delivery.ID)
	}
	if ids[0] == ids[1] {
		t.Error("one event has one webhook-id for two businesses")
	}
}

// A dedupe id that loses bits takes one event for another sooner or later.
func TestDedupeIDsHave63Bits(t *testing.T) {
	t.Parallel()
	w := newWorld(t, redistest.Embedded(t, redis.Options{}), newKeys(t), acme(), ads.Policy{})
	var all uint64
	for n := range 64 {
		prepared, err := w.Prepare(t.Context(), "main", says(ada(), fmt.Sprintf("3A06%04X", n), "hi", ctwa()))
		if err != nil {
			t.Fatal(err)
		}
		all |= prepared.Items[0].Dedupe
	}
	if all != 1<<63-1 {
		t.Errorf("the ids of 64 events use the bits %064b, want all but the sign", all)
	}
}

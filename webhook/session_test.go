package webhook

import (
	"errors"
	"testing"
	"time"
)

func TestATakenHandleIsDrawnAgain(t *testing.T) {
	t.Parallel()
	p := newPlant(t, Business{})
	p.memory.taken = handleDraws - 1
	if err := p.Accept(t.Context(), "main", adaWrites()); err != nil {
		t.Fatalf("after %d taken handles: %v", handleDraws-1, err)
	}
	if n := len(p.memory.customers); n != 1 {
		t.Errorf("%d customers, want 1", n)
	}
	p = newPlant(t, Business{})
	p.memory.taken = handleDraws * staleTries
	if err := p.Accept(t.Context(), "main", adaWrites()); !errors.Is(err, ErrHandleTaken) {
		t.Errorf("after %d taken handles: %v, want ErrHandleTaken", handleDraws*staleTries, err)
	}
}

// Of two nodes that see a customer first, one mints; the other takes what the
// first decided, so that both deliver under one handle in one lane.
func TestWhoMintsSecondTakesTheFirstsCustomer(t *testing.T) {
	t.Parallel()
	p := newPlant(t, Business{Endpoints: []Endpoint{{ID: "crm"}}})
	other := newPlant(t, Business{Endpoints: []Endpoint{{ID: "crm"}}})
	if err := other.Accept(t.Context(), "main", adaWrites()); err != nil {
		t.Fatal(err)
	}
	first := other.memory.customers[0]
	p.memory.winner = first
	if err := p.Accept(t.Context(), "main", adaWrites()); err != nil {
		t.Fatal(err)
	}
	item, want := p.memory.items[0], other.memory.items[0]
	if item.Delivery.Handle != want.Delivery.Handle || item.Customer != first.ID || string(item.Conversation) != first.ID {
		t.Error("the second node delivers under another handle, key or conversation")
	}
}

// The labels are a closed set.
func TestWhatIsCountedOfIdentities(t *testing.T) {
	t.Parallel()
	p := newPlant(t, Business{})
	younger := newIdentityCase(t).customer("younger", time.Hour, Hidden, adaNumber)
	p.Metrics.identity("acme", claim{})
	p.Metrics.identity("acme", claim{conflict: true})
	p.Metrics.identity("acme", claim{reassigned: true})
	p.Metrics.identity("acme", claim{merged: younger})
	p.Metrics.decided("acme", answer{lateAd: true, standing: Standing{Visibility: Visible}})
	p.Metrics.decided("acme", answer{standing: Standing{Visibility: Visible, Reason: "no_ad_default_visible"}})
	p.wantCounted(t, map[string]float64{
		"bauta_identities_total{business=acme,what=conflict}":                 1,
		"bauta_identities_total{business=acme,what=reassigned}":               1,
		"bauta_identities_total{business=acme,what=merged}":                   1,
		"bauta_identities_total{business=acme,what=late_ad}":                  1,
		"bauta_decisions_total{business=acme,by=built_in,visibility=visible}": 1,
	})
}

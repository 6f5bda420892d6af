package simulator_test

import (
	"slices"
	"strings"
	"testing"

	"bauta/webhook/simulator"
)

func TestWebhooksAreHeldBackAndRearranged(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	r.graph.HoldBack()
	for _, p := range []simulator.Person{ada(), bea()} {
		r.wrote(t, p)
	}
	if got := r.flush(t); len(got) != 0 {
		t.Fatalf("posted while held: %s", got)
	}
	r.graph.Release(func(held [][]byte) [][]byte {
		both, err := simulator.Batch(held...)
		if err != nil {
			t.Error(err)
		}
		slices.Reverse(held)
		return append(held, both, held[0])
	})
	got := r.flush(t)
	if len(got) != 4 || !strings.Contains(got[0], bea().UserID) || !strings.Contains(got[1], ada().UserID) || got[3] != got[0] {
		t.Fatalf("posted %d: %s", len(got), got)
	}
	if strings.Count(got[2], `"field":"messages"`) != 2 || strings.Index(got[2], ada().UserID) > strings.Index(got[2], bea().UserID) ||
		!strings.HasPrefix(got[2], `{"object":"whatsapp_business_account","entry":[{"id":"`+waba) {
		t.Errorf("the batch is %s", got[2])
	}
	r.wrote(t, ada())
	r.graph.Deliver([]byte(got[0]))
	if again := r.flush(t); len(again) != 2 || again[1] != got[0] {
		t.Errorf("afterwards: %s", again)
	}
	r.graph.HoldBack()
	r.wrote(t, ada())
	r.graph.Release(nil)
	if got := r.flush(t); len(got) != 1 {
		t.Errorf("released as they came: %s", got)
	}
	if _, err := simulator.Batch([]byte("{")); err == nil {
		t.Error("half a webhook was put into a batch")
	}
}

func TestMessagesToAPersonFailOnRequest(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	for _, p := range []simulator.Person{ada(), bea()} {
		r.wrote(t, p)
	}
	r.flush(t)
	r.graph.Refuse(ada(), 131026)
	if got := r.message(t, text(adaUser, "Hi")); got.code() != 131026 || len(r.flush(t)) != 0 {
		t.Errorf("refused: %s", got.body)
	}
	if got := r.message(t, text(beaUser, "Hi")); got.code() != 0 || len(r.flush(t)) != 3 {
		t.Errorf("to somebody else: %s", got.body)
	}
	r.graph.Refuse(ada(), 0)
	r.graph.Lose(ada(), 131049)
	if got := r.message(t, text(adaUser, "Hi")); got.code() != 0 {
		t.Errorf("to be lost: %s", got.body)
	}
	if got := r.flush(t); len(got) != 1 || !strings.Contains(got[0], `"status":"failed"`) || !strings.Contains(got[0], "131049") {
		t.Errorf("followed: %s", got)
	}
	r.graph.Lose(ada(), 0)
	if r.message(t, text(adaUser, "Hi")); len(r.flush(t)) != 3 {
		t.Error("it goes on failing")
	}
}

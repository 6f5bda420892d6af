package meta_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"bauta/webhook/meta"
)

func statusOf(id, status, more string) string {
	return envelope("messages", value(`"statuses":[{"id":"`+id+`","status":"`+status+`","timestamp":"1789000000","recipient_id":"`+ada+`"`+more+`}]`))
}

// The words are those of webhooks.md 2.2; those of payments are another matter's.
func TestStatusesTellHowFarTheirMessageHasCome(t *testing.T) {
	t.Parallel()
	for status, want := range map[string]meta.Stage{
		"sent": meta.Sent, "delivered": meta.Delivered, "read": meta.Read, "played": meta.Played, "failed": meta.Failed,
		"captured": meta.NoStage, "": meta.NoStage, "SENT": meta.NoStage,
	} {
		e := one(t, statusOf(outbound, status, ""))
		if stage, parts := e.Progress(); stage != want || (parts == nil) != (want == meta.NoStage) {
			t.Errorf("%q is stage %d with %d parts, want %d", status, stage, len(parts), want)
		}
	}
	for name, text := range map[string]string{
		"a payment": statusOf(outbound, "failed", `,"type":"payment"`),
		"a message": envelope("messages", value(`"messages":[`+textFrom(ada, inboundByNumber)+`]`)),
		"a call":    envelope("calls", value(`"statuses":[{"id":"wacid.x","type":"call","status":"read","timestamp":"1","recipient_id":"`+ada+`"}]`)),
	} {
		e := one(t, text)
		if stage, parts := e.Progress(); stage != meta.NoStage || parts != nil {
			t.Errorf("%s is at stage %d", name, stage)
		}
	}
}

func TestTheStagesOfOneMessageAreOfOneMessage(t *testing.T) {
	t.Parallel()
	of := func(text string) []string {
		e := one(t, text)
		_, parts := e.Progress()
		return parts
	}
	sent := of(statusOf(outbound, "sent", ""))
	if d := cmp.Diff(sent, of(statusOf(outbound, "read", `,"type":"message"`))); d != "" {
		t.Errorf("sent and read of one message (-sent +read):\n%s", d)
	}
	if cmp.Equal(sent, of(statusOf(inboundByNumber, "sent", ""))) {
		t.Error("two messages are one")
	}
	group := func(who string) []string {
		return of(envelope("messages", value(`"statuses":[{"id":"`+outbound+`","status":"read","timestamp":"1","recipient_id":"Y2FwaV9ncm91cDox",`+
			`"recipient_type":"group","recipient_participant_id":"`+who+`"}]`)))
	}
	if cmp.Equal(group(ada), group(bea)) {
		t.Error("two participants of a group are one")
	}
}

func TestTheOrderOfStages(t *testing.T) {
	t.Parallel()
	order := []meta.Stage{meta.Sent, meta.Delivered, meta.Read, meta.Played}
	for i, s := range order {
		if rank, always := s.Rank(); always || i > 0 && rank <= first(order[i-1].Rank()) {
			t.Errorf("stage %d has rank %d, always %v", s, rank, always)
		}
	}
	if _, always := meta.Failed.Rank(); !always {
		t.Error("a failure can be late")
	}
}

func first(rank int, _ bool) int { return rank }

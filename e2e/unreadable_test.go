package e2e

import (
	"strings"
	"testing"

	"bauta/webhook/simulator"
)

// One customer's record is damaged: what else comes in one body with theirs goes on, and
// what names them is held. Once the record is put back it is released, and what they
// decided counts.
func TestADamagedRecordKeepsNobodyElseWaiting(t *testing.T) {
	t.Parallel()
	s := start(t, setup{Sharing: "ask: never, keywords: {share: [share my number]}"})
	s.send(t, says(ada(), "3EB0D1", "Hello", ctwa()))
	handle := s.crm.wait(t, 1)[0].header.Get("Bauta-Handle")
	records, err := s.redis.Client.Keys(t.Context(), "bauta:{*}:c:acme:*").Result()
	if err != nil || len(records) != 1 {
		t.Fatalf("%d records: %v", len(records), err)
	}
	key, err := s.redis.Client.HGet(t.Context(), records[0], "k").Result()
	if err != nil {
		t.Fatal(err)
	}
	if err := s.redis.Client.HSet(t.Context(), records[0], "k", key[:6]+string([]byte{key[6] ^ 0x80})+key[7:]).Err(); err != nil {
		t.Fatal(err)
	}
	both, err := simulator.Batch(says(ada(), "3EB0D2", "share my number", nil), says(bea(), "3EB0D3", "I am Bea", ctwa()))
	if err != nil {
		t.Fatal(err)
	}
	s.send(t, both)
	var told string
	for _, d := range s.crm.wait(t, 3)[1:] {
		told += d.body
	}
	if !strings.Contains(told, "I am Bea") || !strings.Contains(told, "event_held") || strings.Contains(told, "share my number") {
		t.Errorf("there came %s", told)
	}
	if rows := heldList(t, s.dir); len(rows) != 1 || rows[0].reason != "record_unreadable" {
		t.Fatalf("held: %v", rows)
	}
	if !strings.Contains(s.log(), "a customer's record cannot be read") {
		t.Error("the log does not say so")
	}
	s.sweepAll(t, ada().Number, ada().UserID, bea().Number, bea().UserID)
	if _, _, code := run(t, "held", "release", "--all", "--config", s.dir+"/bauta.yaml"); code != 1 {
		t.Errorf("a release while it is damaged: exit %d", code)
	}
	if err := s.redis.Client.HSet(t.Context(), records[0], "k", key).Err(); err != nil {
		t.Fatal(err)
	}
	s.operate(t, "held", "release", "--all")
	got := s.crm.wait(t, 5)[3:]
	if !strings.Contains(got[0].body, "number_shared") || !strings.Contains(got[0].body, handle) {
		t.Errorf("first comes %s", got[0].body)
	}
	if got[1].header.Get("Bauta-Held") != "true" || !strings.Contains(got[1].body, "share my number") || !strings.Contains(got[1].body, ada().Number) {
		t.Errorf("then comes %s", got[1].body)
	}
	if rows := heldList(t, s.dir); len(rows) != 0 {
		t.Errorf("still held: %v", rows)
	}
}

package meta_test

import (
	"errors"
	"testing"

	"bauta/masking"
	"bauta/masking/keys"
	"bauta/webhook/meta"
)

// Whoever sends such an id back leads nobody anywhere, and it names nobody.
func TestTheIDOfNoMessageLeadsNowhere(t *testing.T) {
	t.Parallel()
	set, err := keys.Generate()
	if err != nil {
		t.Fatal(err)
	}
	masker := meta.NewIDMasker(set, masking.NewHandles(set))
	sum := set.PRF("card", "acme", "due")
	id := meta.NoMessage(sum[:24])
	if _, err := masker.Unmask("acme", id); !errors.Is(err, meta.ErrForeignID) {
		t.Errorf("the way back answers %v", err)
	}
	if _, err := meta.ParseID(id); err == nil {
		t.Error("it reads as a message's id")
	}
	other := set.PRF("card", "acme", "another")
	if id == meta.NoMessage(other[:24]) {
		t.Error("two cards have one id")
	}
}

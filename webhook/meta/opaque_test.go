package meta_test

import (
	"testing"

	"bauta/webhook/meta"
)

func TestOpaqueNamesAreOpaqueWhereverTheyStand(t *testing.T) {
	t.Parallel()
	opaque := meta.NewCatalogue().Opaque()
	for _, name := range []string{"timestamp", "sha256"} {
		if !opaque[name] {
			t.Errorf("%s is not opaque", name)
		}
	}
	for _, name := range []string{"body", "from", "wa_id", "id", "to", "phone", "input"} {
		if opaque[name] {
			t.Errorf("%s is opaque, and can hold a number", name)
		}
	}
}

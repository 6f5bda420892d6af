//go:build !race

package masking_test

import (
	"testing"

	"bauta/masking"
	"bauta/masking/jsontree"
)

// The race detector allocates by itself, and AllocsPerRun refuses parallel tests.
//
//nolint:paralleltest // AllocsPerRun counts the allocations of the whole process
func TestAllocationsOfOneEvent(t *testing.T) {
	parser, r := jsontree.NewParser(), masking.NewRewriter()
	for name, row := range map[string]struct {
		source string
		person masking.Person
		most   float64
	}{
		"a text of a hidden customer":  {textMessage(), ada(t), 20},
		"a text of a visible customer": {textMessage(), shown(ada(t)), 10},
		"a form of a hidden customer":  {interactive(), ada(t), 40},
	} {
		j := jobOf(t, row.source, masking.ShapeUserID, row.person)
		source := []byte(row.source)
		got := testing.AllocsPerRun(200, func() {
			doc, err := parser.Parse(source)
			if err != nil {
				t.Fatal(err)
			}
			j.Doc = doc
			if _, err := r.Rewrite(j); err != nil {
				t.Fatal(err)
			}
		})
		if got > row.most {
			t.Errorf("%s: parsed and masked with %v allocations, want at most %v", name, got, row.most)
		}
	}
}

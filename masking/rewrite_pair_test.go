package masking_test

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"

	"bauta/masking"
	"bauta/masking/jsontree"
)

// pairValues is what may stand under a key of a pair, "" for no such key: of all of
// it, and of one of each kind where three keys are combined.
func pairValues(keys int) []string {
	few := []string{
		"", `""`, `{}`, `"` + adaNumber + `"`, `"` + adaOld + `"`, `"` + adaID + `"`, `"` + beaNumber + `"`, `"` + ownNumber + `"`,
		`"4915112345678"`, `"bef888888ore"`,
	}
	if keys > 2 {
		return few
	}
	return append(few, `" "`, `null`, `true`, `[]`, `{"current":"`+adaID+`"}`, adaNumber,
		`"`+adaLong+`"`, `"`+adaPhone+`"`, `"`+beaID+`"`, `"`+beaLong+`"`, `"DE.123456"`, `"some body"`, `"Y2FwaV9ncm91cDox"`,
		`"[hidden]"`, `"tel:+`+adaNumber+`"`, `"\u00316505550142"`)
}

// TestNoPairHasAKeyTwice puts every kind of value under both keys of a pair, under a
// second key that leads to the same pair, and once more under a key that is there
// already.
func TestNoPairHasAKeyTwice(t *testing.T) {
	t.Parallel()
	number := &masking.Schema{Role: masking.RoleNumber, Pair: "u"}
	schemas := map[string]*masking.Schema{
		"pair":           membersOf(map[string]*masking.Schema{"n": number, "o": number, "u": {Role: masking.RoleUserID, Pair: "n"}}),
		"one way":        membersOf(map[string]*masking.Schema{"n": number, "o": number, "u": {Role: masking.RoleUserID}}),
		"not described":  membersOf(map[string]*masking.Schema{"n": number, "o": number}),
		"something else": membersOf(map[string]*masking.Schema{"n": number, "o": number, "u": {Role: masking.RoleEither}}),
	}
	orders := [][]string{{"n", "u"}, {"u", "n"}, {"n", "o"}, {"n", "o", "u"}, {"u", "n", "n"}, {"n", "u", "u"}}
	people := map[string][]masking.Person{
		"hidden": {ada(t), bea(t)}, "shared": {sharing(t), bea(t)}, "visible": {shown(ada(t)), bea(t)},
	}
	for who, named := range people {
		for described, schema := range schemas {
			for _, shape := range []masking.Shape{masking.ShapeUserID, masking.ShapePhone} {
				t.Run(fmt.Sprintf("%s, shape %d, %s", who, shape, described), func(t *testing.T) {
					t.Parallel()
					r := masking.NewRewriter()
					for _, order := range orders {
						eachPair(order, pairValues(len(order)), nil, func(source string) {
							j := jobOf(t, source, shape, named...)
							j.Schema = schema
							assertPair(t, r, j, source)
						})
					}
				})
			}
		}
	}
}

// eachPair calls do with every object that has values under the keys, in order.
func eachPair(keys, values, members []string, do func(source string)) {
	if len(keys) == 0 {
		do("{" + strings.Join(members, ",") + "}")
		return
	}
	for _, value := range values {
		with := members
		if value != "" {
			with = append(slices.Clip(members), strconv.Quote(keys[0])+":"+value)
		}
		eachPair(keys[1:], values, with, do)
	}
}

func assertPair(t *testing.T, r *masking.Rewriter, j masking.Job, source string) {
	t.Helper()
	got, err := r.Rewrite(j)
	if err != nil {
		t.Fatal(err)
	}
	doc, err := jsontree.Parse(got.Body)
	if err != nil {
		t.Fatalf("%s became no JSON: %s", source, got.Body)
	}
	before, after := keysOf(j.Doc), keysOf(doc)
	for key, times := range after {
		if key != "n" && key != "u" && key != "o" && before[key] == 0 {
			t.Errorf("%s: a key that nothing speaks of: %s", source, got.Body)
		}
		if times > 1 && times > before["n"] && times > before["o"] && times > before["u"] {
			t.Errorf("%s: a key stands %d times: %s", source, times, got.Body)
		}
	}
	for i := range j.People {
		numbers, ids := j.People[i].Secret()
		for _, n := range numbers {
			if strings.Contains(string(got.Body), n.Reveal()) {
				t.Errorf("%s: a hidden number is in %s", source, got.Body)
			}
		}
		for _, id := range ids {
			if strings.Contains(string(got.Body), id.Reveal()) {
				t.Errorf("%s: a hidden id is in %s", source, got.Body)
			}
		}
	}
	assertTwiceIsOnce(t, r, j, got)
}

// keysOf counts the root's members by their names.
func keysOf(doc *jsontree.Doc) map[string]int {
	keys := map[string]int{}
	for c := doc.Nodes[0].Child; c != jsontree.None; c = doc.Nodes[c].Next {
		keys[doc.Key(c)]++
	}
	return keys
}

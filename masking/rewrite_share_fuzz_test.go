package masking_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"bauta/masking"
	"bauta/masking/jsontree"
	"bauta/masking/leak"

	"pgregory.net/rapid"
)

// FuzzWhoSharesHidesAllElse puts the names of somebody who shares a number into any
// text, at several positions of a document and under both keys of a pair.
func FuzzWhoSharesHidesAllElse(f *testing.F) {
	forms := notations(adaOld)
	for name := range forms {
		f.Add("before ", name, adaNumber, false, false)
		f.Add("\u0663%3", name, "+1 650 555-0142", true, true)
	}
	f.Add(adaNumber, adaID, adaID, true, false)
	f.Add(adaNumber, "national", beaID, false, true)
	f.Add("0", "base64, third alignment", "16505&50142", false, false)
	r := masking.NewRewriter()
	check := leak.New(secretsOf(sharing(f)))
	f.Fuzz(func(t *testing.T, before, name, after string, phone, foreign bool) {
		text, ok := forms[name]
		if !ok {
			text = adaOld
		}
		v := viewOf(t, masking.ShapeUserID)
		v.ForeignPass = foreign
		if phone {
			v.Shape = masking.ShapePhone
		}
		places := positions()
		places["a pair"] = `{"value":{"message":{"from":%[1]s,"from_user_id":"` + adaID + `"}}}`
		places["a pair's other key"] = `{"value":{"message":{"from":"` + adaNumber + `","from_user_id":%[1]s}}}`
		places["both keys"] = `{"value":{"message":{"from":%[1]s,"from_user_id":%[1]s}}}`
		places["names"] = `{"value":{"` + adaOld + `":1,"[hidden]":2,"[number hidden]":3,%[1]s:4}}`
		for position, document := range places {
			for _, value := range []string{before, text, after, before + " " + text + " " + after} {
				quoted, err := json.Marshal(value)
				if err != nil {
					t.Fatal(err)
				}
				source := fmt.Appendf(nil, document, quoted)
				doc, err := jsontree.Parse(source)
				if err != nil {
					continue
				}
				j := masking.Job{Doc: doc, Schema: envelope(), People: []masking.Person{sharing(t), bea(t)}, View: v, IDs: sealer{}}
				got, err := r.Rewrite(j)
				if err != nil {
					t.Fatal(err)
				}
				if strings.Contains(asciiDigits(string(got.Body)), adaOld) {
					t.Errorf("%s, %s: the old number is in %s", name, position, got.Body)
				}
				if found := check.Run(source, nil); found == nil {
					if made := check.Run(got.Body, nil); made != nil {
						t.Errorf("%s: the rewriter put a secret into %s", position, got.Body)
					}
				}
				assertNoNameIsMade(t, j, got)
				assertTwiceIsOnce(t, r, j, got)
			}
		}
	})
}

// assertNoNameIsMade fails where an object has a name twice that had none twice.
func assertNoNameIsMade(t rapid.TB, j masking.Job, got masking.Result) {
	t.Helper()
	doc, err := jsontree.Parse(got.Body)
	if err != nil {
		t.Fatalf("the output is no JSON: %v\n%s", err, got.Body)
	}
	if twice := namedTwice(doc); twice != "" && namedTwice(j.Doc) == "" {
		t.Errorf("%q stands twice in %s", twice, got.Body)
	}
}

// namedTwice returns a name that some object of a document has twice, "" for none.
func namedTwice(doc *jsontree.Doc) string {
	for n := range doc.Nodes {
		if doc.Nodes[n].Kind != jsontree.Object {
			continue
		}
		seen := map[string]bool{}
		for c := doc.Nodes[n].Child; c != jsontree.None; c = doc.Nodes[c].Next {
			key := doc.Key(c)
			if seen[key] {
				return key
			}
			seen[key] = true
		}
	}
	return ""
}

func secretsOf(p masking.Person) leak.Secrets {
	numbers, ids := p.Secret()
	return leak.Secrets{Numbers: numbers, UserIDs: ids}
}

package masking_test

import (
	"encoding/json"
	"strings"
	"testing"

	"bauta/masking"
	"bauta/masking/jsontree"
	"bauta/masking/leak"

	"pgregory.net/rapid"
)

// TestWhatComesInTheirPlaceNamesNobody: a handle or marker beside what stands there can
// make a number or a message id of it, which goes as well, at once.
func TestWhatComesInTheirPlaceNamesNobody(t *testing.T) {
	t.Parallel()
	const ids, phone = masking.ShapeUserID, masking.ShapePhone
	for name, row := range map[string]struct {
		shape    masking.Shape
		in, want string
	}{
		"the business's number becomes part of another one": {
			phone, `{"text":{"body":"15550783881US.7430000000000001"}}`, `{"text":{"body":"[number hidden]` + adaPhone + `"}}`,
		},
		"the business's number beside a user id": {
			ids, `{"text":{"body":"15550783881US.7430000000000001"}}`, `{"text":{"body":"15550783881` + adaLong + `"}}`,
		},
		"a prefix gets an id": {
			phone, `{"text":{"body":"wamid./1 650 555 0142"}}`, `{"text":{"body":"wamid.sealed` + sealOf("wamid./"+adaPhone) + `"}}`,
		},
		"a short id becomes a long one": {
			ids, `{"text":{"body":"wamid.ABCDE1 650 555 0142"}}`, `{"text":{"body":"wamid.sealed` + sealOf("wamid.ABCDEUS") + adaLong[2:] + `"}}`,
		},
		"an id in a card is digits": {
			ids, `{"phones":[{"phone":"wamid.16505550142"}]}`, `{"phones":[{"phone":"[number hidden]"}]}`,
		},
		"a token that holds a number is none": {
			ids, `{"from":"u001/6/5/0/5/5/5/0/1/7/7","input":"u001/6/5/0/5/5/5/0/1/7/7"}`, `{"input":"[hidden]"}`,
		},
		"text under a key that nobody described": {
			ids, `{"context":{"from":"16505550142","user_id":"1 650 555 0142, x"}}`, `{"context":{"from":"` + adaLong + `","user_id":"` + adaLong + `, x"}}`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			const before, after = `{"value":{"message":`, `}}`
			j := jobOf(t, before+row.in+after, row.shape, ada(t))
			j.View.ForeignPass = false
			got := rewriteOf(t, j)
			if want := before + row.want + after; string(got.Body) != want {
				t.Errorf("\n got %s\nwant %s", got.Body, want)
			}
			assertTwiceIsOnce(t, masking.NewRewriter(), j, got)
		})
	}
}

// sealOf is what the test's sealer puts behind the prefix of an id.
func sealOf(id string) string {
	return sealer{}.Mask(id, []masking.Person{{}})[len("wamid.sealed"):]
}

// hostileText draws texts of what names are made of, and of what masking writes.
func hostileText() *rapid.Generator[string] {
	pieces := []string{
		"0", "1", "6", "5", "7", "16", "165", "00", "011", "%", "=", "&", "&#", ";", "\\", "u00", "x3", "%3", "=3", "%25", "%2531",
		"+", "-", ".", " ", "\n", "\r\n ", "\t", "(", ")", "/", "\"", "{", "}", ":", ",", "[", "]", "@", "_", "~", "#", "zz", "ext",
		"wamid.", "WACID.", "wamid.sealed", "US.", "us.", "ENT.", "US.ENT.", "[hidden]", "[number hidden]", "[number", "hidden]",
		adaLong, adaPhone, beaLong, adaNumber, adaOld, beaNumber, adaID, beaID, ownNumber, "6505550142", "6505550177", "5550142",
		"123456", "1234567", "12345678901234567890", "MTY1", "MTY1MDU1NTAxNzc=", "HBgLMTY1MDU1NTAxNzcVAgA", "AAAA",
		"\u0661", "\u00b9", "\u2460", "\uff10", "\u200f", "\u00e9", "\U0001f600",
	}
	for _, digits := range []string{adaNumber, adaOld} {
		for _, form := range notations(digits) {
			pieces = append(pieces, form)
		}
	}
	return rapid.Map(rapid.SliceOfN(rapid.SampledFrom(pieces), 1, 9), func(parts []string) string { return strings.Join(parts, "") })
}

// hostilePositions are documents in which %s is any string.
func hostilePositions() []string {
	documents := []string{
		`{"value":{"message":{"from":%s,"from_user_id":"` + adaID + `"}}}`,
		`{"value":{"message":{"from":"` + adaNumber + `","from_user_id":%s}}}`,
		`{"value":{"message":{"from":%s,"from_user_id":%s}}}`,
		`{"value":{"message":{"context":{"from":"` + adaNumber + `","user_id":%s}}}}`,
		`{"value":{"message":{"input":%s,"inputs":[%s,1],"link":%s}}}`,
		`{"value":{"` + adaOld + `":1,"[hidden]":2,"[number hidden]":3,%s:4}}`,
		`{"value":{"` + adaOld + ` 1650555014":1,"x ` + adaOld + `":2,"+` + adaOld + `":3,%s:4}}`,
	}
	for _, document := range positions() {
		documents = append(documents, document)
	}
	return documents
}

// TestMaskedTwiceIsMaskedOnce, whatever the view, whoever hides or shares, whatever
// stands there; and nothing of it is made a secret or a name that stands there twice.
func TestMaskedTwiceIsMaskedOnce(t *testing.T) {
	t.Parallel()
	texts, documents := hostileText(), hostilePositions()
	r := masking.NewRewriter()
	people := map[bool]masking.Person{false: ada(t), true: sharing(t)}
	other := bea(t)
	check := leak.New(secretsOf(people[true]))
	rapid.Check(t, func(rt *rapid.T) {
		quoted, err := json.Marshal(texts.Draw(rt, "text"))
		if err != nil {
			rt.Fatal(err)
		}
		v := viewOf(t, rapid.SampledFrom([]masking.Shape{masking.ShapeUserID, masking.ShapePhone}).Draw(rt, "shape"))
		v.ForeignPass, v.ShowCountry = rapid.Bool().Draw(rt, "foreign"), rapid.Bool().Draw(rt, "country")
		shares := rapid.Bool().Draw(rt, "shares")
		for _, document := range documents {
			source := []byte(strings.ReplaceAll(document, "%s", string(quoted)))
			doc, err := jsontree.Parse(source)
			if err != nil {
				rt.Fatal(err)
			}
			j := masking.Job{Doc: doc, Schema: envelope(), People: []masking.Person{people[shares], other}, View: v, IDs: sealer{}}
			got, err := r.Rewrite(j)
			if err != nil {
				rt.Fatal(err)
			}
			if shares && check.Run(source, nil) == nil && check.Run(got.Body, nil) != nil {
				rt.Fatalf("a secret was made of %s: %s", source, got.Body)
			}
			assertNoNameIsMade(rt, j, got)
			assertTwiceIsOnce(rt, r, j, got)
		}
	})
}

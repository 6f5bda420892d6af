package playground

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"bauta/webhook/pages"
)

func TestWhereTwoSidesDiffer(t *testing.T) {
	t.Parallel()
	number := func(from, to int) pages.Mark { return pages.Mark{Tone: pages.ToneNumber, From: from, To: to} }
	handle := func(from, to int) pages.Mark { return pages.Mark{Tone: pages.ToneHandle, From: from, To: to} }
	removed, added := pages.Mark{Tone: pages.ToneRemoved}, pages.Mark{Tone: pages.ToneAdded}
	type both map[string]pages.Mark
	for name, c := range map[string]struct {
		platform, business string
		left, right        both
	}{
		"the same":                       {`{"a":[1,{"b":"c"}]}`, `{ "a" : [1, {"b":"\u0063"}] }`, both{}, both{}},
		"a member that is gone":          {`{"a":{"wa_id":"1650","n":1}}`, `{"a":{"n":1}}`, both{"a.wa_id": removed}, both{}},
		"a member that came":             {`{}`, `{"user_id":"US.1"}`, both{}, both{"user_id": added}},
		"a number in a text":             {`["call 1650 now"]`, `["call US.9 now"]`, both{"[0]": number(5, 9)}, both{"[0]": handle(5, 9)}},
		"numbers that end the same":      {`["a 1612"]`, `["a 9992"]`, both{"[0]": number(2, 6)}, both{"[0]": handle(2, 6)}},
		"numbers that begin the same":    {`["1612 b"]`, `["1699 b"]`, both{"[0]": number(0, 4)}, both{"[0]": handle(0, 4)}},
		"letters of several bytes":       {`["èx"]`, `["éx"]`, both{"[0]": number(0, 2)}, both{"[0]": handle(0, 2)}},
		"a text that became longer":      {`["ab"]`, `["aab"]`, both{"[0]": number(1, 1)}, both{"[0]": handle(1, 2)}},
		"an element that is gone":        {`[1,2,3]`, `[1]`, both{"[1]": removed, "[2]": removed}, both{}},
		"another type":                   {`{"a":1}`, `{"a":"1"}`, both{"a": number(0, 0)}, both{"a": handle(0, 0)}},
		"a side that is no JSON":         {`{"a":1}`, `nothing`, both{}, both{}},
		"a side that is not there (yet)": {`{"a":1}`, ``, both{}, both{}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := differ([]byte(c.platform), []byte(c.business))
			if diff := cmp.Diff(c.left, both(got.platform)); diff != "" {
				t.Errorf("the platform's side (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(c.right, both(got.business)); diff != "" {
				t.Errorf("the business's side (-want +got):\n%s", diff)
			}
		})
	}
}

func FuzzDiffer(f *testing.F) {
	f.Add(`{"a":["b 1650",null]}`, `{"a":["b US.9"],"c":{}}`)
	f.Add(`"\u00e8"`, `"\u00e9"`)
	f.Fuzz(func(t *testing.T, platform, business string) {
		if m := differ([]byte(platform), []byte(platform)); !m.none() {
			t.Errorf("%q differs from itself: %v", platform, m)
		}
		m := differ([]byte(platform), []byte(business))
		// Whatever the marks are, drawing them holds.
		pages.JSON([]byte(platform), m.platform)
		pages.JSON([]byte(business), m.business)
	})
}

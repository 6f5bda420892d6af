package masking_test

import (
	"fmt"
	"strings"
	"testing"

	"bauta/masking"
	"bauta/masking/jsontree"
)

func TestNamesOfMembersStayDistinct(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct{ in, want string }{
		"two notations of one number": {
			`{"16505550142":1,"+1 650 555 0142":2,"x":3,"wa.me/16505550142":4}`,
			`{"` + adaLong + `":1,"` + adaLong + `, no. 2":2,"x":3,"wa.me/` + adaLong + `":4}`,
		},
		"a handle stands there": {
			`{"16505550142":1,"` + adaLong + `":2}`, `{"` + adaLong + `, no. 2":1,"` + adaLong + `":2}`,
		},
		"so does a counted one": {
			`{"16505550142":1,"0016505550142":2,"` + adaLong + `, no. 2":3}`, `{"` + adaLong + `":1,"` + adaLong + `, no. 3":2,"` + adaLong + `, no. 2":3}`,
		},
		"one name twice stays one name": {
			`{"16505550142":1,"\u00316505550142":2,"x":3,"x":4}`, `{"` + adaLong + `":1,"` + adaLong + `":2,"x":3,"x":4}`,
		},
		"two people": {
			`{"16505550142":1,"393331234567":2}`, `{"` + adaLong + `":1,"` + beaLong + `":2}`,
		},
		"objects inside each other": {
			`{"16505550142":{"16505550142":1,"+16505550142":2},"+16505550142":{}}`,
			`{"` + adaLong + `":{"` + adaLong + `":1,"` + adaLong + `, no. 2":2},"` + adaLong + `, no. 2":{}}`,
		},
		"a number that a count would complete": {
			`{"16505550142 1650555014":1,"+16505550142 1650555014":2}`, `{"` + adaLong + ` 1650555014":1,"` + adaLong + ` 1650555014, no. 2":2}`,
		},
		"what nobody masks keeps its bytes": {
			`{"\/\u00E9 16505550142":1,"\/\u00E9 +16505550142":2}`, `{"\/\u00E9 ` + adaLong + `":1,"\/\u00E9 ` + adaLong + `, no. 2":2}`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			j := jobOf(t, row.in, masking.ShapeUserID, ada(t), bea(t))
			j.Schema = nil
			got := rewriteOf(t, j)
			if string(got.Body) != row.want || !got.Changed {
				t.Errorf("changed %t\n got %s\nwant %s", got.Changed, got.Body, row.want)
			}
			assertTwiceIsOnce(t, masking.NewRewriter(), j, got)
		})
	}
}

// TestNamesOfStrangersStayDistinct: where every number goes, many become one marker.
func TestNamesOfStrangersStayDistinct(t *testing.T) {
	t.Parallel()
	const many = 30_000
	var members []string
	for i := range many {
		members = append(members, fmt.Sprintf(`"49151%07d":%d`, i, i))
	}
	j := jobOf(t, "{"+strings.Join(members, ",")+"}", masking.ShapeUserID, ada(t))
	j.Schema, j.View.ForeignPass = nil, false
	got := rewriteOf(t, j)
	doc, err := jsontree.Parse(got.Body)
	if err != nil {
		t.Fatal(err)
	}
	if names := keysOf(doc); len(names) != many || names["[number hidden]"] != 1 || names["[number hidden], no. 30000"] != 1 {
		t.Errorf("%d names, want %d", len(names), many)
	}
}

package masking_test

import (
	"testing"

	"bauta/masking"

	"github.com/google/go-cmp/cmp"
)

func TestPut(t *testing.T) {
	t.Parallel()
	const token = `a "b"\` + "\n\u00e9"
	const written = `"a \"b\"\\\u000a\u00e9"`
	for name, row := range map[string]struct {
		in     string
		path   []string
		want   string
		places []string
	}{
		"what the business wrote": {
			`{"interactive":{"payload":"token","notes":"mine"}}`,
			[]string{"interactive", "payload"},
			`{"interactive":{"payload":` + written + `,"notes":"mine"}}`,
			[]string{"$.value.message.interactive.payload"},
		},
		"inside what the business wrote": {
			`{"interactive":{"payload":{"a":1, "id":"token"}}}`,
			[]string{"interactive", "payload", "id"},
			`{"interactive":{"payload":{"a":1, "id":` + written + `}}}`,
			[]string{"$.value.message.interactive.payload"},
		},
		"what is opaque":       {`{"type":"token"}`, []string{"type"}, `{"type":` + written + `}`, []string{"$.value.message.type"}},
		"a text":               {`{"text":{"body":"token"}}`, []string{"text", "body"}, `{"text":{"body":` + written + `}}`, []string{"$.value.message.text.body"}},
		"a number of a person": {`{"from":"16505550142"}`, []string{"from"}, `{"from":` + written + `}`, []string{"$.value.message.from"}},
		"a key of a pair": {
			`{"from":"16505550142","from_user_id":"x"}`,
			[]string{"from_user_id"},
			`{"from_user_id":` + written + `}`,
			[]string{"$.value.message.from", "$.value.message.from_user_id"},
		},
		"an object":        {`{"text":{"body":"token"}}`, []string{"text"}, `{"text":` + written + `}`, []string{"$.value.message.text"}},
		"a list's element": {`{"inputs":["token","16505550142"]}`, []string{"inputs", ""}, `{"inputs":[` + written + `,"` + adaLong + `"]}`, []string{"$.value.message.inputs[0]", "$.value.message.inputs[1]"}},
		"under a key that names her": {
			`{"16505550142":"token"}`,
			[]string{"16505550142"},
			`{"` + adaLong + `":` + written + `}`,
			[]string{"$.value.message.*", "$.value.message.*"},
		},
		"what goes": {
			`{"from_parent_user_id":{"a":"token"}}`, []string{"from_parent_user_id", "a"}, `{}`, []string{"$.value.message.from_parent_user_id"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			const before, after = `{"value":{"message":`, `}}`
			j := jobOf(t, before+row.in+after, masking.ShapeUserID, ada(t))
			j.Trace = true
			at := j.Doc.Member(j.Doc.Member(0, "value"), "message")
			for _, name := range row.path {
				if name == "" {
					at = j.Doc.Nodes[at].Child
				} else {
					at = j.Doc.Member(at, name)
				}
			}
			beyond := int32(len(j.Doc.Nodes))
			j.Put = []masking.Put{{Node: beyond, Text: "x"}, {Node: at, Text: token}, {Node: -1, Text: "x"}}
			got := rewriteOf(t, j)
			if diff := cmp.Diff(before+row.want+after, string(got.Body)); diff != "" || !got.Changed {
				t.Errorf("changed %v (-want +got):\n%s", got.Changed, diff)
			}
			if diff := cmp.Diff(row.places, got.Places); diff != "" {
				t.Errorf("places (-want +got):\n%s", diff)
			}
		})
	}
}

// TestPutIsNotExempt: what is put in the place of the business's words is Bauta's.
func TestPutIsNotExempt(t *testing.T) {
	t.Parallel()
	j := jobOf(t, `{"value":{"message":{"interactive":{"payload":"token"}}}}`, masking.ShapeUserID, ada(t))
	interactive := j.Doc.Member(j.Doc.Member(j.Doc.Member(0, "value"), "message"), "interactive")
	j.Put = []masking.Put{{Node: j.Doc.Member(interactive, "payload"), Text: "bauta:share"}}
	if got := rewriteOf(t, j); len(got.Exempt) > 0 {
		t.Errorf("exempt: %v", got.Exempt)
	}
}

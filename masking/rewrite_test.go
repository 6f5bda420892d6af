package masking_test

import (
	"errors"
	"strings"
	"testing"

	"bauta/masking"
	"bauta/masking/jsontree"

	"github.com/google/go-cmp/cmp"
)

func TestOneEventOfMany(t *testing.T) {
	t.Parallel()
	const source = "{ \"value\" : {\n\"contacts\":[ {\"wa_id\":\"16505550142\"} , {\"wa_id\":\"393331234567\"} ],\n" +
		"\"messages\": [ {\"type\":\"a\"} , {\"type\":\"b\"},\t{\"type\":\"c\"} ] , \"statuses\":[1,2] } }"
	for name, row := range map[string]struct {
		contacts, messages []int
		all                bool
		drop               []string
		want               string
	}{
		"some elements": {
			contacts: []int{1}, messages: []int{0, 2},
			want: "{ \"value\" : {\n\"contacts\":[{\"user_id\":\"" + beaLong + "\"}],\n\"messages\": [{\"type\":\"a\"},{\"type\":\"c\"}] , \"statuses\":[1,2] } }",
		},
		"none of them": {
			want: "{ \"value\" : {\n\"contacts\":[],\n\"messages\": [] , \"statuses\":[1,2] } }",
		},
		"all of them keep their spaces": {
			contacts: []int{0, 1}, messages: []int{0, 1, 2},
			want: "{ \"value\" : {\n\"contacts\":[ {\"user_id\":\"" + adaLong + "\"} , {\"user_id\":\"" + beaLong + "\"} ],\n" +
				"\"messages\": [ {\"type\":\"a\"} , {\"type\":\"b\"},\t{\"type\":\"c\"} ] , \"statuses\":[1,2] } }",
		},
		"the first elements": {
			contacts: []int{0}, messages: []int{0, 1},
			want: "{ \"value\" : {\n\"contacts\":[{\"user_id\":\"" + adaLong + "\"}],\n\"messages\": [{\"type\":\"a\"},{\"type\":\"b\"}] , \"statuses\":[1,2] } }",
		},
		"without the first member": {
			messages: []int{1}, drop: []string{"contacts"},
			want: "{ \"value\" : {\n\"messages\": [{\"type\":\"b\"}] , \"statuses\":[1,2] } }",
		},
		"without the last member": {
			messages: []int{1}, drop: []string{"statuses"},
			want: "{ \"value\" : {\n\"contacts\":[],\n\"messages\": [{\"type\":\"b\"}] } }",
		},
		"without any member": {drop: []string{"contacts", "messages", "statuses"}, want: "{ \"value\" : {} }"},
		"without all but the middle one": {
			messages: []int{1}, drop: []string{"contacts", "statuses"}, want: "{ \"value\" : {\n\"messages\": [{\"type\":\"b\"}] } }",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			j := jobOf(t, source, masking.ShapeUserID, ada(t), bea(t))
			value := j.Doc.Member(0, "value")
			j.Only = []jsontree.Only{only(j.Doc, value, "contacts", row.contacts), only(j.Doc, value, "messages", row.messages)}
			for _, name := range row.drop {
				j.Drop = append(j.Drop, j.Doc.Member(value, name))
			}
			if got := string(rewriteOf(t, j).Body); got != row.want {
				t.Errorf("\n got %q\nwant %q", got, row.want)
			}
		})
	}
}

func only(doc *jsontree.Doc, object int32, name string, keep []int) jsontree.Only {
	o := jsontree.Only{Array: doc.Member(object, name)}
	for _, i := range keep {
		c := doc.Nodes[o.Array].Child
		for range i {
			c = doc.Nodes[c].Next
		}
		o.Keep = append(o.Keep, c)
	}
	return o
}

func TestDroppedMembersAreNotMasked(t *testing.T) {
	t.Parallel()
	j := jobOf(t, `{"a":"16505550142","b":1}`, masking.ShapeUserID, ada(t))
	j.Drop = []int32{j.Doc.Member(0, "a")}
	got := rewriteOf(t, j)
	if got.Changed || string(got.Body) != `{"b":1}` {
		t.Errorf("Changed = %v, body %s", got.Changed, got.Body)
	}
}

func TestBytesAboveASCIIAreEscaped(t *testing.T) {
	t.Parallel()
	j := jobOf(t, "{\"caf\u00e9\":\"\u20ac \U0001f600 \\u00E9 \u00e9 16505550142\"}", masking.ShapeUserID, ada(t))
	want := `{"caf\u00e9":"\u20ac \ud83d\ude00 \u00E9 \u00e9 ` + adaLong + `"}`
	if got := string(rewriteOf(t, j).Body); got != want {
		t.Errorf("\n got %s\nwant %s", got, want)
	}
}

func TestWhatStandsAroundANameStays(t *testing.T) {
	t.Parallel()
	j := jobOf(t, `{"x":"a\/b \u002b \ud83d\ude00 \u00316505550142 \"\\ \u0026\n"}`, masking.ShapeUserID, ada(t))
	want := `{"x":"a\/b \u002b \ud83d\ude00 ` + adaLong + ` \"\\ \u0026\n"}`
	if got := string(rewriteOf(t, j).Body); got != want {
		t.Errorf("\n got %s\nwant %s", got, want)
	}
}

func TestExemptSpansAreTheEchoes(t *testing.T) {
	t.Parallel()
	j := jobOf(t, `{"value":{"message":{"from":"16505550142","interactive":{"payload":"caf`+"\u00e9"+`","notes":{"a":"16505550142"}}}}}`, masking.ShapeUserID, ada(t))
	got := rewriteOf(t, j)
	var spans []string
	for _, s := range got.Exempt {
		spans = append(spans, string(got.Body[s.Start:s.End]))
	}
	if diff := cmp.Diff([]string{`"caf\u00e9"`, `{"a":"16505550142"}`}, spans); diff != "" {
		t.Errorf("exempt values (-want +got)\n%s", diff)
	}
}

func TestPlacesNameNoPayload(t *testing.T) {
	t.Parallel()
	const source = `{"value":{"messages":[{"type":"x"},{"from":"16505550142","from_parent_user_id":"US.ENT.7430000000000009",` +
		`"text":{"body":"16505550142","note 16505550142":"x"},"interactive":{"response_json":"{\"a\":16505550142}"}}]}}`
	j := jobOf(t, source, masking.ShapeUserID, ada(t))
	j.Trace = true
	want := []string{
		"$.value.messages[1].from",
		"$.value.messages[1].from_parent_user_id",
		"$.value.messages[1].text.body",
		"$.value.messages[1].text.*",
		"$.value.messages[1].interactive.response_json",
	}
	if diff := cmp.Diff(want, rewriteOf(t, j).Places); diff != "" {
		t.Errorf("places (-want +got)\n%s", diff)
	}
	j.Trace = false
	if got := rewriteOf(t, j).Places; got != nil {
		t.Errorf("places without Trace: %v", got)
	}
}

func TestRewriteRefuses(t *testing.T) {
	t.Parallel()
	nameless := masking.Person{}
	for name, row := range map[string]struct {
		change func(*masking.Job)
		want   error
	}{
		"no document":                      {func(j *masking.Job) { j.Doc = nil }, masking.ErrBadJob},
		"an empty document":                {func(j *masking.Job) { j.Doc = &jsontree.Doc{} }, masking.ErrBadJob},
		"a subject who is not there":       {func(j *masking.Job) { j.Subject = 1 }, masking.ErrBadJob},
		"a subject below none":             {func(j *masking.Job) { j.Subject = -2 }, masking.ErrBadJob},
		"a hidden person without a handle": {func(j *masking.Job) { j.People[0] = nameless }, masking.ErrNoHandle},
		"a handle without the phone shape": {
			func(j *masking.Job) { j.View.Shape = masking.ShapePhone; j.People[0].Handle.Phone = "" }, masking.ErrNoHandle,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			j := jobOf(t, `{"x":"16505550142"}`, masking.ShapeUserID, ada(t))
			row.change(&j)
			got, err := masking.NewRewriter().Rewrite(j)
			if !errors.Is(err, row.want) || got.Body != nil {
				t.Errorf("Rewrite = %q, %v, want %v", got.Body, err, row.want)
			}
			if err != nil && strings.Contains(err.Error(), adaNumber) {
				t.Errorf("the error holds a number: %v", err)
			}
		})
	}
}

func TestWithoutASchemaEverythingIsText(t *testing.T) {
	t.Parallel()
	j := jobOf(t, `{"from":"16505550142","timestamp":"16505550142"}`, masking.ShapeUserID, ada(t))
	j.Schema = nil
	if got, want := string(rewriteOf(t, j).Body), `{"from":"`+adaLong+`","timestamp":"`+adaLong+`"}`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestVisiblePeoplePassUnchanged(t *testing.T) {
	t.Parallel()
	for _, source := range []string{textMessage(), interactive()} {
		for _, shape := range []masking.Shape{masking.ShapeUserID, masking.ShapePhone} {
			got := rewriteOf(t, jobOf(t, source, shape, shown(ada(t))))
			if string(got.Body) != source || got.Changed {
				t.Errorf("Changed = %v\n got %s\nwant %s", got.Changed, got.Body, source)
			}
		}
	}
}

func TestWhatTwoPeopleShareIsTheHiddenOnes(t *testing.T) {
	t.Parallel()
	other := shown(bea(t))
	other.Numbers = append(other.Numbers, number(t, adaNumber))
	const source = `{"value":{"message":{"from":"16505550142"}}}`
	want := `{"value":{"message":{"from_user_id":"` + adaLong + `"}}}`
	if got := string(rewriteOf(t, jobOf(t, source, masking.ShapeUserID, other, ada(t))).Body); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestALargeEventLeavesNothingBehind(t *testing.T) {
	t.Parallel()
	r := masking.NewRewriter()
	large := `{"x":"` + strings.Repeat("a long story ", 1<<17) + `16505550142"}`
	for _, source := range []string{large, `{"x":"a"}`, large} {
		got, err := r.Rewrite(jobOf(t, source, masking.ShapeUserID, ada(t)))
		if err != nil {
			t.Fatal(err)
		}
		if want := strings.Replace(source, adaNumber, adaLong, 1); string(got.Body) != want {
			t.Errorf("%d bytes became %d, want %d", len(source), len(got.Body), len(want))
		}
	}
}

func TestAVisibleCustomerQuotesAHiddenOne(t *testing.T) {
	t.Parallel()
	const source = `{"value":{"message":{"from":"16505550142","text":{"body":"ask 393331234567"},"context":{"from":"393331234567"}}}}`
	want := `{"value":{"message":{"from":"16505550142","text":{"body":"ask ` + beaLong + `"},"context":{"user_id":"` + beaLong + `"}}}}`
	if got := string(rewriteOf(t, jobOf(t, source, masking.ShapeUserID, shown(ada(t)), bea(t))).Body); got != want {
		t.Errorf("\n got %s\nwant %s", got, want)
	}
}

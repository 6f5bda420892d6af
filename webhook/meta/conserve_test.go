package meta_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"bauta/webhook/meta"
)

// bodyMaker draws bodies in which every event has a mark of its own. Some events
// cannot be read, some stand in arrays that cannot.
type bodyMaker struct {
	t     *rapid.T
	marks int
}

func (m *bodyMaker) mark() string {
	m.marks++
	return fmt.Sprintf(`"mark":"<%d>"`, m.marks)
}

func (m *bodyMaker) list(label string, most int, element func() string) string {
	var parts []string
	for range rapid.IntRange(0, most).Draw(m.t, label) {
		parts = append(parts, element())
	}
	return "[" + strings.Join(parts, rapid.SampledFrom([]string{",", " ,\n "}).Draw(m.t, "comma")) + "]"
}

func (m *bodyMaker) event() string {
	who := rapid.SampledFrom([]string{ada, bea, shop, adaUser, "", "15550003333"}).Draw(m.t, "who")
	switch rapid.IntRange(0, 9).Draw(m.t, "event") {
	case 0:
		return fmt.Sprintf(`["<%d>"]`, func() int { m.marks++; return m.marks }())
	case 1:
		return fmt.Sprintf(`"<%d>"`, func() int { m.marks++; return m.marks }())
	case 2:
		return `{"from":{"x":1},` + m.mark() + `}`
	case 3:
		return `{` + m.mark() + `,"text":{"body":"\ud800"}}`
	case 4:
		return `{` + m.mark() + `,"x":` + strings.Repeat("[", 66) + strings.Repeat("]", 66) + `}`
	}
	return `{"from":"` + who + `","recipient_id":"` + who + `","id":"m",` + m.mark() + `}`
}

// nested draws an element that holds events itself, or is one.
func (m *bodyMaker) nested(names ...string) func() string {
	return func() string {
		var members []string
		for _, name := range names {
			if rapid.Bool().Draw(m.t, name) {
				members = append(members, `"`+name+`":`+m.list("inside", 3, m.event))
			}
		}
		return "{" + strings.Join(members, ",") + "}"
	}
}

func (m *bodyMaker) value(field string) string {
	members := []string{
		`"metadata":{"display_phone_number":"` + shop + `"}`,
		`"contacts":` + m.list("contacts", 3, func() string {
			return rapid.SampledFrom([]string{`{"wa_id":"` + ada + `"}`, `{"wa_id":"` + bea + `","user_id":"` + beaUser + `"}`, `7`}).Draw(m.t, "contact")
		}),
	}
	arrays := map[string][]string{
		"messages": {"messages", "statuses", "errors"}, "calls": {"calls", "statuses"},
		"history": {"messages", "message_echoes"}, "standby": {"errors"},
	}
	for _, name := range arrays[field] {
		if rapid.Bool().Draw(m.t, name) {
			members = append(members, `"`+name+`":`+m.list("events", 4, m.event))
		}
	}
	switch field {
	case "history":
		members = append(members, `"history":`+m.list("chunks", 2, m.nested("threads", "errors")))
	case "group_participants_update":
		members = append(members, `"groups":`+m.list("groups", 2, m.nested("added_participants", "failed_participants")))
	case "standby":
		members = append(members, `"standby":{"messages":`+m.list("standby", 3, m.event)+`,"statuses":`+m.list("standby", 3, m.event)+`}`)
	}
	if rapid.Bool().Draw(m.t, "beside") {
		members = append(members, `"future":{"x":"about somebody"}`)
	}
	return "{" + strings.Join(members, ",") + "}"
}

func (m *bodyMaker) body() string {
	fields := []string{"messages", "calls", "history", "standby", "group_participants_update"}
	change := func() string {
		field := rapid.SampledFrom(fields).Draw(m.t, "field")
		return `{"field":"` + field + `","value":` + m.value(field) + `}`
	}
	entry := func() string { return `{"id":"` + testWABA + `","changes":` + m.list("changes", 2, change) + `}` }
	return `{"object":"whatsapp_business_account","entry":` + m.list("entries", 2, entry) + `}`
}

// TestNothingIsLostOrDoubled: every element of every array of events is in
// exactly one event or reject.
func TestNothingIsLostOrDoubled(t *testing.T) {
	t.Parallel()
	c := meta.NewCatalogue()
	rapid.Check(t, func(t *rapid.T) {
		m := &bodyMaker{t: t}
		body := m.body()
		batch, err := c.Split([]byte(body))
		if err != nil {
			t.Fatal(err)
		}
		found := make(map[string]int, m.marks)
		count := func(part []byte) {
			for i := 1; i <= m.marks; i++ {
				found[fmt.Sprintf("<%d>", i)] += bytes.Count(part, fmt.Appendf(nil, `"<%d>"`, i))
			}
		}
		for _, e := range batch.Events {
			count(meta.Render(e))
		}
		for _, r := range batch.Rejects {
			count(r.Raw)
		}
		for i := 1; i <= m.marks; i++ {
			if n := found[fmt.Sprintf("<%d>", i)]; n != 1 {
				t.Fatalf("event %d is in %d parts:\n%s", i, n, body)
			}
		}
	})
}

// FuzzSplit: whatever comes, there is no panic, something comes out, every event
// is a valid envelope that splits into itself, and reasons are of the closed set.
func FuzzSplit(f *testing.F) {
	seeds := 0
	for _, file := range fixtures(f) {
		for _, c := range file.Cases {
			f.Add([]byte(envelope(file.Field, string(c.Value))))
			seeds++
		}
	}
	if seeds < 80 {
		f.Fatalf("only %d seeds", seeds)
	}
	f.Add([]byte(`{"object":"whatsapp_business_account","entry":[{"changes":[{"field":"messages","value":{"messages":[{"from":"\ud800"},{}]}}]}]}`))
	c := meta.NewCatalogue()
	f.Fuzz(func(t *testing.T, body []byte) {
		batch, err := c.Split(body)
		if err != nil {
			t.Fatal(err)
		}
		if len(batch.Events)+len(batch.Rejects) == 0 {
			t.Fatal("a body vanished")
		}
		for _, r := range batch.Rejects {
			if !knownReason(r.Reason) || len(r.Raw) == 0 && len(body) > 0 {
				t.Fatalf("reject %q without a known reason or its part", r.Reason)
			}
		}
		for _, e := range batch.Events {
			checkFuzzed(t, c, e)
		}
	})
}

func checkFuzzed(t *testing.T, c *meta.Catalogue, e meta.Event) {
	t.Helper()
	own := meta.Render(e)
	if !json.Valid(own) {
		t.Fatalf("not JSON: %q", own)
	}
	again, err := c.Split(own)
	if err != nil || len(again.Events) != 1 || len(again.Rejects) != 0 {
		t.Fatalf("%q splits into %d events and %d rejects", own, len(again.Events), len(again.Rejects))
	}
	if !bytes.Equal(meta.Render(again.Events[0]), own) {
		t.Fatalf("%q is not its own envelope", own)
	}
	for i, id := range e.Named {
		if id.IsZero() {
			t.Fatal("a name of nobody")
		}
		for _, other := range e.Named[:i] {
			if other.Canonical() == id.Canonical() {
				t.Fatal("an identity is named twice")
			}
		}
	}
}

func knownReason(reason string) bool {
	switch reason {
	case meta.NotJSON, meta.BadText, meta.TooDeep, meta.TooLarge, meta.WrongObject, meta.WrongType, meta.NoEvent, meta.SharedPart:
		return true
	}
	return false
}

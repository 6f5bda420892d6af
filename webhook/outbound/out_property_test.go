package outbound_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"bauta/webhook/meta"
	"bauta/webhook/outbound"
)

// Bodies are put together of written pieces, so that what has to come out is known
// byte by byte: the same pieces with people and messages exchanged.
func TestEveryByteElsewhereIsTheCallers(t *testing.T) {
	t.Parallel()
	room := newSendRoom(t)
	known := []struct{ in, name, out string }{
		{"{ada}", "recipient", "US.1000200030004000"},
		{"+{ada phone}", "recipient", "US.1000200030004000"},
		{"{ben}", "to", "+447700900123"},
		{"{ben phone}", "to", "+447700900123"},
		{"393335550111", "", "+393335550111"},
	}
	rapid.Check(t, func(t *rapid.T) {
		blank := rapid.SampledFrom([]string{"", " ", "\n\t", "\r\n  "})
		type member struct{ name, in, to, out string }
		who := rapid.SampledFrom(known).Draw(t, "who")
		side := rapid.SampledFrom([]string{"to", "recipient"}).Draw(t, "side")
		target := who.name
		if target == "" {
			target = "to"
		}
		members := []member{{side, `"` + who.in + `"`, target, `"` + who.out + `"`}}
		if who.in[0] == '{' && strings.HasPrefix(who.in, "{ada") && rapid.Bool().Draw(t, "quotes") {
			gap := blank.Draw(t, "gap")
			members = append(members, member{
				"context", `{` + gap + `"x":[1e2,{}],"message_id":` + gap + `"{ada's message}"}`,
				"context", `{` + gap + `"x":[1e2,{}],"message_id":` + gap + `"` + inboundRaw + `"}`,
			})
		}
		for i := range rapid.IntRange(0, 6).Draw(t, "others") {
			name := "m" + string(rune('a'+i))
			value := anyJSON(t, blank, 3)
			members = append(members, member{name, value, name, value})
		}
		members = rapid.Permutation(members).Draw(t, "order")
		var in, want strings.Builder
		for i, m := range members {
			before, between, after := blank.Draw(t, "before"), blank.Draw(t, "between"), blank.Draw(t, "after")
			sep := ","
			if i == 0 {
				sep = "{"
			}
			in.WriteString(sep + before + `"` + m.name + `"` + between + ":" + after + m.in + before)
			want.WriteString(sep + before + `"` + m.to + `"` + between + ":" + after + m.out + before)
		}
		got, err := room.Out(t.Context(), outbound.Call{
			Business: &room.business, Route: routeOf(t, room.api, "messages_send"), Body: []byte(room.filled(in.String() + "}")),
		})
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(room.filled(want.String()+"}"), string(got.Body)); diff != "" {
			t.Fatal(diff)
		}
	})
}

// What goes, goes with its comma, wherever it stands among the others.
func TestWhatIsTakenOutLeavesTheRestAsItWas(t *testing.T) {
	t.Parallel()
	room := newSendRoom(t)
	rapid.Check(t, func(t *rapid.T) {
		blank := rapid.SampledFrom([]string{"", " ", "\n\t"})
		members := []string{`"to":"{ada}"`}
		for i := range rapid.IntRange(0, 4).Draw(t, "tokens") {
			members = append(members, `"access_token":`+[]string{`"x"`, `{"a":[1,2]}`, "null", `"y,}"`}[i])
		}
		members = append(members, rapid.SampledFrom([]string{`"recipient":null`, `"recipient":""`, `"recipient":"{ada phone}"`}).Draw(t, "other"))
		rest := map[string]any{"recipient": "US.1000200030004000"}
		for i := range rapid.IntRange(0, 4).Draw(t, "others") {
			name := "m" + string(rune('a'+i))
			members = append(members, `"`+name+`":`+anyJSON(t, blank, 2))
			rest[name] = nil
		}
		members = rapid.Permutation(members).Draw(t, "order")
		body := room.filled("{" + blank.Draw(t, "blank") + strings.Join(members, blank.Draw(t, "left")+","+blank.Draw(t, "right")) + "}")
		var sent map[string]any
		if err := json.Unmarshal([]byte(body), &sent); err != nil {
			t.Fatal(err)
		}
		for name := range rest {
			if name != "recipient" {
				rest[name] = sent[name]
			}
		}
		got, err := room.Out(t.Context(), outbound.Call{
			Business: &room.business, Route: routeOf(t, room.api, "messages_send"), Body: []byte(body),
		})
		if err != nil {
			t.Fatal(err)
		}
		var read map[string]any
		if err := json.Unmarshal(got.Body, &read); err != nil {
			t.Fatalf("%s: %v", got.Body, err)
		}
		if diff := cmp.Diff(rest, read); diff != "" {
			t.Fatal(diff)
		}
	})
}

// anyJSON draws a written value.
func anyJSON(t *rapid.T, blank *rapid.Generator[string], depth int) string {
	kinds := 6
	if depth == 0 {
		kinds = 4
	}
	switch rapid.IntRange(0, kinds-1).Draw(t, "kind") {
	case 0:
		return rapid.SampledFrom([]string{"null", "true", "0", "-1.50e+3", "15550001234"}).Draw(t, "literal")
	case 1:
		quoted, _ := json.Marshal(rapid.String().Draw(t, "text"))
		return string(quoted)
	case 2:
		return rapid.SampledFrom([]string{`"{ada}"`, `"{ada's message}"`, `"caf\u00e9"`, `"é😀\ud83d\ude00"`, `"a\/b\\\""`}).Draw(t, "word")
	case 3:
		return rapid.SampledFrom([]string{"[]", "{}", `{"to":"{ben}","to":1}`}).Draw(t, "small")
	case 4:
		return "[" + anyJSON(t, blank, depth-1) + blank.Draw(t, "b") + "," + anyJSON(t, blank, depth-1) + "]"
	}
	return `{"` + "message_id" + `":` + blank.Draw(t, "b") + anyJSON(t, blank, depth-1) + `,"to":` + anyJSON(t, blank, depth-1) + "}"
}

func routeOf(tb interface{ Fatalf(string, ...any) }, api *meta.API, name string) *meta.Route {
	for _, r := range api.Routes() {
		if r.Name == name {
			return r
		}
	}
	tb.Fatalf("there is no route %s", name)
	return nil
}

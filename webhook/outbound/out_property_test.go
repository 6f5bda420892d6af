package outbound_test

import (
	"encoding/json"
	"errors"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"bauta/masking"
	"bauta/webhook"
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

// Whatever is sent: no fault but the package's own, no handle and no re-issued id
// where the platform looks for people and messages, no user id where it looks for a
// number, nobody under two names.
func FuzzOut(f *testing.F) {
	room := newSendRoom(f)
	for _, body := range []string{
		`{"to":"{ada}","recipient":"{ada phone}","context":{"message_id":"{ada's message}"}}`,
		`{"recipient_type":"group","to":"Y2FwaV9ncm91cDox","pin":{"message_id":"{ada's group message}"}}`,
		`{"to":15550001234}`, `{"t\u006f":"+39 333 5550111","recipient":null,"access_token":"x"}`,
		`{"block_users":[{"user":"{ben}"},{"user_id":"{cleo}"}]}`, `{"call_id":"{ada's call}"}`,
	} {
		f.Add(byte(0), byte(0), false, []byte(room.filled(body)))
		f.Add(byte(3), byte(2), false, []byte(body))
	}
	f.Add(byte(0), byte(1), true, []byte(room.filled(`to={ada}&context={"message_id":"x"}&access_token=y`)))
	f.Add(byte(8), byte(1), true, []byte(`user_wa_id=`+room.filled("{ada}")))
	routes := room.api.Routes()
	f.Fuzz(func(t *testing.T, route, policy byte, form bool, body []byte) {
		business := room.business
		business.RawRecipients = webhook.RawRecipients(policy % 3)
		call := outbound.Call{Business: &business, Route: routes[int(route)%len(routes)], Form: form, Body: []byte(room.filled(string(body)))}
		if call.Route.Body == nil {
			query, err := url.ParseQuery(string(call.Body))
			if err != nil {
				return
			}
			call.Query, call.Body = query, nil
		}
		got, err := room.Out(t.Context(), call)
		if err != nil {
			if !refused(err) {
				t.Fatalf("not one of the package's errors: %v", err)
			}
			return
		}
		for name, schema := range call.Route.Query {
			for _, text := range got.Query[name] {
				room.check(t, name, text, schema)
			}
		}
		if again, ok := got.ByNumber(); ok && len(again.Body) == 0 && len(call.Body) > 0 {
			t.Fatal("the second way lost the body")
		}
		if call.Route.Body == nil || len(got.Body) == 0 {
			return
		}
		room.checkBody(t, call, got.Body)
	})
}

func (r *sendRoom) checkBody(t *testing.T, call outbound.Call, body []byte) {
	t.Helper()
	read := map[string]any{}
	if call.Form {
		values, err := url.ParseQuery(string(body))
		if err != nil {
			t.Fatalf("%s: %v", body, err)
		}
		for name, all := range values {
			read[name] = all[0]
			var inner any
			if s := call.Route.Body.Member(name); s.RoleOf() == masking.RoleText && json.Unmarshal([]byte(all[0]), &inner) == nil {
				read[name] = inner
			}
		}
	} else if err := json.Unmarshal(body, &read); err != nil {
		t.Fatalf("%s: %v", body, err)
	}
	if read["recipient_type"] == "group" {
		if to, _ := read["to"].(string); to != "" {
			if _, person := masking.IdentityOf(to); person {
				t.Fatalf("a person in the place of a group: %s", body)
			}
		}
		delete(read, "to")
	}
	if _, token := read["access_token"]; token {
		t.Fatalf("a token goes out: %s", body)
	}
	r.checkValue(t, read, call.Route.Body)
}

func (r *sendRoom) checkValue(t *testing.T, value any, s *masking.Schema) {
	t.Helper()
	switch v := value.(type) {
	case map[string]any:
		for name, member := range v {
			m := s.Member(name)
			if m == nil {
				continue
			}
			if m.Pair != "" && v[m.Pair] != nil {
				t.Fatalf("%s and %s both go out", name, m.Pair)
			}
			if text, ok := member.(string); ok {
				r.check(t, name, text, m)
			}
			r.checkValue(t, member, m)
		}
	case []any:
		for _, element := range v {
			r.checkValue(t, element, s.Elem())
		}
	}
}

// check is of one text that the platform gets.
func (r *sendRoom) check(t *testing.T, name, text string, s *masking.Schema) {
	t.Helper()
	switch s.Role { //nolint:exhaustive // the others are not translated
	case masking.RoleMessageID:
		if _, err := r.masker.Unmask("acme", text); !errors.Is(err, meta.ErrNotMasked) {
			t.Fatalf("a re-issued id goes out in %s: %v", name, err)
		}
	case masking.RoleNumber, masking.RoleUserID:
		who, ok := masking.IdentityOf(text)
		if _, handle := r.handles.Parse(text); handle || !ok {
			t.Fatalf("what goes out in %s names nobody to the platform", name)
		}
		if (s.Role == masking.RoleNumber) != who.UserID.IsZero() {
			t.Fatalf("%s is of the wrong kind", name)
		}
	}
}

func refused(err error) bool {
	if _, ok := errors.AsType[*outbound.BodyError](err); ok {
		return true
	}
	for _, known := range []error{
		outbound.ErrUnknownHandle, outbound.ErrRawRecipient, outbound.ErrGroupHandle, outbound.ErrUnknownMessage,
		outbound.ErrNeedsNumber, outbound.ErrNeedsUserID, outbound.ErrNoRecipient, outbound.ErrTwoRecipients,
	} {
		if errors.Is(err, known) {
			return true
		}
	}
	return false
}

// A text of about 300 bytes to a hidden customer, without the store.
func BenchmarkOut(b *testing.B) {
	room := newSendRoom(b)
	call := room.call(b, "messages_send", `{"messaging_product":"whatsapp","recipient_type":"individual","to":"{ada}","type":"text",`+
		`"text":{"preview_url":false,"body":"`+strings.Repeat("Thank you for your order. ", 6)+`"}}`)
	b.SetBytes(int64(len(call.Body)))
	b.ReportAllocs()
	for b.Loop() {
		room.people.calls = nil
		if _, err := room.Out(b.Context(), call); err != nil {
			b.Fatal(err)
		}
	}
}

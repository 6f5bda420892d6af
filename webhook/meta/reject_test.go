package meta_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"bauta/webhook/meta"
)

// rejected is what is expected of a reject.
type rejected struct{ Reason, Position string }

func rejects(batch meta.Batch) []rejected {
	var out []rejected
	for _, r := range batch.Rejects {
		out = append(out, rejected{r.Reason, r.Position})
	}
	return out
}

func TestBadInputIsSetAsideAndTheRestGoesOn(t *testing.T) {
	t.Parallel()
	good := textFrom(ada, "m1")
	deep := strings.Repeat("[", 70) + strings.Repeat("]", 70)
	const at = "$.entry[0].changes[0].value"
	for name, row := range map[string]struct {
		body   string
		events int
		want   []rejected
	}{
		"not JSON":           {"no", 0, []rejected{{meta.NotJSON, "byte 1"}}},
		"nothing":            {"", 0, []rejected{{meta.NotJSON, "byte 0"}}},
		"cut off":            {`{"object":"whatsapp_business_account","entry":[`, 0, []rejected{{meta.NotJSON, "byte 47"}}},
		"two values":         {`{}{}`, 0, []rejected{{meta.NotJSON, "byte 3"}}},
		"not an object":      {`[1]`, 0, []rejected{{meta.WrongObject, "$"}}},
		"another object":     {`{"object":"page","entry":[]}`, 0, []rejected{{meta.WrongObject, "$"}}},
		"no entry":           {`{"object":"whatsapp_business_account"}`, 0, []rejected{{meta.NoEvent, "$"}}},
		"empty entry":        {`{"object":"whatsapp_business_account","entry":[]}`, 0, []rejected{{meta.NoEvent, "$"}}},
		"entry is an object": {`{"object":"whatsapp_business_account","entry":{}}`, 0, []rejected{{meta.WrongType, "$.entry"}}},
		"entries that are none": {
			`{"object":"whatsapp_business_account","entry":[null,7,{"id":"1","changes":[]}]}`, 0,
			[]rejected{{meta.WrongType, "$.entry[0]"}, {meta.NoEvent, "$.entry[2]"}},
		},
		"changes is text":        {`{"object":"whatsapp_business_account","entry":[{"changes":"x"}]}`, 0, []rejected{{meta.WrongType, "$.entry[0].changes"}}},
		"a change without field": {`{"object":"whatsapp_business_account","entry":[{"changes":[{"value":{}}]}]}`, 0, []rejected{{meta.WrongType, "$.entry[0].changes[0]"}}},
		"a change without value": {`{"object":"whatsapp_business_account","entry":[{"changes":[{"field":"messages"}]}]}`, 0, []rejected{{meta.WrongType, "$.entry[0].changes[0]"}}},
		"value is a list":        {envelope("messages", `[]`), 0, []rejected{{meta.WrongType, at}}},
		"no events":              {envelope("messages", value(`"messages":[]`)), 0, []rejected{{meta.NoEvent, at}}},
		"events are null":        {envelope("messages", value(`"messages":null`)), 0, []rejected{{meta.NoEvent, at}}},
		"events are an object":   {envelope("messages", value(`"messages":{"from":"1"}`)), 0, []rejected{{meta.WrongType, at + ".messages"}}},
		"events that are none": {
			envelope("messages", value(`"messages":["x",`+good+`,null]`)), 1, []rejected{{meta.WrongType, at + ".messages[0]"}},
		},
		"contacts that are none": {
			envelope("messages", value(`"contacts":[3],"messages":[`+good+`]`)), 1, []rejected{{meta.WrongType, at + ".contacts[0]"}},
		},
		"contacts is an object": {
			envelope("messages", value(`"contacts":{"wa_id":"`+bea+`"},"messages":[`+good+`]`)), 1, []rejected{{meta.WrongType, at + ".contacts"}},
		},
		"a number that is an object": {
			envelope("messages", value(`"messages":[{"from":{"n":"`+ada+`"}},`+good+`]`)), 1, []rejected{{meta.WrongType, at + ".messages[0].from"}},
		},
		"a number in scientific notation": {
			envelope("messages", value(`"messages":[{"from":1.5550001234e10}]`)), 0, []rejected{{meta.WrongType, at + ".messages[0].from"}},
		},
		"a message id that is a list": {
			envelope("messages", value(`"messages":[{"from":"`+ada+`","id":["m"]}]`)), 0, []rejected{{meta.WrongType, at + ".messages[0].id"}},
		},
		"a context that is a number": {
			envelope("messages", value(`"messages":[{"from":"`+ada+`","context":"`+bea+`"}]`)), 0, []rejected{{meta.WrongType, at + ".messages[0].context"}},
		},
		"an object where a list is": {
			envelope("history", value(`"history":[{"threads":[{"id":"`+ada+`","messages":{"from":"`+bea+`"}}]}]`)), 0,
			[]rejected{{meta.WrongType, at + ".history[0].threads[0].messages"}},
		},
		"a list where an object is": {
			envelope("messages", value(`"messages":[{"from":"`+ada+`","context":["`+bea+`"]}]`)), 0, []rejected{{meta.WrongType, at + ".messages[0].context"}},
		},
		"threads is text, errors go on": {
			envelope("history", value(`"history":[{"threads":"x","errors":[{"code":1}]}]`)), 1, []rejected{{meta.WrongType, at + ".history[0].threads"}},
		},
		"a thread that is none": {
			envelope("history", value(`"history":[{"threads":[1,{"id":"`+ada+`"}]}]`)), 1, []rejected{{meta.WrongType, at + ".history[0].threads[0]"}},
		},
		"standby is text": {
			envelope("standby", value(`"standby":"x"`)), 0, []rejected{{meta.WrongType, at + ".standby"}},
		},
		"nested too deep in one message": {
			envelope("messages", value(`"messages":[`+good+`,{"from":"`+bea+`","x":`+deep+`}]`)), 1, []rejected{{meta.TooDeep, at + ".messages[1]"}},
		},
		"nested too deep outside of everything": {
			`{"object":"whatsapp_business_account","x":{"y":` + strings.Repeat(`{"a":`, 70) + `1` + strings.Repeat(`}`, 70) + `}}`, 0, []rejected{{meta.TooDeep, "$"}},
		},
		"bad UTF-8 in one message": {
			envelope("messages", value(`"messages":[`+good+`,{"from":"`+bea+"\",\"text\":{\"body\":\"\xff\"}},"+good+`]`)), 2, []rejected{{meta.BadText, at + ".messages[1]"}},
		},
		"a lone surrogate in one card of a message": {
			envelope("messages", value(`"messages":[{"from":"`+bea+`","contacts":[{"name":{"first_name":"\ud800"}}]},`+good+`]`)), 1,
			[]rejected{{meta.BadText, at + ".messages[0]"}},
		},
		"a lone surrogate in a name": {
			envelope("messages", value(`"messages":[{"\ud800":1},`+good+`]`)), 1, []rejected{{meta.BadText, at + ".messages[0]"}},
		},
		"a contact that cannot be read": {
			envelope("messages", value(`"contacts":[{"profile":{"name":"\ud800"},"wa_id":"`+ada+`"}],"messages":[`+good+`]`)), 1,
			[]rejected{{meta.BadText, at + ".contacts[0]"}},
		},
		"bad text beside the events": {
			envelope("messages", value(`"conversation_context":{"x":"\ud800"},"messages":[`+good+`]`)), 0,
			[]rejected{{meta.BadText, "$.entry[0].changes[0]"}},
		},
		"bad text in an unknown list": {
			envelope("messages", value(`"future":["\ud800"],"messages":[`+good+`]`)), 0, []rejected{{meta.BadText, at + ".*[0]"}},
		},
		"bad text in an entry": {
			`{"object":"whatsapp_business_account","entry":[{"id":"\ud800"},` + strings.TrimPrefix(envelope("messages", value(`"messages":[`+good+`]`)), `{"object":"whatsapp_business_account","entry":[`), 1,
			[]rejected{{meta.BadText, "$.entry[0]"}},
		},
		"bad text outside of everything": {
			`{"object":"whatsapp_business_account","x":"\ud800","entry":[]}`, 0, []rejected{{meta.NotJSON, "byte 43"}},
		},
		"more parts than one body may have": {
			envelope("messages", value(`"statuses":[{"id":"s"}],"messages":[`+strings.Repeat("{},", 20000)+`{}]`)), 1,
			[]rejected{{meta.TooLarge, at + ".messages"}},
		},
		"more values than are read": {
			`{"object":"whatsapp_business_account","x":[` + strings.Repeat("1,", 1<<20) + `1]}`, 0, []rejected{{meta.TooLarge, "$"}},
		},
		"an unreadable message in space": {
			envelope("messages", value(`"messages" :	[ {"from":"`+bea+`" , "text" : "\ud800" } , `+good+` ]`)), 1, []rejected{{meta.BadText, at + ".messages[0]"}},
		},
		"cut off after bad text": {`{"object":"\ud800","entry":[{"x":"\ud800"`, 0, []rejected{{meta.NotJSON, "byte 11"}}},
		"a name that is a number is not in the position": {
			envelope("messages", value(`"messages":[{"from":"`+ada+`"},{"from":"`+bea+`"}],"`+ada+`":"x"`)), 2, []rejected{{meta.SharedPart, at + ".*"}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			batch := split(t, row.body)
			if len(batch.Events) != row.events {
				t.Errorf("%d events, want %d", len(batch.Events), row.events)
			}
			if diff := cmp.Diff(row.want, rejects(batch)); diff != "" {
				t.Errorf("rejects (-want +got):\n%s", diff)
			}
		})
	}
}

func TestARejectHoldsJustItsPart(t *testing.T) {
	t.Parallel()
	bad := `{"from":"` + bea + "\",\"text\":{\"body\":\"\xff, here\"}}"
	batch := split(t, envelope("messages", value(`"contacts":[{"wa_id":"`+ada+`"}],"messages":[`+textFrom(ada, "m1")+`, `+bad+` ,`+textFrom(ada, "m2")+`]`)))
	if len(batch.Events) != 2 || len(batch.Rejects) != 1 {
		t.Fatalf("%d events, %d rejects", len(batch.Events), len(batch.Rejects))
	}
	r := batch.Rejects[0]
	want := envelope("messages", value(`"contacts":[{"wa_id":"`+ada+`"}],"messages":[`+bad+`]`))
	if diff := cmp.Diff(want, string(r.Raw)); diff != "" {
		t.Errorf("raw (-want +got):\n%s", diff)
	}
	if r.WABA != testWABA || r.Field != "messages" {
		t.Errorf("WABA %q, field %q", r.WABA, r.Field)
	}
	for _, e := range batch.Events {
		if !json.Valid(meta.Render(e)) || strings.Contains(string(meta.Render(e)), bea) {
			t.Error("an event holds part of what was set aside")
		}
	}
}

func TestDoubleNamesLoseNothing(t *testing.T) {
	t.Parallel()
	inner := func(id string) string { return value(`"messages":[` + textFrom(ada, id) + `]`) }
	for name, body := range map[string]string{
		"entry": `{"object":"whatsapp_business_account","entry":[{"id":"1","changes":[{"field":"messages","value":` + inner("m1") +
			`}]}],"\u0065ntry":[{"id":"1","changes":[{"field":"messages","value":` + inner("m2") + `}]}]}`,
		"changes": `{"object":"whatsapp_business_account","entry":[{"id":"1","changes":[{"field":"messages","value":` + inner("m1") +
			`}],"changes":[{"field":"messages","value":` + inner("m2") + `}]}]}`,
		"value":    `{"object":"whatsapp_business_account","entry":[{"id":"1","changes":[{"field":"messages","value":` + inner("m1") + `,"value":` + inner("m2") + `}]}]}`,
		"messages": envelope("messages", value(`"messages":[`+textFrom(ada, "m1")+`],"messages":[`+textFrom(ada, "m2")+`]`)),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			batch := split(t, body)
			if len(batch.Events) != 2 || len(batch.Rejects) != 0 {
				t.Fatalf("%d events, %d rejects", len(batch.Events), len(batch.Rejects))
			}
			for i, id := range []string{`"m1"`, `"m2"`} {
				own := string(meta.Render(batch.Events[i]))
				if strings.Count(own, `"m1"`)+strings.Count(own, `"m2"`) != 1 || !strings.Contains(own, id) {
					t.Errorf("event %d: %s", i, own)
				}
			}
		})
	}
}

func TestTwoContactsMembersAreBothRead(t *testing.T) {
	t.Parallel()
	body := envelope("messages", value(`"contacts":[{"wa_id":"`+ada+`"}],"contacts":[{"wa_id":"`+bea+`"}],"messages":[`+textFrom(bea, "m1")+`]`))
	own := string(meta.Render(one(t, body)))
	if strings.Contains(own, ada) || strings.Count(own, bea) != 2 {
		t.Errorf("the other contact travels along, or its own does not: %s", own)
	}
}

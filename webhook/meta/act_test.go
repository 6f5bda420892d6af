package meta_test

import (
	"slices"
	"strings"
	"testing"

	"bauta/masking"
	"bauta/webhook/meta"
)

// said is a message of Ada's with the given members.
func said(members string) string {
	return envelope("messages", value(`"messages":[{"from":"`+ada+`","id":"`+inboundByNumber+`",`+members+`}]`))
}

func actOf(t *testing.T, body string) meta.Act {
	t.Helper()
	return one(t, body).Act
}

// webhooks.md 3: what a tap brings, and what only looks like one.
func TestATapIsReadByteForByte(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct{ members, want string }{
		"a reply button":                        {`"type":"interactive","interactive":{"type":"button_reply","button_reply":{"id":"a.b-c_d","title":"Yes"}}`, "a.b-c_d"},
		"a row of a list":                       {`"type":"interactive","interactive":{"type":"list_reply","list_reply":{"id":" l ","title":"Yes"}}`, " l "},
		"a template's quick reply":              {`"type":"button","button":{"payload":"p","text":"Yes"}`, "p"},
		"an id written with escapes":            {`"type":"interactive","interactive":{"type":"button_reply","button_reply":{"id":"\u0061\/\u00e9","title":"Yes"}}`, "a/é"},
		"an id in a group":                      {`"group_id":"runners","type":"interactive","interactive":{"type":"button_reply","button_reply":{"id":"g","title":"Yes"}}`, "g"},
		"a number is no id":                     {`"type":"interactive","interactive":{"type":"button_reply","button_reply":{"id":7}}`, ""},
		"an object is no id":                    {`"type":"interactive","interactive":{"type":"button_reply","button_reply":{"id":{"x":"y"}}}`, ""},
		"a text that quotes a button":           {`"type":"text","text":{"body":"b"},"button":{"payload":"p"}`, ""},
		"an edit with a tap inside":             {`"type":"edit","edit":{"message":{"type":"interactive","interactive":{"button_reply":{"id":"b"}}}}`, ""},
		"the answer to a flow has no id of its": {`"type":"interactive","interactive":{"type":"nfm_reply","nfm_reply":{"id":"b","response_json":"{}"}}`, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := one(t, said(row.members))
			if e.Act.Reply != row.want {
				t.Fatalf("tapped %q, want %q", e.Act.Reply, row.want)
			}
			if at, _ := e.Doc.String(e.Act.ReplyNode); row.want != "" && at != row.want {
				t.Errorf("the node holds %q", at)
			}
		})
	}
}

// Only what a customer writes now is a decision: not the business's own words, not
// what is old, and not what the platform reports.
func TestWhoseMessagesAreNoActs(t *testing.T) {
	t.Parallel()
	const tap = `"type":"interactive","interactive":{"type":"button_reply","button_reply":{"id":"b"}},"context":{"id":"` + outbound + `","forwarded":true}}`
	for name, body := range map[string]string{
		"the business's own":        envelope("messages", value(`"messages":[{"from":"`+shop+`",`+tap+`]`)),
		"of the history":            envelope("history", value(`"messages":[{"from":"`+ada+`",`+tap+`]`)),
		"an echo":                   envelope("smb_message_echoes", value(`"message_echoes":[{"from":"`+shop+`","to":"`+ada+`",`+tap+`]`)),
		"what the platform reports": strings.Replace(said(`"type":"interactive","interactive":{"button_reply":{"id":"b"}}`), `"type":"interactive"`, `"type":"system"`, 1),
	} {
		if act := actOf(t, body); act.Reply != "" || act.Quoted != "" || act.Forwarded || act.Text != "" || act.Cards != nil {
			t.Errorf("%s is an act: %+v", name, act)
		}
	}
}

func TestWhatAContextSays(t *testing.T) {
	t.Parallel()
	const outboundByUser = "wamid.HBgTVVMuMTAwMDIwMDAzMDAwNDAwMBUUABEYEjAwMTEyMjMzNDQ1NTY2QUFCQgA="
	for name, row := range map[string]struct {
		context   string
		quoted    string
		forwarded bool
	}{
		"the quoted message by number":       {`{"from":"` + shop + `","id":"` + outbound + `"}`, "00112233445566AABB", false},
		"the same by user id":                {`{"id":"` + outboundByUser + `"}`, "00112233445566AABB", false},
		"an id that cannot be read":          {`{"id":"wamid.x"}`, "", false},
		"an id that is no text":              {`{"id":{"id":"` + outbound + `"}}`, "", false},
		"forwarded":                          {`{"forwarded":true}`, "", true},
		"forwarded often":                    {`{"frequently_forwarded":true}`, "", true},
		"forwarded, and quoting":             {`{"id":"` + outbound + `","forwarded":true}`, "00112233445566AABB", true},
		"not forwarded":                      {`{"forwarded":false,"frequently_forwarded":null}`, "", false},
		"a flag that nobody can read is set": {`{"forwarded":"no"}`, "", true},
		"nothing":                            {`{}`, "", false},
		"no object":                          {`7`, "", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			batch := split(t, said(`"type":"text","text":{"body":"x"},"context":`+row.context))
			if len(batch.Events) == 0 {
				return // an id of the wrong type is set aside
			}
			if act := batch.Events[0].Act; act.Quoted != row.quoted || act.Forwarded != row.forwarded {
				t.Errorf("quotes %q, forwarded %v", act.Quoted, act.Forwarded)
			}
		})
	}
}

func TestAShortTextCanBeADecision(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("a", 256)
	for name, row := range map[string]struct{ members, want string }{
		"a word":                       {`"type":"text","text":{"body":" Stop "}`, " Stop "},
		"256 bytes":                    {`"type":"text","text":{"body":"` + long + `"}`, long},
		"257 bytes":                    {`"type":"text","text":{"body":"a` + long + `"}`, ""},
		"256 bytes when decoded":       {`"type":"text","text":{"body":"\u0061` + long[1:] + `"}`, long},
		"a caption":                    {`"type":"image","image":{"id":"1","caption":"stop"}`, ""},
		"an edit":                      {`"type":"edit","edit":{"message":{"type":"text","text":{"body":"stop"}}}`, ""},
		"another type with a text":     {`"type":"location","text":{"body":"stop"}`, ""},
		"a body that is no text":       {`"type":"text","text":{"body":5}`, ""},
		"a type that is not known":     {`"type":"poem","text":{"body":"stop"}`, ""},
		"the title of a tapped button": {`"type":"button","button":{"payload":"p","text":"stop"}`, ""},
	} {
		if got := actOf(t, said(row.members)).Text; got != row.want {
			t.Errorf("%s: %q", name, got)
		}
	}
}

// identity.md 2.5 and 2.7 d, webhooks.md 5, row 1.
func TestNumbersOnCardsSentByHand(t *testing.T) {
	t.Parallel()
	const byButton = `{"origin":"contact_request","phones":[{"wa_id":"` + ada + `"}]}`
	many := strings.Repeat(`{"phone":"1"},`, 200)
	var book []string
	for i := range 40 {
		book = append(book, `{"wa_id":"155501`+string(rune('0'+i/10))+string(rune('0'+i%10))+`000"}`)
	}
	for name, row := range map[string]struct {
		members string
		want    []string
	}{
		"a card by hand":                    {`"contacts":[{"origin":"other","phones":[{"phone":"+1 555-000-1234","wa_id":"` + ada + `"}]}]`, []string{ada}},
		"without an origin":                 {`"contacts":[{"phones":[{"wa_id":"` + ada + `"}]}]`, []string{ada}},
		"an origin that says nothing":       {`"contacts":[{"origin":null,"phones":[{"wa_id":"` + ada + `"}]},{"origin":"","phones":[]}]`, []string{ada}},
		"phone and wa_id differ":            {`"contacts":[{"phones":[{"phone":"+` + bea + `","wa_id":"` + ada + `"}]}]`, []string{ada, bea}},
		"only the vCard says it":            {`"contacts":[{"vcard":"BEGIN:VCARD\nTEL;type=CELL;waid=` + ada + `:+1 555 000 1234\nTEL;WAID=` + bea + `:x\nEND:VCARD"}]`, []string{ada, bea}},
		"several cards":                     {`"contacts":[{"phones":[{"wa_id":"` + ada + `"},{"wa_id":"` + ada + `"}]},{"phones":[{"wa_id":"` + bea + `"}]}]`, []string{ada, bea}},
		"one card by button among others":   {`"contacts":[{"phones":[{"wa_id":"` + bea + `"}]},` + byButton + `]`, nil},
		"the platform's answer":             {`"contacts":[` + byButton + `]`, nil},
		"an origin that is not known":       {`"contacts":[{"origin":"robot","phones":[{"wa_id":"` + ada + `"}]}]`, nil},
		"an origin that is no text":         {`"contacts":[{"origin":{},"phones":[{"wa_id":"` + ada + `"}]}]`, nil},
		"the older draft's answer":          {`"origin":"contact_request","contacts":[{"phones":[{"wa_id":"` + ada + `"}]}]`, nil},
		"nothing that is a number":          {`"contacts":[{"phones":[` + many + `{"phone":"?"},7]}]`, nil},
		"an address book":                   {`"contacts":[{"phones":[` + strings.Join(book, ",") + `]}]`, nil},
		"no cards":                          {`"contacts":[]`, nil},
		"cards that are no array":           {`"contacts":{"phones":[{"wa_id":"` + ada + `"}]}`, nil},
		"a vCard that ends within a number": {`"contacts":[{"vcard":"waid="},{"vcard":"waid=` + ada + `"}]`, []string{ada}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var got []string
			for _, number := range actOf(t, said(`"type":"contacts",`+row.members)).Cards {
				got = append(got, number.Reveal())
			}
			slices.Sort(got)
			if !slices.Equal(got, row.want) {
				t.Errorf("numbers %v, want %v", got, row.want)
			}
		})
	}
	if act := actOf(t, said(`"type":"text","text":{"body":"x"},"contacts":[{"phones":[{"wa_id":"`+ada+`"}]}]`)); act.Cards != nil {
		t.Error("a text has cards")
	}
}

func TestTheMessagesOwnStanza(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct{ body, want string }{
		"a message":            {envelope("messages", value(`"messages":[`+textFrom(ada, inboundByNumber)+`]`)), "3A00112233445566AABB"},
		"by user id":           {envelope("messages", value(`"messages":[`+textFrom(ada, inboundByUser)+`]`)), "3A00112233445566AABB"},
		"a status":             {envelope("messages", value(`"statuses":[{"id":"`+outbound+`","status":"read","recipient_id":"`+ada+`"}]`)), "00112233445566AABB"},
		"an echo":              {envelope("smb_message_echoes", value(`"message_echoes":[{"from":"`+shop+`","to":"`+ada+`","id":"`+outbound+`"}]`)), "00112233445566AABB"},
		"of the older form":    {envelope("messages", value(`"statuses":[{"id":"gBGGFVUAASNPAgkAESIzRFVmqrs","status":"read","recipient_id":"`+ada+`"}]`)), "00112233445566AABB"},
		"an id of no form":     {envelope("messages", value(`"messages":[`+textFrom(ada, "m1")+`]`)), ""},
		"a call is no message": {envelope("calls", value(`"calls":[{"id":"wacid.HBgLMTU1NTAwMDEyMzQVAgASGBQzQTAwMTEyMjMzNDQ1NTY2QUFCQgA=","from":"`+ada+`","event":"connect"}]`)), ""},
	} {
		if got := one(t, row.body).Stanza; got != row.want {
			t.Errorf("%s: %q, want %q", name, got, row.want)
		}
	}
}

func TestCallbackDataIsAText(t *testing.T) {
	t.Parallel()
	for written, want := range map[string]string{
		`"bauta:question:x"`: "bauta:question:x", `""`: "", `7`: "", `null`: "", `{"a":"b"}`: "",
	} {
		e := one(t, envelope("messages", value(`"statuses":[{"id":"`+outbound+`","status":"sent","recipient_id":"`+ada+`","biz_opaque_callback_data":`+written+`}]`)))
		if e.Callback != want {
			t.Errorf("%s is %q", written, e.Callback)
		}
	}
	message := said(`"type":"text","text":{"body":"x"},"biz_opaque_callback_data":"bauta:question:x"`)
	if got := one(t, message).Callback; got != "" {
		t.Errorf("a customer's message has callback data %q", got)
	}
}

// webhooks.md 2.11: everybody of one change is an event of their own, that names
// nobody else.
func TestAGroupChangeIsSplitByParticipant(t *testing.T) {
	t.Parallel()
	const group = "Y2FwaV9ncm91cDox"
	body := envelope("group_participants_update", value(`"initiated_by":"business","groups":[{"timestamp":1789000350,"group_id":"`+group+
		`","type":"group_participants_remove","removed_participants":[{"input":"+1 555 000 1234"},{"input":"`+beaUser+
		`"}],"failed_participants":[{"input":"15550003333","errors":[{"code":131204}]}]},{"timestamp":1789000351,"group_id":"other",`+
		`"type":"group_participants_add","added_participants":[{"wa_id":"`+ada+`"}]}]`))
	batch := split(t, body)
	want := []struct {
		group, person string
		move          meta.Move
	}{
		{group, ada, meta.Left}, {group, beaUser, meta.Left}, {group, "15550003333", meta.NoMove}, {"other", ada, meta.Joined},
	}
	if len(batch.Events) != len(want) || len(batch.Rejects) != 0 {
		t.Fatalf("%d events and %d rejects", len(batch.Events), len(batch.Rejects))
	}
	notations := map[string]string{ada: "+1 555 000 1234", beaUser: beaUser, "15550003333": "15550003333"}
	for i, e := range batch.Events {
		if e.Move != want[i].move || e.Group != want[i].group || !slices.ContainsFunc(e.Named, func(id masking.Identity) bool {
			return id.Number.Canonical().Reveal() == want[i].person || id.UserID.Reveal() == want[i].person
		}) || len(e.Named) != 1 {
			t.Errorf("event %d: move %d in %q with %d people", i, e.Move, e.Group, len(e.Named))
		}
		for person, notation := range notations {
			if person != want[i].person && strings.Contains(string(meta.Render(e)), notation) {
				t.Errorf("event %d shows another participant: %s", i, meta.Render(e))
			}
		}
	}
}

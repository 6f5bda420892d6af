package meta_test

import (
	"encoding/json"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"bauta/masking"
	"bauta/webhook/meta"
)

// The people of the tests: synthetic, as the vectors of webhooks.md section 4.
const (
	ada     = "15550001234"
	adaUser = "US.1000200030004000"
	bea     = "15550002222"
	beaUser = "US.2000200030004000"
	shop    = "15550005678"
	shopID  = "106540352242922"

	inboundByNumber = "wamid.HBgLMTU1NTAwMDEyMzQVAgASGBQzQTAwMTEyMjMzNDQ1NTY2QUFCQgA="
	inboundByUser   = "wamid.HBgTVVMuMTAwMDIwMDAzMDAwNDAwMBUUABIYFDNBMDAxMTIyMzM0NDU1NjZBQUJCAA=="
	outbound        = "wamid.HBgLMTU1NTAwMDEyMzQVAgARGBIwMDExMjIzMzQ0NTU2NkFBQkIA"
)

// value is a messages value with the given members behind metadata.
func value(members string) string {
	return `{"messaging_product":"whatsapp","metadata":{"display_phone_number":"` + shop +
		`","phone_number_id":"` + shopID + `"},` + members + `}`
}

func textFrom(from, id string) string {
	return `{"from":"` + from + `","id":"` + id + `","timestamp":"1789000000","type":"text","text":{"body":"x"}}`
}

func one(t *testing.T, body string) meta.Event {
	t.Helper()
	batch := split(t, body)
	if len(batch.Events) != 1 || len(batch.Rejects) != 0 {
		t.Fatalf("%d events and %d rejects, want one event", len(batch.Events), len(batch.Rejects))
	}
	return batch.Events[0]
}

func TestContactsTravelOnlyWithTheirEvent(t *testing.T) {
	t.Parallel()
	adaCard, beaCard := `{"profile":{"name":"Ada"},"wa_id":"`+ada+`","user_id":"`+adaUser+`"}`, `{"profile":{"name":"Bea"},"user_id":"`+beaUser+`"}`
	brazil, brazilCard := textFrom("5511987654321", "m1"), `{"profile":{"name":"Caio"},"wa_id":"551187654321"}`
	for name, row := range map[string]struct {
		contacts, events string
		want             []string // the names of contacts, per event
		subjects         []string
	}{
		"by number and by user id": {
			adaCard + "," + beaCard, `"messages":[` + textFrom(ada, "m1") + `,{"from_user_id":"` + beaUser + `","id":"m2","type":"text"}]`,
			[]string{"Ada", "Bea"},
			[]string{ada + "/" + adaUser + "/", "/" + beaUser + "/"},
		},
		"two notations of one number": {
			brazilCard + "," + beaCard, `"messages":[` + brazil + `]`, []string{"Caio"}, []string{"5511987654321//"},
		},
		"an unmatched contact stays when there is one of each": {
			beaCard, `"messages":[` + textFrom(ada, "m1") + `]`, []string{"Bea"}, []string{ada + "//"},
		},
		"an unmatched contact goes when there are two events": {
			beaCard, `"messages":[` + textFrom(ada, "m1") + `,` + textFrom(ada, "m2") + `]`, []string{"", ""}, []string{ada + "//", ada + "//"},
		},
		"unmatched contacts go when there are two": {
			adaCard + "," + beaCard, `"messages":[` + textFrom("15550009999", "m1") + `]`, []string{""}, []string{"15550009999//"},
		},
		"a status by its recipient": {
			adaCard + "," + beaCard, `"statuses":[{"id":"s","status":"read","recipient_user_id":"` + beaUser + `"}]`, []string{"Bea"}, []string{"/" + beaUser + "/"},
		},
		"a contact that contradicts the sender's user id adds nothing": {
			`{"profile":{"name":"Ada"},"wa_id":"` + ada + `","user_id":"` + beaUser + `"}`,
			`"messages":[{"from":"` + ada + `","from_user_id":"` + adaUser + `","id":"m1","type":"text"}]`,
			[]string{"Ada"},
			[]string{ada + "/" + adaUser + "/"},
		},
		"a contact with another number for the same user id adds nothing": {
			`{"profile":{"name":"Ada"},"wa_id":"` + bea + `","user_id":"` + adaUser + `"}`,
			`"messages":[{"from":"` + ada + `","from_user_id":"` + adaUser + `","id":"m1","type":"text"}]`,
			[]string{"Ada"},
			[]string{ada + "/" + adaUser + "/"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			batch := split(t, envelope("messages", value(`"contacts":[`+row.contacts+`],`+row.events)))
			var got, subjects []string
			for _, e := range batch.Events {
				got = append(got, contactNames(t, meta.Render(e)))
				subjects = append(subjects, partyText(e.Subject))
			}
			if diff := cmp.Diff(row.want, got); diff != "" {
				t.Errorf("contacts (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(row.subjects, subjects); diff != "" {
				t.Errorf("subjects (-want +got):\n%s", diff)
			}
		})
	}
}

func contactNames(t *testing.T, body []byte) string {
	t.Helper()
	var parsed struct {
		Entry []struct {
			Changes []struct {
				Value struct {
					Contacts []struct{ Profile struct{ Name string } }
				}
			}
		}
	}
	if err := json.Unmarshal(body, &parsed); err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, c := range parsed.Entry[0].Changes[0].Value.Contacts {
		names = append(names, c.Profile.Name)
	}
	return strings.Join(names, ",")
}

func TestAThousandUpdatesAreAThousandEvents(t *testing.T) {
	t.Parallel()
	batch := split(t, manyMessages(1000))
	if len(batch.Events) != 1000 || len(batch.Rejects) != 0 {
		t.Fatalf("%d events and %d rejects", len(batch.Events), len(batch.Rejects))
	}
	for i, e := range batch.Events {
		own := string(meta.Render(e))
		digits := strconv.Itoa(10_000_000 + i)[1:]
		if got := e.Subject.Number.Reveal(); got != "1555"+digits {
			t.Fatalf("event %d is about another customer", i)
		}
		if strings.Count(own, `"wa_id"`) != 1 || strings.Count(own, `"from"`) != 1 || strings.Count(own, digits) != 2 {
			t.Fatalf("event %d does not stand alone: %s", i, own)
		}
	}
}

func TestOtherArraysEntriesAndChangesAreLeftOut(t *testing.T) {
	t.Parallel()
	body := `{ "object":"whatsapp_business_account", "entry":[
	 {"id":"1","changes":[{"field":"messages","value":` + value(`"messages":[`+textFrom(ada, "m1")+`], "statuses":[{"id":"s1","status":"read","recipient_id":"`+bea+`"}]`) + `},
	  {"value":{"decision":"APPROVED"},"field":"account_review_update"}]},
	 {"id":"2","changes":[{"field":"brand_new","value":{"x":1}}]} ]}`
	batch := split(t, body)
	want := []string{
		"1 messages message", "1 messages status", "1 account_review_update account", "2 brand_new unknown",
	}
	var got []string
	for _, e := range batch.Events {
		got = append(got, e.WABA+" "+e.Field+" "+string(e.Kind))
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Fatalf("(-want +got):\n%s", diff)
	}
	rendered := []string{
		`{ "object":"whatsapp_business_account", "entry":[{"id":"1","changes":[{"field":"messages","value":` +
			value(`"messages":[`+textFrom(ada, "m1")+`]`) + `}]}]}`,
		`{ "object":"whatsapp_business_account", "entry":[{"id":"1","changes":[{"field":"messages","value":` +
			value(` "statuses":[{"id":"s1","status":"read","recipient_id":"`+bea+`"}]`) + `}]}]}`,
		`{ "object":"whatsapp_business_account", "entry":[{"id":"1","changes":[{"value":{"decision":"APPROVED"},"field":"account_review_update"}]}]}`,
		`{ "object":"whatsapp_business_account", "entry":[{"id":"2","changes":[{"field":"brand_new","value":{"x":1}}]}]}`,
	}
	for i, e := range batch.Events {
		if diff := cmp.Diff(rendered[i], string(meta.Render(e))); diff != "" {
			t.Errorf("envelope %d (-want +got):\n%s", i, diff)
		}
	}
}

func TestAnEnvelopeOfItsOwnIsCopiedToTheByte(t *testing.T) {
	t.Parallel()
	body := "{\n \"entry\" : [ {\"id\":\"1\" , \"changes\":[ {\"field\":\"messages\",\"value\":" +
		value("\t\"messages\" : [ "+textFrom(ada, "m1")+" ] , \"\u00e9\":\"\\u00e9 \u00e9\"") + "} ] } ] ,\n \"object\":\"whatsapp_business_account\" }"
	if diff := cmp.Diff(body, string(meta.Render(one(t, body)))); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestWhatStandsBesideSeveralCustomers: a member that nobody can match is not
// shown to events about different people.
func TestWhatStandsBesideSeveralCustomers(t *testing.T) {
	t.Parallel()
	const beside = `,"conversation_context":{"type":"summary","summary":{"text":"about somebody"}}`
	for name, row := range map[string]struct {
		members string
		kept    bool
		rejects int
	}{
		"one event keeps it":                     {`"messages":[` + textFrom(ada, "m1") + `]` + beside, true, 0},
		"two events about one customer keep it":  {`"messages":[` + textFrom(ada, "m1") + `,` + textFrom(ada, "m2") + `]` + beside, true, 0},
		"two events about two customers lose it": {`"messages":[` + textFrom(ada, "m1") + `,` + textFrom(bea, "m2") + `]` + beside, false, 1},
		"the chat and a group of one customer lose it": {
			`"messages":[` + textFrom(ada, "m1") + `,{"group_id":"runners",` + textFrom(ada, "m2")[1:] + `]` + beside, false, 1,
		},
		"two events about nobody lose it":           {`"errors":[{"code":1},{"code":2}]` + beside, false, 1},
		"an event beside a broken one loses it":     {`"messages":[` + textFrom(ada, "m1") + `,7]` + beside, false, 2},
		"what is known to name nobody is no matter": {`"messages":[` + textFrom(ada, "m1") + `,` + textFrom(bea, "m2") + `],"messaging_product":"whatsapp","future":true`, false, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			batch := split(t, envelope("messages", value(row.members)))
			for _, e := range batch.Events {
				if got := strings.Contains(string(meta.Render(e)), "about somebody"); got != row.kept {
					t.Errorf("the event keeps it: %v, want %v", got, row.kept)
				}
			}
			if len(batch.Rejects) != row.rejects {
				t.Fatalf("%d rejects, want %d", len(batch.Rejects), row.rejects)
			}
			if row.rejects > 0 {
				last := batch.Rejects[row.rejects-1]
				if last.Reason != meta.SharedPart || !strings.Contains(string(last.Raw), "about somebody") || strings.Contains(string(last.Raw), ada) {
					t.Errorf("the part was not set aside alone: %s %s", last.Reason, last.Raw)
				}
			}
		})
	}
}

func TestOneMessageHasOneDedupeIDUnderBothEnvelopes(t *testing.T) {
	t.Parallel()
	byNumber := one(t, envelope("messages", value(`"messages":[`+textFrom(ada, inboundByNumber)+`]`)))
	byUser := one(t, envelope("messages", value(`"messages":[`+textFrom(ada, inboundByUser)+`]`)))
	if diff := cmp.Diff(byNumber.Dedupe, byUser.Dedupe); diff != "" {
		t.Errorf("(-number +user id):\n%s", diff)
	}
	for _, part := range byNumber.Dedupe {
		if strings.Contains(part, ada) || strings.Contains(part, "HBg") {
			t.Errorf("the person is in the dedupe id: %q", part)
		}
	}
	want := []meta.Envelope{{Person: masking.Identity{UserID: parsedUserID(t, adaUser)}, Stanza: "3A00112233445566AABB"}}
	if diff := cmp.Diff(want[0].Stanza, byUser.Envelopes[0].Stanza); diff != "" || byUser.Envelopes[0] != want[0] || len(byUser.Envelopes) != 1 {
		t.Errorf("the envelope of a user id is not given: %s", diff)
	}
}

func parsedUserID(t *testing.T, text string) masking.UserID {
	t.Helper()
	id, ok := masking.ParseUserID(text)
	if !ok {
		t.Fatal("not a user id")
	}
	return id
}

func TestEventsThatDifferHaveDifferentDedupeIDs(t *testing.T) {
	t.Parallel()
	status := func(id, status, at, more string) string {
		return `"statuses":[{"id":"` + id + `","status":"` + status + `","timestamp":"` + at + `","recipient_id":"` + ada + `"` + more + `}]`
	}
	group := `,"recipient_type":"group","recipient_participant_id":"`
	rows := map[string]string{
		"a delivery":                      envelope("messages", value(status(outbound, "delivered", "1", ""))),
		"the reading of the same":         envelope("messages", value(status(outbound, "read", "1", ""))),
		"the delivery at another time":    envelope("messages", value(status(outbound, "delivered", "2", ""))),
		"a delivery in the group to Ada":  envelope("messages", value(status(outbound, "delivered", "1", group+ada+`"`))),
		"a delivery in the group to Bea":  envelope("messages", value(status(outbound, "delivered", "1", group+bea+`"`))),
		"a message":                       envelope("messages", value(`"messages":[`+textFrom(ada, inboundByNumber)+`]`)),
		"the same in the history":         envelope("history", value(`"messages":[`+textFrom(ada, inboundByNumber)+`]`)),
		"the same at another number":      strings.ReplaceAll(envelope("messages", value(`"messages":[`+textFrom(ada, inboundByNumber)+`]`)), shopID, "1"),
		"a message without an id":         envelope("messages", value(`"messages":[{"from":"`+ada+`","type":"text"}]`)),
		"another without an id":           envelope("messages", value(`"messages":[{"from":"`+ada+`","type":"image"}]`)),
		"an id of unknown form":           envelope("messages", value(`"messages":[`+textFrom(ada, "m1")+`]`)),
		"another of unknown form":         envelope("messages", value(`"messages":[`+textFrom(ada, "m2")+`]`)),
		"an account review":               envelope("account_review_update", `{"decision":"APPROVED"}`),
		"the same review at another time": strings.Replace(envelope("account_review_update", `{"decision":"APPROVED"}`), "1789000999", "1789000998", 1),
		"an unknown field":                envelope("brand_new", `{"decision":"APPROVED"}`),
	}
	seen := map[string]string{}
	for name, body := range rows {
		id := strings.Join(one(t, body).Dedupe, "\x00")
		if id != strings.Join(one(t, body).Dedupe, "\x00") {
			t.Errorf("%s: the id is not stable", name)
		}
		if other, ok := seen[id]; ok {
			t.Errorf("%q and %q have one dedupe id", name, other)
		}
		seen[id] = name
	}
}

func TestBusinessNumbersAreNobody(t *testing.T) {
	t.Parallel()
	const other = "15550007777"
	body := envelope("calls", value(`"calls":[{"id":"c","from":"`+other+`","to":"`+ada+`","event":"connect"}]`))
	if got := summary(one(t, body)); got != "call connect subject="+other+"// named=2" {
		t.Errorf("a number that is not in the metadata: %s", got)
	}
	if e := one(t, body); e.Own.Reveal() != shop || e.PhoneNumberID != shopID {
		t.Error("the business's own number and id are not given")
	}
	formatted := strings.Replace(body, `"`+shop+`"`, `"+1 555-000-5678"`, 1)
	formatted = strings.Replace(formatted, other, shop, 1)
	if got := summary(one(t, formatted)); got != "call connect subject="+ada+"// named=1" {
		t.Errorf("with a formatted display number: %s", got)
	}
}

func TestTimesAreSecondsOrMillisecondsTextOrNumber(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 9, 10, 1, 46, 40, 0, time.UTC)
	for written, want := range map[string]time.Time{
		`"1789004800"`: at, `1789004800`: at, `"1789004800000"`: at, `"soon"`: {}, `null`: {}, `-5`: {}, `"9223372036854775807"`: {},
	} {
		e := one(t, envelope("messages", value(`"messages":[{"from":"`+ada+`","timestamp":`+written+`}]`)))
		if !e.At.Equal(want) {
			t.Errorf("timestamp %s is %v, want %v", written, e.At, want)
		}
	}
}

func TestAttestationNeedsOneCardOneNumberAndNoContradiction(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		sender, cards string
		want          string
	}{
		"the platform's answer":            {`"from_user_id":"` + adaUser + `"`, `{"origin":"contact_request","phones":[{"phone":"+1 555-000-1234","wa_id":"` + ada + `"}]}`, ada},
		"only the written number":          {`"from_user_id":"` + adaUser + `"`, `{"origin":"contact_request","phones":[{"phone":"+1 555-000-1234"}]}`, ada},
		"sent by hand":                     {`"from_user_id":"` + adaUser + `"`, `{"origin":"other","phones":[{"wa_id":"` + ada + `"}]}`, ""},
		"two cards":                        {`"from_user_id":"` + adaUser + `"`, `{"origin":"contact_request","phones":[{"wa_id":"` + ada + `"}]},{"origin":"contact_request","phones":[{"wa_id":"` + ada + `"}]}`, ""},
		"two numbers":                      {`"from_user_id":"` + adaUser + `"`, `{"origin":"contact_request","phones":[{"wa_id":"` + ada + `"},{"wa_id":"` + bea + `"}]}`, ""},
		"another number than the sender's": {`"from":"` + bea + `"`, `{"origin":"contact_request","phones":[{"wa_id":"` + ada + `"}]}`, ""},
		"two numbers in one":               {`"from_user_id":"` + adaUser + `"`, `{"origin":"contact_request","phones":[{"phone":"+` + bea + `","wa_id":"` + ada + `"}]}`, ""},
		"the business's own number":        {`"from_user_id":"` + adaUser + `"`, `{"origin":"contact_request","phones":[{"wa_id":"` + shop + `"}]}`, ""},
		"nobody sent it":                   {`"x":1`, `{"origin":"contact_request","phones":[{"wa_id":"` + ada + `"}]}`, ""},
		"not a number":                     {`"from_user_id":"` + adaUser + `"`, `{"origin":"contact_request","phones":[{"wa_id":"?"}]}`, ""},
		"the business's own message":       {`"from":"` + shop + `"`, `{"origin":"contact_request","phones":[{"wa_id":"` + ada + `"}]}`, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := one(t, envelope("messages", value(`"messages":[{`+row.sender+`,"type":"contacts","contacts":[`+row.cards+`]}]`)))
			if got := e.Attested.Reveal(); got != row.want {
				t.Errorf("attested %q, want %q", got, row.want)
			}
		})
	}
}

func TestFieldsHaveOneName(t *testing.T) {
	t.Parallel()
	c := meta.NewCatalogue()
	if got := len(c.Fields()); got != 31 {
		t.Errorf("%d fields, want 31: %v", got, c.Fields())
	}
	for spelled, want := range map[string]string{
		"messages": "messages", "message_echoes": "smb_message_echoes",
		"group_participant_update": "group_participants_update", "business_username_update": "business_username_updates",
	} {
		if got, ok := c.Canonical(spelled); !ok || got != want {
			t.Errorf("Canonical(%s) = %s, %v", spelled, got, ok)
		}
	}
	if got, ok := c.Canonical("consumer_profile"); ok || got != "consumer_profile" {
		t.Error("an undocumented field is in the catalogue")
	}
}

func TestAccountEventsHaveTheTimeOfTheirEntry(t *testing.T) {
	t.Parallel()
	want := time.Unix(1789000999, 0)
	for _, field := range []string{"account_review_update", "brand_new"} {
		if got := one(t, envelope(field, `{"decision":"APPROVED"}`)).At; !got.Equal(want) {
			t.Errorf("%s is at %v, want %v", field, got, want)
		}
	}
}

func TestChangesOfIdentity(t *testing.T) {
	t.Parallel()
	const third = "US.3000200030004000"
	for name, row := range map[string]struct {
		sender, system string
		want           string
	}{
		"from_user_id is the old id":            {`"from":"` + ada + `","from_user_id":"` + adaUser + `"`, `"type":"user_changed_number","wa_id":"` + bea + `","user_id":"` + beaUser + `"`, ada + "/" + adaUser + "/ > " + bea + "/" + beaUser + "/"},
		"from_user_id is the new id":            {`"from":"` + ada + `","from_user_id":"` + beaUser + `"`, `"type":"user_changed_number","wa_id":"` + bea + `","user_id":"` + beaUser + `"`, ada + "// > " + bea + "/" + beaUser + "/"},
		"from_user_id may be either":            {`"from":"` + ada + `","from_user_id":"` + third + `"`, `"type":"user_changed_number","wa_id":"` + bea + `"`, ada + "// > " + bea + "//"},
		"the user id changes, the number stays": {`"from":"` + ada + `"`, `"type":"user_changed_user_id","wa_id":"` + ada + `","user_id":"` + beaUser + `","previous_user_id":"` + adaUser + `"`, ada + "/" + adaUser + "/ > " + ada + "/" + beaUser + "/"},
		"nothing says what it was":              {`"id":"x"`, `"type":"user_changed_user_id","user_id":"` + beaUser + `"`, "// no change"},
		"nothing says what it is":               {`"from":"` + ada + `"`, `"type":"user_changed_number"`, ada + "// no change"},
		"the same before and after":             {`"from":"` + ada + `"`, `"type":"user_changed_number","wa_id":"` + ada + `"`, ada + "// no change"},
		"another kind of system message":        {`"from":"` + ada + `"`, `"type":"customer_identity_changed","wa_id":"` + bea + `"`, ada + "// no change"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := one(t, envelope("messages", value(`"messages":[{`+row.sender+`,"type":"system","system":{`+row.system+`}}]`)))
			got := partyText(e.Subject) + " no change"
			if e.Change != nil {
				got = partyText(e.Change.From) + " > " + partyText(e.Change.To)
				if e.Subject != e.Change.From {
					t.Error("the subject is not who they were")
				}
			}
			if got != row.want {
				t.Errorf("%s, want %s", got, row.want)
			}
		})
	}
}

func TestAUserIDUpdateWithoutTheFormerID(t *testing.T) {
	t.Parallel()
	e := one(t, envelope("user_id_update", value(`"contacts":[{"user_id":"`+adaUser+`","wa_id":"`+ada+`"}],"user_id_update":[{"user_id":{"current":"`+adaUser+`"}}]`)))
	if got := summary(e); got != "user_id_update subject="+ada+"/"+adaUser+"/ named=2" {
		t.Error(got)
	}
}

func TestManyPeopleInOneThreadAreNamedOnce(t *testing.T) {
	t.Parallel()
	var messages []string
	for i := range 120 {
		messages = append(messages, textFrom("155500"+strconv.Itoa(10000+i%40), "m"))
	}
	e := one(t, envelope("history", value(`"history":[{"threads":[{"id":"`+ada+`","messages":[`+strings.Join(messages, ",")+`]}]}]`)))
	if len(e.Named) != 41 {
		t.Errorf("%d people, want 41", len(e.Named))
	}
}

// TestTheIDIsTheLastPlaceThatNamesSomebody: the business is nobody there, too,
// and a contact is matched by what the id says.
func TestTheIDIsTheLastPlaceThatNamesSomebody(t *testing.T) {
	t.Parallel()
	body := envelope("automatic_events", value(`"contacts":[{"wa_id":"`+ada+`","user_id":"`+adaUser+`"},{"wa_id":"`+bea+`"}],"automatic_events":[{"id":"`+inboundByNumber+`"}]`))
	if got := summary(one(t, body)); got != "automatic_event subject="+ada+"/"+adaUser+"/ named=2" {
		t.Errorf("with contacts: %s", got)
	}
	own := strings.ReplaceAll(body, shop, ada)
	if got := summary(one(t, own)); got != "automatic_event subject=// named=0" {
		t.Errorf("the business's own id: %s", got)
	}
}

// TestAGroupWithoutAGroupIDIsStillNotTheDirectChat: the message id tells.
func TestAGroupWithoutAGroupIDIsStillNotTheDirectChat(t *testing.T) {
	t.Parallel()
	const id = "wamid.HBgSMTIwMzYzMDAwMDAwMDAwMDAxFQgAEhgWM0VCMDAwMTEyMjMzNDQ1NTY2QUFCQhwYCzE1NTUwMDAxMjM0FQIAAA=="
	for _, members := range []string{
		`"messages":[` + textFrom(ada, id) + `]`,
		`"statuses":[{"id":"` + id + `","recipient_type":"group","recipient_participant_id":"` + ada + `"}]`,
	} {
		if e := one(t, envelope("messages", value(members))); e.Group != "120363000000000001" || e.Subject.Number.Reveal() != ada {
			t.Errorf("group %q", e.Group)
		}
	}
	unnamed := `"statuses":[{"id":"s","recipient_id":"Y2FwaV9ncm91cDox","recipient_participant_id":"` + ada + `"}]`
	if e := one(t, envelope("messages", value(unnamed))); e.Group != "Y2FwaV9ncm91cDox" {
		t.Errorf("without a recipient type the group is %q", e.Group)
	}
}

package masking_test

import (
	"encoding/base64"
	"strings"
	"testing"

	"bauta/masking"
)

func TestTexts(t *testing.T) {
	t.Parallel()
	short := func(tb testing.TB, digits string) masking.Person {
		tb.Helper()
		p := ada(tb)
		p.Numbers = []masking.Number{number(tb, digits)}
		return p
	}
	hidden := func(tb testing.TB) []masking.Person { tb.Helper(); return []masking.Person{ada(tb), bea(tb)} }
	for name, row := range map[string]struct {
		people   func(testing.TB) []masking.Person
		in, want string
	}{
		"ordinary text":                    {hidden, "See you at 10:30, room 42", "See you at 10:30, room 42"},
		"a number in a sentence":           {hidden, "Call +1 (650) 555-0142 now", "Call " + adaLong + " now"},
		"two people":                       {hidden, "16505550142, 393331234567", adaLong + ", " + beaLong},
		"two people without a gap":         {hidden, "16505550142393331234567", adaLong + beaLong},
		"a number change":                  {hidden, "User Ada changed from 16505550142 to 393331234567", "User Ada changed from " + adaLong + " to " + beaLong},
		"the national form":                {hidden, "333 1234567", beaLong},
		"a user id":                        {hidden, "from US.7430000000000001 to", "from " + adaLong + " to"},
		"a user id in small letters":       {hidden, "us.7430000000000001", adaLong},
		"a user id without its country":    {hidden, "id 7430000000000001.", "id " + adaLong + "."},
		"a parent id":                      {hidden, "(US.ENT.7430000000000009)", "(" + adaLong + ")"},
		"a user id after a word":           {hidden, "to 7430000000000001", "to " + adaLong},
		"a user id in percent":             {hidden, "?u=US%2E7430000000000001", "?u=" + adaLong},
		"a user id in base64":              {hidden, base64.StdEncoding.EncodeToString([]byte("US.7430000000000001")), "[hidden]"},
		"the business's number":            {hidden, "we are +1 555 078 3881", "we are +1 555 078 3881"},
		"the business's number in a link":  {hidden, "https://wa.me/15550783881", "https://wa.me/15550783881"},
		"a stranger's number":              {hidden, "ask +49 1511 2345678", "ask +49 1511 2345678"},
		"a visible person's number":        {func(tb testing.TB) []masking.Person { tb.Helper(); return []masking.Person{ada(tb), shown(bea(tb))} }, "393331234567", "393331234567"},
		"a handle":                         {hidden, "she is " + adaLong + " or " + adaPhone, "she is " + adaLong + " or " + adaPhone},
		"a message id":                     {hidden, "re wamid.HBgLMTU1NTAwMDEyMzQVAgASGBQzQTAwMTEyMjMzNDQ1NTY2QUFCQgA= please", "re wamid.sealede20c270c please"},
		"a message id, folded":             {hidden, "wamid.HBgLMTU1NTAwMDEyMzQVAgASGBQzQTAw\r\n MTEyMjMzNDQ1NTY2QUFCQgA=", "wamid.sealede20c270c"},
		"a call id in capitals":            {hidden, "WACID.HBgLMTU1NTAwMDEyMzQVAgASGBQzQTAwMTEyMjMzNDQ1NTY2QUFCQgA=", "wacid.sealedbc152158"},
		"base64 of the business's number":  {hidden, base64.StdEncoding.EncodeToString([]byte("group:15550783881:x")), base64.StdEncoding.EncodeToString([]byte("group:15550783881:x"))},
		"base64 of two numbers":            {hidden, base64.StdEncoding.EncodeToString([]byte("15550783881 16505550142")), "[hidden]"},
		"an id that is sealed already":     {hidden, "wamid.sealedABCDEF012345", "wamid.sealedABCDEF012345"},
		"base64 of something else":         {hidden, "bm90aGluZyB0byBzZWUgaGVyZQ== and QUJDREVGR0hJSktMTU5PUA", "bm90aGluZyB0byBzZWUgaGVyZQ== and QUJDREVGR0hJSktMTU5PUA"},
		"base64 of a number in a sentence": {hidden, "token MTY1MDU1NTAxNDI= end", "token [hidden] end"},
		"letters between the digits":       {hidden, "1650x5550142", "1650x5550142"},
		"too many signs between":           {hidden, "16505" + strings.Repeat(" ", 20) + "550142", "16505" + strings.Repeat(" ", 20) + "550142"},
		"a short national form alone": {
			func(tb testing.TB) []masking.Person { tb.Helper(); return []masking.Person{short(tb, "35412345")} },
			"12345 and (0)12345 and 1-2345", adaLong + " and (" + adaLong + " and " + adaLong,
		},
		"a short national form in more digits": {
			func(tb testing.TB) []masking.Person { tb.Helper(); return []masking.Person{short(tb, "35412345")} },
			"912345 and 123456", "912345 and 123456",
		},
		"a short number with a trunk zero": {
			func(tb testing.TB) []masking.Person { tb.Helper(); return []masking.Person{short(tb, "35412345")} },
			"+354 (0)12345 and 354012345", adaLong + " and " + adaLong,
		},
		"two numbers that overlap": {
			func(tb testing.TB) []masking.Person {
				tb.Helper()
				return []masking.Person{ada(tb), short(tb, "5014298765")}
			},
			"x1650555014298765x", "x" + adaLong + "x",
		},
		"a number that is part of the business's": {
			func(tb testing.TB) []masking.Person { tb.Helper(); return []masking.Person{short(tb, "550783881")} },
			"15550783881 " + base64.StdEncoding.EncodeToString([]byte("15550783881")) + " 15550783881",
			"15550783881 " + base64.StdEncoding.EncodeToString([]byte("15550783881")) + " 15550783881",
		},
		"a short number in a legacy message id": {
			func(tb testing.TB) []masking.Person { tb.Helper(); return []masking.Person{short(tb, "354123")} },
			legacyID("354123") + " but not " + base64.StdEncoding.EncodeToString([]byte{1, 2, 0x35, 0x41, 0x23, 0xaf, 0xbf, 0xcf}),
			"[hidden] but not " + base64.StdEncoding.EncodeToString([]byte{1, 2, 0x35, 0x41, 0x23, 0xaf, 0xbf, 0xcf}),
		},
		"a short number with dialled zeros": {
			func(tb testing.TB) []masking.Person { tb.Helper(); return []masking.Person{short(tb, "35412345")} },
			"0035412345 but 10035412345", adaLong + " but 10035412345",
		},
		"a short user id only with its country": {
			func(tb testing.TB) []masking.Person {
				tb.Helper()
				p := ada(tb)
				p.UserIDs = []masking.UserID{userIDOf(tb, "US.abc")}
				return []masking.Person{p}
			},
			"abc, us.abc, xus.abc", "abc, " + adaLong + ", xus.abc",
		},
		"a user id of letters": {
			func(tb testing.TB) []masking.Person {
				tb.Helper()
				p := ada(tb)
				p.UserIDs = []masking.UserID{userIDOf(tb, "US.abcDEFghi")}
				return []masking.Person{p}
			},
			"Hello abcdefghi, US.abcDEFghi!", "Hello " + adaLong + ", " + adaLong + "!",
		},
		"the ninth digit of Brazil": {
			func(tb testing.TB) []masking.Person { tb.Helper(); return []masking.Person{short(tb, "551187654321")} },
			"5511987654321 11 98765-4321 551187654321", adaLong + " " + adaLong + " " + adaLong,
		},
		"the 1 of Mexico": {
			func(tb testing.TB) []masking.Person { tb.Helper(); return []masking.Person{short(tb, "5215512345678")} },
			"525512345678 5215512345678 55 1234 5678", adaLong + " " + adaLong + " " + adaLong,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			in := `{"value":{"message":{"text":{"body":` + quote(t, row.in) + `}}}}`
			want := `{"value":{"message":{"text":{"body":` + quote(t, row.want) + `}}}}`
			got := rewriteOf(t, jobOf(t, in, masking.ShapeUserID, row.people(t)...))
			if string(got.Body) != want {
				t.Errorf("\n got %s\nwant %s", got.Body, want)
			}
			if got.Changed != (row.in != row.want) {
				t.Errorf("Changed = %v", got.Changed)
			}
		})
	}
}

func TestNumbersOfNobodyInContent(t *testing.T) {
	t.Parallel()
	const n = "[number hidden]"
	noNumber := func(j *masking.Job) { j.People[0].Numbers = nil }
	noForeign := func(j *masking.Job) { j.View.ForeignPass = false }
	showSubject := func(j *masking.Job) { noForeign(j); j.People[0] = shown(j.People[0]) }
	for name, row := range map[string]struct {
		change   func(*masking.Job)
		in, want string
	}{
		"the number of the hidden subject is unknown": {noNumber, `"+1 (650) 555-0142"`, `"` + n + `"`},
		"the view masks foreign numbers":              {noForeign, `"ask 004915112345678."`, `"ask ` + n + `."`},
		"a visible subject's content stays":           {showSubject, `"ask 004915112345678."`, `"ask 004915112345678."`},
		"seven digits":                                {noForeign, `"555-0142"`, `"` + n + `"`},
		"six digits":                                  {noForeign, `"55-0142"`, `"55-0142"`},
		"sixteen digits in a row are an id":           {noForeign, `"1202263058548107"`, `"1202263058548107"`},
		"sixteen digits in groups":                    {noForeign, `"1202 2630 5854 8107"`, `"` + n + `"`},
		"two numbers":                                 {noForeign, `"4915112345678, 4915112345679"`, `"` + n + `, ` + n + `"`},
		"the business's number":                       {noForeign, `"+15550783881"`, `"+15550783881"`},
		"a handle of the phone shape":                 {noForeign, `"` + adaPhone + `"`, `"` + adaPhone + `"`},
		"a message id with digits in it":              {noForeign, `"wamid.sealed3151294a, 4915112345678"`, `"wamid.sealed3151294a, ` + n + `"`},
		"a JSON number":                               {noForeign, `4915112345678`, `"` + n + `"`},
		"a JSON number that is short":                 {noForeign, `250.75`, `250.75`},
		"a JSON number with an exponent":              {noForeign, `4.915112345678e12`, `"` + n + `"`},
		"a name":                                      {noForeign, `{"4915112345678":1}`, `{"` + n + `":1}`},
		"escaped":                                     {noForeign, `"%34%39151%3112345678"`, `"` + n + `"`},
		"with a full-width plus":                      {noForeign, `"\uff0b4915112345678"`, `"` + n + `"`},
		"beside the subject's own": {
			noForeign, `"16505550142 4915112345678"`, `"` + adaLong + ` ` + n + `"`,
		},
		"no subject, and somebody without a number": {
			func(j *masking.Job) { noNumber(j); j.Subject = -1 }, `"4915112345678"`, `"` + n + `"`,
		},
		"no subject, and everybody's number is known": {
			func(j *masking.Job) { j.Subject = -1 }, `"4915112345678"`, `"4915112345678"`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			const before, after = `{"value":{"message":{"text":{"body":`, `}}}}`
			j := jobOf(t, before+row.in+after, masking.ShapeUserID, ada(t))
			row.change(&j)
			got := rewriteOf(t, j)
			if string(got.Body) != before+row.want+after {
				t.Errorf("\n got %s\nwant %s", got.Body, before+row.want+after)
			}
			again := jobOf(t, string(got.Body), masking.ShapeUserID, ada(t))
			row.change(&again)
			if twice := rewriteOf(t, again); string(twice.Body) != string(got.Body) {
				t.Errorf("masked twice\n got %s\nwant %s", twice.Body, got.Body)
			}
		})
	}
}

func TestRoles(t *testing.T) {
	t.Parallel()
	const sealed = "wamid.sealede20c270c"
	for name, row := range map[string]struct{ in, want string }{
		"error texts lose every number": {
			`{"errors":[{"code":131026,"title":"to 4915112345678 failed"}]}`,
			`{"errors":[{"code":131026,"title":"to [number hidden] failed"}]}`,
		},
		"echoes stay": {
			`{"interactive":{"payload":"16505550142","notes":{"16505550142":"\u00e9"}}}`,
			`{"interactive":{"payload":"16505550142","notes":{"16505550142":"\u00e9"}}}`,
		},
		"timestamps and hashes stay":     {`{"timestamp":"16505550142","hash":"3A16505550142F"}`, `{"timestamp":"16505550142","hash":"3A16505550142F"}`},
		"an object where a hash belongs": {`{"hash":{"a":"16505550142"}}`, `{"hash":{"a":"` + adaLong + `"}}`},
		"message ids are re-issued": {
			`{"id":"wamid.HBgLMTU1NTAwMDEyMzQVAgASGBQzQTAwMTEyMjMzNDQ1NTY2QUFCQgA="}`, `{"id":"` + sealed + `"}`,
		},
		"an empty message id stays":           {`{"id":""}`, `{"id":""}`},
		"a message id that is a number":       {`{"id":16505550142}`, `{"id":"` + adaLong + `"}`},
		"a message id that is an object":      {`{"id":{"a":"16505550142"}}`, `{"id":{"a":"` + adaLong + `"}}`},
		"an invite link goes":                 {`{"link":"https://chat.whatsapp.com/x","type":"x"}`, `{"type":"x"}`},
		"JSON in a string, values and names":  {`{"interactive":{"response_json":"{\"p\":\"+16505550142\",\"16505550142\":[16505550142,true]}"}}`, `{"interactive":{"response_json":"{\"p\":\"` + adaLong + `\",\"` + adaLong + `\":[\"` + adaLong + `\",true]}"}}`},
		"JSON in a string keeps its letters":  {`{"interactive":{"response_json":"{\"p\":\"16505550142\",\"n\":\"\\u00e9 \u00e9\"}"}}`, `{"interactive":{"response_json":"{\"p\":\"` + adaLong + `\",\"n\":\"\\u00e9 \u00e9\"}"}}`},
		"JSON in a string without names":      {`{"interactive":{"response_json":"{ \"p\":\"\u0061\\/b\"}"}}`, `{"interactive":{"response_json":"{ \"p\":\"\u0061\\/b\"}"}}`},
		"JSON that is no string":              {`{"interactive":{"response_json":16505550142}}`, `{"interactive":{"response_json":"` + adaLong + `"}}`},
		"JSON in JSON in a string":            {`{"interactive":{"response_json":"{\"p\":\"{\\\"q\\\":\\\"16505550142\\\"}\"}"}}`, `{"interactive":{"response_json":"{\"p\":\"{\\\"q\\\":\\\"` + adaLong + `\\\"}\"}"}}`},
		"a JSON number in an unknown place":   {`{"x":16505550142}`, `{"x":"` + adaLong + `"}`},
		"a JSON number with more digits":      {`{"x":916505550142}`, `{"x":"9` + adaLong + `"}`},
		"a negative JSON number":              {`{"x":-16505550142}`, `{"x":"-` + adaLong + `"}`},
		"a JSON number with an exponent":      {`{"x":[1.6505550142E+10,165055501420e-1,1e400,1.5]}`, `{"x":["` + adaLong + `","` + adaLong + `",1e400,1.5]}`},
		"literals stay":                       {`{"x":[true,false,null]}`, `{"x":[true,false,null]}`},
		"an array where a person's id stands": {`{"from":["16505550142"]}`, `{"from":["` + adaLong + `"]}`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			const before, after = `{"value":{"message":`, `}}`
			got := rewriteOf(t, jobOf(t, before+row.in+after, masking.ShapeUserID, ada(t)))
			if want := before + row.want + after; string(got.Body) != want {
				t.Errorf("\n got %s\nwant %s", got.Body, want)
			}
		})
	}
}

func TestPhoneShapeInJSONNumbers(t *testing.T) {
	t.Parallel()
	got := rewriteOf(t, jobOf(t, `{"a":16505550142,"b":916505550142,"c":-16505550142,"d":"+16505550142"}`, masking.ShapePhone, ada(t)))
	want := `{"a":` + adaPhone + `,"b":9` + adaPhone + `,"c":"-` + adaPhone + `","d":"` + adaPhone + `"}`
	if string(got.Body) != want {
		t.Errorf("\n got %s\nwant %s", got.Body, want)
	}
}

func TestRolesInArrays(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		role     masking.Role
		hidden   bool
		in, want string
	}{
		"what would be removed is marked": {masking.RoleRemove, true, `["x",1,null]`, `["[hidden]","[hidden]",null]`},
		"a user name":                     {masking.RoleUsername, true, `["ada"]`, `["[hidden]"]`},
		"an invite link":                  {masking.RoleInviteLink, true, `["https://x"]`, `["[hidden]"]`},
		"a visible person's stay":         {masking.RoleRemove, false, `["x",1,null]`, `["x",1,null]`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			person := ada(t)
			person.Visible = !row.hidden
			j := jobOf(t, row.in, masking.ShapeUserID, person)
			j.Schema = eachOf(roleOf(row.role))
			if got := string(rewriteOf(t, j).Body); got != row.want {
				t.Errorf("got %s, want %s", got, row.want)
			}
		})
	}
}

func TestMessageIDsWithoutAnIssuerAreHidden(t *testing.T) {
	t.Parallel()
	j := jobOf(t, `{"value":{"message":{"id":"wamid.x","text":{"body":"wamid.HBgLMTY1MDU1NTAxNDIVAgASGAoxMTgyMDg2MjY3AA=="}}}}`, masking.ShapeUserID, ada(t))
	j.IDs = nil
	want := `{"value":{"message":{"id":"[hidden]","text":{"body":"wamid.[hidden]"}}}}`
	if got := string(rewriteOf(t, j).Body); got != want {
		t.Errorf("\n got %s\nwant %s", got, want)
	}
}

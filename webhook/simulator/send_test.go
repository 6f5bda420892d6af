package simulator_test

import (
	"encoding/base64"
	"encoding/json"
	"strings"
	"testing"
	"time"
)

const (
	toAda     = `"to":"+1 (650) 555-0142"`
	adaUser   = `"recipient":"US.7430000000000001"`
	beaUser   = `"recipient":"IT.7430000000000002"`
	beaNumber = `"to":"+393331234567"`
)

// The documents: webhooks.md 6.1, 6.2 and 6.6; identity.md 2.4.
func TestWhatASendIsAnsweredWith(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		members      string
		status, code int
	}{
		"a text to a number with separators": {text(toAda, "Hi"), 200, 0},
		"a text to a user id":                {text(adaUser, "Hi"), 200, 0},
		"a text to both":                     {text(toAda+","+beaUser, "Hi"), 200, 0},
		"a text to nobody":                   {text(`"recipient_type":"individual"`, "Hi"), 400, 131008},
		"a number without +, as webhooks give it, is a stranger": {text(`"to":"16505550142"`, "Hi"), 400, 131047},
		"a national number gets the business's country code":     {text(`"to":"6505550142"`, "Hi"), 200, 0},
		"a number that no country has":                           {text(`"to":"+999123456789012"`, "Hi"), 400, 131026},
		"to that is no number":                                   {text(`"to":"+1 ada"`, "Hi"), 400, 100},
		"a user id in to is accepted":                            {text(`"to":"US.7430000000000001"`, "Hi"), 200, 0},
		"a user id that nobody has":                              {text(`"recipient":"US.1"`, "Hi"), 400, 131026},
		"the business itself":                                    {text(`"to":"+15550783881"`, "Hi"), 400, 131021},
		"somebody who never wrote":                               {text(`"to":"+447700900123"`, "Hi"), 400, 131047},
		"a template to somebody who never wrote":                 {`"to":"+447700900123","type":"template","template":{"name":"hello_world","language":{"code":"en_US"}}`, 200, 0},
		"a template that does not exist":                         {toAda + `,"type":"template","template":{"name":"nothing","language":{"code":"en_US"}}`, 404, 132001},
		"a template without a language":                          {toAda + `,"type":"template","template":{"name":"hello_world"}`, 400, 131008},
		"an authentication template to a number":                 {toAda + `,"type":"template","template":{"name":"login_code","language":{"code":"en_US"}}`, 200, 0},
		"an authentication template to a user id":                {adaUser + `,"type":"template","template":{"name":"login_code","language":{"code":"en_US"}}`, 400, 131062},
		"an empty text":                                          {text(toAda, ""), 400, 131008},
		"a text that is too long":                                {text(toAda, strings.Repeat("a", 4097)), 400, 100},
		"a type without its object":                              {toAda + `,"type":"image"`, 400, 131008},
		"a type that there is not":                               {toAda + `,"type":"hologram","hologram":{}`, 400, 131051},
		"a quoted message that nobody sent":                      {text(toAda+`,"context":{"message_id":"wamid.x"}`, "Hi"), 400, 131009},
		"a reaction to a message that nobody sent":               {toAda + `,"type":"reaction","reaction":{"message_id":"wamid.x","emoji":"👍"}`, 400, 131009},
		"a read mark of a message that nobody sent":              {`"status":"read","message_id":"wamid.x"`, 400, 131009},
		"a medium that does not exist":                           {toAda + `,"type":"image","image":{"id":"1"}`, 400, 131009},
		"a medium by its link":                                   {toAda + `,"type":"image","image":{"link":"https://a.example/b.png"}`, 200, 0},
		"a location":                                             {toAda + `,"type":"location","location":{"latitude":1.5,"longitude":"2"}`, 200, 0},
		"a location that is nowhere":                             {toAda + `,"type":"location","location":{"latitude":1.5}`, 400, 131008},
		"contact cards":                                          {toAda + `,"type":"contacts","contacts":[{"name":{"formatted_name":"A"}}]`, 200, 0},
		"buttons without one":                                    {toAda + `,"type":"interactive","interactive":{"type":"button","body":{"text":"?"},"action":{"buttons":[]}}`, 400, 131009},
		"a group that does not exist":                            {text(`"recipient_type":"group","to":"Y2FwaQ=="`, "Hi"), 400, 131009},
		"callback data that is too long":                         {text(toAda+`,"biz_opaque_callback_data":"`+strings.Repeat("a", 513)+`"`, "Hi"), 400, 100},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, nil)
			r.wrote(t, ada())
			got := r.message(t, c.members)
			if got.status != c.status || got.code() != c.code {
				t.Errorf("answered %d, code %d; want %d, code %d: %s", got.status, got.code(), c.status, c.code, got.body)
			}
		})
	}
}

// webhooks.md 6.2: what names the recipient in the answer, and section 4: in the id.
func TestTheAnswerNamesTheRecipientAsTheyWereAddressed(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ recipient, contact, inside string }{
		"by number":  {toAda, `{"input":"+1 (650) 555-0142","wa_id":"16505550142"}`, "16505550142\x15\x02"},
		"by user id": {adaUser, `{"input":"US.7430000000000001","user_id":"US.7430000000000001"}`, "US.7430000000000001\x15\x14"},
		"by both":    {toAda + "," + adaUser, `{"input":"+1 (650) 555-0142","wa_id":"16505550142"}`, "16505550142\x15\x02"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, nil)
			r.wrote(t, ada())
			got := r.message(t, text(c.recipient, "Hi"))
			id := firstID(t, got)
			if want := `{"messaging_product":"whatsapp","contacts":[` + c.contact + `],"messages":[{"id":"` + id + `"}]}`; got.body != want {
				t.Errorf("answered\n%s, want\n%s", got.body, want)
			}
			raw, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(id, "wamid."))
			if err != nil || !strings.Contains(string(raw), c.inside) {
				t.Errorf("the id %q does not hold %q", raw, c.inside)
			}
		})
	}
}

func TestATemplatesAnswerHasAStatus(t *testing.T) {
	t.Parallel()
	got := newRig(t, nil).message(t, toAda+`,"type":"template","template":{"name":"hello_world","language":{"code":"en_US"}}`)
	if !strings.Contains(got.body, `"message_status":"accepted"`) {
		t.Errorf("no message_status in %s", got.body)
	}
}

// The platform takes forms too, whose objects are JSON.
func TestAFormIsTaken(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	r.wrote(t, ada())
	got := r.as(t, "", "POST", "/"+numberID+"/messages", "access_token="+token+"&messaging_product=whatsapp&to=%2B16505550142&text=%7B%22body%22%3A%22Hi%22%7D")
	if got.status != 200 {
		t.Errorf("answered %d: %s", got.status, got.body)
	}
}

// identity.md 2.4: what is put in to as a user id never arrives.
func TestAUserIDInToReachesNobody(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	r.wrote(t, ada())
	r.flush(t)
	r.message(t, text(`"to":"US.7430000000000001"`, "Hi"))
	if got := r.flush(t); len(got) != 0 || len(r.graph.Phone(ada())) != 0 {
		t.Errorf("it arrived, with %d webhooks", len(got))
	}
}

// webhooks.md 6.6: the window is 24 hours, and a message or a call opens it.
func TestTheWindow(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	send := func() int { return r.message(t, text(toAda, "Hi")).code() }
	if got := send(); got != 131047 {
		t.Errorf("before she wrote: code %d", got)
	}
	r.wrote(t, ada())
	r.later(24 * time.Hour)
	if got := send(); got != 0 {
		t.Errorf("after 24 hours: code %d", got)
	}
	r.later(time.Second)
	if got := send(); got != 131047 {
		t.Errorf("after 24 hours and a second: code %d", got)
	}
	if _, err := r.graph.Ring(numberID, ada()); err != nil {
		t.Fatal(err)
	}
	if got := send(); got != 0 {
		t.Errorf("after a call: code %d", got)
	}
}

// identity.md 2.6 and 2.7 c.
func TestStatusesFollow(t *testing.T) {
	t.Parallel()
	hidden := `{"profile":{"name":"Bea Neri"},"user_id":"IT.7430000000000002"}`
	shown := `{"profile":{"name":"Bea Neri"},"wa_id":"393331234567","user_id":"IT.7430000000000002"}`
	for name, c := range map[string]struct{ recipient, contact, names string }{
		"to the user id of somebody who hides": {beaUser, hidden, `"recipient_user_id":"IT.7430000000000002"`},
		"to the number of somebody who hides":  {beaNumber, shown, `"recipient_id":"393331234567","recipient_user_id":"IT.7430000000000002"`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, nil)
			r.wrote(t, bea())
			r.flush(t)
			id := firstID(t, r.message(t, text(c.recipient+`,"biz_opaque_callback_data":"order 7"`, "Hi")))
			webhooks := r.flush(t)
			if len(webhooks) != 3 {
				t.Fatalf("%d webhooks followed, want 3", len(webhooks))
			}
			for i, status := range []string{"sent", "delivered", "read"} {
				want := `"contacts":[` + c.contact + `],"statuses":[{"id":"` + id + `","status":"` + status + `","timestamp":"1789000000",` + c.names + `,"biz_opaque_callback_data":"order 7"`
				if !strings.Contains(webhooks[i], want) {
					t.Errorf("webhook %d is %s\nwant in it %s", i, webhooks[i], want)
				}
			}
		})
	}
}

// identity.md 2.6: failed has no contacts, and no recipient_user_id for a number.
func TestAFailedStatusOnRequest(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	r.wrote(t, ada())
	r.flush(t)
	if got := r.message(t, text(toAda, "please fail 131049")); got.status != 200 {
		t.Fatalf("answered %d", got.status)
	}
	webhooks := r.flush(t)
	if len(webhooks) != 1 || !strings.Contains(webhooks[0], `"status":"failed"`) || !strings.Contains(webhooks[0], `"code":131049`) ||
		strings.Contains(webhooks[0], `"contacts"`) || strings.Contains(webhooks[0], "recipient_user_id") {
		t.Errorf("followed: %s", webhooks)
	}
	if len(r.graph.Phone(ada())) != 0 {
		t.Error("it arrived all the same")
	}
}

// webhooks.md 6.6: every code has its HTTP status, and the body its members.
func TestErrorsOnRequest(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	r.wrote(t, ada())
	for code, status := range map[string]int{
		"0": 401, "190": 401, "3": 500, "10": 403, "200": 403, "131005": 403, "368": 403, "131031": 403, "130497": 403,
		"4": 400, "80007": 400, "130429": 400, "131056": 400, "131048": 400, "133016": 400, "1": 400, "2": 503, "131016": 500,
		"133004": 503, "131000": 500, "131057": 500, "33": 400, "100": 400, "131008": 400, "131009": 400, "131021": 400,
		"135000": 400, "131026": 400, "131030": 400, "131042": 400, "131047": 400, "131049": 400, "131050": 400, "130472": 400,
		"131051": 400, "131052": 400, "131053": 400, "131062": 400, "132001": 404, "132000": 400, "132016": 400, "131201": 206,
	} {
		for place, members := range map[string]string{
			"text":          text(toAda, "error "+code),
			"callback data": text(toAda+`,"biz_opaque_callback_data":"error `+code+`"`, "Hi"),
			"template":      toAda + `,"type":"template","template":{"name":"error_` + code + `","language":{"code":"en_US"}}`,
		} {
			got := r.message(t, members)
			var body struct {
				Error struct {
					Message, Type string
					Code          int
					ErrorData     struct {
						Product string `json:"messaging_product"`
						Details string
					} `json:"error_data"`
					Trace string `json:"fbtrace_id"`
				}
			}
			if err := json.Unmarshal([]byte(got.body), &body); err != nil {
				t.Fatal(err)
			}
			e := body.Error
			if got.status != status || !strings.HasPrefix(e.Message, "(#"+code+")") || e.Type != "OAuthException" || e.Trace == "" ||
				e.ErrorData.Product != "whatsapp" || !strings.Contains(e.ErrorData.Details, "650) 555-0142") {
				t.Errorf("error %s in the %s is answered %d, want %d: %s", code, place, got.status, status, got.body)
			}
			if got.header.Get("X-App-Usage") == "" || !strings.Contains(got.header.Get("X-Business-Use-Case-Usage"), waba) {
				t.Errorf("no usage headers beside error %s", code)
			}
		}
	}
	if len(r.graph.Phone(ada())) != 0 {
		t.Error("something arrived")
	}
}

package simulator_test

import (
	"context"
	"encoding/json"
	"fmt"
	"image/png"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"testing"

	"bauta/webhook/simulator"
)

func TestWhoMayCallWhat(t *testing.T) {
	t.Parallel()
	r := newRig(t, func(o *simulator.GraphOptions) { o.Ads = []simulator.AdNode{{ID: "120226305854810726", Campaign: "7"}} })
	for name, c := range map[string]struct {
		token, method, path string
		status, code        int
	}{
		"no token":                                {"", "GET", "/v25.0/" + numberID, 401, 190},
		"a wrong token":                           {"x", "GET", "/v25.0/" + numberID, 401, 190},
		"a number":                                {token, "GET", "/v25.0/" + numberID, 200, 0},
		"a number without a version":              {token, "GET", "/" + numberID, 200, 0},
		"the token in the query":                  {"", "GET", "/v25.0/" + numberID + "?access_token=" + token, 200, 0},
		"another business's number":               {token, "GET", "/v25.0/901", 400, 100},
		"another business's WABA":                 {token, "GET", "/v25.0/900/phone_numbers", 400, 100},
		"an object that does not exist":           {token, "GET", "/v25.0/77", 400, 100},
		"an edge that does not exist":             {token, "GET", "/v25.0/" + numberID + "/nothing", 400, 2500},
		"a path that names nothing":               {token, "GET", "/v25.0/nothing", 400, 2500},
		"no path":                                 {token, "GET", "/", 400, 2500},
		"a body that is no JSON":                  {token, "POST", "/v25.0/" + numberID + "/messages", 400, 100},
		"an ad":                                   {token, "GET", "/v25.0/120226305854810726?fields=id,campaign_id,adset{id}", 200, 0},
		"an ad that the token does not belong to": {"another", "GET", "/v25.0/120226305854810726", 200, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			body := ""
			if c.method == "POST" {
				body = `{"to":`
			}
			got := r.as(t, c.token, c.method, c.path, body)
			if got.status != c.status || got.code() != c.code {
				t.Errorf("answered %d, code %d; want %d, code %d: %s", got.status, got.code(), c.status, c.code, got.body)
			}
		})
	}
}

// webhooks.md 6.4.
func TestBlocks(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	path := "/v25.0/" + numberID + "/block_users"
	block := func(items string) answer {
		return r.do(t, "POST", path, `{"messaging_product":"whatsapp","block_users":[`+items+`]}`)
	}
	r.wrote(t, ada())
	got := block(`{"user":"+16505550142"},{"user_id":"IT.7430000000000002"}`)
	for _, want := range []string{
		`"added_users":[{"input":"+16505550142","wa_id":"16505550142","user_id":"US.7430000000000001"}]`,
		`"failed_users":[{"input":"IT.7430000000000002","errors":[`, `"code":139100`,
	} {
		if got.status != 400 || !strings.Contains(got.body, want) {
			t.Errorf("one who wrote and one who did not: %d %s\nwant in it %s", got.status, got.body, want)
		}
	}
	r.wrote(t, bea())
	if got := block(`{"user_id":"IT.7430000000000002"}`); got.body !=
		`{"messaging_product":"whatsapp","block_users":{"added_users":[{"input":"IT.7430000000000002","user_id":"IT.7430000000000002"}]}}` {
		t.Errorf("by user id: %s", got.body)
	}
	if got := r.message(t, text(adaUser, "Hi")); got.code() != 130403 {
		t.Errorf("a message to somebody who is blocked: %s", got.body)
	}
	if _, err := r.graph.Say(numberID, simulator.Text(ada(), "Hi")); err == nil {
		t.Error("somebody who is blocked can write")
	}
	first := r.do(t, "GET", path+"?limit=1", "")
	var page struct {
		Paging struct {
			Cursors struct{ After string }
			Next    string
		}
	}
	if err := json.Unmarshal([]byte(first.body), &page); err != nil {
		t.Fatal(err)
	}
	second := r.do(t, "GET", path+"?limit=1&after="+page.Paging.Cursors.After, "")
	if !strings.Contains(first.body, "16505550142") || strings.Contains(second.body, "16505550142") ||
		!strings.Contains(second.body, `{"block_users":[{"user_id":"IT.7430000000000002"}]}`) || strings.Contains(second.body, "next") {
		t.Errorf("pages\n%s\n%s", first.body, second.body)
	}
	if next := r.do(t, "GET", page.Paging.Next, ""); !strings.Contains(next.body, `"IT.7430000000000002"`) {
		t.Errorf("the next page is %s", next.body)
	}
	if got := r.do(t, "DELETE", path, `{"messaging_product":"whatsapp","block_users":[{"user":"+16505550142"}]}`); got.status != 200 || r.graph.Blocked(ada(), numberID) {
		t.Errorf("unblocked: %s", got.body)
	}
}

// What a CRM asks for beside messages, each with something that the answer has.
func TestEdges(t *testing.T) {
	t.Parallel()
	template := `{"name":"order","language":"en_US","category":"UTILITY","components":[{"type":"BODY","text":"Hi"}]}`
	call := `{"messaging_product":"whatsapp","to":"+16505550142","action":"connect","session":{"sdp_type":"offer","sdp":"v=0"}}`
	group := "Y2FwaV9ncm91cDoxNTU1MDc4Mzg4MToxMjAzNjMwMDAwMDAwMDAwMDFk"
	for name, c := range map[string]struct{ method, path, body, has string }{
		"a phone number":        {"GET", numberID + "?fields=display_phone_number", "", `{"display_phone_number":"+15550783881","id":"` + numberID + `"}`},
		"the numbers of a WABA": {"GET", waba + "/phone_numbers", "", `"id":"` + numberID + `"`},
		"the apps of a WABA":    {"GET", waba + "/subscribed_apps", "", `{"data":[{"whatsapp_business_api_data":{`},
		"templates":             {"GET", waba + "/message_templates?name=login_code", "", `"category":"AUTHENTICATION"`},
		"a new template":        {"POST", waba + "/message_templates", template, `"status":"PENDING","category":"UTILITY"}`},
		"a template goes":       {"DELETE", waba + "/message_templates?name=hello_world", "", `{"success":true}`},
		"the profile":           {"GET", numberID + "/whatsapp_business_profile?fields=about", "", `{"data":[{"about":"Succulents"}]}`},
		"the profile changes":   {"POST", numberID + "/whatsapp_business_profile", `{"messaging_product":"whatsapp","about":"x"}`, `{"success":true}`},
		"a call":                {"POST", numberID + "/calls", call, `{"messaging_product":"whatsapp","calls":[{"id":"wacid.HBgL`},
		"a call permission":     {"GET", numberID + "/call_permissions?user_wa_id=16505550142", "", `"action_name":"start_call"`},
		"the contact book":      {"DELETE", numberID + "/contact_book?messaging_product=whatsapp&bsuid=US.7430000000000001", "", `"success":true,"deleted":false}`},
		"groups":                {"GET", numberID + "/groups", "", `{"data":{"groups":[{"id":"` + group + `","subject":"Runners"`},
		"a new group":           {"POST", numberID + "/groups", `{"messaging_product":"whatsapp","subject":"New"}`, `"request_id":`},
		"a group":               {"GET", group + "?fields=subject,participants", "", `"participants":[{"wa_id":"16505550142","user_id":"US.7430000000000001"},{"user_id":"IT.7430000000000002"}]`},
		"a participant goes":    {"DELETE", group + "/participants", `{"messaging_product":"whatsapp","participants":[{"user":"+16505550142"}]}`, `"request_id":`},
		"two names for one":     {"DELETE", group + "/participants", `{"participants":[{"user":"+1","user_id":"US.1"}]}`, `"code":100`},
		"an ad":                 {"GET", "120226305854810726?fields=id,campaign_id,adset{destination_type}", "", `{"id":"120226305854810726","campaign_id":"7","adset":{"destination_type":"WHATSAPP"`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, func(o *simulator.GraphOptions) {
				o.Groups = []simulator.Group{{ID: group, Subject: "Runners", PhoneNumberID: numberID, People: []simulator.Person{ada(), bea()}}}
				o.Ads = []simulator.AdNode{{ID: "120226305854810726", Campaign: "7", AdSet: "8", Destination: "WHATSAPP", Status: "ACTIVE"}}
			})
			if got := r.do(t, c.method, "/v25.0/"+c.path, c.body); !strings.Contains(got.body, c.has) {
				t.Errorf("answered %d %s\nwant in it %s", got.status, got.body, c.has)
			}
		})
	}
}

func TestPeopleWriteBack(t *testing.T) {
	t.Parallel()
	r := newRig(t, func(o *simulator.GraphOptions) {
		o.WriteBack = func(to simulator.Person, d simulator.Delivered) (simulator.Message, bool) {
			m := simulator.Text(to, "Thank you")
			m.Quoted = d.ID
			return m, true
		}
	})
	r.wrote(t, ada())
	r.flush(t)
	id := firstID(t, r.message(t, text(adaUser, "Hi")))
	webhooks := r.flush(t)
	if last := webhooks[len(webhooks)-1]; len(webhooks) != 4 || !strings.Contains(last, "Thank you") || !strings.Contains(last, id) {
		t.Errorf("%d webhooks, the last is %s", len(webhooks), last)
	}
}

func TestWebhooksThatAreNotTakenStay(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	broken := newRig(t, func(o *simulator.GraphOptions) {
		o.Sender = &simulator.Sender{Client: &http.Client{}, URL: r.url, Secret: "secret"} // an API takes no webhooks
	})
	broken.wrote(t, ada())
	for range 2 {
		if err := broken.graph.Flush(t.Context()); err == nil {
			t.Fatal("it was taken")
		}
	}
}

// The observer is for printing: it must not get a token.
func TestTheObserverGetsNoToken(t *testing.T) {
	t.Parallel()
	var seen []simulator.Call
	r := newRig(t, func(o *simulator.GraphOptions) { o.Observe = func(c simulator.Call) { seen = append(seen, c) } })
	r.do(t, "GET", "/v25.0/"+numberID+"?access_token="+token, "")
	if len(seen) != 1 || strings.Contains(fmt.Sprint(seen[0].Path, string(seen[0].Body), string(seen[0].Answer)), token) || seen[0].Status != 200 {
		t.Errorf("observed %v", seen)
	}
}

func TestTrafficThroughAStandInOpensTheWindow(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	traffic := simulator.NewTraffic(simulator.Business{WABA: waba, PhoneNumberID: numberID, Number: "15550783881"}, 1, 7)
	traffic.Through(r.graph)
	to := text(`"recipient":"US.7430000000000000"`, "Hi")
	if got := r.message(t, to); got.code() != 131047 {
		t.Errorf("before the customer wrote: %s", got.body)
	}
	traffic.Next(r.clock())
	if got := r.message(t, to); got.status != 200 {
		t.Errorf("after: %s", got.body)
	}
}

func TestTrafficThroughAStandInSendsPictures(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	traffic := simulator.NewTraffic(simulator.Business{WABA: waba, PhoneNumberID: numberID, Number: "15550783881"}, 1, 7)
	traffic.Through(r.graph)
	image := regexp.MustCompile(`"type":"image","image":\{"mime_type":"image/png","sha256":"[^"]{44}","id":"([0-9]+)"`)
	pictures := 0
	for range 200 {
		found := image.FindStringSubmatch(string(traffic.Next(r.clock())))
		if found == nil {
			continue
		}
		pictures++
		var medium struct{ URL string }
		looked := r.do(t, "GET", "/v25.0/"+found[1], "")
		if err := json.Unmarshal([]byte(looked.body), &medium); err != nil || medium.URL == "" {
			t.Fatalf("looked up: %s", looked.body)
		}
		got := r.do(t, "GET", medium.URL, "")
		if _, err := png.Decode(strings.NewReader(got.body)); err != nil || got.header.Get("Content-Type") != "image/png" {
			t.Fatalf("downloaded %d: %v", got.status, err)
		}
	}
	if pictures < 5 || pictures > 80 {
		t.Errorf("%d of 200 messages are pictures, want about one in 8", pictures)
	}
}

func TestASenderTellsHowItsPostsAreAnswered(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTeapot) }))
	var told []int
	s := simulator.Sender{Client: &http.Client{}, URL: server.URL, Secret: "secret", Answered: func(status int) { told = append(told, status) }}
	if status, err := s.Send(t.Context(), nil); status != http.StatusTeapot || err != nil {
		t.Errorf("%d, %v", status, err)
	}
	server.Close()
	if _, err := s.Send(t.Context(), nil); err == nil {
		t.Error("nobody answers, and that is no error")
	}
	ended, end := context.WithCancel(t.Context())
	end()
	if _, err := s.Send(ended, nil); err == nil {
		t.Error("it was given up, and that is no error")
	}
	if !slices.Equal(told, []int{http.StatusTeapot, 0}) {
		t.Errorf("told %v", told)
	}
}

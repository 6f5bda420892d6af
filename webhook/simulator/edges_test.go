package simulator_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/textproto"
	"strings"
	"testing"
	"time"

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

// webhooks.md 6.5.
func TestMediaGoUpAndDown(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	content := []byte("\x89PNG some bytes")
	var id struct{ ID string }
	uploaded := r.upload(t, content)
	if err := json.Unmarshal([]byte(uploaded.body), &id); err != nil || id.ID == "" {
		t.Fatalf("uploaded: %d %s", uploaded.status, uploaded.body)
	}
	sum := sha256.Sum256(content)
	var found struct {
		Product  string `json:"messaging_product"`
		URL      string
		MimeType string `json:"mime_type"`
		SHA256   string
		Size     int `json:"file_size"`
		ID       string
	}
	looked := r.do(t, "GET", "/v25.0/"+id.ID+"?phone_number_id="+numberID, "")
	if err := json.Unmarshal([]byte(looked.body), &found); err != nil {
		t.Fatal(err)
	}
	if found.Product != "whatsapp" || found.MimeType != "image/png" || found.SHA256 != hex.EncodeToString(sum[:]) || found.Size != len(content) || found.ID != id.ID {
		t.Errorf("looked up: %s", looked.body)
	}
	if got := r.do(t, "GET", found.URL, ""); got.body != string(content) || got.header.Get("Content-Type") != "image/png" {
		t.Errorf("downloaded %d %q", got.status, got.body)
	}
	if got := r.as(t, "", "GET", found.URL, ""); got.status != 401 {
		t.Errorf("downloaded without a token: %d", got.status)
	}
	if got := r.do(t, "GET", strings.Replace(found.URL, "hash=", "hash=0", 1), ""); got.status != 404 {
		t.Errorf("downloaded with another hash: %d", got.status)
	}
	r.later(5*time.Minute + time.Second)
	if got := r.do(t, "GET", found.URL, ""); got.status != 404 {
		t.Errorf("downloaded after 5 minutes: %d", got.status)
	}
	if got := r.do(t, "DELETE", "/v25.0/"+id.ID, ""); got.body != `{"success":true}` {
		t.Errorf("deleted: %s", got.body)
	}
	if got := r.do(t, "GET", "/v25.0/"+id.ID, ""); got.code() != 100 {
		t.Errorf("looked up after that: %s", got.body)
	}
}

func (r *rig) upload(t *testing.T, content []byte) answer {
	t.Helper()
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	_ = w.WriteField("messaging_product", "whatsapp")
	header := textproto.MIMEHeader{}
	header.Set("Content-Disposition", `form-data; name="file"; filename="a.png"`)
	header.Set("Content-Type", "image/png")
	part, err := w.CreatePart(header)
	if err != nil {
		t.Fatal(err)
	}
	_, _ = part.Write(content)
	_ = w.Close()
	request, err := http.NewRequestWithContext(t.Context(), "POST", r.url+"/v25.0/"+numberID+"/media", &body)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", w.FormDataContentType())
	request.Header.Set("Authorization", "Bearer "+token)
	return r.send(t, request)
}

func TestACustomersMediumCanBeFetched(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	m, err := r.graph.Medium(numberID, ada(), "image/jpeg", []byte("a picture"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := r.graph.Say(numberID, m); err != nil {
		t.Fatal(err)
	}
	var event struct {
		Entry []struct {
			Changes []struct {
				Value struct {
					Messages []struct{ Image struct{ ID string } }
				}
			}
		}
	}
	if err := json.Unmarshal([]byte(r.flush(t)[0]), &event); err != nil {
		t.Fatal(err)
	}
	id := event.Entry[0].Changes[0].Value.Messages[0].Image.ID
	var found struct{ URL string }
	if err := json.Unmarshal([]byte(r.do(t, "GET", "/v25.0/"+id, "").body), &found); err != nil {
		t.Fatal(err)
	}
	if got := r.do(t, "GET", found.URL, ""); got.body != "a picture" {
		t.Errorf("downloaded %d %q", got.status, got.body)
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

// webhooks.md 2.2: the statuses of a group come together.
func TestAGroupMessageReachesEverybody(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	group := r.graph.Declare(simulator.Group{Subject: "Runners", PhoneNumberID: numberID, People: []simulator.Person{ada(), bea()}})
	if _, err := r.graph.Say(numberID, simulator.Message{From: ada(), Group: group, Type: "text", Content: simulator.Part{{Name: "body", Value: "Hi"}}}); err != nil {
		t.Fatal(err)
	}
	r.wrote(t, bea())
	r.flush(t)
	got := r.message(t, text(`"recipient_type":"group","to":"`+group+`"`, "Hello all"))
	if want := `"contacts":[{"input":"` + group + `","wa_id":"` + group + `"}]`; !strings.Contains(got.body, want) {
		t.Fatalf("answered %s, want in it %s", got.body, want)
	}
	webhooks := r.flush(t)
	if len(webhooks) != 3 || !strings.Contains(webhooks[0], `"recipient_type":"group","recipient_participant_id":"16505550142"`) ||
		!strings.Contains(webhooks[0], `"recipient_participant_user_id":"IT.7430000000000002"`) || strings.Contains(webhooks[0], bea().Number) {
		t.Errorf("followed %d: %s", len(webhooks), webhooks)
	}
	for _, p := range []simulator.Person{ada(), bea()} {
		if got := r.graph.Phone(p); len(got) != 1 || got[0].Group != group {
			t.Errorf("%s's phone has %v", p.Name, got)
		}
	}
}

func TestLimitsOnRequest(t *testing.T) {
	t.Parallel()
	r := newRig(t, func(o *simulator.GraphOptions) { o.PairLimit = true })
	r.wrote(t, ada())
	for i := range 45 {
		if got := r.message(t, text(toAda, "Hi")); got.status != 200 {
			t.Fatalf("message %d: %s", i, got.body)
		}
	}
	if got := r.message(t, text(toAda, "Hi")); got.code() != 131056 {
		t.Errorf("the 46th at once: %s", got.body)
	}
	r.later(6 * time.Second)
	if got := r.message(t, text(toAda, "Hi")); got.status != 200 {
		t.Errorf("6 seconds later: %s", got.body)
	}
	busy := newRig(t, func(o *simulator.GraphOptions) { o.Throughput = 2 })
	busy.wrote(t, ada())
	codes := fmt.Sprint(busy.message(t, text(toAda, "1")).code(), busy.message(t, text(toAda, "2")).code(), busy.message(t, text(toAda, "3")).code())
	if codes != "0 0 130429" {
		t.Errorf("three within a second of which two may: %s", codes)
	}
}

func TestItFailsOnRequest(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		mode  simulator.Mode
		tells func(status int, body []byte, err error) bool
	}{
		"garbage": {simulator.Garbage, func(status int, body []byte, err error) bool {
			return status == 200 && !json.Valid(body) && err == nil
		}},
		"cut":    {simulator.Cut, func(status int, body []byte, err error) bool { return status == 200 && err != nil && len(body) > 0 }},
		"slow":   {simulator.Slow, func(_ int, body []byte, err error) bool { return err != nil && len(body) < 3 }},
		"silent": {simulator.Silent, func(status int, _ []byte, _ error) bool { return status == 0 }},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, nil)
			r.graph.Fail(c.mode)
			client := &http.Client{Timeout: 300 * time.Millisecond, Transport: &http.Transport{DisableKeepAlives: true}}
			request, err := http.NewRequestWithContext(t.Context(), "GET", r.url+"/v25.0/"+numberID+"?access_token="+token, http.NoBody)
			if err != nil {
				t.Fatal(err)
			}
			status, body := 0, []byte(nil)
			response, err := client.Do(request)
			if err == nil {
				status = response.StatusCode
				body, err = io.ReadAll(response.Body)
				_ = response.Body.Close()
			}
			if !c.tells(status, body, err) {
				t.Errorf("answered %d %q, error %v", status, body, err)
			}
			r.graph.Fail("")
			if got := r.do(t, "GET", "/v25.0/"+numberID, ""); got.status != 200 {
				t.Errorf("healed, it answers %d", got.status)
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

func TestJoinRequests(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	group := r.graph.Declare(simulator.Group{Subject: "Runners", PhoneNumberID: numberID})
	var event struct {
		Entry []struct {
			Changes []struct {
				Value struct {
					Groups []struct {
						ID string `json:"join_request_id"`
					}
				}
			}
		}
	}
	body, err := r.graph.AskToJoin(group, bea())
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(body, &event); err != nil {
		t.Fatal(err)
	}
	id := event.Entry[0].Changes[0].Value.Groups[0].ID
	path := "/v25.0/" + group + "/join_requests"
	if got := r.do(t, "GET", path, ""); !strings.Contains(got.body, `"join_request_id":"`+id+`"`) || !strings.Contains(got.body, bea().UserID) || strings.Contains(got.body, bea().Number) {
		t.Errorf("listed: %s", got.body)
	}
	want := `{"messaging_product":"whatsapp","approved_join_requests":["` + id + `"],"failed_join_requests":[{"join_request_id":"x",`
	if got := r.do(t, "POST", path, `{"messaging_product":"whatsapp","join_requests":["`+id+`","x"]}`); !strings.HasPrefix(got.body, want) {
		t.Errorf("approved: %s", got.body)
	}
	if got := r.do(t, "GET", "/v25.0/"+group, ""); !strings.Contains(got.body, bea().UserID) {
		t.Errorf("the group after that: %s", got.body)
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

package simulator_test

import (
	"encoding/json"
	"strings"
	"testing"

	"bauta/webhook/simulator"
)

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

func TestGroupStatusesInTheOtherSpelling(t *testing.T) {
	t.Parallel()
	r := newRig(t, func(o *simulator.GraphOptions) { o.Respelled = true })
	group := r.graph.Declare(simulator.Group{PhoneNumberID: numberID, People: []simulator.Person{ada()}})
	r.wrote(t, ada())
	r.flush(t)
	r.message(t, text(`"recipient_type":"group","to":"`+group+`"`, "Hello all"))
	for _, body := range r.flush(t) {
		status := first(t, body, "statuses")
		if status["participant_recipient_id"] != ada().Number || status["recipient_participant_id"] != nil {
			t.Errorf("a status names %v", status)
		}
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

package simulator_test

import (
	"fmt"
	"strings"
	"testing"

	"bauta/webhook/simulator"
)

// webhooks.md 2.11; identity.md 2.7 f and Appendix A, F3.
func TestPeopleComeAndGo(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	group := r.graph.Declare(simulator.Group{Subject: "Runners", PhoneNumberID: numberID})
	named := bea()
	named.Username = "bea"
	both := []simulator.Person{ada(), named}
	event := func(members string) string {
		return fmt.Sprintf(`{"timestamp":"1789000000","group_id":%q,%s}`, group, members)
	}
	const people = `[{"wa_id":"16505550142","user_id":"US.7430000000000001"},{"user_id":"IT.7430000000000002","username":"bea"}]`
	for _, step := range []struct {
		name string
		do   func(string, ...simulator.Person) error
		want string
	}{
		{"join", r.graph.Join, `"type":"group_participants_add","reason":"invite_link","added_participants":` + people},
		{"leave", r.graph.Leave, `"type":"group_participants_remove","initiated_by":"participant","removed_participants":` + people},
		{"join again", r.graph.Join, `"type":"group_participants_add","reason":"invite_link","added_participants":` + people},
		{"are removed", r.graph.Remove, `"type":"group_participants_remove","initiated_by":"business","removed_participants":[{"input":"16505550142"},{"input":"IT.7430000000000002"}]`},
	} {
		if err := step.do(group, both...); err != nil {
			t.Fatal(err)
		}
		body := r.flush(t)[0]
		got := first(t, body, "groups")
		delete(got, "request_id")
		isJSON(t, step.name, got, event(step.want))
		if field := valueOf(t, body)["field"]; field != "group_participants_update" {
			t.Errorf("in the field %v", field)
		}
		members := r.do(t, "GET", "/v25.0/"+group, "").body
		if in := strings.Contains(members, `"total_participant_count":2`); in != strings.HasPrefix(step.name, "join") {
			t.Errorf("after %s: %s", step.name, members)
		}
		if err := step.do("Y2FwaQ==", both...); err == nil {
			t.Errorf("%s: a group that does not exist", step.name)
		}
	}
}

func TestWhoAskedToJoinWaitsNoMoreAfterJoining(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	group := r.graph.Declare(simulator.Group{PhoneNumberID: numberID})
	if _, err := r.graph.AskToJoin(group, bea()); err != nil {
		t.Fatal(err)
	}
	if err := r.graph.Join(group, bea()); err != nil {
		t.Fatal(err)
	}
	if got := r.do(t, "GET", "/v25.0/"+group+"/join_requests", ""); strings.Contains(got.body, bea().UserID) {
		t.Errorf("still waits: %s", got.body)
	}
}

func TestWhatIsSaidInAGroup(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	group := r.graph.Declare(simulator.Group{PhoneNumberID: numberID, People: []simulator.Person{ada(), bea()}})
	in := func(m simulator.Message) string {
		m.Group = group
		id, err := r.graph.Say(numberID, m)
		if err != nil {
			t.Fatal(err)
		}
		return id
	}
	hers := in(simulator.Text(ada(), "Hi all"))
	hidden := in(simulator.Text(bea(), "Hi Ada"))
	if raw := decoded(t, hidden); strings.Contains(raw, bea().Number) || !strings.Contains(raw, bea().UserID) {
		t.Errorf("the id of who hides holds %q", raw)
	}
	r.flush(t)
	in(simulator.Reaction(bea(), hers, "👍"))
	got := only(t, r)
	isJSON(t, "the reaction", got["reaction"], `{"message_id":"`+hers+`","emoji":"👍"}`)
	if got["group_id"] != group {
		t.Errorf("in the group %v", got["group_id"])
	}
	for name, c := range map[string]struct {
		by           simulator.Person
		quoted, want string
	}{
		"another's":                   {bea(), hers, `{"from":"16505550142","id":"` + hers + `"}`},
		"of somebody who hides":       {ada(), hidden, `{"id":"` + hidden + `"}`},
		"one's own, though one hides": {bea(), hidden, `{"from":"393331234567","id":"` + hidden + `"}`},
	} {
		m := simulator.Text(c.by, "that one")
		m.Quoted = c.quoted
		in(m)
		isJSON(t, name, only(t, r)["context"], c.want)
	}
	in(simulator.System(ada(), "customer_identity_changed", "Ada's code changed"))
	body := r.flush(t)[0]
	isJSON(t, "a system text", first(t, body, "messages")["system"], `{"body":"Ada's code changed","type":"customer_identity_changed"}`)
	if strings.Contains(body, `"contacts"`) {
		t.Error("it has contacts")
	}
}

func TestASystemTextOpensNoWindow(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	if _, err := r.graph.Say(numberID, simulator.System(ada(), "customer_identity_changed", "x")); err != nil {
		t.Fatal(err)
	}
	if got := r.message(t, text(toAda, "Hi")); got.code() != 131047 {
		t.Errorf("after it: %s", got.body)
	}
}

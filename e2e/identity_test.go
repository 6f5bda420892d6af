package e2e

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"bauta/webhook/simulator"
)

// came is a text of a person at some seconds after the story began, by the platform's
// clock.
func came(p simulator.Person, stanza, text string, seconds int64) []byte {
	return business().Inbound(simulator.Message{
		From: p, ID: simulator.MessageID(p, false, stanza), At: time.Unix(1789000000+seconds, 0), Type: "text",
		Content: simulator.Part{{Name: "body", Value: text}},
	})
}

// handles are those that the deliveries whose body has a text came under.
func (s scenario) handles(text string) []string {
	var out []string
	for _, d := range s.crm.all() {
		if strings.Contains(d.body, text) {
			out = append(out, d.header.Get("Bauta-Handle"))
		}
	}
	return out
}

// A customer was met by the number and by the user id, apart. Once they are known to be
// one person, what the platform sends again of either is recognised.
func TestARedeliveryAfterAMergeIsRecognised(t *testing.T) {
	t.Parallel()
	byNumber, byUser := withoutUserID(ada()), withoutNumber(ada())
	for name, order := range map[string][2]simulator.Person{"the number first": {byNumber, byUser}, "the user id first": {byUser, byNumber}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := start(t, setup{Default: "hidden", Endpoint: "own_events: true"})
			bodies := [][]byte{
				came(order[0], "3A0E01", "the first", 1), came(order[1], "3A0E02", "the second", 2), came(ada(), "3A0E03", "the third", 3),
			}
			for _, body := range bodies {
				s.send(t, body)
			}
			s.crm.wait(t, 4)
			for range 2 {
				for _, body := range bodies {
					s.send(t, body)
				}
			}
			// It is behind everything else in the lane of the one customer there is now.
			s.send(t, came(ada(), "3A0E04", "the fourth", 4))
			got := s.crm.wait(t, 5)
			counts := map[string]int{}
			for _, d := range got {
				for _, what := range []string{"the first", "the second", "the third", "the fourth", "identity_merged"} {
					if strings.Contains(d.body, what) {
						counts[what]++
					}
				}
			}
			if len(got) != 5 || len(counts) != 5 {
				t.Errorf("%d deliveries, want each of five once: %v", len(got), counts)
			}
			if first, last := s.handles("the first"), s.handles("the fourth"); len(first) != 1 || len(last) != 1 || first[0] != last[0] {
				t.Errorf("the first came under %v, the last under %v: want the older handle", first, last)
			}
			s.sweepAll(t, ada().Number, ada().UserID)
		})
	}
}

// announced are the platform's words for a change from one person to another
// (identity.md 2.7 g and 4, G1 to G4).
func announced(from, to simulator.Person, seconds int64) map[string][]byte {
	system := func(sender, members string) []byte {
		return message(fmt.Sprintf(`%s"id":"%s","timestamp":"%d","type":"system","system":{%s}`,
			sender, simulator.MessageID(from, false, "3A0E90"), 1789000000+seconds, members))
	}
	ids := fmt.Sprintf(`"user_id":"%s","previous_user_id":"%s",`, to.UserID, from.UserID)
	return map[string][]byte{
		"user_changed_number": system(fmt.Sprintf(`"from":"%s",`, from.Number),
			fmt.Sprintf(`"body":"User changed from %s to %s","wa_id":"%s",%s"type":"user_changed_number"`, from.Number, to.Number, to.Number, ids)),
		"user_changed_user_id": system("", fmt.Sprintf(`"body":"User changed from %s to %s",%s"type":"user_changed_user_id"`, from.UserID, to.UserID, ids)),
		"user_id_update": envelope("user_id_update", fmt.Sprintf(
			`{"messaging_product":"whatsapp","metadata":{"display_phone_number":"15550783881","phone_number_id":"106540352242922"},"user_id_update":[{"detail":"User id has been updated.","user_id":{"previous":"%s","current":"%s"},"timestamp":"%d"}]}`,
			from.UserID, to.UserID, 1789000000+seconds)),
	}
}

// The new name comes before the change that the platform announces: it is one person
// all the same, the older handle stays, and the business is told which other there was.
func TestAChangeThatIsAnnouncedLateKeepsTheHandle(t *testing.T) {
	t.Parallel()
	renumbered := simulator.Person{Number: bea().Number, UserID: bea().UserID, Name: "Ada Rossi"}
	renamed := simulator.Person{Number: ada().Number, UserID: bea().UserID, Name: "Ada Rossi"}
	hidden := simulator.Person{UserID: bea().UserID, Name: "Ada Rossi"}
	for name, row := range map[string]struct {
		words string
		to    simulator.Person
	}{
		"number and user id":                          {"user_changed_number", renumbered},
		"a user id, of whom the number is known":      {"user_changed_user_id", renamed},
		"a user id, of whom it is not":                {"user_changed_user_id", hidden},
		"a user id, in the words of half a year":      {"user_id_update", hidden},
		"the same, with a number that did not change": {"user_id_update", renamed},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := start(t, setup{Default: "hidden", Endpoint: "own_events: true"})
			s.send(t, came(ada(), "3A0E11", "before", 1))
			s.send(t, came(row.to, "3A0E12", "early", 30))
			change := announced(ada(), row.to, 20)[row.words]
			s.send(t, change)
			s.send(t, change)
			s.send(t, came(row.to, "3A0E12", "early", 30))
			s.send(t, came(row.to, "3A0E13", "after", 40))
			got := s.crm.wait(t, 5)
			before, early, after := s.handles("before"), s.handles("early"), s.handles(`"after"`)
			if len(before) != 1 || len(early) != 1 || len(after) != 1 {
				t.Fatalf("deliveries before, early, after: %d %d %d, want one each\n%s", len(before), len(early), len(after), s.log())
			}
			if after[0] != before[0] || early[0] == before[0] {
				t.Errorf("handles before, early, after: %s %s %s, want the first again", before[0], early[0], after[0])
			}
			told := 0
			for _, d := range got {
				switch kindOf(d) {
				case "identity_merged":
					told++
					if !strings.Contains(d.body, before[0]) || !strings.Contains(d.body, early[0]) {
						t.Errorf("identity_merged does not name both handles: %s", d.body)
					}
				case "identity_conflict":
					t.Errorf("there is a conflict: %s", d.body)
				}
			}
			if told != 1 {
				t.Errorf("it was told %d times, want once", told)
			}
			s.sweepAll(t, ada().Number, ada().UserID, bea().Number, bea().UserID)
		})
	}
}

// Where the one shows and the other hides nobody is told, and each keeps its name.
func TestALateChangeOfSomebodyWhoShowsIsToldToNobody(t *testing.T) {
	t.Parallel()
	to := simulator.Person{Number: bea().Number, UserID: bea().UserID, Name: "Ada Rossi"}
	s := start(t, setup{Default: "visible", Endpoint: "own_events: true"})
	s.send(t, came(ada(), "3A0E21", "before", 1))
	m := simulator.Message{
		From: to, ID: simulator.MessageID(to, false, "3A0E22"), At: time.Unix(1789000030, 0), Type: "text", Ad: ctwa(),
		Content: simulator.Part{{Name: "body", Value: "early"}},
	}
	s.send(t, business().Inbound(m))
	s.send(t, announced(ada(), to, 20)["user_changed_number"])
	s.send(t, came(to, "3A0E23", "after", 40))
	s.send(t, came(ada(), "3A0E24", "as before", 50))
	s.crm.wait(t, 5)
	early, after, asBefore := s.handles("early"), s.handles(`"after"`), s.handles("as before")
	if len(early) != 1 || len(after) != 1 || early[0] == "" || early[0] != after[0] || len(asBefore) != 1 || asBefore[0] != "" {
		t.Errorf("handles early, after, and of who shows: %v %v %v", early, after, asBefore)
	}
	for _, d := range s.crm.all() {
		if k := kindOf(d); strings.HasPrefix(k, "identity_") {
			t.Errorf("the business is told %s: %s", k, d.body)
		}
	}
	s.sweepAll(t, to.Number, to.UserID)
}

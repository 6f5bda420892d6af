package simulator_test

import (
	"encoding/base64"
	"fmt"
	"strings"
	"testing"
	"time"

	"bauta/webhook/simulator"
)

// decoded is what stands in a message id.
func decoded(t *testing.T, id string) string {
	t.Helper()
	raw, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(id, "wamid."))
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

// identity.md 2.7 g and Appendix A, G1 to G4.
func TestHowAChangeOfIdentityIsTold(t *testing.T) {
	t.Parallel()
	const number, user = "16505550177", "US.7430000000000099"
	hidden := bea()
	for name, c := range map[string]struct {
		who, to simulator.Person
		form    simulator.Form
		want    string // %s is the id
	}{
		"G1, before user ids": {
			ada(),
			simulator.Person{Number: number},
			simulator.ToldByNumber,
			`{"from":"16505550142","id":"%s","timestamp":"1789000000","type":"system","system":{"body":"User Ada Rossi changed from 16505550142 to 16505550177","wa_id":"16505550177","type":"user_changed_number"}}`,
		},
		"G2, with the number": {
			ada(),
			simulator.Person{Number: number, UserID: user},
			simulator.Told,
			`{"from":"16505550142","id":"%s","timestamp":"1789000000","type":"system","system":{"body":"User Ada Rossi changed from 16505550142 to 16505550177","wa_id":"16505550177","user_id":"US.7430000000000099","previous_user_id":"US.7430000000000001","type":"user_changed_number"}}`,
		},
		"G3, the number hidden": {
			hidden,
			simulator.Person{Number: number, UserID: "IT.99"},
			simulator.Told,
			`{"id":"%s","timestamp":"1789000000","type":"system","system":{"body":"User Bea Neri changed from IT.7430000000000002 to IT.99","user_id":"IT.99","previous_user_id":"IT.7430000000000002","type":"user_changed_user_id"}}`,
		},
		"G3, the user id alone": {
			ada(),
			simulator.Person{UserID: user},
			simulator.Told,
			`{"id":"%s","timestamp":"1789000000","type":"system","system":{"body":"User Ada Rossi changed from US.7430000000000001 to US.7430000000000099","user_id":"US.7430000000000099","previous_user_id":"US.7430000000000001","type":"user_changed_user_id"}}`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, nil)
			r.wrote(t, c.who)
			r.flush(t)
			if _, err := r.graph.Change(c.who, c.to, c.form); err != nil {
				t.Fatal(err)
			}
			body := r.flush(t)[0]
			got := first(t, body, "messages")
			isJSON(t, "the message", got, fmt.Sprintf(c.want, got["id"]))
			if strings.Contains(body, `"contacts"`) {
				t.Error("a system message has contacts")
			}
		})
	}
	r := newRig(t, nil)
	for _, p := range []simulator.Person{ada(), hidden} {
		r.wrote(t, p)
		r.flush(t)
		if _, err := r.graph.Change(p, simulator.Person{UserID: user}, simulator.ToldByUserID); err != nil {
			t.Fatal(err)
		}
		want := `{"wa_id":"16505550142","detail":"User id for Ada Rossi has been updated.","user_id":{"previous":"US.7430000000000001","current":"US.7430000000000099"},"timestamp":"1789000000"}`
		if p.Hides {
			want = `{"detail":"User id for Bea Neri has been updated.","user_id":{"previous":"IT.7430000000000002","current":"US.7430000000000099"},"timestamp":"1789000000"}`
		}
		body := r.flush(t)[0]
		isJSON(t, "G4", first(t, body, "user_id_update"), want)
		if got := valueOf(t, body)["field"]; got != "user_id_update" {
			t.Errorf("in the field %v", got)
		}
	}
}

func TestAfterAChange(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	r.wrote(t, ada())
	r.message(t, text(adaUser, "to the old one"))
	r.flush(t)
	next, err := r.graph.Change(ada(), simulator.Person{Number: "16505550177"}, simulator.Untold)
	if err != nil {
		t.Fatal(err)
	}
	if got := r.flush(t); len(got) != 0 {
		t.Errorf("it was told: %s", got)
	}
	if next.Number != "16505550177" || next.UserID == ada().UserID || !strings.HasPrefix(next.UserID, "US.") || next.Name != "Ada Rossi" {
		t.Errorf("she is %+v", next)
	}
	if got := len(r.graph.Phone(next)); got != 1 {
		t.Errorf("%d messages on the phone, which she kept", got)
	}
	if got := r.message(t, text(`"recipient":"`+next.UserID+`"`, "Hi")); got.code() != 0 {
		t.Errorf("to the new user id: %s", got.body)
	}
	if got := r.message(t, text(adaUser, "Hi")); got.code() != 131026 {
		t.Errorf("to the old user id: %s", got.body)
	}
	if got := r.graph.Phone(ada()); got != nil {
		t.Error("whom she was is still known")
	}
	if _, err := r.graph.Change(ada(), simulator.Person{Number: "1"}, simulator.Told); err == nil {
		t.Error("nobody changed")
	}
	cleo := simulator.Person{Number: "4930123456", UserID: "DE.1", Name: "Cleo"}
	r.wrote(t, cleo)
	r.flush(t)
	if _, err := r.graph.Change(next, simulator.Person{Number: cleo.Number}, simulator.Told); err != nil {
		t.Fatal(err)
	}
	r.flush(t)
	r.message(t, text(`"recipient":"DE.1"`, "Hi"))
	if got := r.flush(t); len(got) != 3 || strings.Contains(got[0], cleo.Number) {
		t.Errorf("to whose number was taken: %s", got)
	}
}

// A number that the carrier gives to somebody else.
func TestANumberIsReassigned(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	r.wrote(t, ada())
	r.message(t, text(adaUser, "to Ada"))
	cleo := r.graph.Reassign(simulator.Person{Number: ada().Number, UserID: "US.555", Name: "Cleo"})
	r.wrote(t, cleo)
	r.flush(t)
	if r.graph.Phone(cleo) != nil {
		t.Error("her phone has the other's messages")
	}
	r.message(t, text(toAda, "to the number"))
	for _, body := range r.flush(t) {
		if got := first(t, body, "statuses")["recipient_user_id"]; got != "US.555" {
			t.Errorf("it reached %v", got)
		}
	}
	r.message(t, text(adaUser, "to the user id"))
	if got := r.flush(t); len(got) != 3 || strings.Contains(got[0], `"recipient_id"`) {
		t.Errorf("of whom lost the number: %s", got)
	}
}

// identity.md 2.2: 30 days, or the contact book.
func TestAUsernameHidesTheNumberInTime(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		wrote, forget bool
		after         time.Duration
		shown         bool
	}{
		"who never wrote":           {false, false, 0, false},
		"in the contact book":       {true, false, 400 * 24 * time.Hour, true},
		"out of it, within 30 days": {true, true, 29 * 24 * time.Hour, true},
		"out of it, after 30 days":  {true, true, 31 * 24 * time.Hour, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, nil)
			if c.wrote {
				r.wrote(t, ada())
			}
			hidden, err := r.graph.Adopt(ada(), "ada.rossi")
			if err != nil {
				t.Fatal(err)
			}
			if c.forget {
				r.do(t, "DELETE", "/v25.0/"+numberID+"/contact_book?messaging_product=whatsapp&bsuid="+ada().UserID, "")
			}
			r.flush(t)
			r.later(c.after)
			r.wrote(t, hidden)
			body := r.flush(t)[0]
			if got := strings.Contains(body, `"from":"16505550142"`); got != c.shown {
				t.Errorf("the number is shown: %v", got)
			}
			if !strings.Contains(body, `"username":"ada.rossi"`) {
				t.Error("the username is not there")
			}
		})
	}
	r := newRig(t, nil)
	if _, err := r.graph.Adopt(simulator.Person{Number: "4930123456"}, "x"); err == nil {
		t.Error("a stranger has a username")
	}
	hidden, err := r.graph.Adopt(ada(), "ada.rossi")
	if err != nil {
		t.Fatal(err)
	}
	r.wrote(t, hidden)
	r.flush(t)
	r.message(t, text(adaUser, "Hi"))
	got := r.flush(t)
	if strings.Contains(got[0], "ada.rossi") || !strings.Contains(got[1], "ada.rossi") || !strings.Contains(got[2], "ada.rossi") {
		t.Errorf("identity.md 2.6: the username is in delivered and read: %s", got)
	}
}

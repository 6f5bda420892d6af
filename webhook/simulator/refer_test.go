package simulator_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"bauta/webhook/simulator"
)

// identity.md 2.2 and 2.3: after a send to the number the platform goes on giving
// it, for 30 days and as long as it is in the contact book; after one to the user
// id it does not.
func TestASendToTheNumberKeepsTheNumberComing(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		recipient string
		forget    bool
		after     time.Duration
		shown     bool
	}{
		"to the user id":                           {beaUser, false, 0, false},
		"to the number":                            {beaNumber, false, 0, true},
		"to the number, out of the book":           {beaNumber, true, 29 * 24 * time.Hour, true},
		"to the number, in the book for long":      {beaNumber, false, 31 * 24 * time.Hour, true},
		"to the number, long ago, out of the book": {beaNumber, true, 31 * 24 * time.Hour, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, nil)
			r.wrote(t, bea())
			r.message(t, text(c.recipient, "Hi"))
			r.flush(t)
			if c.forget {
				got := r.do(t, "DELETE", "/v25.0/"+numberID+"/contact_book?messaging_product=whatsapp&bsuid="+bea().UserID, "")
				if !strings.Contains(got.body, `"deleted":true`) {
					t.Errorf("forgotten: %s", got.body)
				}
			}
			r.later(c.after)
			r.wrote(t, bea())
			if got := strings.Contains(r.flush(t)[0], bea().Number); got != c.shown {
				t.Errorf("her number is in the next webhook: %v", got)
			}
		})
	}
}

// A message is known to those between whom it passed, and the business's own are
// not marked as read.
func TestWhoseMessagesCanBeNamed(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	hers := r.wrote(t, ada())
	own := firstID(t, r.message(t, text(toAda, "Hi")))
	other, err := r.graph.Say("901", simulator.Text(ada(), "to another business"))
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		members string
		code    int
	}{
		"quoting hers":                {text(toAda+`,"context":{"message_id":"`+hers+`"}`, "Hi"), 0},
		"quoting one's own":           {text(toAda+`,"context":{"message_id":"`+own+`"}`, "Hi"), 0},
		"quoting another business's":  {text(toAda+`,"context":{"message_id":"`+other+`"}`, "Hi"), 131009},
		"reading one's own":           {`"status":"read","message_id":"` + own + `"`, 131009},
		"reading another business's":  {`"status":"read","message_id":"` + other + `"`, 131009},
		"doing something else to it":  {`"status":"unread","message_id":"` + hers + `"`, 131009},
		"reading hers with one blank": {`"status":"read","message_id":" ` + hers + `"`, 131009},
	} {
		if got := r.message(t, c.members); got.code() != c.code {
			t.Errorf("%s: code %d, want %d", name, got.code(), c.code)
		}
	}
}

func TestThePhoneShowsWhatAMessageRefersTo(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	hers := r.wrote(t, ada())
	first := firstID(t, r.message(t, text(adaUser+`,"context":{"message_id":"`+hers+`"}`, "Hello Ada")))
	r.message(t, toAda+`,"type":"reaction","reaction":{"message_id":"`+hers+`","emoji":"👍"}`)
	got := r.graph.Phone(ada())
	for i := range got {
		got[i].Content = nil
	}
	about := &simulator.Quote{ID: hers, Type: "text", Text: "Hi"}
	at := time.Unix(1789000000, 0)
	want := []simulator.Delivered{
		{ID: first, PhoneNumberID: numberID, At: at, Type: "text", Text: "Hello Ada", Quoted: about},
		{PhoneNumberID: numberID, At: at, Type: "reaction", Text: "👍", ReactsTo: about},
	}
	want[1].ID = got[1].ID
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("on the phone (-want +got)\n%s", diff)
	}
}

func TestReadMarksAndTyping(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	id := r.wrote(t, ada())
	got := r.message(t, `"status":"read","message_id":"`+id+`","typing_indicator":{"type":"text"}`)
	if got.body != `{"success":true}` || !r.graph.Seen(id) || !r.graph.Typing(ada(), numberID) {
		t.Errorf("answered %s, seen %v, typing %v", got.body, r.graph.Seen(id), r.graph.Typing(ada(), numberID))
	}
	r.later(25 * time.Second)
	if r.graph.Typing(ada(), numberID) {
		t.Error("typing after 25 seconds")
	}
}

package e2e

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"bauta/ads"
	"bauta/redis"
	"bauta/redis/redistest"
	"bauta/webhook"
	"bauta/webhook/meta"
	"bauta/webhook/simulator"
)

// bodiesOf are the masked events of a platform body, nothing queued.
func (w *world) bodiesOf(t *testing.T, body []byte) []string {
	t.Helper()
	prepared, err := w.Prepare(t.Context(), "main", body)
	if err != nil {
		t.Fatal(err)
	}
	for _, h := range prepared.Held {
		t.Errorf("held: %s %v", h.Reason, h.Positions)
	}
	var out []string
	for _, item := range prepared.Items {
		out = append(out, string(item.Delivery.Body))
	}
	return out
}

// issuedID is the message, status or call id of the only event in a masked body.
func issuedID(t *testing.T, body string) string {
	t.Helper()
	var envelope struct {
		Entry []struct {
			Changes []struct {
				Value struct{ Messages, Statuses, Calls []struct{ ID string } }
			}
		}
	}
	if err := json.Unmarshal([]byte(body), &envelope); err != nil || len(envelope.Entry) != 1 {
		t.Fatalf("not one envelope (%v): %s", err, body)
	}
	v := envelope.Entry[0].Changes[0].Value
	for _, events := range [][]struct{ ID string }{v.Messages, v.Statuses, v.Calls} {
		if len(events) == 1 {
			return events[0].ID
		}
	}
	t.Fatalf("no event with an id: %s", body)
	return ""
}

// issue sends one event through and returns its re-issued id.
func (w *world) issue(t *testing.T, body []byte) string {
	t.Helper()
	bodies := w.bodiesOf(t, body)
	if len(bodies) != 1 {
		t.Fatalf("%d events, want 1", len(bodies))
	}
	return issuedID(t, bodies[0])
}

// back wants an issued id to lead to one of the ids that the platform gave.
func (w *world) back(t *testing.T, issued string, given ...string) {
	t.Helper()
	raw, err := w.wayBack.MessageID(t.Context(), w.business.ID, issued)
	if err != nil {
		t.Fatalf("the way back: %v", err)
	}
	if !slices.Contains(given, raw) {
		t.Errorf("the way back gives an id that the platform never gave for this message")
	}
}

func hiddenWorld(t *testing.T) *world {
	t.Helper()
	return newWorld(t, redistest.Embedded(t, redis.Options{}), newKeys(t), acme(), ads.Policy{HideByDefault: true})
}

func TestOneMessageHasOneIDUnderBothEnvelopes(t *testing.T) {
	t.Parallel()
	w := hiddenWorld(t)
	w.bodiesOf(t, says(ada(), "3A0100", "both identities are known from here", nil))
	phone := w.issue(t, says(ada(), "3A0101", "hi", nil))
	user := w.issue(t, says(withoutNumber(ada()), "3A0101", "hi", nil))
	if phone != user {
		t.Error("the number's and the user id's envelope of one message give two ids")
	}
	w.back(t, phone, simulator.MessageID(ada(), false, "3A0101"), simulator.MessageID(withoutNumber(ada()), false, "3A0101"))
	onlyUser := w.issue(t, says(withoutNumber(ada()), "3A0102", "hi", nil))
	w.back(t, onlyUser, simulator.MessageID(withoutNumber(ada()), false, "3A0102"))
	onlyPhone := w.issue(t, says(ada(), "3A0103", "hi", nil))
	w.back(t, onlyPhone, simulator.MessageID(ada(), false, "3A0103"))
}

func TestTheWayBackSurvivesANumberChange(t *testing.T) {
	t.Parallel()
	w := hiddenWorld(t)
	before := w.issue(t, says(ada(), "3A0111", "before", nil))
	changed := fmt.Appendf(nil, `{"object":"whatsapp_business_account","entry":[{"id":"%s","changes":[{"value":{"messaging_product":"whatsapp","metadata":{"display_phone_number":"15550783881","phone_number_id":"106540352242922"},"messages":[{"from":"16505550142","id":"%s","timestamp":"1789000400","type":"system","system":{"body":"User Ada Rossi changed from 16505550142 to 16505550177","wa_id":"16505550177","user_id":"US.7430000000000002","previous_user_id":"US.7430000000000001","type":"user_changed_number"}}]},"field":"messages"}]}]}`,
		waba, simulator.MessageID(ada(), false, "1182086267"))
	for _, body := range w.bodiesOf(t, changed) {
		sweep(t, "a number change", body, "16505550142", "16505550177", "US.7430000000000001", "US.7430000000000002")
	}
	moved := simulator.Person{Number: "16505550177", UserID: "US.7430000000000002", Name: "Ada Rossi"}
	bodies := w.bodiesOf(t, says(moved, "3A0112", "after", nil))
	after := issuedID(t, bodies[0])
	w.back(t, before, simulator.MessageID(ada(), false, "3A0111"))
	w.back(t, after, simulator.MessageID(moved, false, "3A0112"))
	sweep(t, "after a number change", bodies[0], "16505550142", "16505550177")
	if handleOf(t, before) != handleOf(t, after) {
		t.Error("the handle did not stay over a number change")
	}
}

// handleOf is the handle inside a re-issued id.
func handleOf(t *testing.T, issued string) string {
	t.Helper()
	id, err := meta.ParseID(issued)
	if err != nil {
		t.Fatal(err)
	}
	return id.Person().UserID.Reveal()
}

func TestTheWayBackSurvivesAMerge(t *testing.T) {
	t.Parallel()
	w := hiddenWorld(t)
	onlyNumber := simulator.Person{Number: ada().Number, Name: "Ada Rossi"}
	byNumber := w.issue(t, says(onlyNumber, "3A0121", "by number", nil))
	w.clock.Add(int64(time.Minute))
	byUser := w.issue(t, says(withoutNumber(ada()), "3A0122", "by user id", nil))
	if handleOf(t, byNumber) == handleOf(t, byUser) {
		t.Fatal("the two were one customer before anybody saw them together")
	}
	together := w.issue(t, says(ada(), "3A0123", "together", nil))
	if handleOf(t, together) != handleOf(t, byNumber) {
		t.Error("the older handle did not stay")
	}
	w.back(t, byNumber, simulator.MessageID(onlyNumber, false, "3A0121"))
	w.back(t, byUser, simulator.MessageID(withoutNumber(ada()), false, "3A0122"))
	w.back(t, together, simulator.MessageID(ada(), false, "3A0123"))
}

// A scope that only the younger of two merged records had keeps its handle. What
// is issued under it afterwards comes from the older record's events.
func TestTheWayBackSurvivesAnInheritedScope(t *testing.T) {
	t.Parallel()
	w := hiddenWorld(t)
	onlyNumber := simulator.Person{Number: ada().Number, Name: "Ada Rossi"}
	w.issue(t, says(onlyNumber, "3A0124", "by number, in the direct chat", nil))
	w.clock.Add(int64(time.Minute))
	const group = "Y2FwaV9ncm91cDox"
	before := w.issue(t, inGroup(withoutNumber(ada()), "3A0125", group))
	w.issue(t, says(ada(), "3A0126", "together", nil))
	byNumber, byUser := w.issue(t, inGroup(ada(), "3A0127", group)), w.issue(t, inGroup(withoutNumber(ada()), "3A0128", group))
	if handleOf(t, before) != handleOf(t, byNumber) || handleOf(t, before) != handleOf(t, byUser) {
		t.Error("the scope did not keep its handle")
	}
	w.back(t, before, simulator.MessageID(withoutNumber(ada()), false, "3A0125"))
	w.back(t, byNumber, simulator.MessageID(ada(), false, "3A0127"))
	w.back(t, byUser, simulator.MessageID(withoutNumber(ada()), false, "3A0128"))
}

func TestTheWayBackInGroupsAndCalls(t *testing.T) {
	t.Parallel()
	w := hiddenWorld(t)
	direct := w.issue(t, says(ada(), "3A0131", "direct", nil))
	// The group id and call id of the platform notes, section 4, with Ada's number.
	group := "wamid." + base64.StdEncoding.EncodeToString([]byte(
		"\x1c\x18\x12120363000000000001\x15\x08\x00\x12\x18\x163EB000112233445566AABB\x1c\x18\x0b16505550142\x15\x02\x00\x00"))
	body := business().Inbound(simulator.Message{
		From: ada(), ID: group, At: time.Unix(1789000000, 0), Type: "text", Group: "Y2FwaV9ncm91cDox",
		Content: simulator.Part{{Name: "body", Value: "to the group"}},
	})
	issued := w.issue(t, body)
	w.back(t, issued, group)
	if id, err := meta.ParseID(issued); err != nil || id.Group() != "120363000000000001" {
		t.Errorf("a group's message no longer names the group (%v)", err)
	}
	if handleOf(t, issued) == handleOf(t, direct) {
		t.Error("the handle of the group is the handle of the direct chat")
	}
	call := "wacid." + base64.StdEncoding.EncodeToString([]byte(
		"\x1c\x18\x0b16505550142\x15\x02\x00\x12\x18\x2000112233445566778899AABBCCDDEEFF\x1c\x18\x0b15550783881\x15\x02\x00\x15\x1a\x00"))
	callBody := fmt.Appendf(nil, `{"object":"whatsapp_business_account","entry":[{"id":"%s","changes":[{"value":{"messaging_product":"whatsapp","metadata":{"display_phone_number":"15550783881","phone_number_id":"106540352242922"},"contacts":[{"wa_id":"16505550142"}],"calls":[{"id":"%s","from":"16505550142","to":"15550783881","event":"connect","timestamp":"1789000300","direction":"USER_INITIATED","session":{"sdp_type":"offer","sdp":"v=0"}}]},"field":"calls"}]}]}`, waba, call)
	issuedCall := w.issue(t, callBody)
	if !strings.HasPrefix(issuedCall, "wacid.") {
		t.Errorf("a call id lost its prefix: %.6s", issuedCall)
	}
	w.back(t, issuedCall, call)
}

func TestIDsOfAnotherBusinessLeadNowhere(t *testing.T) {
	t.Parallel()
	store, set := redistest.Embedded(t, redis.Options{}), newKeys(t)
	one := newWorld(t, store, set, acme(), ads.Policy{HideByDefault: true})
	other := acme()
	other.ID = "other"
	two := newWorld(t, store, set, other, ads.Policy{HideByDefault: true})
	body := says(ada(), "3A0141", "hi", nil)
	a, b := one.issue(t, body), two.issue(t, body)
	if a == b || handleOf(t, a) == handleOf(t, b) {
		t.Error("two businesses can join one customer")
	}
	if _, err := two.wayBack.MessageID(t.Context(), "other", a); !errors.Is(err, meta.ErrForeignID) {
		t.Errorf("another business's id: %v, want ErrForeignID", err)
	}
	if _, err := one.wayBack.MessageID(t.Context(), "acme", simulator.MessageID(ada(), false, "3A0141")); !errors.Is(err, meta.ErrNotMasked) {
		t.Errorf("the platform's own id: %v, want ErrNotMasked", err)
	}
}

func TestANumberChangeToSomebodyElsesNumberMergesNothing(t *testing.T) {
	t.Parallel()
	w := hiddenWorld(t)
	bea := simulator.Person{Number: "16505550199", UserID: "US.7430000000000002", Name: "Bea Neri"}
	adas := w.issue(t, says(ada(), "3A0151", "ada", nil))
	beas := w.issue(t, says(bea, "3A0152", "bea", nil))
	pair := simulator.Person{Number: bea.Number, UserID: "US.7430000000000003", Name: "Cleo"}
	third := w.issue(t, says(pair, "3A0153", "bea's number with another user id", nil))
	if h := handleOf(t, third); h == handleOf(t, adas) || h == handleOf(t, beas) {
		t.Error("a number with another user id did not become another person")
	}
	prepared, err := w.Prepare(t.Context(), "main", says(pair, "3A0154", "again", nil))
	if err != nil {
		t.Fatal(err)
	}
	if v := prepared.Items[0].Delivery.Visibility; v != webhook.Hidden.String() {
		t.Errorf("the newer pair is %s, want hidden", v)
	}
	w.back(t, beas, simulator.MessageID(bea, false, "3A0152"))
}

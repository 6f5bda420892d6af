package webhook

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"bauta/webhook/simulator"
)

// fromAda is a message of Ada's with some members, in the platform's envelope.
func fromAda(members string) []byte {
	return change(acmeWABA, "messages", fmt.Sprintf(`{"messaging_product":"whatsapp","metadata":{"display_phone_number":"15550783881","phone_number_id":"106540352242922"},`+
		`"contacts":[{"wa_id":"%[1]s"}],"messages":[{"from":"%[1]s","id":"%[2]s","timestamp":"1789000000",%[3]s}]}`,
		adaNumber, simulator.MessageID(simulator.Person{Number: adaNumber}, false, "3A02"), members))
}

func TestMediaAreOnTheRollBeforeAnybodyHearsOfThem(t *testing.T) {
	t.Parallel()
	p := newPlant(t, Business{Endpoints: []Endpoint{{ID: "crm"}}})
	if _, err := p.Prepare(t.Context(), "main", fromAda(`"type":"image","image":{"id":"1166846181421424"}`)); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[Roll][]string{ReceivedMedia: {"1166846181421424"}}, p.memory.rolls); diff != "" {
		t.Error(diff)
	}
}

// brokenRolls fail.
type brokenRolls struct{ err error }

func (b brokenRolls) Enter(context.Context, string, Roll, []string) error        { return b.err }
func (b brokenRolls) On(context.Context, string, Roll, []string) ([]bool, error) { return nil, b.err }

func TestWithoutTheRollsNothingIsStored(t *testing.T) {
	t.Parallel()
	away := errors.New("the store is away")
	for name, body := range map[string][]byte{
		"a medium":  fromAda(`"type":"image","image":{"id":"1166846181421424"}`),
		"an answer": fromAda(`"type":"text","text":{"body":"x"}`),
	} {
		p := newPlant(t, Business{RawRecipients: AllowRaw, Endpoints: []Endpoint{{ID: "crm"}}})
		p.Rolls = brokenRolls{away}
		if err := p.Accept(t.Context(), "main", body); !errors.Is(err, away) || len(p.memory.items) > 0 {
			t.Errorf("%s: error %v and %d items", name, err, len(p.memory.items))
		}
	}
}

// A business that may address plain numbers must not learn from the answer whose
// number it was: that would join number and handle.
func TestAnAnswerToAPlainNumberSaysNotToWhatItAnswers(t *testing.T) {
	t.Parallel()
	sent := simulator.MessageID(simulator.Person{Number: adaNumber}, true, "3EB0RAW")
	status := change(acmeWABA, "messages", `{"messaging_product":"whatsapp","metadata":{"display_phone_number":"15550783881","phone_number_id":"106540352242922"},`+
		`"statuses":[{"id":"`+sent+`","status":"read","timestamp":"1789000000","recipient_id":"`+adaNumber+`","biz_opaque_callback_data":"MARK"}]}`)
	quoting := `"context":{"from":"15550783881","id":"` + sent + `"},`
	for name, row := range map[string]struct {
		body []byte
		// stays is what is left of the message.
		stays string
	}{
		"a quote":         {fromAda(quoting + `"type":"text","text":{"body":"MINE"}`), "MINE"},
		"a button":        {fromAda(quoting + `"type":"button","button":{"payload":"MARK","text":"MARK"}`), `"type":"button"`},
		"a reply":         {fromAda(quoting + `"type":"interactive","interactive":{"type":"button_reply","button_reply":{"id":"MARK","title":"MARK"}}`), `"button_reply"`},
		"a row of a list": {fromAda(quoting + `"type":"interactive","interactive":{"type":"list_reply","list_reply":{"id":"MARK","title":"MARK"}}`), `"list_reply"`},
		"a form":          {fromAda(quoting + `"type":"interactive","interactive":{"type":"nfm_reply","nfm_reply":{"name":"flow","response_json":"{\"flow_token\":\"MARK\",\"name\":\"MINE\"}"}}`), "MINE"},
		"a status":        {status, `"status":"read"`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, allowed := range []bool{true, false} {
				b := Business{Endpoints: []Endpoint{{ID: "crm"}}}
				if allowed {
					b.RawRecipients = AllowRaw
				}
				p := newPlant(t, b)
				p.memory.rolls = map[Roll][]string{RawAddressed: {"3EB0RAW"}}
				for _, body := range [][]byte{adaWrites(), row.body} {
					if err := p.Accept(t.Context(), "main", body); err != nil {
						t.Fatal(err)
					}
				}
				if len(p.memory.items) != 2 || len(p.memory.held) > 0 {
					t.Fatalf("%d items and %d held", len(p.memory.items), len(p.memory.held))
				}
				got := string(p.memory.items[1].Delivery.Body)
				if strings.Contains(got, "MARK") == allowed && !strings.Contains(string(row.body), `"text":{`) || strings.Contains(got, `"context"`) && allowed {
					t.Errorf("allowed: %v, the event is %s", allowed, got)
				}
				if !strings.Contains(got, row.stays) {
					t.Errorf("%q is gone from %s", row.stays, got)
				}
			}
		})
	}
}

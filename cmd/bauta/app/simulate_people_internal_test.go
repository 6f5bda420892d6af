package app

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"bauta/webhook/simulator"
)

// Of the customers who are asked some share, some do not want to, some say nothing,
// and of those who shared a few take it back.
func TestCustomersAnswerQuestions(t *testing.T) {
	t.Parallel()
	ada := simulator.Person{Number: "15551000000", UserID: "US.7430000000000000"}
	question := []simulator.Button{{Kind: "button_reply", ID: "yes", Title: "Share my number"}, {Kind: "button_reply", ID: "no", Title: "Not now"}}
	confirmation := []simulator.Button{{Kind: "button_reply", ID: "back", Title: "Hide it again"}}
	said, native := map[string]int{}, 0
	p := &people{out: &lines{out: io.Discard}}
	for n := range 400 {
		id := fmt.Sprintf("wamid.%d", n)
		for _, asked := range [][]simulator.Button{question, confirmation} {
			m, answers := p.writeBack(ada, simulator.Delivered{ID: id, Buttons: asked})
			if !answers {
				said[fmt.Sprintf("silent of %d", len(asked))]++
				continue
			}
			content, err := json.Marshal(m.Content)
			if err != nil {
				t.Fatal(err)
			}
			for _, b := range asked {
				if strings.Contains(string(content), `"id":"`+b.ID+`"`) && m.Quoted == id && m.Type == "interactive" {
					said[b.ID]++
				}
			}
		}
		if m, answers := p.writeBack(ada, simulator.Delivered{ID: id, AsksNumber: true}); answers && m.Type == "contacts" {
			native++
		}
	}
	for what, most := range map[string]int{"yes": 300, "no": 200, "silent of 2": 200, "back": 100, "silent of 1": 400} {
		if got := said[what]; got < 10 || got > most {
			t.Errorf("%s: %d times of 400", what, got)
		}
	}
	if native < 100 || native > 300 {
		t.Errorf("the platform's own request is answered %d times of 400", native)
	}
	for _, d := range []simulator.Delivered{{Group: "g", Buttons: question}, {ReactsTo: &simulator.Quote{}, Buttons: question}} {
		if _, answers := p.writeBack(ada, d); answers {
			t.Error("a group, or a reaction, is answered")
		}
	}
}

// What is shown is what one reads on the phone, and showing it answers nothing.
func TestWhatReachesAPhoneIsShown(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	p := &people{out: &lines{out: &out}, silent: true, shown: true}
	for _, d := range []simulator.Delivered{
		{Type: "text", Text: "Yes, from 9 to 18."},
		{Type: "interactive", Text: "May Acme see your number?\n\nYou need not.", Buttons: []simulator.Button{{Title: "Share my number"}, {Title: "Not now"}}},
		{Type: "image"},
		{Type: "interactive", Text: "May we?", AsksNumber: true},
		{Type: "reaction", Text: "👍", ReactsTo: &simulator.Quote{}},
	} {
		if _, answers := p.reached(simulator.Person{Name: "Ada"}, d); answers {
			t.Error("somebody silent answers")
		}
	}
	want := "on Ada's phone: Yes, from 9 to 18.\n" +
		"on Ada's phone: May Acme see your number?\n    You need not.\n    [Share my number]\n    [Not now]\n" +
		"on Ada's phone: image\n" +
		"on Ada's phone: May we?\n    [WhatsApp's own button that shares the number]\n" +
		"on Ada's phone: 👍\n    (a reaction)\n"
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Error(diff)
	}
}

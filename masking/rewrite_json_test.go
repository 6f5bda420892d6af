package masking_test

import (
	"strings"
	"testing"

	"bauta/masking"
	"bauta/masking/jsontree"
)

// What the business wrote comes back byte for byte, also inside a string of JSON,
// and is left to the leak check as exempt just there.
func TestEchoesInsideAStringOfJSON(t *testing.T) {
	t.Parallel()
	schema := &masking.Schema{Members: map[string]*masking.Schema{"answer": {
		Role:    masking.RoleJSON,
		Members: map[string]*masking.Schema{"flow_token": {Role: masking.RoleEcho}, "phone": {Role: masking.RoleCard}},
	}}}
	number, _ := masking.ParseNumber("16505550142")
	hidden := masking.Person{
		Numbers: []masking.Number{number},
		Handle:  masking.Handle{Country: "US", Long: "9041174520836617350284", Phone: "999904117452083"},
	}
	for name, c := range map[string]struct{ source, want string }{
		"with a number beside it": {
			`{"answer":"{\"flow_token\":\"ask 16505550142\",\"phone\":\"16505550142\"}"}`,
			`{"answer":"{\"flow_token\":\"ask 16505550142\",\"phone\":\"US.9041174520836617350284\"}"}`,
		},
		"with nothing to mask": {
			`{"answer":"{\u0022a\":\"\ud83d\ude00é\",\"flow_token\":\"ask 16505550142\"}"}`,
			`{"answer":"{\u0022a\":\"\ud83d\ude00\u00e9\",\"flow_token\":\"ask 16505550142\"}"}`,
		},
		"behind what is escaped": {
			`{"answer":"{\"a\":\"é 16505550142 \",\"flow_token\":\"ask 16505550142\"}"}`,
			`{"answer":"{\"a\":\"\u00e9 US.9041174520836617350284 \",\"flow_token\":\"ask 16505550142\"}"}`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			doc, err := jsontree.Parse([]byte(c.source))
			if err != nil {
				t.Fatal(err)
			}
			got, err := masking.NewRewriter().Rewrite(masking.Job{
				Doc: doc, Schema: schema, People: []masking.Person{hidden},
				View: masking.View{ShowCountry: true, ForeignPass: true},
			})
			if err != nil {
				t.Fatal(err)
			}
			if string(got.Body) != c.want {
				t.Errorf("got  %s\nwant %s", got.Body, c.want)
			}
			if len(got.Exempt) != 1 {
				t.Fatalf("%d exempt spans, want 1", len(got.Exempt))
			}
			exempt := string(got.Body[got.Exempt[0].Start:got.Exempt[0].End])
			if strings.Trim(exempt, `\"`) != "ask 16505550142" {
				t.Errorf("exempt is %s", exempt)
			}
		})
	}
}

package e2e

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// fixture is one file of the platform documents' skeletons.
type fixture struct {
	Field string
	Cases []struct {
		Name  string
		Value json.RawMessage
		Body  json.RawMessage
	}
}

// fixtures are the bodies of every documented field and type.
func fixtures(t *testing.T) map[string][]byte {
	t.Helper()
	paths, err := filepath.Glob("../webhook/meta/testdata/*.json")
	if err != nil || len(paths) < 30 {
		t.Fatalf("%d fixture files (%v): the documents' skeletons are missing", len(paths), err)
	}
	bodies := map[string][]byte{}
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		var f fixture
		if json.Unmarshal(text, &f) != nil {
			if err := json.Unmarshal(text, &f.Cases); err != nil {
				t.Fatalf("%s: %v", path, err)
			}
		}
		for i, c := range f.Cases {
			body := []byte(c.Body)
			if len(c.Value) > 0 {
				body = fmt.Appendf(nil, `{"object":"whatsapp_business_account","entry":[{"id":"%s","changes":[{"field":"%s","value":%s}]}]}`,
					waba, f.Field, c.Value)
			}
			bodies[fmt.Sprintf("%s %d %s", filepath.Base(path), i, c.Name)] = body
		}
	}
	return bodies
}

// strangers are the customers of the fixtures: nobody may read them.
func strangers() []string {
	return []string{
		"15550001234", "16505550142", "US.1000200030004000", "US.7430000000000001",
		"US.ENT.1000200030004009", "US.ENT.7430000000000009",
	}
}

// Every skeleton of the platform's documents goes in; nothing of a hidden
// customer comes out, in either shape, whatever order they come in.
func TestEveryFieldAndType(t *testing.T) {
	t.Parallel()
	bodies := fixtures(t)
	for _, shape := range []string{"bsuid", "phone"} {
		t.Run(shape, func(t *testing.T) {
			t.Parallel()
			s := start(t, setup{Shape: shape, Default: "hidden", Unknown: "scrub", Extra: ", foreign_numbers: mask"})
			names := make([]string, 0, len(bodies))
			for name := range bodies {
				names = append(names, name)
			}
			slices.Sort(names)
			if shape == "phone" {
				slices.Reverse(names)
			}
			for _, name := range names {
				s.send(t, bodies[name])
			}
			got := s.crm.wait(t, len(names)/2)
			for _, d := range got {
				if !json.Valid([]byte(d.body)) {
					t.Errorf("a delivery is not JSON: %s", d.body)
				}
			}
			s.sweepAll(t, strangers()...)
		})
	}
}

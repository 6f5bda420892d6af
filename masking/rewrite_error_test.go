package masking_test

import (
	"testing"

	"bauta/masking"
	"bauta/masking/jsontree"
)

// An error's text is about whom its object names, unless nobody knows whom the
// document is about and numbers must not pass: then they go from every error.
func TestNumbersInErrorTexts(t *testing.T) {
	t.Parallel()
	schema := membersOf(map[string]*masking.Schema{
		"wa_id": roleOf(masking.RoleNumber),
		"error": roleOf(masking.RoleError),
	})
	for name, row := range map[string]struct {
		person masking.Person
		pass   bool
		number string
		want   string
	}{
		"of a hidden person":                           {ada(t), true, adaNumber, `{"wa_id":"` + adaLong + `","error":"[number hidden] failed at +15550783881"}`},
		"of a visible person":                          {shown(bea(t)), true, beaNumber, `{"wa_id":"` + beaNumber + `","error":"34600123456 failed at +15550783881"}`},
		"which is the business's own":                  {shown(bea(t)), false, ownNumber, `{"wa_id":"` + ownNumber + `","error":"[number hidden] failed at +15550783881"}`},
		"of a visible person, and numbers do not pass": {shown(bea(t)), false, beaNumber, `{"wa_id":"` + beaNumber + `","error":"[number hidden] failed at +15550783881"}`},
	} {
		doc, err := jsontree.Parse([]byte(`{"wa_id":"` + row.number + `","error":"34600123456 failed at +15550783881"}`))
		if err != nil {
			t.Fatal(err)
		}
		view := viewOf(t, masking.ShapeUserID)
		view.ForeignPass = row.pass
		got, err := masking.NewRewriter().Rewrite(masking.Job{
			Doc: doc, Schema: schema, People: []masking.Person{row.person}, Subject: -1, View: view,
		})
		if err != nil || string(got.Body) != row.want {
			t.Errorf("%s: got %s, %v; want %s", name, got.Body, err, row.want)
		}
	}
}

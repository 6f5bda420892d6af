package masking_test

import (
	"testing"

	"bauta/masking"
)

// A contact card has a place for a number: however short it is, it may be the
// sender's while nobody knows theirs.
func TestACardsNumberGoesAsAWhole(t *testing.T) {
	t.Parallel()
	const n = `"[number hidden]"`
	for name, row := range map[string]struct{ in, want string }{
		"five digits":                  {`"23456"`, n},
		"in groups":                    {`"234 56"`, n},
		"of another script":            {`"\u0662\u0663\u0664\u0665"`, n},
		"a JSON number":                {`23456`, n},
		"with an extension":            {`"+1 650 555 0142 ext. 12"`, n},
		"beside her number in base64":  {`"0 MTY1MDU1NTAxNDI= 23456"`, n},
		"no number at all":             {`"unknown"`, `"unknown"`},
		"the business's number":        {`"+1 (555) 078-3881"`, `"+1 (555) 078-3881"`},
		"a handle of the phone shape":  {`"` + adaPhone + `"`, `"` + adaPhone + `"`},
		"a handle of the user id form": {`"` + adaLong + `"`, `"` + adaLong + `"`},
		"masked already":               {n, n},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			const before, after = `{"value":{"message":{"phones":[{"phone":`, `}]}}}`
			for _, unknown := range []bool{true, false} {
				j := jobOf(t, before+row.in+after, masking.ShapeUserID, ada(t))
				if unknown {
					j.People[0].Numbers = nil
				} else {
					j.View.ForeignPass = false
				}
				want := row.want
				if name == "with an extension" && !unknown {
					want = `"` + adaLong + ` ext. 12"`
				}
				if got := rewriteOf(t, j); string(got.Body) != before+want+after {
					t.Errorf("number unknown: %t\n got %s\nwant %s", unknown, got.Body, before+want+after)
				}
			}
		})
	}
}

// Beside a visible subject, an unmatched contact is a stranger: nothing of theirs
// passes because the subject shows.
func TestWhatBelongsToAStrangerIsNotTheSubjects(t *testing.T) {
	t.Parallel()
	const in = `{"value":{"contacts":[{"wa_id":"16505550188","user_id":"US.8800000000000001","parent_user_id":"US.ENT.8800000000000002",` +
		`"profile":{"name":"Zoe","username":"zoe.b"}}],"messages":[{"from":"16505550142","from_parent_user_id":"US.ENT.7430000000000009"}]}}`
	const want = `{"value":{"contacts":[{"profile":{"name":"Zoe"}}],"messages":[{"from":"16505550142","from_parent_user_id":"US.ENT.7430000000000009"}]}}`
	if got := rewriteOf(t, jobOf(t, in, masking.ShapeUserID, shown(ada(t)))); string(got.Body) != want {
		t.Errorf("\n got %s\nwant %s", got.Body, want)
	}
}

package masking_test

import (
	"testing"

	"bauta/masking"

	"github.com/google/go-cmp/cmp"
)

// sharing is Ada once she shares her number; adaOld is one that she had before.
const adaOld = "16505550177"

func sharing(tb testing.TB) masking.Person {
	tb.Helper()
	p := ada(tb)
	p.Numbers = append(p.Numbers, number(tb, adaOld))
	p.Shown = number(tb, adaNumber)
	return p
}

func TestWhoSharesHasTwoNames(t *testing.T) {
	t.Parallel()
	const ids, phone = masking.ShapeUserID, masking.ShapePhone
	const both = `"from":"16505550142","from_user_id":"` + adaLong + `"`
	for name, row := range map[string]struct {
		shape    masking.Shape
		in, want string
	}{
		"number and user id stand side by side": {
			ids, `{"from":"16505550142","from_user_id":"US.7430000000000001","from_parent_user_id":"US.ENT.7430000000000009"}`, `{` + both + `}`,
		},
		"a number alone gets the handle beside it": {ids, `{"from":"16505550142","type":"x"}`, `{` + both + `,"type":"x"}`},
		"a user id alone gets the number beside it": {
			ids, `{"type":"x", "from_user_id" : "US.7430000000000001" }`, `{"type":"x", "from_user_id" : "` + adaLong + `","from":"16505550142" }`,
		},
		"the platform's notation stays": {
			ids, `{"from":"+1 (650) 555-0142"}`, `{"from":"+1 (650) 555-0142","from_user_id":"` + adaLong + `"}`,
		},
		"escaped digits stay":    {ids, `{"from":"\u00316505550142"}`, `{"from":"\u00316505550142","from_user_id":"` + adaLong + `"}`},
		"a JSON number stays":    {ids, `{"from":16505550142}`, `{"from":16505550142,"from_user_id":"` + adaLong + `"}`},
		"an empty number":        {ids, `{"from":"","from_user_id":"US.7430000000000001"}`, `{` + both + `}`},
		"a null number":          {ids, `{"from":null,"from_user_id":"US.7430000000000001"}`, `{` + both + `}`},
		"an empty user id":       {ids, `{"from":"16505550142","from_user_id":""}`, `{` + both + `}`},
		"a user id for a number": {ids, `{"from":"US.7430000000000001"}`, `{` + both + `}`},
		"a user id in both places": {
			ids, `{"from":"US.7430000000000001","from_user_id":"US.7430000000000001"}`, `{` + both + `}`,
		},
		"a name written with escapes": {
			ids, `{"\u0066rom":"16505550142","from\u005fuser_id":"US.7430000000000001"}`, `{"\u0066rom":"16505550142","from\u005fuser_id":"` + adaLong + `"}`,
		},
		"an old number is hidden":                    {ids, `{"from":"16505550177","type":"x"}`, `{"from_user_id":"` + adaLong + `","type":"x"}`},
		"an old number beside the user id is hidden": {ids, `{"from":"16505550177","from_user_id":"US.7430000000000001"}`, `{"from_user_id":"` + adaLong + `"}`},
		"an old number beside the number is hidden":  {ids, `{"from":"16505550177","from":"16505550142"}`, `{` + both + `}`},
		"duplicates get one handle": {
			ids, `{"from":"16505550142","from":"16505550142"}`, `{` + both + `,"from":"16505550142"}`,
		},
		"duplicate user ids get one number": {
			ids, `{"from_user_id":"US.7430000000000001","from_user_id":"US.7430000000000001"}`,
			`{"from_user_id":"` + adaLong + `","from":"16505550142","from_user_id":"` + adaLong + `"}`,
		},
		"a handle alone stays alone":             {ids, `{"from_user_id":"` + adaLong + `"}`, `{"from_user_id":"` + adaLong + `"}`},
		"somebody else's user id beside it":      {ids, `{"from":"16505550142","from_user_id":"IT.8520000000000002"}`, `{"from_user_id":"` + beaLong + `"}`},
		"somebody else's number beside it":       {ids, `{"from":"393331234567","from_user_id":"US.7430000000000001"}`, `{"from_user_id":"` + adaLong + `"}`},
		"a stranger's user id beside it":         {ids, `{"from":"16505550142","from_user_id":"DE.123456"}`, `{"from_user_id":"` + adaLong + `"}`},
		"a stranger's number beside it":          {ids, `{"from":"4915112345678","from_user_id":"US.7430000000000001"}`, `{"from_user_id":"` + adaLong + `"}`},
		"the business's number beside it":        {ids, `{"from":"15550783881","from_user_id":"US.7430000000000001"}`, `{"from":"15550783881","from_user_id":"` + adaLong + `"}`},
		"a group's id beside it":                 {ids, `{"from":"Y2FwaV9ncm91cDox","from_user_id":"US.7430000000000001"}`, `{"from":"Y2FwaV9ncm91cDox","from_user_id":"` + adaLong + `"}`},
		"a group's id where the handle would be": {ids, `{"from":"16505550142","from_user_id":"Y2FwaV9ncm91cDox"}`, `{"from":"` + adaLong + `","from_user_id":"Y2FwaV9ncm91cDox"}`},
		"one key for both has the handle":        {ids, `{"input":"16505550142"}`, `{"input":"` + adaLong + `"}`},
		"one key for both, by user id":           {ids, `{"input":"US.7430000000000001"}`, `{"input":"` + adaLong + `"}`},
		"a list has the handle":                  {ids, `{"inputs":["16505550142","16505550177"]}`, `{"inputs":["` + adaLong + `","` + adaLong + `"]}`},
		"a pair whose other key says nothing":    {ids, `{"context":{"from":"16505550142"}}`, `{"context":{"from":"16505550142","user_id":"` + adaLong + `"}}`},
		"a link to the number is in doubt":       {ids, `{"from":"tel:+16505550142"}`, `{"from_user_id":"` + adaLong + `"}`},
		"text says the number and nothing old":   {ids, `{"text":{"body":"+1 650 555-0142, before 16505550177"}}`, `{"text":{"body":"+1 650 555-0142, before ` + adaLong + `"}}`},
		"text says the number in base64":         {ids, `{"text":{"body":"MTY1MDU1NTAxNDI= MTY1MDU1NTAxNzc="}}`, `{"text":{"body":"MTY1MDU1NTAxNDI= [hidden]"}}`},
		"text says the number at home":           {ids, `{"text":{"body":"(650) 555-0142 or (650) 555-0177"}}`, `{"text":{"body":"(650) 555-0142 or (` + adaLong + `"}}`},
		"text never says a user id":              {ids, `{"text":{"body":"US.7430000000000001"}}`, `{"text":{"body":"` + adaLong + `"}}`},
		"cards":                                  {ids, `{"phones":[{"phone":"+1 650 555 0142"},{"phone":"16505550177"}]}`, `{"phones":[{"phone":"+1 650 555 0142"},{"phone":"` + adaLong + `"}]}`},
		"JSON in a string": {
			ids, `{"interactive":{"response_json":"{\"phone\":\"16505550142\",\"old\":\"16505550177\"}"}}`,
			`{"interactive":{"response_json":"{\"phone\":\"16505550142\",\"old\":\"` + adaLong + `\"}"}}`,
		},
		"an error's text":               {ids, `{"errors":[{"title":"to 16505550142"}]}`, `{"errors":[{"title":"to [number hidden]"}]}`},
		"phone shape: the number":       {phone, `{"from":"16505550142","from_user_id":"US.7430000000000001"}`, `{"from":"` + adaPhone + `"}`},
		"phone shape: the user id":      {phone, `{"from_user_id":"US.7430000000000001"}`, `{"from":"` + adaPhone + `"}`},
		"phone shape: text":             {phone, `{"text":{"body":"16505550142 16505550177"}}`, `{"text":{"body":"16505550142 ` + adaPhone + `"}}`},
		"phone shape: one key for both": {phone, `{"input":"16505550142"}`, `{"input":"` + adaPhone + `"}`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			const before, after = `{"value":{"message":`, `}}`
			got := rewriteOf(t, jobOf(t, before+row.in+after, row.shape, sharing(t), bea(t)))
			if diff := cmp.Diff(before+row.want+after, string(got.Body)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			again := rewriteOf(t, jobOf(t, string(got.Body), row.shape, sharing(t), bea(t)))
			if diff := cmp.Diff(string(got.Body), string(again.Body)); diff != "" || again.Changed {
				t.Errorf("masked twice, changed %v (-once +twice):\n%s", again.Changed, diff)
			}
		})
	}
}

func TestSharedNumberWhereNumbersMustNotPass(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct{ in, want string }{
		"text":                   {`{"text":{"body":"+1 650 555 0142 and +49 151 12345678"}}`, `{"text":{"body":"+1 650 555 0142 and [number hidden]"}}`},
		"at home":                {`{"text":{"body":"650.555.0142 16505550177"}}`, `{"text":{"body":"650.555.0142 ` + adaLong + `"}}`},
		"a card":                 {`{"phones":[{"phone":"+1 650 555 0142"},{"phone":"4915112345678"}]}`, `{"phones":[{"phone":"+1 650 555 0142"},{"phone":"[number hidden]"}]}`},
		"a card at home":         {`{"phones":[{"phone":"(650) 555-0142"},{"phone":"12345"}]}`, `{"phones":[{"phone":"(650) 555-0142"},{"phone":"[number hidden]"}]}`},
		"a card of two numbers":  {`{"phones":[{"phone":"(650) 555-0142 / 112"}]}`, `{"phones":[{"phone":"[number hidden]"}]}`},
		"a number with an end":   {`{"text":{"body":"16505550142 ext. 5551234567"}}`, `{"text":{"body":"16505550142 ext. [number hidden]"}}`},
		"a user id before it":    {`{"text":{"body":"US.7430000000000001 16505550142"}}`, `{"text":{"body":"` + adaLong + ` 16505550142"}}`},
		"glued to an old number": {`{"text":{"body":"1650555017716505550142"}}`, `{"text":{"body":"` + adaLong + `16505550142"}}`},
	} {
		for _, shape := range []masking.Shape{masking.ShapeUserID, masking.ShapePhone} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				const before, after = `{"value":{"message":`, `}}`
				job := func(source string) masking.Job {
					j := jobOf(t, source, shape, sharing(t))
					j.View.ForeignPass = false
					return j
				}
				got := rewriteOf(t, job(before+row.in+after))
				if want := before + row.want + after; shape == masking.ShapeUserID && string(got.Body) != want {
					t.Errorf("\n got %s\nwant %s", got.Body, want)
				}
				if again := rewriteOf(t, job(string(got.Body))); string(again.Body) != string(got.Body) {
					t.Errorf("masked twice\n got %s\nwant %s", again.Body, got.Body)
				}
			})
		}
	}
}

// TestSomebodyElseHidesWhatSheShares: a number that two people have is hidden as
// long as one of them hides it.
func TestSomebodyElseHidesWhatSheShares(t *testing.T) {
	t.Parallel()
	other := bea(t)
	other.Numbers = append(other.Numbers, number(t, adaNumber))
	j := jobOf(t, `{"value":{"message":{"from":"16505550142","from_user_id":"US.7430000000000001","text":{"body":"(650) 555 0142"}}}}`,
		masking.ShapeUserID, sharing(t), other)
	want := `{"value":{"message":{"from_user_id":"` + adaLong + `","text":{"body":"(` + beaLong + `"}}}}`
	if got := string(rewriteOf(t, j).Body); got != want {
		t.Errorf("\n got %s\nwant %s", got, want)
	}
}

// TestOneSharedNumberInAllItsNotations: the platform writes a Brazilian mobile with
// and without its ninth digit (webhooks.md section 5).
func TestOneSharedNumberInAllItsNotations(t *testing.T) {
	t.Parallel()
	p := ada(t)
	p.Numbers = []masking.Number{number(t, "5511987654321")}
	p.Shown = number(t, "551187654321")
	j := jobOf(t, `{"value":{"message":{"from":"5511987654321","text":{"body":"551187654321, 11 98765-4321"}}}}`, masking.ShapeUserID, p)
	want := `{"value":{"message":{"from":"5511987654321","from_user_id":"` + adaLong + `","text":{"body":"551187654321, 11 98765-4321"}}}}`
	if got := string(rewriteOf(t, j).Body); got != want {
		t.Errorf("\n got %s\nwant %s", got, want)
	}
}

func TestWhatIsNotTheirsIsNotShared(t *testing.T) {
	t.Parallel()
	p := ada(t)
	p.Shown = number(t, beaNumber)
	const source = `{"value":{"message":{"from_user_id":"US.7430000000000001","text":{"body":"16505550142"}}}}`
	want := `{"value":{"message":{"from_user_id":"` + adaLong + `","text":{"body":"` + adaLong + `"}}}}`
	if got := string(rewriteOf(t, jobOf(t, source, masking.ShapeUserID, p)).Body); got != want {
		t.Errorf("\n got %s\nwant %s", got, want)
	}
}

func TestWhatStandsBesideIsTraced(t *testing.T) {
	t.Parallel()
	j := jobOf(t, `{"value":{"contacts":[{"wa_id":"16505550142"},{"user_id":"US.7430000000000001"}]}}`, masking.ShapeUserID, sharing(t))
	j.Trace = true
	got := rewriteOf(t, j)
	want := []string{"$.value.contacts[0].user_id", "$.value.contacts[1].user_id", "$.value.contacts[1].wa_id"}
	if diff := cmp.Diff(want, got.Places); diff != "" || !got.Changed {
		t.Errorf("changed %v (-want +got):\n%s", got.Changed, diff)
	}
}

func TestSecret(t *testing.T) {
	t.Parallel()
	all := sharing(t)
	hidden, seen := ada(t), shown(ada(t))
	only := ada(t)
	only.Shown = number(t, adaNumber)
	for name, row := range map[string]struct {
		person  masking.Person
		numbers []masking.Number
		ids     []masking.UserID
	}{
		"everything of a hidden person":             {hidden, hidden.Numbers, hidden.UserIDs},
		"nothing of a visible person":               {seen, nil, nil},
		"the old numbers and the ids of who shares": {all, []masking.Number{number(t, adaOld)}, all.UserIDs},
		"the ids of who has one number and shares":  {only, nil, only.UserIDs},
	} {
		numbers, ids := row.person.Secret()
		same := cmp.Equal(numbers, row.numbers, cmp.Comparer(func(a, b masking.Number) bool { return a == b })) &&
			cmp.Equal(ids, row.ids, cmp.Comparer(func(a, b masking.UserID) bool { return a == b }))
		if !same {
			t.Errorf("%s: got %d numbers and %d ids", name, len(numbers), len(ids))
		}
	}
}

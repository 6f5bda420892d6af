package masking_test

import (
	"strings"
	"testing"

	"bauta/masking"
)

func TestIdentityPositions(t *testing.T) {
	t.Parallel()
	const ids, phone = masking.ShapeUserID, masking.ShapePhone
	for name, row := range map[string]struct {
		shape    masking.Shape
		in, want string
	}{
		"a number alone becomes the user id": {
			ids, `{"from":"16505550142","type":"text"}`, `{"from_user_id":"` + adaLong + `","type":"text"}`,
		},
		"a number beside a user id goes, first": {
			ids, `{"from":"16505550142","from_user_id":"US.7430000000000001"}`, `{"from_user_id":"` + adaLong + `"}`,
		},
		"a number beside a user id goes, in the middle": {
			ids, `{"type":"x" , "from":"16505550142" , "from_user_id":"US.7430000000000001"}`,
			`{"type":"x" , "from_user_id":"` + adaLong + `"}`,
		},
		"a number beside a user id goes, last": {
			ids, `{"type":"x", "from_user_id":"US.7430000000000001", "from":"16505550142" }`,
			`{"type":"x", "from_user_id":"` + adaLong + `"}`,
		},
		"the parent id goes with it": {
			ids, `{"from":"16505550142","from_user_id":"US.7430000000000001","from_parent_user_id":"US.ENT.7430000000000009"}`,
			`{"from_user_id":"` + adaLong + `"}`,
		},
		"members that go leave one comma": {
			ids, `{"from":"16505550142","from_parent_user_id":"US.ENT.7430000000000009","type":"x","from_user_id":"US.7430000000000001"}`,
			`{"type":"x","from_user_id":"` + adaLong + `"}`,
		},
		"members that go leave an empty object": {
			ids, `{ "from_parent_user_id" : "US.ENT.7430000000000009" }`, `{}`,
		},
		"every duplicate is masked": {
			ids, `{"from":"16505550142","from":"+1 650 555 0142"}`, `{"from_user_id":"` + adaLong + `","from_user_id":"` + adaLong + `"}`,
		},
		"duplicate user ids are masked": {
			ids, `{"from_user_id":"US.7430000000000001","from_user_id":"US.7430000000000001"}`,
			`{"from_user_id":"` + adaLong + `","from_user_id":"` + adaLong + `"}`,
		},
		"a name written with escapes is known": {
			ids, `{"\u0066rom":"16505550142"}`, `{"from_user_id":"` + adaLong + `"}`,
		},
		"a user id where a number stands": {
			ids, `{"from":"US.7430000000000001"}`, `{"from_user_id":"` + adaLong + `"}`,
		},
		"a number where a user id stands": {
			ids, `{"from_user_id":"16505550142"}`, `{"from_user_id":"` + adaLong + `"}`,
		},
		"a JSON number": {
			ids, `{"from":16505550142}`, `{"from_user_id":"` + adaLong + `"}`,
		},
		"a JSON number with an exponent": {
			ids, `{"from":1.6505550142e10}`, `{"from_user_id":"` + adaLong + `"}`,
		},
		"an empty user id is absent": {
			ids, `{"from":"16505550142","from_user_id":""}`, `{"from_user_id":"` + adaLong + `"}`,
		},
		"an empty number goes": {
			ids, `{"from":"","from_user_id":"US.7430000000000001"}`, `{"from_user_id":"` + adaLong + `"}`,
		},
		"a null number goes": {
			ids, `{"from":null,"from_user_id":"US.7430000000000001"}`, `{"from_user_id":"` + adaLong + `"}`,
		},
		"escaped digits": {
			ids, `{"from":"\u00316505550142"}`, `{"from_user_id":"` + adaLong + `"}`,
		},
		"dialled zeros": {
			ids, `{"from":"0016505550142"}`, `{"from_user_id":"` + adaLong + `"}`,
		},
		"a link to a number": {
			ids, `{"from":"tel:+16505550142"}`, `{"from_user_id":"` + adaLong + `"}`,
		},
		"a user id in other capitals": {
			ids, `{"from_user_id":"us.7430000000000001"}`, `{"from_user_id":"` + adaLong + `"}`,
		},
		"a stranger's number goes":         {ids, `{"from":"4915112345678","type":"x"}`, `{"type":"x"}`},
		"a stranger's user id goes":        {ids, `{"from_user_id":"DE.123456","type":"x"}`, `{"type":"x"}`},
		"words at a number's place go":     {ids, `{"from":"anonymous caller","type":"x"}`, `{"type":"x"}`},
		"the business's number stays":      {ids, `{"from":"15550783881"}`, `{"from":"15550783881"}`},
		"the business's number, formatted": {ids, `{"from":"+1 555 078 3881"}`, `{"from":"+1 555 078 3881"}`},
		"a group id stays":                 {ids, `{"from":"Y2FwaV9ncm91cDox"}`, `{"from":"Y2FwaV9ncm91cDox"}`},
		"a short token goes":               {ids, `{"from":"Y2FwaV9ncm9","type":"x"}`, `{"type":"x"}`},
		"a token with a number in it goes": {ids, `{"from":"tel49151123abcd","type":"x"}`, `{"type":"x"}`},
		"a token that names her is hers":   {ids, `{"from":"Y2FwaToxNjUwNTU1MDE0Mjo="}`, `{"from_user_id":"` + adaLong + `"}`},
		"a long row of digits goes":        {ids, `{"from":"12345678901234567890","type":"x"}`, `{"type":"x"}`},
		"a very long word goes":            {ids, `{"from":"` + strings.Repeat("a b", 60) + `","type":"x"}`, `{"type":"x"}`},
		"a handle stays":                   {ids, `{"from_user_id":"` + adaLong + `"}`, `{"from_user_id":"` + adaLong + `"}`},
		"a handle in the other shape":      {ids, `{"from":"` + adaPhone + `"}`, `{"from_user_id":"` + adaLong + `"}`},
		"true stays":                       {ids, `{"from":true}`, `{"from":true}`},
		"a number under one key for both":  {ids, `{"input":"16505550142"}`, `{"input":"` + adaLong + `"}`},
		"a stranger under one key":         {ids, `{"input":"4915112345678"}`, `{"input":"[hidden]"}`},
		"words under one key":              {ids, `{"input":"some body"}`, `{"input":"[hidden]"}`},
		"numbers in an array": {
			ids, `{"inputs":["16505550142","15550783881","4915112345678","Y2FwaV9ncm91cDox",null]}`,
			`{"inputs":["` + adaLong + `","15550783881","[hidden]","Y2FwaV9ncm91cDox",null]}`,
		},
		"a number beside a token where the user id stands keeps its key": {
			ids, `{"from":"16505550142","from_user_id":"Y2FwaV9ncm91cDox"}`, `{"from":"` + adaLong + `","from_user_id":"Y2FwaV9ncm91cDox"}`,
		},
		"a number beside a list where the user id stands keeps its key": {
			ids, `{"from":"16505550142","from_user_id":[]}`, `{"from":"` + adaLong + `","from_user_id":[]}`,
		},
		"a number whose pair nobody described keeps its key": {
			ids, `{"context":{"from":"16505550142","user_id":"x"}}`, `{"context":{"from":"` + adaLong + `","user_id":"x"}}`,
		},
		"an empty number beside a stranger goes": {ids, `{"from":"","from_user_id":"DE.123456"}`, `{}`},
		"phone shape: a user id beside a group id keeps its key": {
			phone, `{"from":"Y2FwaV9ncm91cDox","from_user_id":"US.7430000000000001"}`, `{"from":"Y2FwaV9ncm91cDox","from_user_id":"` + adaPhone + `"}`,
		},
		"phone shape: the number's place": {
			phone, `{"from":"16505550142","from_user_id":"US.7430000000000001"}`, `{"from":"` + adaPhone + `"}`,
		},
		"phone shape: no number": {
			phone, `{"from_user_id":"US.7430000000000001","type":"x"}`, `{"from":"` + adaPhone + `","type":"x"}`,
		},
		"phone shape: an empty number": {
			phone, `{"from":"","from_user_id":"US.7430000000000001"}`, `{"from":"` + adaPhone + `"}`,
		},
		"phone shape: a JSON number stays one": {
			phone, `{"from":16505550142}`, `{"from":` + adaPhone + `}`,
		},
		"phone shape: a stranger's number beside the user id": {
			phone, `{"from":"4915112345678","from_user_id":"US.7430000000000001"}`, `{"from":"` + adaPhone + `"}`,
		},
		"phone shape: under one key for both": {phone, `{"input":"US.7430000000000001"}`, `{"input":"` + adaPhone + `"}`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			const before, after = `{"value":{"message":`, `}}`
			got := rewriteOf(t, jobOf(t, before+row.in+after, row.shape, ada(t)))
			if want := before + row.want + after; string(got.Body) != want {
				t.Errorf("\n in  %s\n got %s\nwant %s", row.in, got.Body, want)
			}
			if again := rewriteOf(t, jobOf(t, string(got.Body), row.shape, ada(t))); string(again.Body) != string(got.Body) {
				t.Errorf("masked twice\n got %s\nwant %s", again.Body, got.Body)
			}
		})
	}
}

func TestPairWithAnEmptyName(t *testing.T) {
	t.Parallel()
	j := jobOf(t, `{"n":"16505550142","u":"US.7430000000000001"}`, masking.ShapeUserID, ada(t))
	j.Schema = membersOf(map[string]*masking.Schema{"n": roleOf(masking.RoleNumber), "u": roleOf(masking.RoleUserID)})
	if got, want := string(rewriteOf(t, j).Body), `{"n":"`+adaLong+`","u":"`+adaLong+`"}`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestBelongings(t *testing.T) {
	t.Parallel()
	const contact = `{"profile":{"name":"Ada","username":"ada.rossi"},"wa_id":"16505550142","parent_user_id":"US.ENT.7430000000000009"}`
	for name, row := range map[string]struct {
		change func(*masking.Job)
		in     string
		want   string
	}{
		"a hidden person's user name goes": {
			func(*masking.Job) {}, contact, `{"profile":{"name":"Ada"},"user_id":"` + adaLong + `"}`,
		},
		"a user name stays if the view keeps it": {
			func(j *masking.Job) { j.View.KeepUsername = true }, contact,
			`{"profile":{"name":"Ada","username":"ada.rossi"},"user_id":"` + adaLong + `"}`,
		},
		"a visible person's stay": {
			func(j *masking.Job) { j.People[0] = shown(j.People[0]) }, contact, contact,
		},
		"the nearest person decides, not the subject": {
			func(j *masking.Job) { j.People[1] = shown(j.People[1]) },
			`{"profile":{"username":"bea"},"wa_id":"393331234567","parent_user_id":"x"}`,
			`{"profile":{"username":"bea"},"wa_id":"393331234567","parent_user_id":"x"}`,
		},
		"without anybody near, the subject decides": {
			func(*masking.Job) {}, `{"profile":{"username":"x"}}`, `{"profile":{}}`,
		},
		"without anybody at all, doubt hides": {
			func(j *masking.Job) { j.People, j.Subject = nil, -1 }, `{"profile":{"username":"x"}}`, `{"profile":{}}`,
		},
		"a hidden person beside a visible one": {
			func(j *masking.Job) { j.People[0] = shown(j.People[0]) },
			`{"wa_id":"16505550142","user_id":"IT.8520000000000002","profile":{"username":"x"}}`,
			`{"wa_id":"16505550142","user_id":"` + beaLong + `","profile":{}}`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			const before, after = `{"value":{"contact":`, `}}`
			j := jobOf(t, before+row.in+after, masking.ShapeUserID, ada(t), bea(t))
			row.change(&j)
			if got, want := string(rewriteOf(t, j).Body), before+row.want+after; got != want {
				t.Errorf("\n got %s\nwant %s", got, want)
			}
		})
	}
}

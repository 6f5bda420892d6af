package meta_test

import (
	"encoding/base64"
	"encoding/hex"
	"errors"
	"strings"
	"testing"

	"bauta/masking"
	"bauta/masking/keys"
	"bauta/webhook/meta"
)

// room is a masker with a hidden customer in it.
type room struct {
	*meta.IDMasker
	set     *keys.Set
	handles *masking.Handles
}

func newMasker(tb testing.TB) room {
	tb.Helper()
	set, err := keys.Generate()
	if err != nil {
		tb.Fatal(err)
	}
	handles := masking.NewHandles(set)
	return room{meta.NewIDMasker(set, handles), set, handles}
}

// countingReader gives every handle the same digits, so that no test number can
// come up in one by chance.
type countingReader byte

func (r countingReader) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = byte(r) + byte(i%3)
	}
	return len(p), nil
}

// customer is known by these names and hidden under a handle made of seed.
func (r room) customer(tb testing.TB, seed byte, names ...string) masking.Person {
	tb.Helper()
	h, err := r.handles.Mint(countingReader(seed), "IT")
	if err != nil {
		tb.Fatal(err)
	}
	p := masking.Person{Handle: h}
	for _, name := range names {
		who := identity(tb, name)
		if who.UserID.IsZero() {
			p.Numbers = append(p.Numbers, who.Number)
		} else {
			p.UserIDs = append(p.UserIDs, who.UserID)
		}
	}
	return p
}

func identity(tb testing.TB, name string) masking.Identity {
	tb.Helper()
	who, ok := masking.IdentityOf(name)
	if !ok {
		tb.Fatalf("%q is no identity", name)
	}
	return who
}

const (
	userID   = "US.1000200030004000"
	business = "15550005678"
	jid      = "120363000000000001"
	stanza18 = "00112233445566AABB"
)

// forms are the ways in which the platform names one message of the customer.
func forms() map[string]string {
	return map[string]string{
		"phone":                  outboundPhone,
		"phone without padding":  strings.TrimRight(outboundPhone, "="),
		"phone without a prefix": strings.TrimPrefix(outboundPhone, "wamid."),
		"user id":                wamid(0x1c, 0x18, userID, 0x15, 0x14, 0, 0x11, 0x18, stanza18, 0),
		"legacy":                 legacyOut,
		"legacy with a prefix":   "wamid." + legacyOut,
	}
}

func TestOneMessageHasOneMaskedID(t *testing.T) {
	t.Parallel()
	r := newMasker(t)
	people := []masking.Person{r.customer(t, 1, "393331234567"), r.customer(t, 2, user, userID)}
	want := r.For("acme").Mask(outboundPhone, people)
	for name, raw := range forms() {
		if got := r.For("acme").Mask(raw, people); got != want {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
	id, err := meta.ParseID(want)
	if err != nil {
		t.Fatalf("the masked id is not decodable like the platform's: %v", err)
	}
	if got := id.Person().UserID.Reveal(); got != "ZZ."+people[1].Handle.Long || !id.FromBusiness() || id.Form() != "" {
		t.Errorf("the masked id names %q, form %q", got, id.Form())
	}
	if !strings.HasPrefix(want, "wamid.") || strings.Contains(id.Stanza(), stanza18) {
		t.Errorf("masked id %q", want)
	}
	if raw, err := base64.RawURLEncoding.DecodeString(id.Stanza()); err != nil || len(raw) != len(stanza18)+21 {
		t.Errorf("the stanza id is %q", id.Stanza())
	}
}

func TestVariantsOfANumberAreOnePerson(t *testing.T) {
	t.Parallel()
	r := newMasker(t)
	people := []masking.Person{r.customer(t, 1, "5531987654321")}
	long := wamid(0x1c, 0x18, "5531987654321", 0x15, 2, 0, 0x12, 0x18, key, 0)
	short := wamid(0x1c, 0x18, "553187654321", 0x15, 2, 0, 0x12, 0x18, key, 0)
	one, two := r.For("acme").Mask(long, people), r.For("acme").Mask(short, people)
	if one != two {
		t.Errorf("%q and %q", one, two)
	}
	if _, err := meta.ParseID(one); err != nil {
		t.Error("the customer was not found: the id is sealed whole")
	}
}

func TestMaskedIDsDifferByBusinessScopeAndMessage(t *testing.T) {
	t.Parallel()
	r := newMasker(t)
	one, two := r.customer(t, 1, user, userID), r.customer(t, 2, user, userID)
	mask := func(business, raw string, p ...masking.Person) string { return r.For(business).Mask(raw, p) }
	seen := map[string]string{}
	for name, got := range map[string]string{
		"a message":                        mask("acme", inboundPhone, one),
		"another message":                  mask("acme", outboundPhone, one),
		"the same, sent the other way":     mask("acme", wamid(0x1c, 0x18, user, 0x15, 2, 0, 0x11, 0x18, key, 0), one),
		"the message for another business": mask("other", inboundPhone, one),
		"the message under another handle": mask("acme", inboundPhone, two),
		"for a business of like length":    mask("acne", inboundPhone, one),
		"a business whose name runs on":    mask("acmewamid.", inboundPhone, one),
		"in a group":                       mask("acme", inboundGroup, one),
		"a call":                           mask("acme", callID, one),
		"sealed whole":                     mask("acme", inboundPhone),
		"sealed whole for one like it":     mask("acne", inboundPhone),
		"sealed whole for another":         mask("other", inboundPhone),
	} {
		if other, ok := seen[got]; ok {
			t.Errorf("%s and %s have the id %q", name, other, got)
		}
		seen[got] = name
		// Two of them must not be joined by the sealed stanza id either.
		if id, err := meta.ParseID(got); err == nil {
			if other, ok := seen[id.Stanza()]; ok {
				t.Errorf("%s and %s have the stanza id %q", name, other, id.Stanza())
			}
			seen[id.Stanza()] = name
		}
	}
}

func TestMaskIsIdempotent(t *testing.T) {
	t.Parallel()
	r := newMasker(t)
	people := []masking.Person{r.customer(t, 1, user, userID)}
	for name, raw := range map[string]string{
		"direct": inboundPhone, "group": inboundGroup, "call": callID, "legacy": legacyOut, "LID": lidCall,
		"unreadable": "wamid.something else", "no prefix, unreadable": "something else", "nothing": "",
	} {
		once := r.For("acme").Mask(raw, people)
		if twice := r.For("acme").Mask(once, people); twice != once {
			t.Errorf("%s: %q became %q", name, once, twice)
		}
		if raw != "" && once == raw {
			t.Errorf("%s: nothing was masked", name)
		}
		if foreign := r.For("other").Mask(once, people); foreign == once && raw != "" {
			t.Errorf("%s: another business took it for its own", name)
		}
	}
}

func TestWhatIsSealedWhole(t *testing.T) {
	t.Parallel()
	r := newMasker(t)
	known := r.customer(t, 1, user, userID)
	nameless := known
	nameless.Handle = masking.Handle{}
	for name, c := range map[string]struct {
		raw    string
		people []masking.Person
		prefix string
	}{
		"nobody is known":                   {inboundPhone, nil, "wamid."},
		"the person is somebody else":       {inboundPhone, []masking.Person{r.customer(t, 1, "393331234567", "US.9")}, "wamid."},
		"the person has no handle":          {inboundPhone, []masking.Person{nameless}, "wamid."},
		"a LID":                             {lidCall, []masking.Person{known}, "wacid."},
		"a LID that equals a number":        {wamid(0x1c, 0x18, user, 0x15, 0x12, 0, 0x12, 0x18, key, 0), []masking.Person{known}, "wamid."},
		"text":                              {"wamid.of an unknown form", []masking.Person{known}, "wamid."},
		"text without a prefix":             {"an unknown form", []masking.Person{known}, "wamid."},
		"a call id of an unknown form":      {"wacid.%%%", []masking.Person{known}, "wacid."},
		"an unknown domain":                 {wamid(0x1c, 0x18, user, 0x15, 4, 0, 0x12, 0x18, key, 0), []masking.Person{known}, "wamid."},
		"a trailing byte":                   {wamid(0x1c, 0x18, user, 0x15, 2, 0, 0x12, 0x18, key, 0, 7), []masking.Person{known}, "wamid."},
		"a group without a participant":     {wamid(0x1c, 0x18, jid, 0x15, 8, 0, 0x12, 0x18, key, 0), []masking.Person{known}, "wamid."},
		"an old group with its maker":       {wamid(0x1c, 0x18, user+"-1500000000", 0x15, 8, 0, 0x12, 0x18, key, 0x1c, 0x18, user, 0x15, 2, 0, 0), []masking.Person{known}, "wamid."},
		"a group named like a number":       {wamid(0x1c, 0x18, user, 0x15, 8, 0, 0x12, 0x18, key, 0x1c, 0x18, user, 0x15, 2, 0, 0), []masking.Person{known}, "wamid."},
		"a group of too long a name":        {wamid(0x1c, 0x18, strings.Repeat("1", 33), 0x15, 8, 0, 0x12, 0x18, key, 0x1c, 0x18, user, 0x15, 2, 0, 0), []masking.Person{known}, "wamid."},
		"a group with a number in its name": {wamid(0x1c, 0x18, "00"+user+"000", 0x15, 8, 0, 0x12, 0x18, key, 0x1c, 0x18, user, 0x15, 2, 0, 0), []masking.Person{known}, "wamid."},
		"a call whose other's number holds the customer's": {
			"wacid." + base64.StdEncoding.EncodeToString(thrift(0x1c, 0x18, user, 0x15, 2, 0, 0x12, 0x18, key, 0x1c, 0x18, "99"+user, 0x15, 2, 0, 0)),
			[]masking.Person{known},
			"wacid.",
		},
		"a group call":                     {"wacid." + strings.TrimPrefix(inboundGroup, "wamid."), []masking.Person{known}, "wacid."},
		"a message with a second party":    {wamid(0x1c, 0x18, user, 0x15, 2, 0, 0x12, 0x18, key, 0x1c, 0x18, business, 0x15, 2, 0, 0), []masking.Person{known}, "wamid."},
		"a call whose other is a customer": {callID, []masking.Person{known, r.customer(t, 2, business)}, "wacid."},
		"a call whose other is a customer in another notation": {
			"wacid." + base64.StdEncoding.EncodeToString(thrift(0x1c, 0x18, user, 0x15, 2, 0, 0x12, 0x18, key, 0x1c, 0x18, "5531987654321", 0x15, 2, 0, 0)),
			[]masking.Person{known, r.customer(t, 2, "553187654321")},
			"wacid.",
		},
		"a call whose other is a LID": {
			"wacid." + base64.StdEncoding.EncodeToString(thrift(0x1c, 0x18, user, 0x15, 2, 0, 0x12, 0x18, key, 0x1c, 0x18, business, 0x15, 0x12, 0, 0)),
			[]masking.Person{known},
			"wacid.",
		},
		"a field 5 that could be a number": {wamid(0x1c, 0x18, user, 0x15, 2, 0, 0x12, 0x18, key, 0x25, 0xf2, 0xd0, 0xe2, 0xca, 0x0b, 0), []masking.Person{known}, "wamid."},
		"a negative field 5":               {wamid(0x1c, 0x18, user, 0x15, 2, 0, 0x12, 0x18, key, 0x25, 1, 0), []masking.Person{known}, "wamid."},
		"a stanza id of great length":      {wamid(0x1c, 0x18, user, 0x15, 2, 0, 0x12, 0x18, strings.Repeat("A", 257), 0), []masking.Person{known}, "wamid."},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := r.For("acme").Mask(c.raw, c.people)
			if !strings.HasPrefix(got, c.prefix) || got != r.For("acme").Mask(c.raw, c.people) {
				t.Errorf("got %q, want the prefix %q and the same id twice", got, c.prefix)
			}
			if _, err := meta.ParseID(got); err == nil {
				t.Errorf("%q can be read", got)
			}
			assertNoNumber(t, got, user)
			sealed, err := r.Unmask("acme", got)
			if err != nil {
				t.Fatal(err)
			}
			if raw, err := sealed.Raw(masking.Identity{}, ""); err != nil || raw != c.raw || sealed.HandleKey != "" {
				t.Errorf("came back as %q, %v, handle key %q", raw, err, sealed.HandleKey)
			}
		})
	}
}

func TestTheLongestIDsComeBack(t *testing.T) {
	t.Parallel()
	r := newMasker(t)
	people := []masking.Person{r.customer(t, 1, user, userID)}
	raw := wamid(0x1c, 0x18, strings.Repeat("1", 32), 0x15, 8, 0, 0x12, 0x18, strings.Repeat("A", 256), 0x1c, 0x18, user, 0x15, 2, 0, 0x15, 0x1a, 0)
	masked := r.For("acme").Mask(raw, people)
	sealed, err := r.Unmask("acme", masked)
	if err != nil || sealed.HandleKey != people[0].Handle.Key() {
		t.Fatalf("handle key %q, %v", sealed.HandleKey, err)
	}
	if back, err := sealed.Raw(identity(t, user), ""); err != nil || back != raw {
		t.Errorf("came back as %q, %v", back, err)
	}
}

func TestRawIDsPassOnlyWhereNobodyElseIsMeant(t *testing.T) {
	t.Parallel()
	r := newMasker(t)
	raw := r.customer(t, 1, user, userID)
	raw.RawIDs = true
	hidden := r.customer(t, 2, user)
	for name, c := range map[string]struct {
		people []masking.Person
		passes bool
	}{
		"a person whose ids pass":                    {[]masking.Person{raw}, true},
		"among others":                               {[]masking.Person{r.customer(t, 3, "393331234567"), raw}, true},
		"the number was a hidden person's, later":    {[]masking.Person{raw, hidden}, false},
		"the number was a hidden person's, before":   {[]masking.Person{hidden, raw}, false},
		"twice a person whose ids pass":              {[]masking.Person{raw, raw}, true},
		"somebody else whose ids pass does not help": {[]masking.Person{{Numbers: []masking.Number{identity(t, "393331234567").Number}, RawIDs: true}}, false},
	} {
		if got := r.For("acme").Mask(inboundPhone, c.people); (got == inboundPhone) != c.passes {
			t.Errorf("%s: got %q", name, got)
		}
	}
}

func TestUnmaskGivesThePlatformsID(t *testing.T) {
	t.Parallel()
	r := newMasker(t)
	p := r.customer(t, 1, user, userID)
	for name, c := range map[string]struct{ raw, envelope, stanza, group string }{
		"inbound by phone":     {inboundPhone, user, key, ""},
		"outbound by phone":    {outboundPhone, user, stanza18, ""},
		"inbound by user id":   {inboundUserID, userID, key, ""},
		"in a group":           {inboundGroup, user, "3EB000112233445566AABB", jid},
		"a call":               {callID, user, "00112233445566778899AABBCCDDEEFF", ""},
		"legacy":               {legacyOut, user, stanza18, ""},
		"legacy with a prefix": {"wamid." + legacyOut, user, stanza18, ""},
		"a legacy call":        {"wacid." + legacyOut, user, stanza18, ""},
		"without padding":      {strings.TrimRight(inboundPhone, "="), user, key, ""},
		"without a prefix":     {strings.TrimPrefix(inboundUserID, "wamid."), userID, key, ""},
		"words as stanza id":   {wamid(0x1c, 0x18, user, 0x15, 2, 0, 0x11, 0x18, "product_inquiry", 0), user, "product_inquiry", ""},
		"no stanza id":         {wamid(0x1c, 0x18, user, 0x15, 2, 0, 0x11, 0x18, "", 0), user, "", ""},
		"the URL alphabet": {
			"wamid." + base64.URLEncoding.EncodeToString(thrift(0x1c, 0x18, user, 0x15, 2, 0, 0x11, 0x18, "\xff\xff\xff", 0)),
			user, "\xff\xff\xff", "",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			id, err := meta.ParseID(c.raw)
			if err != nil {
				t.Fatal(err)
			}
			masked := r.For("acme").Mask(c.raw, []masking.Person{p})
			assertNoNumber(t, masked, user)
			// Clients rewrite ids; only a call's needs its prefix.
			for _, written := range []string{strings.TrimPrefix(masked, "wamid."), masked, strings.TrimRight(masked, "="), strings.NewReplacer("+", "-", "/", "_").Replace(masked)} {
				s, err := r.Unmask("acme", written)
				if err != nil {
					t.Fatal(err)
				}
				if s.HandleKey != p.Handle.Key() || s.Stanza != c.stanza || s.Group != c.group || s.FromBusiness != id.FromBusiness() {
					t.Errorf("unmasked to %+v", s)
				}
				if got, err := s.Raw(identity(t, c.envelope), id.Form()); err != nil || got != c.raw {
					t.Errorf("got %q, %v; want %q", got, err, c.raw)
				}
			}
		})
	}
}

func TestUnmaskRefuses(t *testing.T) {
	t.Parallel()
	r := newMasker(t)
	people := []masking.Person{r.customer(t, 1, user, userID)}
	masked := r.For("acme").Mask(inboundPhone, people)
	whole := r.For("acme").Mask(inboundPhone, nil)
	id, err := meta.ParseID(masked)
	if err != nil {
		t.Fatal(err)
	}
	handle := "ZZ." + people[0].Handle.Long
	otherHandle := "ZZ." + r.customer(t, 9).Handle.Long
	for name, c := range map[string]struct {
		business, id string
		want         error
	}{
		"the platform's own id":                 {"acme", inboundPhone, meta.ErrNotMasked},
		"the platform's id with a user id":      {"acme", inboundUserID, meta.ErrNotMasked},
		"an id that names nobody":               {"acme", lidCall, meta.ErrNotMasked},
		"text":                                  {"acme", "wamid.hello", meta.ErrNotMasked},
		"nothing":                               {"acme", "", meta.ErrNotMasked},
		"a prefix alone":                        {"acme", "wamid.", meta.ErrNotMasked},
		"another business's id":                 {"other", masked, meta.ErrForeignID},
		"another business's whole id":           {"other", whole, meta.ErrForeignID},
		"a whole id cut short":                  {"acme", whole[:len(whole)-4], meta.ErrForeignID},
		"a marker alone":                        {"acme", "wamid.ug", meta.ErrForeignID},
		"another handle around the stanza id":   {"acme", wamid(0x1c, 0x18, otherHandle, 0x15, 0x14, 0, 0x12, 0x18, id.Stanza(), 0), meta.ErrForeignID},
		"the other direction":                   {"acme", wamid(0x1c, 0x18, handle, 0x15, 0x14, 0, 0x11, 0x18, id.Stanza(), 0), meta.ErrForeignID},
		"a call made of a message":              {"acme", "wacid." + strings.TrimPrefix(masked, "wamid."), meta.ErrForeignID},
		"a field 5 added":                       {"acme", wamid(0x1c, 0x18, handle, 0x15, 0x14, 0, 0x12, 0x18, id.Stanza(), 0x25, 2, 0), meta.ErrForeignID},
		"moved into a group":                    {"acme", wamid(0x1c, 0x18, jid, 0x15, 8, 0, 0x12, 0x18, id.Stanza(), 0x1c, 0x18, handle, 0x15, 0x14, 0, 0), meta.ErrForeignID},
		"a stanza id in clear under the handle": {"acme", wamid(0x1c, 0x18, handle, 0x15, 0x14, 0, 0x12, 0x18, key, 0), meta.ErrForeignID},
		"a stanza id that is no base64":         {"acme", wamid(0x1c, 0x18, handle, 0x15, 0x14, 0, 0x12, 0x18, "%", 0), meta.ErrForeignID},
		"the handle with wrong check digits":    {"acme", wamid(0x1c, 0x18, "ZZ.9041174520836617350284", 0x15, 0x14, 0, 0x12, 0x18, id.Stanza(), 0), meta.ErrNotMasked},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, err := r.Unmask(c.business, c.id)
			if !errors.Is(err, c.want) {
				t.Errorf("got %+v, %v; want %v", s, err, c.want)
			}
			if raw, err := s.Raw(identity(t, user), ""); err == nil {
				t.Errorf("a refused id gave %q", raw)
			}
		})
	}
}

func TestRawRefusesWhatAFormCannotHold(t *testing.T) {
	t.Parallel()
	r := newMasker(t)
	people := []masking.Person{r.customer(t, 1, user, userID)}
	for name, c := range map[string]struct {
		raw      string
		envelope masking.Identity
		form     string
	}{
		"no envelope":                   {inboundPhone, masking.Identity{}, ""},
		"an unknown letter":             {inboundPhone, identity(t, user), "x"},
		"legacy with a user id":         {inboundPhone, identity(t, userID), "l"},
		"legacy in a group":             {inboundGroup, identity(t, user), "l"},
		"a legacy call with a business": {callID, identity(t, user), "l"},
		"legacy of words":               {wamid(0x1c, 0x18, user, 0x15, 2, 0, 0x12, 0x18, "product_inquiry", 0), identity(t, user), "l"},
		"legacy of small letters":       {wamid(0x1c, 0x18, user, 0x15, 2, 0, 0x12, 0x18, "aabb", 0), identity(t, user), "l"},
		"legacy without a stanza id":    {wamid(0x1c, 0x18, user, 0x15, 2, 0, 0x12, 0x18, "", 0), identity(t, user), "l"},
		"legacy with a field 5":         {wamid(0x1c, 0x18, user, 0x15, 2, 0, 0x12, 0x18, "AABB", 0x25, 2, 0), identity(t, user), "l"},
	} {
		s, err := r.Unmask("acme", r.For("acme").Mask(c.raw, people))
		if err != nil {
			t.Fatal(err)
		}
		if got, err := s.Raw(c.envelope, c.form); !errors.Is(err, meta.ErrID) || got != "" {
			t.Errorf("%s: got %q, %v", name, got, err)
		}
	}
}

// brokenSealer fails as a damaged key set would.
type brokenSealer struct{}

func (brokenSealer) Seal(_, _ []byte) ([]byte, error) { return nil, errors.New("no key") }
func (brokenSealer) Open(_, _ []byte) ([]byte, error) { return nil, errors.New("no key") }

func TestWithoutAKeyNothingIsShown(t *testing.T) {
	t.Parallel()
	r := newMasker(t)
	m := meta.NewIDMasker(brokenSealer{}, r.handles)
	people := []masking.Person{r.customer(t, 1, user, userID)}
	for raw, want := range map[string]string{inboundPhone: "wamid.ug", callID: "wacid.ug", lidCall: "wacid.ug", legacyOut: "wamid.ug"} {
		if got := m.For("acme").Mask(raw, people); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

// assertNoNumber looks for a number in an id by its own means: as text, in base64
// at every alignment, in the decoded bytes, and there as BCD at every nibble.
func assertNoNumber(t *testing.T, id, number string) {
	t.Helper()
	_, body, ok := strings.Cut(id, ".")
	if !ok {
		body = id
	}
	for _, hidden := range []string{id, body} {
		if strings.Contains(hidden, number) {
			t.Errorf("the number is in %q", id)
		}
		for shift := range 3 {
			part := number[(3-shift)%3:]
			if enc := base64.RawStdEncoding.EncodeToString([]byte(part[:len(part)/3*3])); strings.Contains(hidden, enc) {
				t.Errorf("the number is in %q in base64 at %d", id, shift)
			}
		}
	}
	unified := strings.NewReplacer("-", "+", "_", "/").Replace(strings.TrimRight(body, "="))
	raw, err := base64.RawStdEncoding.DecodeString(unified)
	if err != nil {
		return
	}
	if strings.Contains(string(raw), number) || strings.Contains(hex.EncodeToString(raw), number) {
		t.Errorf("the number is in the bytes of %q", id)
	}
}

func FuzzMaskHidesTheNumber(f *testing.F) {
	r := newMasker(f)
	seeds := documented()
	if len(seeds) == 0 {
		f.Fatal("no seeds")
	}
	for _, c := range seeds {
		f.Add(c.id, user)
	}
	f.Add(legacyOut, "5531987654321")
	f.Fuzz(func(t *testing.T, id, digits string) {
		n, ok := masking.ParseNumber(digits)
		if !ok || len(n.Reveal()) < 11 { // fewer digits come up by chance
			return
		}
		people := []masking.Person{r.customer(t, 1, n.Reveal(), userID)}
		number := n.Reveal()
		for i := range len(number) - 7 { // the test's own digits are no leak
			if strings.Contains(people[0].Handle.Long+" "+jid, number[i:i+8]) {
				return
			}
		}
		for _, raw := range []string{
			id, id + number, "wamid." + number,
			wamid(0x1c, 0x18, number, 0x15, 2, 0, 0x12, 0x18, id[:min(len(id), 127)], 0),
			wamid(0x1c, 0x18, jid, 0x15, 8, 0, 0x12, 0x18, number, 0x1c, 0x18, number, 0x15, 2, 0, 0),
			base64.RawURLEncoding.EncodeToString([]byte(number)),
		} {
			masked := r.For("acme").Mask(raw, people)
			if masked != r.For("acme").Mask(masked, people) {
				t.Fatalf("%q is masked twice", masked)
			}
			assertNoNumber(t, masked, number)
			if raw == "" {
				continue // there was no id
			}
			s, err := r.Unmask("acme", masked)
			if err != nil {
				t.Fatalf("%q does not come back: %v", masked, err)
			}
			if parsed, err := meta.ParseID(raw); err == nil && s.HandleKey != "" {
				if back, err := s.Raw(parsed.Person(), parsed.Form()); err != nil || back != raw {
					t.Fatalf("%q came back as %q, %v", raw, back, err)
				}
			}
		}
	})
}

func BenchmarkMask(b *testing.B) {
	r := newMasker(b)
	people := []masking.Person{r.customer(b, 1, user, userID)}
	ids := r.For("acme")
	for name, raw := range map[string]string{"number": inboundPhone, "user id": inboundUserID, "legacy": legacyOut, "whole": lidCall} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				ids.Mask(raw, people)
			}
		})
	}
}

func BenchmarkUnmask(b *testing.B) {
	r := newMasker(b)
	masked := r.For("acme").Mask(inboundPhone, []masking.Person{r.customer(b, 1, user, userID)})
	b.ReportAllocs()
	for b.Loop() {
		if _, err := r.Unmask("acme", masked); err != nil {
			b.Fatal(err)
		}
	}
}

package meta_test

import (
	"encoding/base64"
	"strings"
	"testing"

	"bauta/masking"
	"bauta/webhook/meta"
)

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

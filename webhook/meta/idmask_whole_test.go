package meta_test

import (
	"encoding/base64"
	"strings"
	"testing"

	"bauta/masking"
	"bauta/webhook/meta"
)

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

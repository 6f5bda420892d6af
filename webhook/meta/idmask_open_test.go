package meta_test

import (
	"encoding/base64"
	"errors"
	"strings"
	"testing"

	"bauta/masking"
	"bauta/webhook/meta"
)

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
		"the handle with wrong check digits":    {"acme", wamid(0x1c, 0x18, handle[:24]+string([]byte{'0' + (handle[24]-'0'+1)%10}), 0x15, 0x14, 0, 0x12, 0x18, id.Stanza(), 0), meta.ErrNotMasked},
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

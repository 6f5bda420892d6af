package meta_test

import (
	"encoding/base64"
	"strings"
	"testing"

	"bauta/masking"
	"bauta/webhook/meta"
)

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

package leak_test

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"bauta/masking"
	"bauta/masking/leak"
)

// ways writes a number so that it can still be read, as text of a JSON string.
func ways() []func(string) string {
	return []func(string) string{
		func(n string) string { return n },
		func(n string) string { return "+" + n[:2] + " " + n[2:5] + "-" + n[5:] },
		func(n string) string { return n[len(n)-10:] },
		func(n string) string { return escaped(n) },
		func(n string) string { return strings.ReplaceAll(escaped(n), `\`, `\\`) },
		percent,
		func(n string) string { return percent(percent(n)) },
		func(n string) string { return script('\u0660', n) },
		func(n string) string { return percent(script('\uff10', n)) },
		func(n string) string { return std([]byte(n)) },
		func(n string) string { return std([]byte("xy+" + n[:4] + " " + n[4:])) },
		func(n string) string { return std([]byte(std([]byte(`{"a":"` + n + `"}`)))) },
		func(n string) string { return std(bcd("9" + n)) },
		func(n string) string {
			return base64.RawURLEncoding.EncodeToString(append([]byte{0x80, 0x11, 0x86}, bcd(n)...))
		},
		func(n string) string { return hex.EncodeToString([]byte(n)) },
	}
}

func TestAPlantedNumberIsFoundWhereverItStands(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.StringMatching(`(1[2-9]|4[49]|55|52|54|35[0-9])[1-9][0-9]{9}`).Draw(t, "number")
		way := rapid.SampledFrom(ways()).Draw(t, "way")
		before := rapid.StringMatching(`[ -!#-\[\]-~é]{0,40}[ .,;:(]`).Draw(t, "before")
		after := rapid.StringMatching(`[ .,;:)][ -!#-\[\]-~é]{0,40}`).Draw(t, "after")
		before = strings.TrimRight(before, "&=%") + "."
		if got := leak.New(secrets(n)).Run(body(before+way(n)+after), nil); len(got) == 0 {
			t.Fatalf("not found in %q", before+way(n)+after)
		}
	})
}

// platformBody is a body as the platform sends them, without the people in it:
// timestamps, hashes, media ids, message ids and links of random content.
func platformBody(r *rand.Rand) []byte {
	random := func(n int) []byte {
		b := make([]byte, n)
		for i := range b {
			b[i] = byte(r.Uint32())
		}
		return b
	}
	handle := fmt.Sprintf("IT.%022d", r.Uint64())
	id := append([]byte("\x1c\x18\x19"+handle+"\x15\x14\x00\x12\x18\x28"), random(40)...)
	return fmt.Appendf(nil, `{"object":"whatsapp_business_account","entry":[{"id":"102290129340398","changes":[{"field":"messages",
"value":{"messaging_product":"whatsapp","metadata":{"display_phone_number":"15550783881","phone_number_id":"106540352242922"},
"contacts":[{"profile":{"name":"Sheena Nelson"},"user_id":"%s"}],"messages":[{"from_user_id":"%s","id":"wamid.%s","timestamp":"%d",
"type":"image","image":{"mime_type":"image\/jpeg","sha256":"%s","id":"%d","caption":"Order %d of %d.%02d EUR, see https:\/\/shop.example\/p?id=%d&x=%%20y",
"url":"https:\/\/lookaside.fbsbx.com\/whatsapp_business\/attachments\/?mid=%d&source=webhook&ext=%d&hash=%s"},
"referral":{"source_url":"https:\/\/fb.me\/2Qv","source_id":"%d","source_type":"ad","ctwa_clid":"%s","headline":"Caf\u00e9 \u2013 10%% off"}}]}}]}]}`,
		handle, handle, std(id), 1700000000+r.IntN(9e7), std(random(32)), r.Uint64(), r.IntN(1e6), r.IntN(1e4), r.IntN(100),
		r.IntN(1e9), r.Uint64(), 1700000000+r.IntN(9e7), hex.EncodeToString(random(24)), r.Uint64(), base64.RawURLEncoding.EncodeToString(random(60)))
}

func TestCleanBodiesAreNotHeld(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(1, 2))
	pool := leak.NewPool()
	for i := range 2000 {
		number := fmt.Sprintf("39%010d", 3000000000+r.IntN(999999999))
		if i%4 == 0 {
			number = fmt.Sprintf("45%08d", 20000000+r.IntN(79999999))
		}
		s := secrets(number)
		s.UserIDs = []masking.UserID{userID(fmt.Sprintf("IT.%016d", r.Uint64N(1e16)))}
		clean := platformBody(r)
		if got := pool.Check(s).Run(clean, nil); got != nil {
			t.Fatalf("body %d has nothing of the person's in it, and %v was found", i, got)
		}
	}
}

// adversarial are bodies of about that size that ask for the most work.
func adversarial(size int) map[string][]byte {
	fill := func(unit string) []byte { return bytes.Repeat([]byte(unit), size/len(unit)) }
	nested := []byte(strings.Repeat("155500012", size/40))
	for len(nested)*4/3 < size {
		nested = []byte(std(nested))
	}
	return map[string][]byte{
		"digits":               fill("1"),
		"nearly the number":    fill("5550001235 "),
		"nearly packed":        fill("FVUAASNQ"),
		"one run":              fill("A"),
		"letters":              fill("HBgLMTU1"),
		"nested base64":        nested,
		"JSON escapes":         fill(`\u0031`),
		"layers of escapes":    fill(`\\\\\\\\u0031`),
		"percent signs":        fill("%"),
		"percent escapes":      fill("%31"),
		"percent of percent":   fill("%252525"),
		"equals signs":         fill("="),
		"soft line breaks":     fill("=\n"),
		"quoted digits":        fill("=31"),
		"ampersands":           fill("&"),
		"entities":             fill("&#49;"),
		"entities of entities": fill("&amp;amp;"),
		"half characters":      fill("\xe0\xa0"),
		"other digits":         fill("\u0661"),
		"separators":           fill("1,"),
		"short nationals":      fill("12345678,"),
		"opaque values":        fill(`"timestamp":"12345678",`),
		"quotes":               fill(`"`),
		"user ids":             fill("3491208655302741918"),
		"wrapped lines":        fill(strings.Repeat("A", 64) + "\n"),
		"hex":                  fill("3135353530303031"),
		"brackets":             fill("["),
	}
}

func FuzzRun(f *testing.F) {
	seeds := notations(american)
	if len(seeds) == 0 {
		f.Fatal("no seeds")
	}
	for _, seed := range seeds {
		f.Add([]byte(seed), uint16(3), uint16(9))
	}
	s := secrets(american, "4512345678", "551198765432")
	s.UserIDs = []masking.UserID{userID("US.13491208655302741918")}
	check := leak.New(s)
	f.Fuzz(func(t *testing.T, raw []byte, from, to uint16) {
		kept := bytes.Clone(raw)
		found := check.Run(raw, []leak.Span{{int(from), int(to)}})
		if !bytes.Equal(raw, kept) {
			t.Fatal("the body was changed")
		}
		for _, one := range found {
			if strings.Contains(one.Position, american) || one.Notation == "" {
				t.Fatalf("finding %+v", one)
			}
		}
		if len(check.Run(append(append(kept, ' '), american...), nil)) == 0 {
			t.Fatal("a number behind it is not found")
		}
		if len(check.Run(append([]byte(american+"\x01"), raw...), nil)) == 0 {
			t.Fatal("a number in front of it is not found")
		}
	})
}

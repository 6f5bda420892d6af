package masking_test

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"

	"bauta/masking"
)

// checkFunc is a Checker made of a function.
type checkFunc func(label string, parts ...string) [32]byte

func (f checkFunc) PRF(label string, parts ...string) [32]byte { return f(label, parts...) }

// hashing checks like a keyed function, with a key that everybody knows.
func hashing() checkFunc {
	return func(label string, parts ...string) [32]byte {
		return sha256.Sum256([]byte(label + "\x00" + strings.Join(parts, "\x00")))
	}
}

// always is a Checker whose number is the same for every input.
func always(value uint64) checkFunc {
	return func(string, ...string) (sum [32]byte) {
		binary.BigEndian.PutUint64(sum[:8], value)
		return sum
	}
}

// digits is a source of bytes that become these digits.
func digits(text string) io.Reader {
	raw := make([]byte, 0, 64)
	for _, d := range text {
		raw = append(raw, byte(d-'0')+10*byte(len(raw)%20))
	}
	return bytes.NewReader(append(raw, make([]byte, 64)...))
}

func TestMintMakesBothShapes(t *testing.T) {
	t.Parallel()
	// The long handle is the documents' example.
	got, err := masking.NewHandles(always(70284)).Mint(digits("904117452083661735"), "IT")
	if err != nil {
		t.Fatal(err)
	}
	want := masking.Handle{Country: "IT", Long: "9041174520836617350284", Phone: "999904117452084"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("handle (-want +got):\n%s", diff)
	}
	if got.Key() != "9041174520" {
		t.Errorf("key: %q", got.Key())
	}
}

func TestCheckDigitsKeepTheirZeros(t *testing.T) {
	t.Parallel()
	h := masking.NewHandles(always(100_007))
	got, err := h.Mint(digits("000000000000000000"), "IT")
	if err != nil || got.Long != "0000000000000000000007" || got.Phone != "999000000000007" {
		t.Fatalf("got %+v, %v", got, err)
	}
	if _, ok := h.Parse(got.Phone); !ok {
		t.Error("a handle of zeros is not recognised")
	}
}

func TestHandleInAView(t *testing.T) {
	t.Parallel()
	h := masking.Handle{Country: "IT", Long: "9041174520836617350284", Phone: "999904117452084"}
	for name, c := range map[string]struct {
		handle masking.Handle
		view   masking.View
		want   string
	}{
		"the zero view shows least":       {h, masking.View{}, "ZZ.9041174520836617350284"},
		"a view may show the country":     {h, masking.View{ShowCountry: true}, "IT.9041174520836617350284"},
		"an unknown country is ZZ":        {masking.Handle{Long: h.Long}, masking.View{ShowCountry: true}, "ZZ.9041174520836617350284"},
		"the phone shape has no country":  {h, masking.View{Shape: masking.ShapePhone, ShowCountry: true}, "999904117452084"},
		"no handle is nothing":            {masking.Handle{}, masking.View{ShowCountry: true}, ""},
		"no handle is nothing as a phone": {masking.Handle{}, masking.View{Shape: masking.ShapePhone}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := c.handle.In(c.view); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
	if (masking.Handle{}).Key() != "" {
		t.Error("the zero handle has a key")
	}
}

func TestParseRecognisesHandles(t *testing.T) {
	t.Parallel()
	h := masking.NewHandles(hashing())
	minted, err := h.Mint(digits("904117452083661735"), "IT")
	if err != nil {
		t.Fatal(err)
	}
	long, phone := minted.Long, minted.Phone
	for name, c := range map[string]struct {
		text  string
		ok    bool
		shape masking.Shape
	}{
		"with its country":                  {"IT." + long, true, masking.ShapeUserID},
		"without its country":               {"ZZ." + long, true, masking.ShapeUserID},
		"with another country":              {"DE." + long, true, masking.ShapeUserID},
		"a plus sign before the user id":    {"+IT." + long, true, masking.ShapeUserID},
		"as a phone":                        {phone, true, masking.ShapePhone},
		"as a phone with a plus sign":       {"+" + phone, true, masking.ShapePhone},
		"without a country":                 {long, false, 0},
		"with a parent's prefix":            {"IT.ENT." + long, false, 0},
		"small letters":                     {"it." + long, false, 0},
		"one digit more":                    {"IT." + long + "0", false, 0},
		"one digit less":                    {"IT." + long[:21], false, 0},
		"a wrong check digit":               {"IT." + long[:21] + next(long[21]), false, 0},
		"a wrong check digit as a phone":    {phone[:14] + next(phone[14]), false, 0},
		"a wrong first digit":               {"IT." + next(long[0]) + long[1:], false, 0},
		"a letter among the digits":         {"IT.a" + long[1:], false, 0},
		"a letter among the phone's digits": {"999a" + phone[4:], false, 0},
		"a real country code":               {"39" + phone[2:], false, 0},
		"two plus signs":                    {"++" + phone, false, 0},
		"nothing":                           {"", false, 0},
		"a plus sign alone":                 {"+", false, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, ok := h.Parse(c.text)
			want := masking.Reference{}
			if c.ok {
				want = masking.Reference{Key: minted.Key(), Shape: c.shape}
			}
			if diff := cmp.Diff(want, got); diff != "" || ok != c.ok {
				t.Errorf("Parse(%q): %v, (-want +got):\n%s", c.text, ok, diff)
			}
		})
	}
}

// next is another digit than d.
func next(d byte) string { return string('0' + (d-'0'+1)%10) }

func TestAnotherKeysHandlesAreUnknown(t *testing.T) {
	t.Parallel()
	theirs, err := masking.NewHandles(always(1)).Mint(rand.Reader, "IT")
	if err != nil {
		t.Fatal(err)
	}
	ours := masking.NewHandles(always(2))
	if _, ok := ours.Parse(theirs.Phone); ok {
		t.Error("a phone handle of another key is taken for ours")
	}
	if _, ok := ours.Parse("IT." + theirs.Long); ok {
		t.Error("a long handle of another key is taken for ours")
	}
}

func TestMintRefusesToGuess(t *testing.T) {
	t.Parallel()
	h := masking.NewHandles(hashing())
	broken := errors.New("entropy gone")
	if got, err := h.Mint(iotest.ErrReader(broken), "IT"); !errors.Is(err, broken) || !got.IsZero() {
		t.Errorf("a broken source: %+v, %v", got, err)
	}
	if _, err := h.Mint(bytes.NewReader(make([]byte, 3)), "IT"); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("a short source: %v", err)
	}
	for _, country := range []string{"", "it", "ITA", "1T", "16505551234"} {
		if got, err := h.Mint(rand.Reader, country); err != nil || got.Country != "ZZ" {
			t.Errorf("country %q became %q, %v", country, got.Country, err)
		}
	}
}

// TestDigitsAreUniform feeds every byte value once: each digit must come 25
// times, which a plain remainder of 256 values does not give.
func TestDigitsAreUniform(t *testing.T) {
	t.Parallel()
	every := make([]byte, 256)
	for i := range every {
		every[i] = byte(255 - i) // the refused values first
	}
	source := io.MultiReader(bytes.NewReader(every[:32]), bytes.NewReader(make([]byte, 32)))
	got, err := masking.NewHandles(always(0)).Mint(source, "ZZ")
	// 255 to 250 are thrown away; 249 is the first digit, a 9.
	if err != nil || got.Long[:18] != "987654321098765432" {
		t.Errorf("got %q, %v", got.Long, err)
	}
}

func FuzzHandlesParse(f *testing.F) {
	h := masking.NewHandles(hashing())
	minted, err := h.Mint(rand.Reader, "IT")
	if err != nil {
		f.Fatal(err)
	}
	for _, seed := range []string{"IT." + minted.Long, minted.Phone, "+" + minted.Phone, "US.13491208655302741918", ""} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		ref, ok := h.Parse(text)
		if !ok && ref != (masking.Reference{}) {
			t.Fatal("refused text has a reference")
		}
		if ok && (len(ref.Key) != 10 || !strings.Contains(text, ref.Key)) {
			t.Fatalf("key %q is not in the handle", ref.Key)
		}
	})
}

func BenchmarkHandlesParse(b *testing.B) {
	h := masking.NewHandles(hashing())
	minted, err := h.Mint(rand.Reader, "IT")
	if err != nil {
		b.Fatal(err)
	}
	for name, text := range map[string]string{"handle": minted.Phone, "number": "16505551234"} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				h.Parse(text)
			}
		})
	}
}

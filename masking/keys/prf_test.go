package keys_test

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/tink-crypto/tink-go/v2/prf"
)

func TestPRFIsTinksHMACOverLengthPrefixedParts(t *testing.T) {
	t.Parallel()
	s := generate(t)
	_, part := sectionOf(t, written(t, s), "index")
	set, err := prf.NewPRFSet(handleOf(t, part))
	if err != nil {
		t.Fatal(err)
	}
	long := strings.Repeat("x", 5000) // beyond what is kept as scratch space
	for _, parts := range [][]string{{}, {""}, {"acme", "16505551234"}, {long, long}, {"after"}} {
		in := binary.AppendUvarint(nil, 5)
		in = append(in, "label"...)
		for _, p := range parts {
			in = append(binary.AppendUvarint(in, uint64(len(p))), p...)
		}
		want, err := set.ComputePrimaryPRF(in, 32)
		if err != nil {
			t.Fatal(err)
		}
		if got := s.PRF("label", parts...); !bytes.Equal(got[:], want) {
			t.Errorf("%d parts: got %x, want %x", len(parts), got, want)
		}
	}
}

func TestPRFPartsDoNotRunTogether(t *testing.T) {
	t.Parallel()
	s := generate(t)
	seen := map[[32]byte]string{}
	for _, in := range [][]string{
		{"l", "ab", "c"},
		{"l", "a", "bc"},
		{"l", "abc"},
		{"la", "bc"},
		{"l", "abc", ""},
		{"l", "", "abc"},
		{"labc"},
		{"l", "\x02ab\x01c"},
		{"l"},
		{""},
		{"", ""},
	} {
		sum := s.PRF(in[0], in[1:]...)
		if other, ok := seen[sum]; ok {
			t.Errorf("%q and %s collide", in, other)
		}
		seen[sum] = fmt.Sprintf("%q", in)
	}
}

func TestASetIsSafeForConcurrentUse(t *testing.T) {
	t.Parallel()
	s := generate(t)
	want := s.PRF("label", "part")
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for i := range 200 {
				s.PRF("label", fmt.Sprint("other", i))
				if s.PRF("label", "part") != want {
					t.Error("another call's input got into the result")
					return
				}
			}
		})
	}
	wg.Wait()
}

func BenchmarkPRF(b *testing.B) {
	s := generate(b)
	b.ReportAllocs()
	for b.Loop() {
		s.PRF("identity", "acme", "16505551234")
	}
}

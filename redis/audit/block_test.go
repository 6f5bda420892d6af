package audit_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"bauta/redis/audit"
	"bauta/webhook"
)

func TestBlocksAreReadAsTheyWereWritten(t *testing.T) {
	t.Parallel()
	text := rapid.OneOf(
		rapid.StringMatching(`[A-Z]{2}\.[0-9]{22}`), rapid.StringMatching(`[A-Z]{1,3}\.[0-9]{21,23}`),
		rapid.SampledFrom([]string{"", "operator", "bauta", "message", strings.Repeat("x", 300)}), rapid.String(),
	)
	rapid.Check(t, func(t *rapid.T) {
		day := rapid.Int64Range(0, 40000).Draw(t, "day")
		want := rapid.SliceOf(rapid.Custom(func(t *rapid.T) webhook.Reversal {
			return webhook.Reversal{
				At:       time.UnixMilli(day*86400000 + rapid.Int64Range(-1e6, 1e8).Draw(t, "ms")).UTC(),
				Business: acme, Handle: text.Draw(t, "handle"), By: text.Draw(t, "by"), For: text.Draw(t, "for"),
			}
		})).Draw(t, "lines")
		got, err := audit.Decode(audit.Encode(want, day), acme, day)
		if err != nil || len(got) != len(want) {
			t.Fatalf("%d of %d lines, %v", len(got), len(want), err)
		}
		for i := range want {
			if diff := cmp.Diff(want[i], got[i]); diff != "" {
				t.Fatalf("line (-want +got):\n%s", diff)
			}
		}
	})
}

func FuzzABlockIsReadOrRefused(f *testing.F) {
	f.Add(audit.Encode(reversals(0, 3), 20779))
	f.Add([]byte{1, 0, 1})
	f.Add([]byte{1, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1})
	f.Fuzz(func(t *testing.T, block []byte) {
		if lines, err := audit.Decode(block, acme, 20779); err != nil && (lines != nil || !errors.Is(err, audit.ErrUnreadable)) {
			t.Errorf("%d lines, %v", len(lines), err)
		}
	})
}

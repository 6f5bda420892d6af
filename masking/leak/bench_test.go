package leak_test

import (
	"bytes"
	"math/rand/v2"
	"testing"

	"bauta/masking"
	"bauta/masking/leak"
)

func BenchmarkRun(b *testing.B) {
	media := platformBody(rand.New(rand.NewPCG(3, 4)))
	text := body(`Hello, I saw your ad about the running shoes. Do you have them in size 42?\nThank you`)
	s := secrets("393331234567")
	s.UserIDs = []masking.UserID{userID("IT.13491208655302741918")}
	for name, raw := range map[string][]byte{
		"text":       text,
		"media 1KB":  media[:min(len(media), 1024)],
		"media full": media,
		"batch 3MB":  bytes.Repeat(media, 3<<20/len(media)),
	} {
		b.Run(name, func(b *testing.B) {
			pool := leak.NewPool()
			b.SetBytes(int64(len(raw)))
			b.ReportAllocs()
			for b.Loop() {
				if got := pool.Check(s).Run(raw, nil); got != nil {
					b.Fatal(got)
				}
			}
		})
	}
}

package leak_test

import (
	"bytes"
	"math/rand/v2"
	"strings"
	"testing"

	"bauta/masking"
	"bauta/masking/leak"
)

func BenchmarkRun(b *testing.B) {
	media := platformBody(rand.New(rand.NewPCG(3, 4)))
	text := body(`Hello, I saw your ad about the running shoes. Do you have them in size 42?\nThank you`)
	long := []byte(`{"object":"whatsapp_business_account","entry":[{"id":"102290129340398","changes":[{"value":{"messaging_product":"whatsapp",` +
		`"metadata":{"display_phone_number":"15550783881","phone_number_id":"106540352242922"},"contacts":[{"profile":{"name":"Sheena Nelson"},` +
		`"user_id":"IT.9041174520836617350284"}],"messages":[{"from_user_id":"IT.9041174520836617350284",` +
		`"id":"wamid.HBgZSVQuOTA0MTE3NDUyMDgzNjYxNzM1MDI4NBUUABIYFDNBMDAxMTIyMzM0NDU1NjZBQUJCAA==","timestamp":"1749416383","type":"text","text":{"body":"` +
		strings.Repeat(`Do you have the blue shoes in size 42? I was in the shop on the 3rd of May.\nThank you \u00e0 bient\u00f4t! `, 4) +
		`"}}]},"field":"messages"}]}]}`)
	s := secrets("393331234567")
	s.UserIDs = []masking.UserID{userID("IT.13491208655302741918")}
	for name, raw := range map[string][]byte{
		"text":       text,
		"text 1KB":   long,
		"media 1KB":  media[:min(len(media), 1024)],
		"media full": media,
		"batch 3MB":  bytes.Repeat(media, 3<<20/len(media)),
	} {
		b.Run(name, func(b *testing.B) {
			pool := leak.NewPool()
			b.SetBytes(int64(len(raw)))
			b.ReportAllocs()
			for b.Loop() {
				if got := pool.Run(s, raw, nil); got != nil {
					b.Fatal(got)
				}
			}
		})
	}
}

package meta_test

import (
	"fmt"
	"strings"
	"testing"

	"bauta/webhook/meta"
)

// oneKilobyte is a text message that came through an ad, about 1 KB.
func oneKilobyte() string {
	return envelope("messages", `{"messaging_product":"whatsapp","metadata":{"display_phone_number":"15550005678","phone_number_id":"106540352242922"},`+
		`"contacts":[{"profile":{"name":"Ada Rossi"},"wa_id":"15550001234","user_id":"US.1000200030004000"}],`+
		`"messages":[{"from":"15550001234","from_user_id":"US.1000200030004000","id":"wamid.HBgLMTU1NTAwMDEyMzQVAgASGBQzQTAwMTEyMjMzNDQ1NTY2QUFCQgA=",`+
		`"timestamp":"1789000000","type":"text","text":{"body":"`+strings.Repeat("Is it in stock? ", 15)+`"},`+
		`"referral":{"source_url":"https://fb.me/x1","source_id":"120226305854810726","source_type":"ad","body":"Succulents","headline":"Chat with us","media_type":"image","image_url":"https://scontent.example/i.jpg","ctwa_clid":"Aff-abc123"}}]}`)
}

// manyMessages are events of different customers in one value.
func manyMessages(count int) string {
	var contacts, messages []string
	for i := range count {
		contacts = append(contacts, fmt.Sprintf(`{"profile":{"name":"C%d"},"wa_id":"1555%07d"}`, i, i))
		messages = append(messages, fmt.Sprintf(
			`{"from":"1555%07d","id":"m%d","timestamp":"1789000000","type":"text","text":{"body":"hello %d"}}`, i, i, i))
	}
	return envelope("messages", `{"messaging_product":"whatsapp","metadata":{"display_phone_number":"15550005678","phone_number_id":"106540352242922"},"contacts":[`+
		strings.Join(contacts, ",")+`],"messages":[`+strings.Join(messages, ",")+`]}`)
}

func BenchmarkSplit(b *testing.B) {
	for name, body := range map[string]string{"1KB": oneKilobyte(), "200Events": manyMessages(200), "1000Events": manyMessages(1000)} {
		b.Run(name, func(b *testing.B) {
			c := meta.NewCatalogue()
			raw := []byte(body)
			b.SetBytes(int64(len(raw)))
			b.ReportAllocs()
			for b.Loop() {
				if batch, err := c.Split(raw); err != nil || len(batch.Events) == 0 {
					b.Fatal("nothing was split")
				}
			}
		})
	}
}

func BenchmarkNewCatalogue(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		meta.NewCatalogue()
	}
}

// TestSplittingAllocatesLittle is not parallel: the allocations of all
// goroutines are counted.
func TestSplittingAllocatesLittle(t *testing.T) { //nolint:paralleltest // see above
	c := meta.NewCatalogue()
	raw := []byte(oneKilobyte())
	got := testing.AllocsPerRun(100, func() {
		if _, err := c.Split(raw); err != nil {
			t.Error(err)
		}
	})
	if got > 30 {
		t.Errorf("splitting 1 KB takes %v allocations, want at most 30", got)
	}
}

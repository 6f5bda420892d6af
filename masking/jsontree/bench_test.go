package jsontree_test

import (
	"testing"

	"bauta/masking/jsontree"
)

// message is a text message as the platform sends it, about 650 bytes.
const message = `{"object":"whatsapp_business_account","entry":[{"id":"102290129340398","changes":[{"value":{"messaging_product":"whatsapp",` +
	`"metadata":{"display_phone_number":"15550783881","phone_number_id":"106540352242922"},"contacts":[{"profile":{"name":"Ada Rossi"},` +
	`"wa_id":"16505550142","user_id":"US.7430000000000001","parent_user_id":"US.ENT.7430000000000009"}],"messages":[{"from":"16505550142",` +
	`"from_user_id":"US.7430000000000001","from_parent_user_id":"US.ENT.7430000000000009",` +
	`"id":"wamid.HBgLMTY1MDU1NTAxNDIVAgASGBQzQTRBNjU5OUFFRTAzODEwMTQ0RgA=","timestamp":"1789000000","type":"text","text":{"body":"Is it in stock?"}}]},"field":"messages"}]}]}`

func BenchmarkParse(b *testing.B) {
	source := []byte(message)
	parser := jsontree.NewParser()
	b.ReportAllocs()
	b.SetBytes(int64(len(source)))
	for b.Loop() {
		if _, err := parser.Parse(source); err != nil {
			b.Fatal(err)
		}
	}
}

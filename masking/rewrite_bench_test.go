package masking_test

import (
	"strings"
	"testing"

	"bauta/masking"
)

// textMessage is A2 of identity.md Appendix A with a longer text: about 1 KB.
func textMessage() string {
	return `{"object":"whatsapp_business_account","entry":[{"id":"102290129340398","changes":[{"value":{"messaging_product":"whatsapp",` +
		`"metadata":{"display_phone_number":"15550783881","phone_number_id":"106540352242922"},"contacts":[{"profile":{"name":"Ada Rossi"},` +
		`"wa_id":"16505550142","user_id":"US.7430000000000001","parent_user_id":"US.ENT.7430000000000009"}],"messages":[{"from":"16505550142",` +
		`"from_user_id":"US.7430000000000001","from_parent_user_id":"US.ENT.7430000000000009",` +
		`"id":"wamid.HBgLMTY1MDU1NTAxNDIVAgASGBQzQTRBNjU5OUFFRTAzODEwMTQ0RgA=","timestamp":"1789000000","type":"text","text":{"body":"` +
		strings.Repeat("Is it in stock? The shop in Via Roma had none left. ", 7) + `"}}]},"field":"messages"}]}]}`
}

// interactive is an answer to a form: about 4 KB, most of it JSON in a string.
func interactive() string {
	answers := strings.Repeat(`\"question_one\":\"Between nine and eleven\",\"question_two\":[\"blue\",\"green\"],\"amount\":25,`, 35)
	return `{"entry":[{"changes":[{"value":{"contacts":[{"profile":{"name":"Ada Rossi"},"wa_id":"16505550142"}],"messages":[{"from":"16505550142",` +
		`"id":"wamid.HBgLMTY1MDU1NTAxNDIVAgASGBQzQTRBNjU5OUFFRTAzODEwMTQ0RgA=","timestamp":"1789000000","type":"interactive","interactive":` +
		`{"response_json":"{` + answers + `\"phone\":\"+1 650 555 0142\"}","payload":"order-17"}}]}}]}]}`
}

func BenchmarkRewrite(b *testing.B) {
	for name, source := range map[string]string{"text-1KB": textMessage(), "interactive-4KB": interactive()} {
		for kind, person := range map[string]masking.Person{"hidden": ada(b), "visible": shown(ada(b))} {
			b.Run(name+"/"+kind, func(b *testing.B) {
				j := jobOf(b, source, masking.ShapeUserID, person)
				r := masking.NewRewriter()
				b.ReportAllocs()
				b.SetBytes(int64(len(source)))
				for b.Loop() {
					if _, err := r.Rewrite(j); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}

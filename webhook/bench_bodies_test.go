package webhook

import (
	"fmt"
	"strings"

	"bauta/webhook/simulator"
)

// benchBodies are the bodies of issue 2, section 8, by name.
func benchBodies() map[string][]byte {
	return map[string][]byte{
		"text 1KB":        benchEnvelope(benchText(0, strings.Repeat("Is it in stock? ", 15), benchReferral)),
		"interactive 4KB": benchEnvelope(benchForm(0)),
		"batch of 200":    benchBatch(200),
	}
}

const benchReferral = `,"referral":{"source_url":"https://fb.me/x1","source_id":"120226305854810726","source_type":"ad","body":"Succulents",` +
	`"headline":"Chat with us","media_type":"image","image_url":"https://scontent.example/i.jpg","ctwa_clid":"Aff-abc123"}`

// benchPerson is one of many customers with fictional numbers.
func benchPerson(i int) simulator.Person {
	return simulator.Person{Number: fmt.Sprintf("1650555%04d", i), UserID: fmt.Sprintf("US.1349120865530274%04d", i), Name: "Ada Rossi"}
}

// benchEvent is a message with its contact.
type benchEvent struct{ contact, message string }

func benchMessage(i int, content string) benchEvent {
	p := benchPerson(i)
	return benchEvent{
		contact: fmt.Sprintf(`{"profile":{"name":%q},"wa_id":%q,"user_id":%q}`, p.Name, p.Number, p.UserID),
		message: fmt.Sprintf(`{"from":%q,"from_user_id":%q,"id":%q,"timestamp":"1789000000",%s}`,
			p.Number, p.UserID, simulator.MessageID(p, false, fmt.Sprintf("3A%018X", i)), content),
	}
}

func benchText(i int, text, rest string) benchEvent {
	return benchMessage(i, fmt.Sprintf(`"type":"text","text":{"body":%q}%s`, text, rest))
}

// benchForm is the answer to a form: most of it is JSON in a string.
func benchForm(i int) benchEvent {
	answers := strings.Repeat(`\"question_one\":\"Between nine and eleven\",\"question_two\":[\"blue\",\"green\"],\"amount\":25,`, 33)
	return benchMessage(i, `"type":"interactive","interactive":{"type":"nfm_reply","nfm_reply":{"name":"flow","body":"Sent",`+
		`"response_json":"{`+answers+`\"phone\":\"+1 650 555 0000\"}"}}`)
}

// benchBatch has one message each of many customers.
func benchBatch(size int) []byte {
	events := make([]benchEvent, size)
	for i := range events {
		events[i] = benchText(i, "Is it in stock? The shop in Via Roma had none left.", "")
	}
	return benchEnvelope(events...)
}

func benchEnvelope(events ...benchEvent) []byte {
	var contacts, messages []string
	for _, e := range events {
		contacts, messages = append(contacts, e.contact), append(messages, e.message)
	}
	return []byte(`{"object":"whatsapp_business_account","entry":[{"id":"102290129340398","changes":[{"value":{"messaging_product":"whatsapp",` +
		`"metadata":{"display_phone_number":"15550783881","phone_number_id":"106540352242922"},"contacts":[` + strings.Join(contacts, ",") +
		`],"messages":[` + strings.Join(messages, ",") + `]},"field":"messages"}]}]}`)
}

package app

import (
	"time"

	"bauta/webhook/simulator"
)

// scene is one webhook of the demo's story.
type scene struct {
	text string
	body []byte
}

// demoStory is told by `bauta demo`; its first scene is the one of --once.
func demoStory() []scene {
	business := simulator.Business{WABA: "102290129340398", PhoneNumberID: "106540352242922", Number: "15550783881"}
	ada := simulator.Person{Number: "16505550142", UserID: "US.7430000000000001", Name: "Ada Rossi"}
	bea := simulator.Person{Number: "16505550177", UserID: "US.7430000000000002", Name: "Bea Neri"}
	at := time.Now()
	first := simulator.MessageID(ada, false, "3A4A6599AEE03810144F")
	says := func(m simulator.Message) []byte {
		m.At = at
		return business.Inbound(m)
	}
	body := func(text string) simulator.Part { return simulator.Part{{Name: "body", Value: text}} }
	ad := &simulator.Ad{
		Type: "ad", ID: "120226305854810726", Headline: "Chat with us", Body: "Succulents with a story", ClickID: "Aff-abc123",
	}
	card := []simulator.Part{{
		{Name: "name", Value: simulator.Part{{Name: "formatted_name", Value: "Ada Rossi"}}},
		{Name: "phones", Value: []simulator.Part{{
			{Name: "phone", Value: "+1 (650) 555-0142"}, {Name: "wa_id", Value: ada.Number}, {Name: "type", Value: "CELL"},
		}}},
	}}
	return []scene{
		{
			"Ada taps an ad and writes. She is hidden: the number goes from every place, the message id included.",
			says(simulator.Message{
				From: ada, ID: first, Type: "text", Content: body("Can I get more info? You can also call +1 650-555-0142"), Ad: ad,
			}),
		},
		{
			"She sends her contact card, quoting her first message. She did not ask Bauta to share, so it stays masked; the quoted id still matches.",
			says(simulator.Message{
				From: ada, ID: simulator.MessageID(ada, false, "3A4A6599AEE038101450"), Type: "contacts", Content: card, Quoted: first,
			}),
		},
		{
			"The CRM's answer was read: the status comes under the same handle.",
			business.Outcome(simulator.Status{
				To: ada, ID: simulator.MessageID(ada, true, "3EB06B2466E7EFBAB2DE79"), At: at, Status: "read",
			}),
		},
		{
			"Bea writes without an ad. She is not hidden (hiding.default: visible): not one byte changes.",
			says(simulator.Message{
				From: bea, ID: simulator.MessageID(bea, false, "3AEA2A7D85CF97BC2DE6"), Type: "text", Content: body("When do you open?"),
			}),
		},
	}
}

package outbound_test

import (
	"errors"
	"strings"
	"testing"

	"bauta/webhook/outbound"
)

// The media of the business, and one of another that has the same access token.
const (
	uploadedMedium = "4490709327384033"
	receivedMedium = "1166846181421424"
	foreignMedium  = "1013859600285441"
)

func TestOnlyMediaOfTheBusinessAreSent(t *testing.T) {
	t.Parallel()
	places := map[string]string{
		"an image":               `"image":{"id":"%"}`,
		"a video":                `"video":{"caption":"x","id":"%"}`,
		"a voice":                `"audio":{"id":"%"}`,
		"a document":             `"document":{"id":"%","filename":"a.pdf"}`,
		"a sticker":              `"sticker":{"id":"%"}`,
		"an id that is a number": `"sticker":{"id":9}`,
		"a header":               `"interactive":{"type":"button","header":{"type":"image","image":{"id":"%"}}}`,
		"a template's header":    `"template":{"name":"x","language":{"code":"en_US"},"components":[{"type":"header","parameters":[{"type":"document","document":{"id":"%"}}]}]}`,
		"a card of a template": `"template":{"name":"x","language":{"code":"en_US"},"components":[{"type":"carousel","cards":[{"card_index":0,` +
			`"components":[{"type":"header","parameters":[{"type":"video","video":{"id":"%"}}]}]}]}]}`,
	}
	for name, place := range places {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for id, want := range map[string]error{uploadedMedium: nil, receivedMedium: nil, foreignMedium: outbound.ErrUnknownMedium} {
				room := newSendRoom(t)
				filled := strings.Replace(place, "%", id, 1)
				if filled == place {
					want = outbound.ErrUnknownMedium
				}
				_, err := room.Out(t.Context(), room.call(t, "messages_send", `{"to":"{ada}",`+filled+`}`))
				if !errors.Is(err, want) {
					t.Errorf("medium %s: %v, want %v", id, err, want)
				}
			}
		})
	}
	for name, body := range map[string]string{
		"twice":             `"image":{"id":"` + uploadedMedium + `","id":"` + foreignMedium + `"}`,
		"an image twice":    `"image":{"id":"` + uploadedMedium + `"},"image":{"id":"` + foreignMedium + `"}`,
		"as JSON in a text": `"image":"{\"id\":\"` + foreignMedium + `\"}"`,
		"in capitals":       `"image":{"ID":"` + foreignMedium + `"}`,
	} {
		room := newSendRoom(t)
		_, err := room.Out(t.Context(), room.call(t, "messages_send", `{"to":"{ada}",`+body+`}`))
		if _, ok := errors.AsType[*outbound.BodyError](err); !ok {
			t.Errorf("%s: %v, want that the body is refused", name, err)
		}
	}
	room := newSendRoom(t)
	if _, err := room.Out(t.Context(), room.call(t, "messages_send", `{"to":"{ada}","image":{"link":"https://acme.example/a.png"}}`)); err != nil {
		t.Errorf("a link: %v", err)
	}
}

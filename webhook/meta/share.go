package meta

import (
	"encoding/base64"
	"encoding/json"
	"strconv"
	"time"

	"bauta/masking"
)

// SharedCardField is the field of a SharedCard.
const SharedCardField = "messages"

// SharedCard is a message of a customer's that Bauta writes itself: a contact card with
// the number that they shared, as the platform writes the answer to its own request
// (identity.md 2.7 d, "tapped the button"). All of it may be read by the business.
type SharedCard struct {
	// WABA and PhoneNumberID are the business's, and Own its number.
	WABA, PhoneNumberID string
	Own                 masking.Number
	// From is the customer's handle, as a number.
	From string
	// Group is "" in the direct chat.
	Group, ID string
	At        time.Time
	Number    masking.Number
}

type (
	cardEnvelope struct {
		Object string      `json:"object"`
		Entry  []cardEntry `json:"entry"`
	}
	cardEntry struct {
		ID      string       `json:"id"`
		Changes []cardChange `json:"changes"`
	}
	cardChange struct {
		Value cardValue `json:"value"`
		Field string    `json:"field"`
	}
	cardValue struct {
		Product  string        `json:"messaging_product"`
		Metadata cardMetadata  `json:"metadata"`
		Contacts []cardContact `json:"contacts"`
		Messages []cardMessage `json:"messages"`
	}
	cardMetadata struct {
		Number string `json:"display_phone_number"`
		ID     string `json:"phone_number_id"`
	}
	cardContact struct {
		Profile cardProfile `json:"profile"`
		WhatsID string      `json:"wa_id"`
	}
	cardProfile struct {
		Name string `json:"name"`
	}
	cardMessage struct {
		From      string      `json:"from"`
		Group     string      `json:"group_id,omitempty"`
		ID        string      `json:"id"`
		Timestamp string      `json:"timestamp"`
		Type      string      `json:"type"`
		Contacts  []cardShown `json:"contacts"`
	}
	cardShown struct {
		Origin string      `json:"origin"`
		Phones []cardPhone `json:"phones"`
	}
	cardPhone struct {
		Phone   string `json:"phone"`
		WhatsID string `json:"wa_id"`
		Type    string `json:"type"`
	}
)

// JSON is the body, an envelope like the platform's. The profile's name, which is
// never absent there, is the number: Bauta keeps no names.
func (c SharedCard) JSON() []byte {
	digits := c.Number.Reveal()
	body, _ := json.Marshal(cardEnvelope{"whatsapp_business_account", []cardEntry{{c.WABA, []cardChange{{cardValue{
		Product:  "whatsapp",
		Metadata: cardMetadata{c.Own.Reveal(), c.PhoneNumberID},
		Contacts: []cardContact{{cardProfile{"+" + digits}, c.From}},
		Messages: []cardMessage{{
			From: c.From, Group: c.Group, ID: c.ID, Timestamp: strconv.FormatInt(c.At.Unix(), 10), Type: "contacts",
			Contacts: []cardShown{{"contact_request", []cardPhone{{"+" + digits, digits, "CELL"}}}},
		}},
	}, SharedCardField}}}}}) // texts only: it cannot fail
	return body
}

// NoMessage is the id of a message that the platform does not have: Unmask answers
// ErrForeignID, so nobody can lead it anywhere. Random tells it from others.
func NoMessage(random []byte) string {
	return messagePrefix + base64.RawURLEncoding.EncodeToString(append([]byte{wholeMarker}, random...))
}

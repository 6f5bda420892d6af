// Command golang answers a customer as deploy/reference/connect.md shows it: with Go's standard
// library. Its arguments are the handle, the id of the message that it answers, and
// the text; it prints the id of its own.
package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log"
	"net/http"
	"os"
)

// documented: begin
type message struct {
	Product   string            `json:"messaging_product"`
	Recipient string            `json:"recipient"` // the handle, in either shape
	Context   map[string]string `json:"context,omitempty"`
	Type      string            `json:"type"`
	Text      map[string]string `json:"text"`
}

func answer(handle, messageID, body string) (string, error) {
	content, err := json.Marshal(message{"whatsapp", handle, map[string]string{"message_id": messageID}, "text", map[string]string{"body": body}})
	if err != nil {
		return "", err
	}
	url := os.Getenv("BAUTA_URL") + "/v25.0/" + os.Getenv("PHONE_NUMBER_ID") + "/messages" // instead of https://graph.facebook.com
	request, err := http.NewRequest(http.MethodPost, url, bytes.NewReader(content))
	if err != nil {
		return "", err
	}
	request.Header.Set("Authorization", "Bearer "+os.Getenv("BAUTA_TOKEN")) // printed by bauta token issue
	request.Header.Set("Content-Type", "application/json")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return "", err
	}
	defer response.Body.Close()
	var got struct {
		Messages []struct{ ID string }
		Error    struct {
			Code      int
			ErrorData struct{ Details string } `json:"error_data"`
		}
	}
	if err := json.NewDecoder(response.Body).Decode(&got); err != nil {
		return "", err
	}
	if len(got.Messages) == 0 {
		return "", fmt.Errorf("not sent: %d %s", got.Error.Code, got.Error.ErrorData.Details)
	}
	return got.Messages[0].ID, nil // the statuses that follow name this id
}

// documented: end

func main() {
	id, err := answer(os.Args[1], os.Args[2], os.Args[3])
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(id)
}

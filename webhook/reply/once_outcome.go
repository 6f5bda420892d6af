package reply

import (
	"bytes"
	"encoding/json"
	"net/http"
)

// keptOutcome is what is kept of an outcome: one line of JSON, in front of the body.
type keptOutcome struct {
	Status int         `json:"status"`
	Name   string      `json:"name,omitempty"`
	Header http.Header `json:"header,omitempty"`
}

// writeOutcome turns an outcome that has no stream into bytes.
func writeOutcome(o *outcome) []byte {
	head, err := json.Marshal(keptOutcome{Status: o.status, Name: o.name, Header: o.header})
	if err != nil {
		return nil // it cannot be: strings and a number
	}
	return append(append(head, '\n'), o.body...)
}

// readOutcome is the way back; false for what is none.
func readOutcome(text []byte) (*outcome, bool) {
	head, body, ok := bytes.Cut(text, []byte{'\n'})
	var kept keptOutcome
	if !ok || json.Unmarshal(head, &kept) != nil || kept.Status < http.StatusOK || kept.Status > 599 {
		return nil, false
	}
	if kept.Header == nil {
		kept.Header = http.Header{}
	}
	return &outcome{status: kept.Status, name: kept.Name, header: kept.Header, body: body}, true
}

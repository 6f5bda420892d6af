package manage

import (
	"context"
	_ "embed"
	"encoding/json"
	"net/http"
)

// openAPI describes the routes to software.
//
//go:embed openapi.json
var openAPI []byte

// document answers GET /v1/openapi.json.
func (h *Handler) document(context.Context, *request) (*outcome, error) {
	return &outcome{status: http.StatusOK, kind: typeJSON, body: openAPI, name: outcomeOK}, nil
}

// list answers GET /v1.
func (h *Handler) list(context.Context, *request) (*outcome, error) {
	return &outcome{status: http.StatusOK, kind: typeJSON, body: h.index, name: outcomeOK}, nil
}

// indexOf lists the routes for a person.
func indexOf(all []route) []byte {
	type entry struct {
		Method string `json:"method"`
		Path   string `json:"path"`
		Scope  string `json:"scope"`
		What   string `json:"what"`
	}
	index := struct {
		Name   string  `json:"name"`
		Token  string  `json:"token"`
		Routes []entry `json:"routes"`
	}{Name: "Bauta management API", Token: "Authorization: Bearer, a token (bauta token issue) with the scope that a route names"}
	for _, rt := range all {
		index.Routes = append(index.Routes, entry{rt.method, rt.path, rt.scope, rt.about})
	}
	text, _ := json.MarshalIndent(index, "", "  ") // strings
	return append(text, '\n')
}

package manage_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"bauta/masking/sharing"
	"bauta/webhook"
	"bauta/webhook/manage"
)

// openAPI is as much of the document as the tests hold against the handlers.
type openAPI struct {
	OpenAPI    string
	Paths      map[string]map[string]json.RawMessage
	Components struct {
		Schemas map[string]schema
	}
}

type operation struct {
	OperationID string `json:"operationId"`
	Security    *[]any
	Responses   map[string]json.RawMessage
}

type schema struct {
	Enum       []string
	Properties map[string]schema
	Required   []string
}

func (r *rig) described(tb testing.TB) openAPI {
	tb.Helper()
	got := r.do(tb, call{path: "/v1/openapi.json", bearer: "none"})
	if got.status != http.StatusOK || got.header.Get("Content-Type") != "application/json" {
		tb.Fatalf("%d %v", got.status, got.header)
	}
	var doc openAPI
	if err := json.Unmarshal([]byte(got.body), &doc); err != nil {
		tb.Fatal(err)
	}
	if !strings.HasPrefix(doc.OpenAPI, "3.1.") {
		tb.Errorf("openapi %q", doc.OpenAPI)
	}
	return doc
}

// The document, the index and the handlers have the same routes.
func TestTheDocumentHasEveryRouteAndNoOther(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	doc := r.described(t)
	var described, listed []string
	for path, item := range doc.Paths {
		for method, raw := range item {
			if method == "parameters" {
				continue
			}
			method = strings.ToUpper(method)
			described = append(described, method+" "+path)
			var op operation
			if err := json.Unmarshal(raw, &op); err != nil || op.OperationID == "" {
				t.Errorf("%s %s: %v", method, path, err)
			}
			asked := r.do(t, call{method: method, path: strings.ReplaceAll(path, "{handle}", "x"), bearer: "none"})
			if open := op.Security != nil; open != (asked.status == http.StatusOK) {
				t.Errorf("%s %s is open %v, and answers %d without a token", method, path, open, asked.status)
			}
			if _, ok := op.Responses["401"]; ok != (asked.status == http.StatusUnauthorized) {
				t.Errorf("%s %s: the document and the handler differ about 401", method, path)
			}
		}
	}
	var index struct {
		Routes []struct{ Method, Path, What string }
	}
	got := r.do(t, call{path: "/v1", bearer: "none"})
	if err := json.Unmarshal([]byte(got.body), &index); err != nil {
		t.Fatal(err)
	}
	for _, entry := range index.Routes {
		listed = append(listed, entry.Method+" "+entry.Path)
		if entry.What == "" {
			t.Errorf("%s says nothing", entry.Path)
		}
	}
	slices.Sort(described)
	slices.Sort(listed)
	if diff := cmp.Diff(listed, described); diff != "" || len(listed) < 9 {
		t.Error(diff)
	}
}

func TestTheDocumentHasEveryProblem(t *testing.T) {
	t.Parallel()
	var want []string
	for _, p := range manage.Problems() {
		want = append(want, "urn:bauta:problem:"+p.Name)
	}
	got := newRig(t).described(t).Components.Schemas["problem"].Properties["type"].Enum
	slices.Sort(got)
	slices.Sort(want)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// Answers have the members that the document requires, and no others.
func TestAnswersAreAsDescribed(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.lists.fill(1)
	r.people.change(r.people.hidden.Key(), func(s *webhook.Seen) { s.Question.ID = "q" })
	schemas := r.described(t).Components.Schemas
	c := "/v1/customers/IT." + r.people.hidden.Long
	for _, row := range []struct {
		call   call
		schema string
		within string
	}{
		{call{path: "/v1"}, "index", ""},
		{call{path: c}, "customer", ""},
		{call{path: c}, "sharing", "sharing"},
		{call{path: c}, "question", "sharing question"},
		{call{path: "/v1/consents"}, "consents", ""},
		{call{path: "/v1/consents/head"}, "head", ""},
		{call{path: "/v1/audit"}, "audit", ""},
		{call{path: "/v1/balance"}, "balance", ""},
		{call{path: "/v1/nothing"}, "problem", ""},
		{call{method: http.MethodDelete, path: c}, "receipt", ""},
	} {
		var body any
		if err := json.Unmarshal([]byte(r.do(t, row.call).body), &body); err != nil {
			t.Fatal(err)
		}
		for name := range strings.FieldsSeq(row.within) {
			body = body.(map[string]any)[name]
		}
		var got []string
		for name := range body.(map[string]any) {
			got = append(got, name)
		}
		want := schemas[row.schema].Required
		slices.Sort(got)
		slices.Sort(want)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s", row.schema, diff)
		}
	}
}

func TestTheDocumentHasEveryWordOfTheDomain(t *testing.T) {
	t.Parallel()
	schemas := newRig(t).described(t).Components.Schemas
	var visibilities, states []string
	for v := webhook.Undecided; v <= webhook.Withdrawn; v++ {
		visibilities = append(visibilities, v.String())
	}
	for s := sharing.Unasked; s <= sharing.Withdrawn; s++ {
		states = append(states, s.String())
	}
	if diff := cmp.Diff(visibilities, schemas["customer"].Properties["visibility"].Enum); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(states, schemas["sharing"].Properties["state"].Enum); diff != "" {
		t.Error(diff)
	}
	if got := fmt.Sprint(schemas["sharing"].Properties["state"].Enum); !strings.Contains(got, "not_askable") {
		t.Error(got)
	}
}

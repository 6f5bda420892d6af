package manage_test

import (
	"bytes"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/pb33f/libopenapi"
	validator "github.com/pb33f/libopenapi-validator"
	"github.com/pb33f/libopenapi-validator/config"
	verrors "github.com/pb33f/libopenapi-validator/errors"
	"github.com/pb33f/libopenapi/datamodel/high/base"
	v3 "github.com/pb33f/libopenapi/datamodel/high/v3"
	"github.com/pb33f/libopenapi/orderedmap"

	"bauta/masking/sharing"
	"bauta/webhook"
	"bauta/webhook/manage"
	"bauta/webhook/operate"
)

// described is the document, read and compiled once for all tests: it takes a while.
var described = sync.OnceValues(func() (*document, error) {
	text, err := os.ReadFile("openapi.json")
	if err != nil {
		return nil, err
	}
	doc, err := libopenapi.NewDocument(text)
	if err != nil {
		return nil, err
	}
	model, err := doc.BuildV3Model()
	if err != nil {
		return nil, err
	}
	// Strict: what is not described is an error. These headers are HTTP's own.
	v, faults := validator.NewValidator(doc, config.WithFormatAssertions(), config.WithStrictMode(), config.WithoutSecurityValidation(),
		config.WithStrictIgnoredHeadersExtra("Cache-Control", "X-Content-Type-Options", "Connection", "Authorization", "Content-Encoding"))
	if len(faults) > 0 {
		return nil, faults[0]
	}
	return &document{Validator: v, text: text, model: &model.Model}, nil
})

// document is openapi.json. Its validator is for one goroutine at a time.
type document struct {
	validator.Validator

	mu    sync.Mutex
	text  []byte
	model *v3.Document
}

func openAPI(tb testing.TB) *document {
	tb.Helper()
	d, err := described()
	if err != nil {
		tb.Fatal(err)
	}
	return d
}

// operations are "GET /v1" and so on.
func (d *document) operations() map[string]*v3.Operation {
	all := map[string]*v3.Operation{}
	for path, item := range d.model.Paths.PathItems.FromOldest() {
		for method, op := range item.GetOperations().FromOldest() {
			all[strings.ToUpper(method)+" "+path] = op
		}
	}
	return all
}

// exchange is a request and its answer.
type exchange struct {
	method, url string
	header      http.Header
	body        string
	answer      answer
}

// check holds an exchange against the document: every answer, and of calls that were
// right the request too. What has no operation is described in words.
func (d *document) check(tb testing.TB, e exchange) {
	tb.Helper()
	d.mu.Lock()
	defer d.mu.Unlock()
	request := func() *http.Request {
		r := httptest.NewRequestWithContext(tb.Context(), e.method, e.url, strings.NewReader(e.body))
		maps.Copy(r.Header, e.header)
		return r
	}
	if e.answer.status < 300 {
		if ok, faults := d.ValidateHttpRequest(request()); !ok {
			tb.Errorf("%s %s with %q is not described: %s", e.method, e.url, e.body, faultsOf(faults))
		}
	}
	response := &http.Response{StatusCode: e.answer.status, Header: e.answer.header, Body: io.NopCloser(strings.NewReader(e.answer.body))}
	if ok, faults := d.ValidateHttpResponse(request(), response); !ok {
		tb.Errorf("%s %s: the answer %d is not described: %s\n%s", e.method, e.url, e.answer.status, faultsOf(faults), e.answer.body[:min(500, len(e.answer.body))])
	}
}

func faultsOf(faults []*verrors.ValidationError) string {
	var all []string
	for _, f := range faults {
		all = append(all, f.Error())
		for _, s := range f.SchemaValidationErrors {
			all = append(all, s.FieldPath+" "+s.Reason)
		}
	}
	return strings.Join(all, "; ")
}

// has tells whether an exchange is with an operation: other paths and methods have none,
// and HEAD has no body.
func (d *document) has(e exchange) bool {
	return e.method != http.MethodHead && e.answer.status != http.StatusMethodNotAllowed && e.answer.status != http.StatusNoContent &&
		!strings.Contains(e.answer.body, ":unknown-path") && d.found(e.method, e.url)
}

func (d *document) found(method, url string) bool {
	path, _, _ := strings.Cut(url, "?")
	for op := range d.operations() {
		m, pattern, _ := strings.Cut(op, " ")
		if m != method || strings.Count(pattern, "/") != strings.Count(path, "/") {
			continue
		}
		parts := strings.Split(path, "/")
		same := true
		for i, p := range strings.Split(pattern, "/") {
			same = same && (p == parts[i] || strings.HasPrefix(p, "{") && parts[i] != "")
		}
		if same {
			return true
		}
	}
	return false
}

func TestTheDocumentIsOpenAPI31(t *testing.T) {
	t.Parallel()
	d := openAPI(t)
	got := newRig(t).do(t, call{path: "/v1/openapi.json", bearer: "none"})
	if got.status != http.StatusOK || !bytes.Equal([]byte(got.body), d.text) {
		t.Fatalf("%d: another document is served", got.status)
	}
	if !strings.HasPrefix(d.model.Version, "3.1.") {
		t.Errorf("it is of %s", d.model.Version)
	}
	if ok, faults := d.ValidateDocument(); !ok {
		t.Error(faultsOf(faults))
	}
}

// The document, the index and the handlers have the same routes.
func TestTheDocumentHasEveryRouteAndNoOther(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	var index struct {
		Routes []struct{ Method, Path, Scope, What string }
	}
	if err := json.Unmarshal([]byte(r.do(t, call{path: "/v1", bearer: "none"}).body), &index); err != nil {
		t.Fatal(err)
	}
	operations, named := openAPI(t).operations(), r.everyRoute()
	var listed []string
	for _, entry := range index.Routes {
		route := entry.Method + " " + entry.Path
		listed = append(listed, route)
		op := operations[route]
		if op == nil || entry.What == "" {
			t.Errorf("%s is not described", route)
			continue
		}
		var scopes []string
		for _, s := range op.Security {
			for _, of := range s.Requirements.FromOldest() {
				scopes = append(scopes, of...)
			}
		}
		if strings.Join(scopes, " ") != entry.Scope {
			t.Errorf("%s needs the scope %q, and is described with %q", route, entry.Scope, scopes)
		}
		if _, tested := named[op.OperationId]; tested != (entry.Scope != "") {
			t.Errorf("%s is %s, of which the tests know nothing", route, op.OperationId)
		}
	}
	described := slices.Collect(maps.Keys(operations))
	slices.Sort(described)
	slices.Sort(listed)
	if diff := gocmp.Diff(listed, described); diff != "" || len(listed) != len(named)+2 {
		t.Error(diff)
	}
}

// Whatever the method: what is described is there, and what is not is not.
func TestPathsTakeTheMethodsThatAreDescribed(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	operations := openAPI(t).operations()
	for path := range openAPI(t).model.Paths.PathItems.FromOldest() {
		url := strings.NewReplacer("{handle}", "x", "{endpoint}", "x", "{lane}", "x", "{id}", "x").Replace(path)
		for _, method := range []string{http.MethodGet, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete} {
			got := r.do(t, call{method: method, path: url})
			if there := operations[method+" "+path] != nil; there != (got.status != http.StatusMethodNotAllowed) || got.status == http.StatusNotFound && strings.Contains(got.body, "unknown-path") {
				t.Errorf("%s %s is described: %t, and answers %d", method, path, there, got.status)
			}
		}
	}
}

func TestExamplesAreAsDescribed(t *testing.T) {
	t.Parallel()
	d := openAPI(t)
	n := 0
	for route, op := range d.operations() {
		method, path, _ := strings.Cut(route, " ")
		url := strings.NewReplacer("{", "", "}", "").Replace(path)
		header := http.Header{"Content-Type": {"application/json"}}
		if op.RequestBody != nil {
			for _, body := range examples(t, op.RequestBody.Content) {
				n++
				request := httptest.NewRequestWithContext(t.Context(), method, url, bytes.NewReader(body))
				request.Header = header
				d.mu.Lock()
				if ok, faults := d.GetRequestBodyValidator().ValidateRequestBody(request); !ok {
					t.Errorf("%s: the example %s: %s", route, body, faultsOf(faults))
				}
				d.mu.Unlock()
			}
		}
		for code, response := range op.Responses.Codes.FromOldest() {
			found := examples(t, response.Content)
			if len(found) == 0 && op.OperationId != "index" && op.OperationId != "openapi" {
				t.Errorf("%s has no example of %s", route, code)
			}
			for kind := range response.Content.FromOldest() {
				for _, body := range found {
					n++
					var status int
					_ = json.Unmarshal([]byte(code), &status)
					answered := http.Header{"Content-Type": {kind}, "Bauta-Trace": {"T"}}
					if response.Headers.GetOrZero("WWW-Authenticate") != nil {
						answered.Set("WWW-Authenticate", "Bearer")
					}
					d.mu.Lock()
					ok, faults := d.GetResponseBodyValidator().ValidateResponseBody(httptest.NewRequestWithContext(t.Context(), method, url, http.NoBody),
						&http.Response{StatusCode: status, Header: answered, Body: io.NopCloser(bytes.NewReader(body))})
					d.mu.Unlock()
					if !ok {
						t.Errorf("%s: the example of %s: %s\n%s", route, code, faultsOf(faults), body)
					}
				}
			}
		}
	}
	if n < 100 {
		t.Errorf("only %d examples", n)
	}
}

// examples are those of all media types, as JSON.
func examples(t *testing.T, content *orderedmap.Map[string, *v3.MediaType]) (all [][]byte) {
	t.Helper()
	for _, media := range content.FromOldest() {
		some := []*base.Example{{Value: media.Example}}
		for _, e := range media.Examples.FromOldest() {
			some = append(some, e)
		}
		for _, e := range some {
			if e.Value == nil {
				continue
			}
			var value any
			if err := e.Value.Decode(&value); err != nil {
				t.Fatal(err)
			}
			text, err := json.Marshal(value)
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, text)
		}
	}
	return all
}

// schemaOf is a schema by its name.
func (d *document) schemaOf(name string) *base.Schema {
	return d.model.Components.Schemas.GetOrZero(name).Schema()
}

// The problems are a closed set, and each is described with its status and its usual words.
func TestTheDocumentHasEveryProblem(t *testing.T) {
	t.Parallel()
	want, got := map[string]string{}, map[string]string{}
	for _, p := range manage.Problems() {
		want["urn:bauta:problem:"+p.Name] = p.Title + " " + http.StatusText(p.Status) + " " + p.Detail
	}
	for _, one := range openAPI(t).schemaOf("problem").Properties.GetOrZero("type").Schema().OneOf {
		s := one.Schema()
		status, detail, _ := strings.Cut(s.Description, ". ")
		var code int
		_ = json.Unmarshal([]byte(status), &code)
		got[s.Const.Value] = s.Title + " " + http.StatusText(code) + " " + detail
	}
	if diff := gocmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestTheDocumentHasEveryWordOfTheDomain(t *testing.T) {
	t.Parallel()
	d := openAPI(t)
	var visibilities, states []string
	for v := webhook.Undecided; v <= webhook.Withdrawn; v++ {
		visibilities = append(visibilities, v.String())
	}
	for s := sharing.Unasked; s <= sharing.Withdrawn; s++ {
		states = append(states, s.String())
	}
	for at, want := range map[string][]string{
		"customer visibility": visibilities,
		"sharing state":       states,
		"endpoint state":      {operate.Delivering, operate.Paused, operate.ProbeDue, operate.Probing, operate.Off},
		"job state":           {operate.Running, operate.Ended, operate.Cancelled},
		"job work":            {string(operate.Replay), string(operate.Drop)},
		"action outcome":      {operate.Begun, operate.Done, operate.Nothing, operate.Refused, operate.Failed},
	} {
		schema, member, _ := strings.Cut(at, " ")
		var got []string
		for _, v := range d.schemaOf(schema).Properties.GetOrZero(member).Schema().Enum {
			got = append(got, v.Value)
		}
		if diff := gocmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s", at, diff)
		}
	}
}

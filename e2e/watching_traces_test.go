package e2e

import (
	"bytes"
	"context"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	collector "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	otlp "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/encoding/prototext"
	"google.golang.org/protobuf/proto"

	"bauta/webhook/simulator"
)

// spans is a collector: it takes OTLP over HTTP, as OpenTelemetry's do.
type spans struct {
	url string
	mu  sync.Mutex
	all []*otlp.Span
	// said is everything that came, resources and headers included, as text.
	said    strings.Builder
	headers http.Header
}

func newSpans(t testing.TB) *spans {
	t.Helper()
	s := &spans{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		var request collector.ExportTraceServiceRequest
		if err != nil || r.URL.Path != "/v1/traces" || proto.Unmarshal(body, &request) != nil {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		s.headers = r.Header
		for _, resource := range request.GetResourceSpans() {
			for _, scope := range resource.GetScopeSpans() {
				s.all = append(s.all, scope.GetSpans()...)
			}
		}
		s.said.WriteString(prototext.Format(&request))
		w.Header().Set("Content-Type", "application/x-protobuf")
	}))
	t.Cleanup(server.Close)
	s.url = server.URL
	return s
}

// ended stops a node, which sends what is left, and returns all spans by name.
func (s *spans) ended(t testing.TB, b *bauta) map[string][]*otlp.Span {
	t.Helper()
	b.stop(t)
	s.mu.Lock()
	defer s.mu.Unlock()
	byName := map[string][]*otlp.Span{}
	for _, span := range s.all {
		byName[span.GetName()] = append(byName[span.GetName()], span)
	}
	return byName
}

// of is an attribute of a span as text.
func of(span *otlp.Span, key string) string {
	for _, a := range span.GetAttributes() {
		if a.GetKey() == key {
			switch v := a.GetValue(); {
			case v.GetStringValue() != "":
				return v.GetStringValue()
			default:
				return prototext.MarshalOptions{}.Format(v)
			}
		}
	}
	return ""
}

// noting notes the headers of requests on their way to a handler.
func noting(to *sync.Map, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for name := range r.Header {
			to.Store(strings.ToLower(name), true)
		}
		next.ServeHTTP(w, r)
	})
}

// tellNobody wants no header that leads to a trace.
func tellNobody(t *testing.T, who string, headers []string) {
	t.Helper()
	for _, name := range headers {
		if slices.Contains([]string{"traceparent", "tracestate", "baggage", "b3", "uber-trace-id", "x-amzn-trace-id"}, strings.ToLower(name)) {
			t.Errorf("%s is told of a trace: %s", who, name)
		}
	}
}

func TestATraceFollowsAnEvent(t *testing.T) {
	t.Parallel()
	collected, toPlatform := newSpans(t), &sync.Map{}
	c := converseBehind(t, setup{Tracing: `endpoint: "` + collected.url + `", sample: 1, headers: "x-token=a%20secret"`},
		simulator.GraphOptions{People: []simulator.Person{ada()}}, func(graph http.Handler) http.Handler { return noting(toPlatform, graph) })
	question := simulator.Text(ada(), "Are you open?")
	question.Ad = ctwa()
	handle := c.hears(t, question).header.Get("Bauta-Handle")
	if got := c.call(t, http.MethodPost, messages(), text(handle, "Until nine")); got.status != http.StatusOK {
		t.Fatalf("a message: %d %s", got.status, got.body)
	}
	// Whoever sends a trace's id begins none and joins none.
	body := says(ada(), "3A0901", "again", nil)
	joined := knock(t, http.MethodPost, c.public+"/webhooks/main", body, map[string]string{
		"X-Hub-Signature-256": simulator.Sign(appSecret, body), "traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
	})
	if joined.status != http.StatusOK {
		t.Fatalf("a webhook: %d", joined.status)
	}
	deliveries := c.crm.wait(t, 2)
	for _, d := range deliveries {
		tellNobody(t, "the endpoint", slices.Collect(maps.Keys(d.header)))
	}
	toPlatform.Range(func(name, _ any) bool { tellNobody(t, "the platform", []string{name.(string)}); return true })

	got := collected.ended(t, c.bauta)
	for _, name := range []string{"receive", "store", "event", "forward", "reply", "platform", "redis"} {
		if len(got[name]) == 0 {
			t.Fatalf("no span %q; there are %v", name, slices.Sorted(maps.Keys(got)))
		}
	}
	for _, forwarded := range got["forward"] {
		first := slices.IndexFunc(got["event"], func(e *otlp.Span) bool { return of(e, "bauta.event") == of(forwarded, "bauta.event") })
		if first < 0 {
			t.Errorf("an attempt with an event %q that was never stored", of(forwarded, "bauta.event"))
			continue
		}
		event := got["event"][first]
		if !bytes.Equal(event.GetTraceId(), forwarded.GetTraceId()) || !bytes.Equal(event.GetSpanId(), forwarded.GetParentSpanId()) {
			t.Error("an attempt is not in its event's trace")
		}
		if !slices.ContainsFunc(deliveries, func(d delivery) bool { return d.header.Get("webhook-id") == of(forwarded, "bauta.event") }) {
			t.Errorf("the event %q is no delivery's webhook-id", of(forwarded, "bauta.event"))
		}
		if len(event.GetLinks()) != 1 || !slices.ContainsFunc(got["receive"], func(r *otlp.Span) bool { return bytes.Equal(r.GetTraceId(), event.GetLinks()[0].GetTraceId()) }) {
			t.Error("an event's trace does not lead to the request that brought it")
		}
		if of(forwarded, "bauta.outcome") != "delivered" || of(forwarded, "bauta.endpoint") != "crm" || !strings.Contains(event.String(), of(forwarded, "bauta.lane")) {
			t.Errorf("of an attempt it is said: %s", prototext.Format(forwarded))
		}
	}
	within := func(name, parent string) {
		for _, span := range got[name] {
			if slices.ContainsFunc(got[parent], func(p *otlp.Span) bool {
				return bytes.Equal(p.GetSpanId(), span.GetParentSpanId()) && bytes.Equal(p.GetTraceId(), span.GetTraceId())
			}) {
				return
			}
		}
		t.Errorf("no %s within a %s", name, parent)
	}
	within("store", "receive")
	within("redis", "store")
	within("redis", "reply")
	within("platform", "reply")
	for _, span := range slices.Concat(got["receive"], got["reply"], got["event"]) {
		if len(span.GetParentSpanId()) != 0 || strings.HasPrefix(string(span.GetTraceId()), "\x0a\xf7\x65\x19") {
			t.Error("somebody else began a trace")
		}
	}
	if collected.headers.Get("x-token") != "a secret" {
		t.Errorf("the collector got the headers %v", collected.headers)
	}
}

// Every skeleton of the platform's documents goes in, and customers converse: nothing of
// a hidden person is in a span, and nothing but what deploy/TRACES.md lists.
func TestNoSpanNamesAnybody(t *testing.T) {
	t.Parallel()
	collected := newSpans(t)
	tracing := `endpoint: "` + collected.url + `", sample: 1`
	s := start(t, setup{Default: "hidden", Unknown: "scrub", Extra: ", foreign_numbers: mask", Tracing: tracing})
	bodies := fixtures(t)
	for _, name := range slices.Sorted(maps.Keys(bodies)) {
		s.send(t, bodies[name])
	}
	s.crm.wait(t, len(bodies)/2)
	collected.ended(t, s.bauta)

	w := decides(t, setup{Tracing: tracing}, ada())
	w.writes(t, ada(), "My number is +1 650-555-0142", ctwa())
	handle := w.gets(t, "hidden")[0].header.Get("Bauta-Handle")
	asked := w.on(t, ada(), 1)
	for _, to := range []string{handle, ada().Number, "+" + ada().Number} {
		w.call(t, http.MethodPost, messages(), text(to, "call me at "+ada().Number))
	}
	w.call(t, http.MethodGet, "/v25.0/"+ada().Number+"/messages?to="+ada().Number, "")
	w.get(t, w.public+"/webhooks/"+ada().Number)
	w.taps(t, ada(), asked, button(t, asked, 0).Title)
	eventually(t, "a number that is shared", func(context.Context) bool {
		return slices.ContainsFunc(w.crm.all(), func(d delivery) bool { return kindOf(d) == "number_shared" })
	})
	got := collected.ended(t, w.bauta)

	collected.mu.Lock()
	defer collected.mu.Unlock()
	said := collected.said.String()
	sweep(t, "the spans", said, append(strangers(), ada().Number, ada().UserID)...)
	for what, secret := range map[string]string{"a handle": handle, "a token": w.token, "a text": "number is", "a path": "/messages", "the endpoint's address": w.crm.server.URL, "a key of Redis": "bauta:"} {
		if strings.Contains(said, secret) {
			t.Errorf("%s is in a span", what)
		}
	}
	listed, err := os.ReadFile("../deploy/TRACES.md")
	if err != nil {
		t.Fatal(err)
	}
	used := map[string]bool{}
	for name, all := range got {
		used[name] = true
		for _, span := range all {
			if len(span.GetEvents()) > 0 || span.GetStatus().GetMessage() != "" || span.GetTraceState() != "" {
				t.Errorf("a span %s has events, or a text with its status: %s", name, prototext.Format(span))
			}
			for _, a := range span.GetAttributes() {
				used[a.GetKey()] = true
			}
		}
	}
	rows := map[string]bool{}
	for _, row := range regexp.MustCompile("(?m)^\\| `([a-z_.]+)` \\|").FindAllSubmatch(listed, -1) {
		rows[string(row[1])] = true
	}
	for name := range used {
		if !rows[name] {
			t.Errorf("deploy/TRACES.md does not list %s", name)
		}
	}
	for name := range rows {
		if !used[name] {
			t.Errorf("deploy/TRACES.md lists %s, which no span has", name)
		}
	}
}

// Users of OpenTelemetry expect its variables to count.
func TestTheEnvironmentTurnsTracingOn(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		env  []string
		want bool
	}{
		"a collector":                 {[]string{"OTEL_TRACES_SAMPLER=always_on"}, true},
		"a collector, and nothing of": {[]string{"OTEL_TRACES_SAMPLER=always_off"}, false},
		"the SDK is disabled":         {[]string{"OTEL_TRACES_SAMPLER=always_on", "OTEL_SDK_DISABLED=true"}, false},
		"another exporter":            {[]string{"OTEL_TRACES_SAMPLER=always_on", "OTEL_TRACES_EXPORTER=none"}, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			collected := newSpans(t)
			s := start(t, setup{Env: append(row.env, "OTEL_EXPORTER_OTLP_ENDPOINT="+collected.url, "OTEL_SERVICE_NAME=the-mask")})
			s.send(t, says(ada(), "3A0911", "Hi", ctwa()))
			s.crm.wait(t, 1)
			if got := len(collected.ended(t, s.bauta)) > 0; got != row.want {
				t.Errorf("spans: %t, want %t", got, row.want)
			}
			if row.want && !strings.Contains(collected.said.String(), "the-mask") {
				t.Error("OTEL_SERVICE_NAME does not count")
			}
		})
	}
}

// The SDK quotes what it cannot read: a collector's token, or the password of its URL.
func TestNothingOfTheEnvironmentsSettingsOfTracesIsQuoted(t *testing.T) {
	t.Parallel()
	const secret = "s3cr3t"
	for name, row := range map[string]struct{ setting, said string }{
		"a header's value": {"OTEL_EXPORTER_OTLP_HEADERS=authorization=Bearer%ZZ" + secret, "escape header value"},
		"a header":         {"OTEL_EXPORTER_OTLP_HEADERS=" + secret, "parse headers"},
		"a URL":            {"OTEL_EXPORTER_OTLP_ENDPOINT=http://me:" + secret + "@127.0.0.1:1:1", "parse url"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := start(t, setup{Tracing: `endpoint: "http://127.0.0.1:1"`, Env: []string{row.setting}})
			s.stop(t)
			if log := s.log(); strings.Contains(log, secret) || !strings.Contains(log, `"error":"`+row.said) {
				t.Errorf("want a line of the log that says %q, and no secret:\n%s", row.said, log)
			}
		})
	}
}

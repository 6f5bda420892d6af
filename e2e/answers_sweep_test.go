package e2e

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"

	"bauta/webhook/meta"
	"bauta/webhook/simulator"
)

// documentedErrors are the codes of webhooks.md 6.6, with their HTTP status.
func documentedErrors() map[int]int {
	byStatus := map[int][]int{
		http.StatusPartialContent: {131201},
		http.StatusBadRequest: {
			1, 4, 33, 100, 2500, 80007, 130403, 130429, 130472, 131008, 131009, 131020, 131021, 131026, 131030, 131037, 131041, 131042,
			131047, 131048, 131049, 131050, 131051, 131052, 131053, 131056, 131062, 131064, 131202, 131204, 131207, 132000, 132005, 132007,
			132012, 132015, 132016, 132068, 132069, 133010, 133016, 135000, 139100, 139101, 139102, 139103,
		},
		http.StatusUnauthorized: {0, 190}, http.StatusNotFound: {132001},
		http.StatusForbidden:           {10, 200, 299, 368, 130497, 131005, 131031},
		http.StatusInternalServerError: {3, 131000, 131016, 131045, 131057},
		http.StatusServiceUnavailable:  {2, 133004},
	}
	out := map[int]int{}
	for status, codes := range byStatus {
		for _, code := range codes {
			out[code] = status
		}
	}
	return out
}

const usageOfAccount = `{"102290129340398":[{"type":"whatsapp","call_count":97,"total_cputime":3,"total_time":4,"estimated_time_to_regain_access":7}]}`

// refusing stands before the platform and answers every call of version v9NN.0 with
// the error NN of those that are documented. It quotes everybody there is, as the
// worst platform would.
func refusing(graph http.Handler) http.Handler {
	codes := slices.Sorted(maps.Keys(documentedErrors()))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var n int
		if _, err := fmt.Sscanf(r.URL.Path, "/v9%02d.0/", &n); err != nil || n >= len(codes) {
			graph.ServeHTTP(w, r)
			return
		}
		code := codes[n]
		w.Header().Set("Content-Type", "application/json; charset=UTF-8")
		w.Header().Set("X-App-Usage", `{"call_count":28,"total_time":25,"total_cputime":25}`)
		w.Header().Set("X-Business-Use-Case-Usage", usageOfAccount)
		w.Header().Set("X-Fb-Trace-Id", "A"+ada().Number)
		if limits(code) {
			w.Header().Set("Retry-After", "3600")
		}
		w.WriteHeader(documentedErrors()[code])
		asked, _ := io.ReadAll(io.LimitReader(r.Body, 1<<20))
		_, _ = w.Write(quoting(code, string(asked)+r.URL.RawQuery, strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")))
	})
}

// limits tells the codes after which a call may be made again.
func limits(code int) bool { return slices.Contains([]int{4, 80007, 130429, 131056}, code) }

// quoting is an error whose texts say in every notation whom the call names, and
// everybody's number as people write it.
func quoting(code int, asked, token string) []byte {
	var about strings.Builder
	trace := "AbCdEf"
	for _, p := range []simulator.Person{ada(), cleo(), dan(), eve()} {
		fmt.Fprintf(&about, " to +%s (%s, %s)", p.Number, p.Number[:2]+" "+p.Number[2:5]+"-"+p.Number[5:], simulator.MessageID(p, true, "3EB0FACEFEED0000"))
		if !strings.Contains(asked, p.Number) && !strings.Contains(asked, p.UserID) {
			continue
		}
		fmt.Fprintf(&about, " or %s, %s", p.UserID, base64.StdEncoding.EncodeToString([]byte(p.UserID)))
		if !p.Hides { // else Bauta does not know the number, to find it in this
			if code%2 == 0 {
				trace = p.Number
			}
			fmt.Fprintf(&about, ", %s, %q", base64.StdEncoding.EncodeToString([]byte(p.Number)), `{"to":"`+p.Number+`"}`)
		}
	}
	fmt.Fprintf(&about, " with %s", token)
	body, _ := json.Marshal(map[string]any{"error": map[string]any{
		"message": "(#" + strconv.Itoa(code) + ") Refused" + about.String(), "type": "OAuthException", "code": code, "error_subcode": 2494055,
		"error_data":       map[string]any{"messaging_product": "whatsapp", "details": "Not sent" + about.String()},
		"error_user_title": "For " + ada().Number, "error_user_msg": about.String(), "fbtrace_id": trace,
	}})
	return body
}

// Every route, about every kind of customer, answered well and with every error of
// the documents: the answer says what it should, and nothing of anybody can be read
// in it, in a log, a metric, a delivered event or Redis.
func TestNothingLeaksOnTheWayBack(t *testing.T) {
	t.Parallel()
	for _, shape := range []string{"bsuid", "phone"} {
		t.Run(shape, func(t *testing.T) {
			t.Parallel()
			w := newAskable(t, shape, refusing)
			cases := routeCases()
			for _, route := range meta.NewAPI().Routes() {
				if route.Handling == meta.Local || route.Handling == meta.Refuse {
					continue
				}
				c, ok := cases[route.Name]
				if !ok {
					t.Errorf("the route %s has no case: add it to routeCases", route.Name)
					continue
				}
				delete(cases, route.Name)
				who := c.who
				if who == nil {
					who = []string{"nobody in particular"}
				}
				for _, name := range who {
					t.Run(route.Name+" "+name, func(t *testing.T) {
						w.refused(t, route, c, w.parties[name])
						w.well(t, route, c, w.parties[name])
					})
				}
			}
			for name := range cases {
				t.Errorf("there is no route %s: remove its case", name)
			}
			if err := w.graph.Flush(t.Context()); err != nil {
				t.Fatal(err)
			}
			w.sweepAll(t, append(hiddenPeople(), accessToken)...)
		})
	}
}

// well wants a good answer with the right meaning.
func (w *askable) well(t *testing.T, route *meta.Route, c routeCase, p party) {
	t.Helper()
	if c.before != nil {
		c.before(t, w, p)
	}
	w.stanzas.take()
	got := w.ask(t, route, c, "v25.0", p)
	secrets := append(hiddenPeople(), accessToken, "chat.whatsapp.com")
	if raw := w.stanzas.take(); p.handle != "" {
		secrets = append(secrets, raw...)
		if route.Sends && len(raw) == 0 {
			t.Error("the platform's answer has no message id: the sweep would see nothing")
		}
	}
	if got.status != http.StatusOK {
		t.Errorf("answered %d: %s", got.status, excerpt(got.body))
	}
	if got.header.Get("X-App-Usage") == "" || route.Object == meta.PhoneNumberObject && !strings.Contains(got.header.Get("X-Business-Use-Case-Usage"), waba) {
		t.Errorf("the usage headers are gone: %v", got.header)
	}
	got.says(t, c.want(w, p))
	sweep(t, "the answer", got.all(), secrets...)
	if c.after != nil {
		c.after(t, w, p)
	}
}

// refused wants every documented error as it is, but for whom it names.
func (w *askable) refused(t *testing.T, route *meta.Route, c routeCase, p party) {
	t.Helper()
	for n, code := range slices.Sorted(maps.Keys(documentedErrors())) {
		got := w.ask(t, route, c, fmt.Sprintf("v9%02d.0", n), p)
		if documentedErrors()[code] == http.StatusUnauthorized {
			refusesTheOperator(t, got, code)
			continue
		}
		want := map[string]string{"error.code": strconv.Itoa(code), "error.message": "*", "error.type": "OAuthException", "error.error_subcode": "2494055"}
		if got.status != documentedErrors()[code] || got.header.Get("Bauta-Error") != "" {
			t.Errorf("code %d is answered %d (%s), want %d: %s", code, got.status, got.header.Get("Bauta-Error"), documentedErrors()[code], excerpt(got.body))
		}
		got.says(t, want)
		if usage := got.header.Get("X-Business-Use-Case-Usage"); usage != usageOfAccount || got.header.Get("X-App-Usage") == "" {
			t.Errorf("code %d: the usage headers are %v", code, got.header)
		}
		if limits(code) && got.header.Get("Retry-After") != "3600" {
			t.Errorf("code %d: Retry-After is %q", code, got.header.Get("Retry-After"))
		}
		sweep(t, fmt.Sprintf("the answer to code %d", code), got.all(), append(hiddenPeople(), accessToken)...)
		if t.Failed() {
			return
		}
		// The breaker opens when half of the calls fail: this keeps them fewer.
		for range 3 {
			if slices.Contains([]int{1, 2, 131000, 131016, 131057, 133004}, code) {
				w.pass(t, route, c)
			}
		}
	}
}

// refusesTheOperator wants that a business does not take Meta's word on the operator's
// access token for one on its own token.
func refusesTheOperator(t *testing.T, got answered, code int) {
	t.Helper()
	fault := meta.NewFault(meta.FaultPlatformToken, "")
	if got.status != fault.Status || got.header.Get("Bauta-Error") != string(fault.Name) || got.header.Get("Retry-After") != "" {
		t.Errorf("code %d is answered %d (%s), Retry-After %q", code, got.status, got.header.Get("Bauta-Error"), got.header.Get("Retry-After"))
	}
	got.says(t, map[string]string{
		"error.code": strconv.Itoa(fault.Code), "error.message": fault.Message, "error.error_data.details": fmt.Sprintf("%s Meta's code %d.", fault.Details, code),
	})
	sweep(t, fmt.Sprintf("the answer to code %d", code), got.all(), append(hiddenPeople(), accessToken)...)
}

// pass makes a call at the same object that goes well.
func (w *askable) pass(t *testing.T, route *meta.Route, c routeCase) {
	t.Helper()
	if got := w.call(t, http.MethodGet, "/v25.0/"+w.object(route, c), ""); got.status != http.StatusOK {
		t.Fatalf("a call between failures is answered %d: %s", got.status, got.body)
	}
}

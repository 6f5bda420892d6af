package e2e

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"bauta/webhook/meta"
	"bauta/webhook/simulator"
)

// Whatever the platform answers: nothing of anybody comes back, the status is one
// that is documented, and a message is sent once.
func TestAPlatformOutOfItsMind(t *testing.T) {
	t.Parallel()
	all := brokenAnswers()
	maps.Copy(all, quotingAnswers())
	names := slices.Sorted(maps.Keys(all))
	o := &odd{counts: map[string]int{}}
	ids := make([]string, 0, len(names)+1)
	for i, name := range names {
		o.misdeeds, ids = append(o.misdeeds, all[name]), append(ids, `"`+oddNumber(i)+`"`)
	}
	ids = append(ids, `"`+business().PhoneNumberID+`"`)
	for _, shape := range []string{"bsuid", "phone"} {
		t.Run(shape, func(t *testing.T) {
			t.Parallel()
			o := &odd{misdeeds: o.misdeeds, counts: map[string]int{}}
			c := converseBehind(t, setup{
				Shape: shape, Business: "phone_number_ids: [" + strings.Join(ids, ", ") + "]", Limits: "per_token: 100000/s",
			}, simulator.GraphOptions{People: []simulator.Person{ada(), cleo()}}, o.before)
			handles := map[string]string{}
			for _, p := range []simulator.Person{ada(), cleo()} {
				heard := c.hears(t, simulator.Message{From: p, Type: "text", Content: simulator.Part{{Name: "body", Value: "Hello"}}, Ad: ctwa()})
				handles[p.UserID] = heard.header.Get("Bauta-Handle")
			}
			for i, name := range names {
				c.meets(t, o, i, name, handles[ada().UserID])
			}
			log := c.log()
			for _, trouble := range []string{"panic", "goroutine ", "failed inside"} {
				if strings.Contains(log, trouble) {
					t.Errorf("the log has %q", trouble)
				}
			}
			c.sweepAll(t, ada().Number, ada().UserID, cleo().Number, cleo().UserID, accessToken)
		})
	}
}

// meets makes a call of each kind that misdeed i is the answer to.
func (c conversation) meets(t *testing.T, o *odd, i int, name, handle string) {
	t.Helper()
	m, phone := o.misdeeds[i], oddNumber(i)
	user := `{"user_id":"` + handle + `"}`
	if isDigits(handle) {
		user = `{"user":"` + handle + `"}`
	}
	for _, call := range []struct {
		method, edge, body string
		want, most         int
	}{
		{http.MethodPost, "messages", text(handle, "Hello"), m.send, 1},
		{http.MethodPost, "block_users", `{"messaging_product":"whatsapp","block_users":[` + user + `]}`, m.change, 1},
		{http.MethodGet, "block_users", "", m.list, 2},
	} {
		begun := time.Now()
		got := c.call(t, call.method, "/v25.0/"+phone+"/"+call.edge, call.body)
		what := fmt.Sprintf("%s: %s %s", name, call.method, call.edge)
		if took := time.Since(begun); took > 10*time.Second {
			t.Errorf("%s took %s", what, took)
		}
		if n := o.count(call.method, phone+"/"+call.edge); n < 1 || n > call.most {
			t.Errorf("%s: the platform was called %d times, want 1 to %d", what, n, call.most)
		}
		if call.want != 0 && got.status != call.want {
			t.Errorf("%s: answered %d (%s), want %d: %s", what, got.status, got.header.Get("Bauta-Error"), call.want, excerpt(got.body))
		}
		got.documented(t, what)
		if value := got.header.Get(m.header); m.header != "" && call.method != http.MethodGet && strings.Contains(value, "0142") {
			t.Errorf("%s: the header %s is %q", what, m.header, value)
		}
		if m.header != "" && call.method == http.MethodGet {
			continue // the call names nobody, and the answer nobody at a position of its own
		}
		// Eve and Dan are nobody's customers here: somebody else's number is content.
		sweep(t, what, got.all(), ada().Number, ada().UserID, cleo().UserID, accessToken, "evil.example")
	}
}

// documented wants JSON; and of an answer of Bauta's own the status and the code
// that the table of faults has for its name.
func (a answered) documented(t *testing.T, what string) {
	t.Helper()
	if !json.Valid([]byte(a.body)) {
		t.Errorf("%s: the answer is no JSON: %s", what, excerpt(a.body))
		return
	}
	name := a.header.Get("Bauta-Error")
	if name == "" {
		if a.status >= http.StatusInternalServerError {
			t.Errorf("%s: answered %d without Bauta-Error: %s", what, a.status, excerpt(a.body))
		}
		return
	}
	fault := meta.NewFault(meta.FaultName(name), "")
	if string(fault.Name) != name || a.status != fault.Status {
		t.Errorf("%s: Bauta-Error %q with status %d is not in the table of faults", what, name, a.status)
	}
	a.says(t, map[string]string{"error.code": fmt.Sprint(fault.Code), "error.message": fault.Message, "error.type": fault.Type, "error.error_data.details": "*"})
	if retry := a.header.Get("Retry-After"); fault.Name == meta.FaultUnavailable && retry == "" {
		t.Errorf("%s: unavailable without Retry-After", what)
	}
}

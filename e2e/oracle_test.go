package e2e

import (
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"bauta/webhook/simulator"
)

// addressed is a call with a place for a person: by number (%s of the first form)
// or by user id (of the second); "" where the platform takes none.
type addressed struct{ method, path, byNumber, byUser string }

// addressings are all calls that name a person. phone and group stand for ids.
func addressings() map[string]addressed {
	const phone, group = "/v25.0/106540352242922", "/v25.0/Y2FwaV9ncm91cDox"
	message := func(member string) string {
		return `{"messaging_product":"whatsapp","` + member + `":"%s","type":"text","text":{"body":"Hello"}}`
	}
	call := func(member string) string {
		return `{"messaging_product":"whatsapp","` + member + `":"%s","action":"connect","session":{"sdp_type":"offer","sdp":"v=0"}}`
	}
	blocked := func(member string) string {
		return `{"messaging_product":"whatsapp","block_users":[{"` + member + `":"%s"}]}`
	}
	return map[string]addressed{
		"a message":           {http.MethodPost, phone + "/messages", message("to"), message("recipient")},
		"a message elsewhere": {http.MethodPost, "/106540352242922/messages", message("to"), message("recipient")},
		"a marketing message": {http.MethodPost, phone + "/marketing_messages", message("to"), message("recipient")},
		"a message to both": {
			http.MethodPost, phone + "/messages",
			`{"messaging_product":"whatsapp","to":"%[1]s","recipient":"%[1]s","type":"text","text":{"body":"Hello"}}`, "",
		},
		"a call":               {http.MethodPost, phone + "/calls", call("to"), call("recipient")},
		"a permission to call": {http.MethodGet, phone + "/call_permissions?user_wa_id=%s", "", ""},
		"the same by user id":  {http.MethodGet, phone + "/call_permissions?recipient=%s", "", ""},
		"a block":              {http.MethodPost, phone + "/block_users", blocked("user"), blocked("user_id")},
		"the end of a block":   {http.MethodDelete, phone + "/block_users", blocked("user"), blocked("user_id")},
		"a participant": {
			http.MethodDelete, group + "/participants",
			`{"messaging_product":"whatsapp","participants":[{"user":"%s"}]}`, `{"messaging_product":"whatsapp","participants":[{"user_id":"%s"}]}`,
		},
	}
}

// seen is all that a caller can tell two answers apart by. Left out is what differs
// between any two calls: the trace and the date.
func (a answered) seen() string {
	trace := regexp.MustCompile(`"fbtrace_id":"[^"]*"`)
	var header []string
	for name, values := range a.header {
		if name != "Date" && name != "Bauta-Trace" {
			header = append(header, name+": "+strings.Join(values, ","))
		}
	}
	slices.Sort(header)
	return fmt.Sprintf("%d\n%s\n%s", a.status, strings.Join(header, "\n"), trace.ReplaceAllString(a.body, ""))
}

// Whether a number is a hidden customer's, or one that nobody has seen, cannot be
// told by any call: the platform is not asked, and the answer is the same.
func TestAHiddenNumberIsLikeOneThatNobodyHasSeen(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	var asked []string
	c := converseWith(t, setup{Groups: `{id: "Y2FwaV9ncm91cDox", name: Runners, hide: true}`}, simulator.GraphOptions{
		People: []simulator.Person{ada()},
		Observe: func(call simulator.Call) {
			mu.Lock()
			defer mu.Unlock()
			asked = append(asked, call.Method+" "+call.Path)
		},
	})
	c.hears(t, simulator.Message{From: ada(), Type: "text", Content: simulator.Part{{Name: "body", Value: "Hello"}}, Ad: ctwa()})
	// The first call of all asks for the business's phone numbers.
	c.call(t, http.MethodPost, messages(), text("+"+stranger().Number, "Hello"))
	mu.Lock()
	asked = nil
	mu.Unlock()
	t.Run("the contact book", func(t *testing.T) {
		t.Parallel()
		c.compare(t, http.MethodDelete, "/v25.0/106540352242922/contact_book?messaging_product=whatsapp&bsuid=%s", "", [2]string{ada().UserID, stranger().UserID})
	})
	for name, way := range addressings() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			pairs := [][2]string{{ada().Number, stranger().Number}, {"+" + ada().Number, "+" + stranger().Number}, {"+1 (650) 555-0142", "+1 (650) 555-0198"}}
			for _, pair := range pairs {
				c.compare(t, way.method, way.path, way.byNumber, pair)
			}
			if way.byUser != "" || way.byNumber == "" {
				c.compare(t, way.method, way.path, way.byUser, [2]string{ada().UserID, stranger().UserID})
			}
		})
	}
	t.Cleanup(func() {
		mu.Lock()
		defer mu.Unlock()
		if len(asked) > 0 {
			t.Errorf("the platform was asked: %v", asked)
		}
		if got := c.graph.Phone(ada()); len(got) > 0 {
			t.Errorf("something arrived: %+v", got)
		}
		sweep(t, "the log at debug level", c.log(), ada().Number, ada().UserID, stranger().Number)
	})
}

// stranger is a person who never wrote.
func stranger() simulator.Person {
	return simulator.Person{Number: "16505550198", UserID: "US.7430000000000099"}
}

// compare makes the same call about two people and wants the same refusal.
func (c conversation) compare(t *testing.T, method, path, body string, pair [2]string) {
	t.Helper()
	var got [2]answered
	for i, who := range pair {
		to, what := path, body
		if strings.Contains(path, "%s") {
			to = strings.Replace(path, "%s", strings.NewReplacer("+", "%2B", " ", "%20").Replace(who), 1)
		} else {
			what = fmt.Sprintf(body, who)
		}
		got[i] = c.call(t, method, to, what)
		if name := got[i].header.Get("Bauta-Error"); name != "raw_recipient" {
			t.Errorf("%s %s: answered %d, %q, want raw_recipient: %s", method, path, got[i].status, name, got[i].body)
		}
		if strings.Contains(got[i].body, who) {
			t.Errorf("%s %s: the answer quotes whom it refuses", method, path)
		}
	}
	if diff := cmp.Diff(got[0].seen(), got[1].seen()); diff != "" {
		t.Errorf("%s %s: hidden and never seen differ:\n%s", method, path, diff)
	}
}

// Refusals that led to a look-up come at multiples of 50 ms, whomever they are
// about.
func TestTheTimeOfARefusalTellsNothing(t *testing.T) {
	t.Parallel()
	c := converse(t, setup{}, ada())
	c.hears(t, simulator.Message{From: ada(), Type: "text", Content: simulator.Part{{Name: "body", Value: "Hello"}}, Ad: ctwa()})
	c.call(t, http.MethodPost, messages(), text("+"+stranger().Number, "Hello"))
	fastest := map[string]time.Duration{}
	for range 8 {
		for _, who := range []string{ada().Number, stranger().Number} {
			begun := time.Now()
			c.call(t, http.MethodPost, messages(), text("+"+who, "Hello"))
			if took := time.Since(begun); fastest[who] == 0 || took < fastest[who] {
				fastest[who] = took
			}
		}
	}
	for who, took := range fastest {
		if took < 50*time.Millisecond {
			t.Errorf("the refusal of %s took %s, want the next multiple of 50 ms", who, took)
		}
	}
}

package e2e

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"bauta/webhook/simulator"
)

// globex is another business at the same Bauta, and the same platform.
func globex() simulator.Business {
	return simulator.Business{WABA: "202290129340399", PhoneNumberID: "206540352242923", Number: "15550783999"}
}

const globexConfig = `  - id: globex
    app: main
    wabas: ["202290129340399"]
    access_token: the-business-s-own-token
    sharing: {ask: on_request, ask_pause: 0s, rate: 1000/s}
    endpoints: [{id: crm, url: "%s", secrets: [whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSx], allow_private: true, allow_http: true, own_events: true}]
`

// grams are all that one side got of a customer, cut into overlapping pieces: what two
// sides have in common of gramSize characters is found, wherever it stands.
type grams map[string]string

const gramSize = 9

// take adds every value of a JSON text.
func (g grams) take(t testing.TB, text string) {
	t.Helper()
	var value any
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.UseNumber()
	if err := decoder.Decode(&value); err != nil {
		t.Fatalf("not JSON: %v: %s", err, text)
	}
	g.walk(value)
}

func (g grams) walk(value any) {
	switch v := value.(type) {
	case map[string]any:
		for _, member := range v {
			g.walk(member)
		}
	case []any:
		for _, item := range v {
			g.walk(item)
		}
	case json.Number:
		g.add(v.String())
	case string:
		ids := regexp.MustCompile(`wa[mc]id\.[A-Za-z0-9+/_=-]+`)
		for _, id := range ids.FindAllString(v, -1) {
			g.id(id[len("wamid."):])
		}
		// The words around a handle and its first digit could be anybody's.
		handles := regexp.MustCompile(`\b([A-Z]{2}\.\d{22}|999\d{12})\b`)
		for _, handle := range handles.FindAllString(v, -1) {
			g.add(handle)
		}
		g.add(handles.ReplaceAllString(ids.ReplaceAllString(v, " "), " "))
	}
}

// id adds what is inside a message id, but for what all ids of an installation begin
// with: the platform's frame, and the number of the key in what is encrypted.
func (g grams) id(id string) {
	const frame, key = 12, 7
	decoded, err := base64.StdEncoding.DecodeString(id)
	if err != nil || !strings.HasPrefix(id, "HB") {
		g.add(id[min(frame, len(id)):])
		return
	}
	words := regexp.MustCompile(`[A-Za-z0-9_-]{8,}`).FindAllString(string(decoded), -1)
	for i, word := range words {
		if i == len(words)-1 {
			word = word[key:]
		}
		g.add(word)
	}
}

// add cuts a value up. Times to the second are what the platform itself tells both.
func (g grams) add(value string) {
	second := regexp.MustCompile(`^1[789]\d{8}$|20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d`)
	value = strings.TrimPrefix(second.ReplaceAllString(value, " "), "sha256=")
	for at := 0; at+gramSize <= len(value); at++ {
		g[value[at:at+gramSize]] = value
	}
}

// deliveries adds what an endpoint got, bodies and headers.
func (g grams) deliveries(t testing.TB, all []delivery) {
	t.Helper()
	for _, d := range all {
		g.take(t, d.body)
		for _, values := range d.header {
			for _, value := range values {
				g.walk(value)
			}
		}
	}
}

// joins are the values of g that have a piece in common with others, but for what a
// stranger has too, and for what is allowed.
func (g grams) joins(others, stranger grams, allowed ...string) []string {
	var out []string
	for piece, value := range g {
		_, theirs := others[piece]
		_, anybodys := stranger[piece]
		known := slices.ContainsFunc(allowed, func(a string) bool { return strings.Contains(a, piece) })
		if theirs && !anybodys && !known {
			out = append(out, fmt.Sprintf("%q in %q and in %q", piece, value, others[piece]))
		}
	}
	slices.Sort(out)
	return out
}

// side is one place in which a customer meets a business.
type side struct {
	at    simulator.Business
	group string
	token string
	crm   *crm
}

// got is what the endpoint got of a side: of the group, or of all but the group.
func (s side) got(marker string) (out []delivery, complete bool) {
	for _, d := range s.crm.all() {
		if strings.Contains(d.body, declaredGroup) != (s.group != "") {
			continue
		}
		out = append(out, d)
		complete = complete || strings.Contains(d.body, marker)
	}
	return out, complete
}

// lives has a person do in one place all that people do: a message, an answer to it, a
// quote, a reaction, statuses, and a call in the direct chat.
func (s *story) lives(t testing.TB, at side, who simulator.Person) (handle string, calls []string) {
	t.Helper()
	say := func(m simulator.Message) string {
		m.Group = at.group
		id, err := s.graph.Say(at.at.PhoneNumberID, m)
		if err != nil {
			t.Fatal(err)
		}
		s.settle(t)
		return id
	}
	first := simulator.Text(who, "The same words of "+who.Name)
	if at.group == "" {
		first.Ad = ctwa()
	}
	say(first)
	marker := "The same words of " + who.Name
	eventuallyGot(t, at, marker)
	for _, d := range at.crm.all() {
		if strings.Contains(d.body, marker) && strings.Contains(d.body, declaredGroup) == (at.group != "") {
			handle = d.header.Get("Bauta-Handle")
		}
	}
	to := text(handle, "An answer")
	if at.group != "" {
		to = strings.Replace(text(at.group, "An answer"), `"to":`, `"recipient_type":"group","to":`, 1)
	}
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.public+"/v25.0/"+at.at.PhoneNumberID+"/messages", strings.NewReader(to))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+at.token)
	request.Header.Set("Content-Type", "application/json")
	answer := do(t, request)
	if answer.status != http.StatusOK {
		t.Fatalf("an answer: %d %s", answer.status, answer.body)
	}
	calls = append(calls, answer.body)
	s.settle(t)
	for _, d := range s.graph.Phone(who) {
		if d.Text != "An answer" || d.PhoneNumberID != at.at.PhoneNumberID || d.Group != at.group {
			continue
		}
		m := simulator.Text(who, "About your answer")
		m.Quoted = d.ID
		say(m)
		say(simulator.Reaction(who, d.ID, "👍"))
	}
	if at.group == "" {
		ring, err := s.graph.Ring(at.at.PhoneNumberID, who)
		if err != nil {
			t.Fatal(err)
		}
		s.graph.Deliver(ring)
		s.settle(t)
	}
	return handle, calls
}

// now is a person by another number.
func now(who simulator.Person, number string) simulator.Person {
	return simulator.Person{Number: number, Name: who.Name}
}

// moves gives a person another number, of which the platform tells both businesses, and
// has them write in some places.
func (s *story) moves(t testing.TB, who simulator.Person, number string, places ...side) {
	t.Helper()
	if _, err := s.graph.Change(who, simulator.Person{Number: number}, simulator.Told); err != nil {
		t.Fatal(err)
	}
	s.settle(t)
	s.ends(t, now(who, number), places...)
}

// ends has a person say the last words in some places, and waits for them.
func (s *story) ends(t testing.TB, who simulator.Person, places ...side) {
	t.Helper()
	for _, at := range places {
		m := simulator.Text(who, "The end of "+who.Name)
		m.Group = at.group
		if _, err := s.graph.Say(at.at.PhoneNumberID, m); err != nil {
			t.Fatal(err)
		}
		s.settle(t)
		eventuallyGot(t, at, "The end of "+who.Name)
	}
}

// about are the deliveries that name one person, or not the other.
func about(all []delivery, who, other simulator.Person) []delivery {
	return slices.DeleteFunc(slices.Clone(all), func(d delivery) bool {
		return !strings.Contains(d.body, who.Name) && strings.Contains(d.body, other.Name)
	})
}

func eventuallyGot(t testing.TB, at side, marker string) {
	t.Helper()
	seen := func() bool { _, ok := at.got(marker); return ok }
	for n := len(at.crm.all()); !seen(); n++ {
		at.crm.wait(t, n+1)
	}
}

// Two businesses, and two scopes of one, lay beside each other all that they ever got
// of one customer: nothing joins it but what the README lists.
func TestNothingJoinsTwoBusinessesOrTwoScopes(t *testing.T) {
	t.Parallel()
	for _, shape := range []string{"bsuid", "phone"} {
		t.Run(shape, func(t *testing.T) {
			t.Parallel()
			other := newCRM(t)
			c := converseWith(t, setup{
				Shape: shape, Sharing: "ask: on_request, ask_pause: 0s, rate: 1000/s", Endpoint: "own_events: true",
				Groups: `{id: "` + declaredGroup + `", name: Runners, hide: true}`, Endpoints: fmt.Sprintf(globexConfig, other.server.URL),
			}, simulator.GraphOptions{
				People: []simulator.Person{ada(), bea()}, Accounts: []simulator.Account{{Business: globex(), Name: "Globex"}},
				Groups: []simulator.Group{{ID: declaredGroup, Subject: "Runners", PhoneNumberID: business().PhoneNumberID, People: []simulator.Person{ada(), bea()}}},
			})
			s := &story{conversation: c, manage: issue(t, c.dir, "--scope", "manage")}
			theirs := &story{conversation: c, manage: issueFor(t, c.dir, "globex", "--scope", "manage")}
			direct := side{at: business(), token: s.token, crm: s.crm}
			group := side{at: business(), token: s.token, crm: s.crm, group: declaredGroup}
			elsewhere := side{at: globex(), token: issueFor(t, s.dir, "globex"), crm: other}

			// Bea, a stranger, lives in every place too: what she has in common with Ada is
			// nobody's in particular.
			mine, inGroup, far, anybody := grams{}, grams{}, grams{}, grams{}
			for _, at := range []side{direct, group, elsewhere} {
				_, calls := s.lives(t, at, bea())
				for _, answer := range calls {
					anybody.take(t, answer)
				}
			}
			s.moves(t, bea(), "16505550188", direct, group, elsewhere)
			// The statuses of what went to the group name Ada by now.
			for _, crm := range []*crm{s.crm, other} {
				anybody.deliveries(t, about(crm.all(), bea(), ada()))
			}
			handle, calls := s.lives(t, direct, ada())
			groupHandle, groupCalls := s.lives(t, group, ada())
			farHandle, farCalls := s.lives(t, elsewhere, ada())
			view := func(s *story, into *[]string, method, path string) {
				got := s.asks(t, method, path)
				if got.status >= 300 {
					t.Fatalf("%s %s: %d %s", method, path, got.status, got.body)
				}
				*into = append(*into, got.body)
			}
			// Shared in the direct chat, and withdrawn: the others only look.
			view(s, &calls, http.MethodPost, "/v1/customers/"+handle+"/share-requests")
			phone := len(s.graph.Phone(ada()))
			var question simulator.Delivered
			for question.ID == "" {
				for _, d := range s.graph.Phone(ada()) {
					if len(d.Buttons) == 2 {
						question = d
					}
				}
				if question.ID == "" {
					s.on(t, ada(), phone+1)
				}
			}
			s.settle(t)
			s.taps(t, ada(), question, button(t, question, 0).Title)
			eventually(t, "number_shared", s.told("number_shared"))
			view(s, &calls, http.MethodGet, "/v1/customers/"+handle)
			view(s, &groupCalls, http.MethodGet, "/v1/customers/"+groupHandle)
			view(theirs, &farCalls, http.MethodGet, "/v1/customers/"+farHandle)
			view(s, &calls, http.MethodDelete, "/v1/customers/"+handle+"/sharing")
			// Her number changes, and the platform tells both businesses.
			s.moves(t, ada(), "16505550177", direct)
			for _, d := range s.crm.all() {
				if own := kindOf(d); strings.HasPrefix(own, "identity_") && strings.Contains(d.body, declaredGroup) {
					t.Errorf("%s comes to the group by what happened in the direct chat: %s", own, d.body)
				}
			}
			s.ends(t, now(ada(), "16505550177"), group, elsewhere)
			view(s, &calls, http.MethodDelete, "/v1/customers/"+handle)
			eventually(t, "customer_erased", s.told("customer_erased"))

			for _, got := range []struct {
				into  grams
				at    side
				calls []string
			}{{mine, direct, calls}, {inGroup, group, groupCalls}, {far, elsewhere, farCalls}} {
				all, _ := got.at.got("")
				got.into.deliveries(t, about(all, ada(), bea()))
				for _, answer := range got.calls {
					got.into.take(t, answer)
				}
			}
			if len(mine) < 1000 || len(inGroup) < 500 || len(far) < 500 {
				t.Fatalf("hardly anything is compared: %d, %d, %d", len(mine), len(inGroup), len(far))
			}
			// What README lists: the profile name, and what the customer writes twice.
			allowed := []string{"The same words of " + ada().Name, "The end of " + ada().Name, "User " + ada().Name + " changed from "}
			for name, pair := range map[string][2]grams{
				"the direct chat and the group": {mine, inGroup}, "two businesses": {mine, far}, "the group and another business": {inGroup, far},
			} {
				for _, join := range pair[0].joins(pair[1], anybody, allowed...) {
					t.Errorf("%s can be joined: %s", name, join)
				}
			}
		})
	}
}

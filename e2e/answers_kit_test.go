package e2e

import (
	"fmt"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"

	"bauta/webhook/meta"
	"bauta/webhook/simulator"
)

const declaredGroup = "Y2FwaV9ncm91cDox"

// party is somebody whom a business calls the platform about.
type party struct {
	person simulator.Person
	// handle is the one in group, which is "" for the direct chat; "" for who shows.
	handle, group string
}

// cleo hides her number on the platform itself.
func cleo() simulator.Person {
	return simulator.Person{Number: "393471234567", UserID: "IT.7430000000000004", Name: "Cleo", Hides: true}
}

// dan writes in a group only.
func dan() simulator.Person {
	return simulator.Person{Number: "4915123456789", UserID: "DE.7430000000000005", Name: "Dan"}
}

// eve asks to join a group.
func eve() simulator.Person {
	return simulator.Person{Number: "447700900123", UserID: "GB.7430000000000006", Name: "Eve"}
}

// hiddenPeople are all whose number and user id nobody may read.
func hiddenPeople() []string {
	var out []string
	for _, p := range []simulator.Person{ada(), cleo(), dan(), eve()} {
		out = append(out, p.Number, p.UserID)
	}
	return out
}

// askable is a conversation with one customer of each kind, and a received medium.
type askable struct {
	conversation
	shape   string
	parties map[string]party
	// medium was received, uploaded is the business's own; joining asks to join.
	medium, uploaded, joining string
	stanzas                   *stanzas
}

// stanzas collects what names messages inside the ids that the platform answered.
type stanzas struct {
	mu  sync.Mutex
	all []string
}

func (s *stanzas) observe(call simulator.Call) {
	ids := regexp.MustCompile(`wa[mc]id\.[A-Za-z0-9+/_=-]+`)
	stanza := regexp.MustCompile(`[0-9A-F]{16,}`)
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, id := range ids.FindAllString(string(call.Answer), -1) {
		for _, decoded := range inBase64(id[len("wamid."):]) {
			s.all = append(s.all, stanza.FindAllString(decoded, -1)...)
		}
	}
}

// take returns them, and forgets them.
func (s *stanzas) take() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := s.all
	s.all = nil
	return all
}

func newAskable(t *testing.T, shape string, front func(http.Handler) http.Handler) *askable {
	t.Helper()
	w := &askable{shape: shape, stanzas: &stanzas{}}
	w.conversation = converseBehind(t, setup{
		Shape: shape, Groups: `{id: "` + declaredGroup + `", name: Runners, hide: true}`, Limits: "per_token: 100000/s",
	}, simulator.GraphOptions{
		People:  []simulator.Person{ada(), bea(), cleo(), dan()},
		Groups:  []simulator.Group{{ID: declaredGroup, Subject: "Runners", PhoneNumberID: business().PhoneNumberID, People: []simulator.Person{dan()}}},
		Observe: w.stanzas.observe,
	}, front)
	hello := func(m simulator.Message) string {
		if m.Type == "" {
			m.Type, m.Content = "text", simulator.Part{{Name: "body", Value: "Hello"}}
		}
		return w.hears(t, m).header.Get("Bauta-Handle")
	}
	w.parties = map[string]party{
		"hidden":               {person: ada(), handle: hello(simulator.Message{From: ada(), Ad: ctwa()})},
		"known by user id":     {person: cleo(), handle: hello(simulator.Message{From: cleo()})},
		"in a group":           {person: dan(), handle: hello(simulator.Message{From: dan(), Group: declaredGroup}), group: declaredGroup},
		"visible":              {person: bea()},
		"nobody in particular": {},
	}
	if visible := hello(simulator.Message{From: bea()}); visible == w.parties["hidden"].handle {
		t.Fatal("two customers have one handle")
	}
	picture, err := w.graph.Medium(business().PhoneNumberID, ada(), "image/png", []byte("a picture"))
	if err != nil {
		t.Fatal(err)
	}
	w.medium = in(t, w.hears(t, picture).body, "entry", 0, "changes", 0, "value", "messages", 0, "image", "id")
	if w.medium == "" {
		t.Fatal("the picture has no id")
	}
	return w
}

// named is the member that names somebody beside input, and what it says.
func (w *askable) named(p party) (member, value string) {
	switch {
	case p.handle == "":
		return "wa_id", p.person.Number
	case w.shape == "phone":
		return "wa_id", p.handle
	}
	return "user_id", p.handle
}

// to is the member of a message or call that says for whom it is.
func (w *askable) to(p party) string {
	switch {
	case p.group != "":
		return `"recipient_type":"group","to":"` + p.group + `"`
	case p.handle == "":
		return `"to":"+` + p.person.Number + `"`
	case w.shape == "phone":
		return `"to":"` + p.handle + `"`
	}
	return `"recipient":"` + p.handle + `"`
}

// user names somebody in a list.
func (w *askable) user(p party) string {
	switch {
	case p.handle == "":
		return `{"user":"+` + p.person.Number + `"}`
	case w.shape == "phone":
		return `{"user":"` + p.handle + `"}`
	}
	return `{"user_id":"` + p.handle + `"}`
}

// ask makes the call of a route about somebody.
func (w *askable) ask(t *testing.T, route *meta.Route, c routeCase, version string, p party) answered {
	t.Helper()
	path := "/" + version + "/" + w.object(route, c)
	if route.Edge != "" {
		path += "/" + route.Edge
	}
	if c.query != nil {
		path += "?" + c.query(w, p)
	}
	body := ""
	if c.body != nil {
		body = c.body(w, p)
	}
	request, err := http.NewRequestWithContext(t.Context(), route.Method, w.public+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+w.token)
	switch {
	case route.Handling == meta.Upload:
		request.Header.Set("Content-Type", "multipart/form-data; boundary=next")
	case body != "":
		request.Header.Set("Content-Type", "application/json")
	}
	return do(t, request)
}

func (w *askable) object(route *meta.Route, c routeCase) string {
	if c.object != nil {
		return c.object(w)
	}
	switch route.Object {
	case meta.WABAObject:
		return waba
	case meta.GroupObject:
		return declaredGroup
	case meta.MediaObject:
		return w.medium
	case meta.PhoneNumberObject, meta.NoObject:
	}
	return business().PhoneNumberID
}

// all is everything of an answer.
func (a answered) all() string {
	var out strings.Builder
	fmt.Fprintf(&out, "status %d\n", a.status)
	for name, values := range a.header {
		fmt.Fprintf(&out, "%s: %s\n", name, strings.Join(values, "\n"))
	}
	return out.String() + a.body
}

// says wants members of an answer by their path, such as contacts.0.input: "" is
// absent, "*" anything, "^x" what begins with x.
func (a answered) says(t *testing.T, want map[string]string) {
	t.Helper()
	for path, value := range want {
		var steps []any
		for step := range strings.SplitSeq(path, ".") {
			if n, err := strconv.Atoi(step); err == nil {
				steps = append(steps, n)
				continue
			}
			steps = append(steps, step)
		}
		got := in(t, a.body, steps...)
		prefix, begins := strings.CutPrefix(value, "^")
		switch {
		case value == "*" && got != "", begins && strings.HasPrefix(got, prefix), got == value:
		default:
			t.Errorf("%s is %q, want %q: %s", path, got, value, excerpt(a.body))
		}
	}
}
